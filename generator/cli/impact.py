"""`modelbook impact`: the dependents of a card, and what happens if it fails."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from generator.answers.data import impact_to_data
from generator.answers.impact import Impact, NotifiedParty, compute_impact
from generator.answers.observations import describe_sighting
from generator.answers.references import resolve_reference
from generator.cli.command import Command
from generator.cli.console import PrintedLine
from generator.cli.loading import load_for_query
from generator.cli.options import answer_options
from generator.cli.printing import format_section, format_title, print_answer
from generator.graph.edge_text import EdgeText


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@answer_options
def impact(reference: str, root: Path, today: datetime | None, as_json: bool) -> None:
    r"""List the dependents of a card and who must be notified.

    Dependents are direct or indirect, each with the edge and the card that declares it. REF is a model, system,
    feature view, topic, team, person or another node: kind:id, or an id, a name or an alias that only one node has.

    \b
      modelbook impact feature_view:customer_profile
      modelbook impact ryl --json | jq -r '.told[].party'

    A use that is only found in code or traffic counts too.

    The JSON has `ref`, `name`, `affected`, `told`, `surfaces`, `rescues`, `named_by` and `found`: the uses that no card
    declares.
    """
    project = load_for_query(root, today)
    text = EdgeText(project.graph, project.configuration.settings.functions)
    found = compute_impact(
        project.graph,
        resolve_reference(project.graph, reference),
        project.today,
        text=text,
        sightings=project.book.sightings,
    )
    print_answer(_render_impact(found), impact_to_data(found), project.unreadable, as_json=as_json)


def _render_impact(found: Impact) -> Iterator[PrintedLine]:
    yield format_title(found.name, found.ref)
    yield from format_section("Dependents", _render_dependents(found))
    without_card = (f"  {one.name}: {describe_sighting(one)}" for one in found.found if one.user is None)
    yield from format_section("Uses by code or callers without a card", without_card)
    surfaces: list[str] = []
    for surface in found.surfaces:
        criticality = f", {surface.criticality}" if surface.criticality else ""
        later = ", only if another one fails too" if surface.only_weakened else ""
        why = f": {'; '.join(surface.whys)}" if surface.whys else ""
        place = f"{surface.surface}{criticality}{later}, in {surface.system.id} by {surface.model.id}"
        surfaces.append(f"  {place}{why}")
    yield from format_section("Where users would notice", surfaces)
    fallbacks: list[str] = []
    for one in found.rescues:
        problems = f" ({'; '.join(one.problems)})" if one.problems else ""
        fallbacks.append(f"  {one.model.id}: {one.takes_over.id if one.takes_over else 'none'}{problems}")
    yield from format_section("Fallbacks", fallbacks)
    yield from format_section("People to notify", map(render_party, found.told))
    yield from format_section("Also named by", (f"  {text}" for text in found.named_by))


def _render_dependents(found: Impact) -> Iterator[str]:
    if not found.affected:
        yield "  no known dependents"
    for one in found.affected:
        how = "directly" if one.distance == 1 else f"through {one.distance - 1} other{'s' if one.distance > 2 else ''}"
        weakened = ", only as its fallback" if one.only_weakened else ""
        yield f"  {one.name}  ({one.ref}), {how}{weakened}"
        yield from (f"      {reason}" for reason in one.reasons)


def render_party(one: NotifiedParty) -> str:
    """Return the line about a person or a team to notify."""
    instead = (
        f"; {f'notify {one.instead}' if one.instead else 'no one is left'}: {', '.join(one.path)}" if one.path else ""
    )
    return f"  {one.name}  ({one.party}): {'; '.join(one.whys)}{instead}"
