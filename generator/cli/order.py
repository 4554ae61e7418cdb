"""`modelbook order`: the migration order of cards, and its comparison with a migration."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from generator.answers.data import order_check_to_data, order_to_data
from generator.answers.ordering import OrderCheck, Ordering, build_ordering, check_order
from generator.answers.references import resolve_reference
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.loading import load_for_query
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import format_heading, format_section, format_title, print_answer
from generator.errors import UserError


@click.command(cls=Command)
@click.argument("references", metavar="REF…", nargs=-1, required=True)
@click.option("--check", "checks", is_flag=True, help="Compare the moves of a migration with the order.")
@project_option
@today_option
@json_option
def order(references: Sequence[str], root: Path, today: datetime | None, *, checks: bool, as_json: bool) -> None:
    r"""Print the migration order.

    Dependencies come first, cycles as one step. REF is a model, feature view, topic, system …; a migration means
    everything that it moves, a flow everything in its steps. Items in one wave can move together; items in one set
    must.

    \b
      modelbook order model:ryl feature_view:customer_profile system:home-feed
      modelbook order migration:scorer-to-kserve --check

    Exit status with --check: 0 the migration follows the order, 1 it does not, or it moves an unknown item, 2 usage
    error. The JSON has `waves` (of sets), `reasons` and `cycles`; with --check also `migration`, `moves`, `violations`
    and `unknown`.
    """
    project = load_for_query(root, today)
    graph, missing = project.graph, project.unreadable
    refs = [resolve_reference(graph, text) for text in references]
    if not checks:
        ordering = build_ordering(graph, refs)
        print_answer(_render_order(ordering), order_to_data(ordering), missing, as_json=as_json)
        return
    if len(refs) != 1:
        message = "--check needs exactly one migration, as in migration:scorer-to-kserve"
        raise UserError(message)
    checked = check_order(graph, refs[0])
    print_answer(_render_check(checked), order_check_to_data(checked), missing, as_json=as_json)
    sys.exit(0 if checked.is_kept else 1)


def _render_order(ordering: Ordering) -> Iterator[PrintedLine]:
    for number, wave in enumerate(ordering.waves, 1):
        sets = (f"{'together: ' if len(group) > 1 else ''}{' + '.join(map(str, group))}" for group in wave)
        yield f"{number}. {', '.join(sets)}"
    reasons = (f"  {one.before} before {one.after}: {one.because}" for one in ordering.reasons)
    yield from format_section("Reasons", reasons)


def _render_check(checked: OrderCheck) -> Iterator[PrintedLine]:
    yield format_title(str(checked.migration))
    yield f"  moves {', '.join(map(str, checked.moves)) or 'nothing'}"
    yield ""
    yield from (Line(f"{ref} moves, but no card defines it", colour="red") for ref in checked.unknown)
    yield from (Line(str(violation), colour="red") for violation in checked.violations)
    if checked.is_kept:
        yield Line("The migration follows the order.", colour="green")
    yield from ("", format_heading("Order"), *_render_order(checked.ordering))
