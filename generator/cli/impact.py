"""`modelbook impact`: what breaks without something, who must be told, where users notice, what takes over."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.impact import (
    Affected,
    AffectedSurface,
    FallbackChain,
    Impact,
    NotifiedParty,
    compute_impact,
)
from generator.cli.command import Command
from generator.cli.console import Line
from generator.cli.opening import missing_from, opened_to_answer
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import heading, print_answer, title
from generator.cli.references import find


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@project_option
@today_option
@json_option
def impact(reference: str, root: Path, today: datetime | None, as_json: bool) -> None:
    r"""Tell what depends on REF, directly and through others, and what happens when it fails or goes.

    REF is a model, system, feature view, topic, team, person or anything else in the book: kind:id, or an id, a name
    or an alias that only one of them has. Each edge comes with the place that says so.

    \b
      modelbook impact feature_view:customer_profile
      modelbook impact ryl --json | jq -r '.told[].party'

    The JSON has `ref`, `name`, `affected`, `told`, `surfaces`, `rescues` and `named_by`.
    """
    project = opened_to_answer(root, today)
    found = compute_impact(project.graph, find(project.graph, reference), project.today)
    print_answer(impact_lines(found), impact_data(found), missing_from(project), as_json=as_json)


def impact_lines(found: Impact) -> Iterator[str | Line]:
    """The answer for people; parts without content are left out, but for the first."""
    yield title(found.name, found.ref)
    yield from ("", heading("Dependents"))
    yield from _affected(found)
    yield from _part("Where users would notice", map(_noticed, found.surfaces))
    yield from _part("Fallbacks", map(_rescue, found.rescues))
    yield from _part("People to notify", map(_told, found.told))
    yield from _part("Also named by", (f"  {words}" for words in found.named_by))


def _affected(found: Impact) -> Iterator[str | Line]:
    if not found.affected:
        yield "  none"
    for one in found.affected:
        how = "directly" if one.distance == 1 else f"through {one.distance - 1} other{'s' if one.distance > 2 else ''}"
        weakened = ", only as its fallback" if one.only_weakened else ""
        yield f"  {one.name}  ({one.ref}), {how}{weakened}"
        yield from (f"      {reason}" for reason in one.reasons)


def _part(words: str, lines: Iterable[str]) -> Iterator[str | Line]:
    several = list(lines)
    if several:
        yield from ("", heading(words))
        yield from several


def _noticed(one: AffectedSurface) -> str:
    criticality = f", {one.criticality}" if one.criticality else ""
    later = ", once another one fails too" if one.only_weakened else ""
    why = f": {'; '.join(one.whys)}" if one.whys else ""
    return f"  {one.surface}{criticality}{later}, in {one.system.id} by {one.model.id}{why}"


def _rescue(one: FallbackChain) -> str:
    problems = f" ({'; '.join(one.problems)})" if one.problems else ""
    return f"  for {one.model.id}: {one.takes_over.id if one.takes_over else 'none'}{problems}"


def _told(one: NotifiedParty) -> str:
    instead = f"; notify {one.instead or 'no one is left'}: {', '.join(one.path)}" if one.path else ""
    return f"  {one.name}  ({one.party}): {'; '.join(one.whys)}{instead}"


def impact_data(found: Impact) -> dict[str, Any]:
    """The answer as data."""
    return {
        "ref": found.ref,
        "name": found.name,
        "affected": [_affected_data(one) for one in found.affected],
        "told": [
            {"party": one.party, "name": one.name, "whys": one.whys, "instead": one.instead, "path": one.path}
            for one in found.told
        ],
        "surfaces": [
            {
                "surface": one.surface, "system": one.system, "model": one.model, "criticality": one.criticality,
                "whys": one.whys, "only_weakened": one.only_weakened,
            }
            for one in found.surfaces
        ],
        "rescues": [
            {"model": one.model, "chain": one.chain, "takes_over": one.takes_over, "problems": one.problems}
            for one in found.rescues
        ],
        "named_by": found.named_by,
    }  # fmt: skip


def _affected_data(one: Affected) -> dict[str, Any]:
    return {
        "ref": one.ref, "name": one.name, "distance": one.distance, "reasons": one.reasons,
        "only_weakened": one.only_weakened,
    }  # fmt: skip
