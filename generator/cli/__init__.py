"""The command line: the only place that prints.

Exit status of every command: 0 all well, 1 findings (errors, or what `--fail-on` names), 2 wrong use.
"""

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence

import click

from generator.cli.console import OutputClosedError, discard_output, prepare_streams, print_document, print_line
from generator.cli.lazy import Deferred, LazyGroup
from generator.errors import UserError

EPILOG = """\b
Start a book:    modelbook init my-book
Add a card:      modelbook new model ryl
See mistakes:    modelbook check
Build the site:  modelbook build
Ask the book:    modelbook impact ryl; modelbook who ryl; modelbook debt
To Confluence:   modelbook publish plan; modelbook publish apply

Exit status: 0 all well, 1 findings, 2 wrong use. Colours only on a terminal, and never where NO_COLOR is set.
"""


_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_READER_GONE = 128 + 13
"""As a shell reports a program that SIGPIPE ended: never 0, which would read as "no findings"."""

COMMANDS = (
    Deferred("init", "generator.cli.initialise", "Start a new book: a card of each kind, a Makefile, CI workflows."),
    Deferred("new", "generator.cli.new", "Write a card to fill in."),
    Deferred("check", "generator.cli.check", "Check every card and template; report all that is wrong."),
    Deferred("explain", "generator.cli.explain", "Explain a finding's code, or list them all."),
    Deferred("schema", "generator.cli.schema", "Write the JSON Schema of a card, for the editor."),
    Deferred("show", "generator.cli.show", "Show the essentials of a card."),
    Deferred("impact", "generator.cli.impact", "Tell what breaks without something, and who must be told."),
    Deferred("order", "generator.cli.order", "Tell in which order to move things."),
    Deferred("who", "generator.cli.who", "Tell whom to call today, by function."),
    Deferred("leave", "generator.cli.leave", "Show what counts on a person, and the change that takes them out."),
    Deferred("handover", "generator.cli.handover", "Write one page about what a team or a person holds."),
    Deferred("debt", "generator.cli.debt", "List overdue and open work by team."),
    Deferred("history", "generator.cli.history", "Tell from git when each fact came, from whom and why."),
    Deferred("import", "generator.cli.drafts", "Make first drafts of cards from what is there already.", "drafts"),
    Deferred(
        "export", "generator.cli.exports", "Give the book to other tools: JSON, Backstage, README, DOT.", "exports"
    ),
    Deferred("build", "generator.cli.build", "Build the site."),
    Deferred("serve", "generator.cli.serve", "Build, serve on loopback, rebuild when a card changes."),
    Deferred("render", "generator.cli.render", "Write the pages as plain Markdown for another engine."),
    Deferred("publish", "generator.cli.publish", "Bring the built site's pages into Confluence."),
    Deferred("completion", "generator.cli.completion", "Print the completion script for a shell."),
    Deferred("confluence", "generator.cli.confluence", "A Confluence stand-in on this machine, to try publishing on."),
)


@click.group(
    cls=LazyGroup,
    deferred=COMMANDS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="modelbook")
def modelbook() -> None:
    """The book of a company's machine-learning models.

    Short YAML cards in git become one searchable site: what each model is, who answers for it, who uses it and why,
    and what breaks without it.
    """


def run() -> None:
    """Run the command in a process of its own."""
    prepare_streams()
    try:
        main()
    finally:
        gc.freeze()  # where everything goes, nobody need look for what could go: half a second for a large book


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave with its exit status; only our own bugs end in a traceback."""
    if os.environ.get("_MODELBOOK_COMPLETE"):
        from generator.cli.completion.shells import register_shells  # noqa: PLC0415 - only the shell asks for it

        register_shells()
    try:
        given = list(arguments) if arguments is not None else None
        colour = False if os.environ.get("NO_COLOR") else None
        modelbook.main(given, "modelbook", standalone_mode=False, color=colour)
    except UserError as error:
        print_line(f"modelbook: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        usage = io.StringIO()
        error.show(usage)
        print_document(usage.getvalue(), err=True)
        sys.exit(2)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except (click.Abort, KeyboardInterrupt):
        print_line("stopped", err=True)
        sys.exit(130)
    except OutputClosedError:
        sys.exit(_READER_GONE)
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        discard_output()
        place = f"{error.filename} cannot be written" if error.filename else "cannot write"
        print_line(f"modelbook: {place}: {error.strerror}", err=True)
        sys.exit(2)
