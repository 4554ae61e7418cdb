"""The command line: the only place that prints.

Exit status of every command: 0 success, 1 findings (errors, or the severity that `--fail-on` names), 2 usage error.
"""

import errno
import gc
import io
import os
import sys
from collections.abc import Sequence

import click

from generator.cli.command import DeferredCommand, LazyGroup
from generator.cli.console import OutputClosedError, discard_output, prepare_streams, print_document, print_line
from generator.errors import UserError

EPILOG = """\b
Start a book:    modelbook init my-book
Add a card:      modelbook new model ryl
Find mistakes:   modelbook check
Build the site:  modelbook build
Query the book:  modelbook impact ryl; modelbook who ryl; modelbook debt
Publish it:      modelbook publish plan; modelbook publish apply

Exit status: 0 success, 1 findings, 2 usage error. Output is coloured only on a terminal, and not if NO_COLOR is set.
"""

_DISK_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_OUTPUT_CLOSED = 128 + 13
"""The status that a shell reports for SIGPIPE; 0 would mean "no findings"."""

COMMANDS = (
    DeferredCommand("init", "generator.cli.initialise", "Start a new book."),
    DeferredCommand("new", "generator.cli.new", "Write a new card."),
    DeferredCommand("check", "generator.cli.check", "Check every card and template."),
    DeferredCommand("explain", "generator.cli.explain", "Explain the code of a finding, or list all codes."),
    DeferredCommand("schema", "generator.cli.schema", "Print the JSON Schema of a card."),
    DeferredCommand("show", "generator.cli.show", "Show the main facts of a card."),
    DeferredCommand("impact", "generator.cli.impact", "List the dependents of a card and who must be notified."),
    DeferredCommand("order", "generator.cli.order", "Print the migration order."),
    DeferredCommand("who", "generator.cli.who", "List the contacts for a card by function."),
    DeferredCommand("leave", "generator.cli.leave", "Hand over the responsibilities of a person."),
    DeferredCommand("handover", "generator.cli.handover", "Write a handover page for a team or a person."),
    DeferredCommand("debt", "generator.cli.debt", "List overdue and open work by team."),
    DeferredCommand("history", "generator.cli.history", "List the history of a card from git."),
    DeferredCommand("diff", "generator.cli.diff", "Show what a change does to the book."),
    DeferredCommand("collect", "generator.cli.collect", "Take cards from other repositories."),
    DeferredCommand("scan", "generator.cli.scan", "Find the uses of models in code."),
    DeferredCommand("reconcile", "generator.cli.reconcile", "Find the uses of models in recorded traffic."),
    DeferredCommand("verify", "generator.cli.verify", "Compare live endpoints with the contracts."),
    DeferredCommand("import", "generator.cli.groups", "Draft cards from existing sources.", "drafts"),
    DeferredCommand("export", "generator.cli.exports", "Export the book for other tools.", "exports"),
    DeferredCommand("build", "generator.cli.build", "Build the site."),
    DeferredCommand("serve", "generator.cli.serve", "Serve the site and rebuild it on changes."),
    DeferredCommand("render", "generator.cli.render", "Write the whole book as a folder for another engine."),
    DeferredCommand("publish", "generator.cli.groups", "Publish the built site to Confluence."),
    DeferredCommand("mcp", "generator.cli.mcp", "Serve the book to agents over stdio (MCP)."),
    DeferredCommand("completion", "generator.cli.completion", "Print the completion script for a shell."),
    DeferredCommand("confluence", "generator.cli.groups", "Run a demo server for Confluence on this machine."),
)


@click.group(
    cls=LazyGroup,
    deferred=COMMANDS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="modelbook")
def modelbook() -> None:
    """Document a company's machine-learning models.

    Short YAML cards in git become one searchable site: what each model is, who owns it, who uses it and why, and what
    breaks without it.
    """


def run() -> None:
    """Run the command line as a program."""
    prepare_streams()
    try:
        main()
    finally:
        gc.freeze()  # the exit of Python then skips a collection that takes half a second for a large book


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit with its status; only bugs in Modelbook end in a traceback."""
    if os.environ.get("_MODELBOOK_COMPLETE"):
        from generator.cli.completion import register_shells  # noqa: PLC0415 - needed only for completion

        register_shells()
    try:
        colour = False if os.environ.get("NO_COLOR") else None
        modelbook.main(arguments, "modelbook", standalone_mode=False, color=colour)
    except UserError as error:
        print_line(f"modelbook: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        usage = io.StringIO()
        error.show(usage)
        print_document(usage.getvalue(), err=True)
        sys.exit(2)
    except click.exceptions.Exit as exiting:
        sys.exit(exiting.exit_code)
    except (click.Abort, KeyboardInterrupt):
        print_line("stopped", err=True)
        sys.exit(130)
    except OutputClosedError:
        sys.exit(_OUTPUT_CLOSED)
    except OSError as error:
        if error.errno not in _DISK_FULL:
            raise
        discard_output()
        place = f"{error.filename} cannot be written" if error.filename else "cannot write"
        print_line(f"modelbook: {place}: {error.strerror}", err=True)
        sys.exit(2)
