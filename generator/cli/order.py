"""`modelbook order`: in which order to move things, and whether a migration keeps to it."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.ordering import OrderCheck, Ordering, build_ordering, check_order
from generator.cli.command import Command
from generator.cli.console import Line
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import heading, print_answer, title
from generator.cli.references import find
from generator.errors import UserError
from generator.names import Ref


@click.command(cls=Command)
@click.argument("references", metavar="REF…", nargs=-1, required=True)
@click.option("--check", "checks", is_flag=True, help="Compare the moves of a migration with that order.")
@project_option
@today_option
@json_option
def order(references: Sequence[str], root: Path, today: datetime | None, *, checks: bool, as_json: bool) -> None:
    r"""Tell in which order to move things: what others depend on first, cycles together.

    REF is a model, feature view, topic, system …; a migration stands for all that it moves, a flow for all in its
    steps. What stands in one wave may move together; what stands together in a set must.

    \b
      modelbook order model:ryl feature_view:customer_profile system:home-feed
      modelbook order migration:scorer-to-kserve --check

    Exit status with --check: 0 the migration keeps to the order, 1 it does not, or moves what the book does not have,
    2 wrong use. The JSON has `waves` (of sets), `reasons` and `cycles`; with --check also `migration`, `moves`,
    `violations` and `unknown`.
    """
    project = opened_to_answer(root, today)
    graph, missing = project.graph, missing_from(project)
    refs = [find(graph, words) for words in references]
    if not checks:
        ordering = build_ordering(graph, refs)
        print_answer(order_lines(ordering), order_data(ordering), missing, as_json=as_json)
        return
    if len(refs) != 1:
        message = "--check compares one migration with its order; name one, as in migration:scorer-to-kserve"
        raise UserError(message)
    judged = check_order(graph, refs[0])
    print_answer(check_lines(judged), check_data(judged), missing, as_json=as_json)
    sys.exit(0 if judged.is_kept else 1)


def order_lines(ordering: Ordering) -> Iterator[str | Line]:
    """The waves, then the reason for each pair."""
    for number, wave in enumerate(ordering.waves, 1):
        yield f"{number}. {', '.join(_set(group) for group in wave)}"
    if ordering.reasons:
        yield from ("", heading("Because"))
    for reason in ordering.reasons:
        yield f"  {reason.before} before {reason.after}: {reason.because}"


def _set(group: tuple[Ref, ...]) -> str:
    names = " + ".join(map(str, group))
    return f"together: {names}" if len(group) > 1 else names


def check_lines(judged: OrderCheck) -> Iterator[str | Line]:
    """What is against the order, if anything, then the order."""
    yield title(str(judged.migration))
    yield f"  moves {', '.join(map(str, judged.moves)) or 'nothing'}"
    yield ""
    yield from (Line(f"{ref} moves, yet the book does not have it", colour="red") for ref in judged.unknown)
    yield from (Line(str(violation), colour="red") for violation in judged.violations)
    if judged.is_kept:
        yield Line("It keeps to the order.", colour="green")
    yield from ("", heading("The order that the book implies"), *order_lines(judged.ordering))


def order_data(ordering: Ordering) -> dict[str, Any]:
    """The order as data."""
    reasons = [{"before": one.before, "after": one.after, "because": one.because} for one in ordering.reasons]
    return {"waves": ordering.waves, "reasons": reasons, "cycles": ordering.cycles}


def check_data(judged: OrderCheck) -> dict[str, Any]:
    """The comparison as data."""
    violations = [{"moved": one.moved, "needs": one.needs, "because": one.because} for one in judged.violations]
    head = {
        "migration": judged.migration, "moves": judged.moves, "violations": violations, "unknown": judged.unknown,
    }  # fmt: skip
    return head | order_data(judged.ordering)
