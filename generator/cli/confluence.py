"""`modelbook confluence`: a demo server for Confluence on this machine."""

import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.cli.command import Command
from generator.cli.console import print_document, print_line
from generator.cli.options import FILE, CommandFunction
from generator.cli.publish.session import apply_plan, open_session, prepare_plan
from generator.cli.publish.source import Source, read_publish_settings, read_source, site_options
from generator.confluence.rest import read_credentials
from generator.confluence.sync.report import result_text
from generator.confluence.sync.values import Result
from generator.confluence.wiki import Flavour
from generator.errors import UserError

if TYPE_CHECKING:
    from generator.confluence.demo import Address


def server_options(command: CommandFunction) -> CommandFunction:
    """Add the options for the kind of Confluence and the port."""
    flavour = click.option(
        "--flavour",
        type=click.Choice([str(flavour) for flavour in Flavour]),
        default=str(Flavour.CLOUD),
        show_default=True,
        help="Kind of Confluence.",
    )
    port = click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8090,
        show_default=True,
        help="Port on loopback; 0 for a free one.",
    )
    return flavour(port(command))


@click.command(cls=Command)
@server_options
@click.option("--file", type=FILE, help="JSON file for the content.  [default: in memory]")
def serve(flavour: str, port: int, file: Path | None) -> None:
    r"""Start the demo server.

    It prints the environment for publishing to it, for a shell to read, and runs until Ctrl-C.

    \b
      modelbook confluence serve
      modelbook confluence serve --flavour datacenter --port 8091 --file demo.json
    """
    with _run_server(Flavour(flavour), port, file) as address, _end_on_interrupt():
        for name, value in address.environ.items():
            print_line(f"export {name}={value}")
        print_line(f"# open in a browser: {address.browser}")
        _wait_for_interrupt()


@click.command(cls=Command)
@site_options
@server_options
def demo(root: Path, site_dir: Path | None, flavour: str, port: int) -> None:
    """Publish the built site to the demo server.

    It starts the server, publishes, prints the address of the pages, and runs until Ctrl-C.

    Exit status: 0 published and stopped, 1 pages are held or failed, 2 usage error.
    """
    source = read_source(root, site_dir)
    names = {entry.account: entry.title for entry in source.built.entries if entry.account}
    with _run_server(Flavour(flavour), port, names=names) as address:
        result = _publish(source, address.environ)
        print_document(result_text(result))
        if result.exit_status:
            sys.exit(result.exit_status)
        with _end_on_interrupt():
            print_line(f"Open in a browser: {address.browser}")
            _wait_for_interrupt()


@contextmanager
def _run_server(
    flavour: Flavour, port: int, file: Path | None = None, names: Mapping[str, str] | None = None
) -> Iterator["Address"]:
    """Run a demo server; `names` are the names of further accounts by their ids, which cannot log in."""
    try:
        from generator.confluence.demo import DemoPerson, DemoServer, serve  # noqa: PLC0415 - needs the extra `demo`
    except ModuleNotFoundError as error:
        raise UserError(f"the demo server needs {error.name}: install modelbook[demo]") from None
    with closing(DemoServer(flavour, file=file)) as server, serve(server, port) as address:
        server.world.people |= {key: DemoPerson(key, name, "", "") for key, name in (names or {}).items()}
        yield address


def _publish(source: Source, environ: Mapping[str, str]) -> Result:
    """Publish to the demo server's space; `parent` in the settings is the id of a page in another wiki."""
    settings = read_publish_settings(source.configuration, {}, environ["CONFLUENCE_SPACE"])
    settings = settings.model_copy(update={"parent": None})
    with open_session(read_credentials(environ)) as session:
        prepared = prepare_plan(session.wiki, source, settings)
        result = apply_plan(prepared, session.wiki, source)
    print_line(session.summary, err=True)
    return result


@contextmanager
def _end_on_interrupt() -> Iterator[None]:
    """Leave the block on Ctrl-C or SIGTERM without an error, so that the server can write its file."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        print_line("stopped", err=True)


def _wait_for_interrupt() -> None:
    print_line("Press Ctrl-C to stop.", err=True)
    threading.Event().wait()
