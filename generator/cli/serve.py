"""`modelbook serve`: MkDocs' server with the book's plugin, as a child process that never outlives its command."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.options import project_option, require_book
from generator.cli.staging import read_site_dir, recover_site
from generator.load.configuration_file import FILE
from generator.preview import ALLOWED_HOSTS, POLLING
from generator.processes import PARENT, exit_on_sigterm

_GRACE = 5
"""Seconds for MkDocs to delete its temporary files before it is killed."""


@contextlib.contextmanager
def run_mkdocs(
    command: str, options: Sequence[str], root: Path, environment: Mapping[str, str], *, capture: bool = False
) -> Iterator[subprocess.Popen[bytes]]:
    """Start MkDocs in a new process group, and stop the whole group if it has not ended at the end of the block.

    `capture` collects both output streams in `stdout`.
    """
    exit_on_sigterm()
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", command, "--config-file", FILE, *options],
        cwd=root,
        env={
            **os.environ,
            "NO_MKDOCS_2_WARNING": "1",  # the theme's notice about its future does not concern the author of a card
            "PYTHONIOENCODING": "utf-8",
            PARENT: str(os.getpid()),
            **environment,
        },
        stdout=subprocess.PIPE if capture else None,
        stderr=subprocess.STDOUT if capture else None,
        process_group=0,
    )
    try:
        yield process
    finally:
        _stop(process)
        if process.stdout is not None:
            process.stdout.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the process and its workers; do nothing if it has ended by itself."""
    if process.poll() is not None:
        return
    _signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE)
    _signal_group(process, signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.name == "posix":
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)


@click.command(cls=Command)
@project_option
@click.option("-a", "--address", default="127.0.0.1:8000", show_default=True, help="Address to listen on.")
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", help="Another name of this server. Can be repeated."
)
@click.option("--poll", is_flag=True, help="Compare the files twice a second instead of waiting for events.")
def serve(root: Path, address: str, hosts: tuple[str, ...], *, poll: bool) -> None:
    r"""Serve the site and rebuild it on changes.

    If a card or a template cannot be read, the last good site stays, with the errors on top of each page.

    The server accepts requests for `localhost`, for IP addresses and for the names given with --allow-host. It rejects
    other names, because a page on another site could read the book through a name that points to this machine.

    Use --poll if the server misses changes, for example of files that another machine writes.

    \b
      modelbook serve --address 127.0.0.1:9000
    """
    require_book(root)
    recover_site(root / read_site_dir(root))
    environment = {ALLOWED_HOSTS: ",".join(hosts)} if hosts else {}
    environment |= {POLLING: "1"} if poll else {}
    with run_mkdocs("serve", ["--dev-addr", address], root, environment) as process:
        sys.exit(1 if process.wait() else 0)
