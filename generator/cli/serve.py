"""`modelbook serve`: MkDocs' server with the book's plugin, as a child process."""

import sys
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.mkdocs_process import require_book, run_mkdocs
from generator.cli.options import project_option
from generator.cli.staging import recover_site
from generator.load.configuration import read_site_dir
from generator.preview import ALLOWED_HOSTS


@click.command(cls=Command)
@project_option
@click.option("-a", "--address", default="127.0.0.1:8000", show_default=True, help="Address to listen on.")
@click.option(
    "--allow-host", "hosts", multiple=True, metavar="NAME", help="Another name of this server. Can be repeated."
)
def serve(root: Path, address: str, hosts: tuple[str, ...]) -> None:
    r"""Serve the site and rebuild it on changes.

    If a card or a template cannot be read, the last good site stays, with the errors on top of each page.

    The server accepts requests for `localhost`, for IP addresses and for the names given with --allow-host. It rejects
    other names, because a page on another site could read the book through a name that points to this machine.

    \b
      modelbook serve --address 127.0.0.1:9000
    """
    require_book(root)
    recover_site(root / read_site_dir(root))
    environment = {ALLOWED_HOSTS: ",".join(hosts)} if hosts else {}
    with run_mkdocs("serve", ["--dev-addr", address], root, environment) as process:
        sys.exit(1 if process.wait() else 0)
