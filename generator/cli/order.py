"""`modelbook order`: the migration order of cards, and its comparison with a migration."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from generator.answers.data import order_check_to_data, order_to_data
from generator.answers.ordering import OrderCheck, Ordering, RemainingString, build_ordering, check_order
from generator.answers.references import resolve_reference
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.loading import load_for_query
from generator.cli.options import answer_options
from generator.cli.printing import format_heading, format_section, format_title, print_answer
from generator.errors import UserError
from generator.grouping import group_pairs
from generator.names import format_count


@click.command(cls=Command)
@click.argument("references", metavar="REF…", nargs=-1, required=True)
@click.option("--check", "checks", is_flag=True, help="Compare the moves of a migration with the order.")
@answer_options
def order(references: Sequence[str], root: Path, today: datetime | None, *, checks: bool, as_json: bool) -> None:
    r"""Print the migration order.

    Dependencies come first, cycles as one step. REF is a model, feature view, topic, system …; a migration means
    everything that it moves, a flow everything in its steps. Items in one wave can move together; items in one set
    must.

    \b
      modelbook order model:ryl feature_view:customer_profile system:home-feed
      modelbook order migration:scorer-to-kserve --check

    For a migration, the places in code and configuration that still have a string under `retires` follow, as the last
    scan found them. A migration that counts as done is refused if there are any: by its status, or because its last
    wave is done. So is a wave that completes the move of a system whose code still has one. The card can accept them
    under `x-allow`, with a reason.

    Exit status: 0 success, 1 a migration is refused, or with --check does not follow the order or moves an unknown
    item, 2 usage error. The JSON has `waves` (of sets), `reasons`, `cycles` and `remaining`; with --check also
    `migration`, `moves`, `violations` and `unknown`.
    """
    project = load_for_query(root, today)
    graph, missing = project.graph, project.unreadable
    refs = [resolve_reference(graph, text) for text in references]
    if not checks:
        ordering = build_ordering(graph, refs, project.evidence)
        print_answer(_render_order(ordering), order_to_data(ordering), missing, as_json=as_json)
        sys.exit(1 if ordering.refused else 0)
    if len(refs) != 1:
        raise UserError("--check needs exactly one migration, as in migration:scorer-to-kserve")
    checked = check_order(graph, refs[0], project.evidence)
    print_answer(_render_check(checked), order_check_to_data(checked), missing, as_json=as_json)
    sys.exit(0 if checked.is_kept and not checked.ordering.refused else 1)


def _render_order(ordering: Ordering) -> Iterator[PrintedLine]:
    for number, wave in enumerate(ordering.waves, 1):
        sets = (f"{'together: ' if len(group) > 1 else ''}{' + '.join(map(str, group))}" for group in wave)
        yield f"{number}. {', '.join(sets)}"
    reasons = (f"  {one.before} before {one.after}: {one.because}" for one in ordering.reasons)
    yield from format_section("Reasons", reasons)
    yield from format_section("Hard-coded places left", _render_remaining(ordering.remaining))


def _render_remaining(remaining: Iterable[RemainingString]) -> Iterator[PrintedLine]:
    for one in remaining:
        colour = "red" if one.refused else None
        places = format_count(len(one.places) + one.more, "place")
        done = f"{' and '.join(map(str, one.moved))} moved" if one.moved else f"{one.migration} counts as done"
        after = f", although {done}" if one.refused else ""
        yield Line(f"  {one.text}: {places}{after}", colour=colour)
        for remover, found in group_pairs(zip(one.removers, one.places, strict=True)).items():
            yield f"    {remover or 'no known owner'}"
            yield from (f"      {place}" for place in found)
        if one.more:
            yield f"    and {one.more} more"


def _render_check(checked: OrderCheck) -> Iterator[PrintedLine]:
    yield format_title(str(checked.migration))
    yield f"  moves {', '.join(map(str, checked.moves)) or 'nothing'}"
    yield ""
    yield from (Line(f"{ref} moves, but no card defines it", colour="red") for ref in checked.unknown)
    yield from (Line(str(violation), colour="red") for violation in checked.violations)
    if checked.is_kept:
        yield Line("The migration follows the order.", colour="green")
    yield from ("", format_heading("Order"), *_render_order(checked.ordering))
