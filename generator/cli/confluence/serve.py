"""`modelbook confluence serve`: the stand-in, until it is stopped."""

from contextlib import closing
from pathlib import Path

import click

from generator.cli.command import Command
from generator.cli.confluence.options import standin_options
from generator.cli.confluence.running import credentials, stopped_by_hand, wait_for_ever
from generator.cli.console import print_line
from generator.confluence.standin import Standin
from generator.confluence.standin import serve as serve_standin
from generator.confluence.wiki import Flavour


@click.command(cls=Command)
@standin_options
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), help="Keep everything in this SQLite file.")
def serve(flavour: str, port: int, file: Path | None) -> None:
    r"""Start the stand-in on loopback, print the environment for publishing to it, and serve until Ctrl-C.

    What is printed on the standard output can be read by a shell. Without --file everything is forgotten at the end.

    \b
      modelbook confluence serve
      modelbook confluence serve --flavour datacenter --port 8091 --file standin.sqlite
    """
    chosen = Flavour(flavour)
    standin = Standin(chosen, file=str(file)) if file else Standin(chosen)
    with closing(standin), serve_standin(standin, port) as address, stopped_by_hand():
        for name, value in credentials(address, chosen).items():
            print_line(f"export {name}={value}")
        print_line(f"# look at it: {address.browser}")
        wait_for_ever()
