"""The command line: the only place that prints.

Exit status of every command: 0 all well, 1 findings (errors, or what `--fail-on` names), 2 wrong use.
"""

import sys
from collections.abc import Sequence

import click

from generator.cli.build import build, serve
from generator.cli.check import check
from generator.cli.debt import debt
from generator.cli.explain import explain
from generator.cli.handover import handover
from generator.cli.history import history
from generator.cli.impact import impact
from generator.cli.initialise import init
from generator.cli.leave import leave
from generator.cli.new import new
from generator.cli.order import order
from generator.cli.render import render
from generator.cli.schema import schema
from generator.cli.show import show
from generator.cli.who import who
from generator.errors import UserError

EPILOG = """\b
Start a book:    modelbook init my-book
Add a card:      modelbook new model ryl
See mistakes:    modelbook check
Build the site:  modelbook build
Ask the book:    modelbook impact ryl; modelbook who ryl; modelbook debt

Exit status: 0 all well, 1 findings, 2 wrong use.
"""


@click.group(epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="modelbook")
def modelbook() -> None:
    """The book of a company's machine-learning models.

    Short YAML cards in git become one searchable site: what each model is, who answers for it, who uses it and why,
    and what breaks without it.
    """


COMMANDS: tuple[click.Command, ...] = (
    *(init, new, check, explain, schema, show),
    *(impact, order, who, leave, handover, debt, history),
    *(build, serve, render),
)
for command in COMMANDS:
    modelbook.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status; only our own bugs end in a traceback."""
    try:
        modelbook.main(args=list(arguments) if arguments is not None else None, standalone_mode=False)
    except UserError as error:
        click.echo(f"modelbook: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("stopped", err=True)
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(0)
