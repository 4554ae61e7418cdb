"""`modelbook impact`, `who`, `order` and `history`: questions about a card."""

import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from generator.answers.card_history import CardHistory, build_card_history
from generator.answers.contacts import ContactList, find_contacts
from generator.answers.impact import AffectedSurface, FallbackChain, Impact, NotifiedParty, compute_impact
from generator.answers.ordering import OrderCheck, Ordering, build_ordering, check_order
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.loading import list_unreadable, load_for_query, resolve_reference
from generator.cli.options import json_option, project_option, today_option
from generator.cli.printing import format_heading, format_section, format_title, print_answer, to_data
from generator.errors import UserError
from generator.history.events import Event
from generator.names import Ref
from generator.project import Project


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@project_option
@today_option
@json_option
def impact(reference: str, root: Path, today: datetime | None, as_json: bool) -> None:
    r"""List the dependents of a card and who must be notified.

    Dependents are direct or indirect, each with the edge and the card that declares it. REF is a model, system,
    feature view, topic, team, person or another node: kind:id, or an id, a name or an alias that only one node has.

    \b
      modelbook impact feature_view:customer_profile
      modelbook impact ryl --json | jq -r '.told[].party'

    The JSON has `ref`, `name`, `affected`, `told`, `surfaces`, `rescues` and `named_by`.
    """
    project = load_for_query(root, today)
    found = compute_impact(project.graph, resolve_reference(project.graph, reference), project.today)
    print_answer(_render_impact(found), _impact_to_data(found), list_unreadable(project), as_json=as_json)


def _render_impact(found: Impact) -> Iterator[PrintedLine]:
    yield format_title(found.name, found.ref)
    yield from format_section("Dependents", _render_dependents(found))
    yield from format_section("Where users would notice", map(_render_surface, found.surfaces))
    yield from format_section("Fallbacks", map(_render_fallback, found.rescues))
    yield from format_section("People to notify", map(_render_party, found.told))
    yield from format_section("Also named by", (f"  {text}" for text in found.named_by))


def _render_dependents(found: Impact) -> Iterator[str]:
    if not found.affected:
        yield "  no known dependents"
    for one in found.affected:
        how = "directly" if one.distance == 1 else f"through {one.distance - 1} other{'s' if one.distance > 2 else ''}"
        weakened = ", only as its fallback" if one.only_weakened else ""
        yield f"  {one.name}  ({one.ref}), {how}{weakened}"
        yield from (f"      {reason}" for reason in one.reasons)


def _render_surface(one: AffectedSurface) -> str:
    criticality = f", {one.criticality}" if one.criticality else ""
    later = ", only if another one fails too" if one.only_weakened else ""
    why = f": {'; '.join(one.whys)}" if one.whys else ""
    return f"  {one.surface}{criticality}{later}, in {one.system.id} by {one.model.id}{why}"


def _render_fallback(one: FallbackChain) -> str:
    problems = f" ({'; '.join(one.problems)})" if one.problems else ""
    return f"  {one.model.id}: {one.takes_over.id if one.takes_over else 'none'}{problems}"


def _render_party(one: NotifiedParty) -> str:
    instead = (
        f"; {f'notify {one.instead}' if one.instead else 'no one is left'}: {', '.join(one.path)}" if one.path else ""
    )
    return f"  {one.name}  ({one.party}): {'; '.join(one.whys)}{instead}"


def _impact_to_data(found: Impact) -> dict[str, Any]:
    return {
        "ref": found.ref,
        "name": found.name,
        "affected": [
            {"ref": one.ref, "name": one.name, "distance": one.distance, "reasons": one.reasons,
             "only_weakened": one.only_weakened}
            for one in found.affected
        ],
        "told": to_data(found.told),
        "surfaces": to_data(found.surfaces),
        "rescues": to_data(found.rescues),
        "named_by": found.named_by,
    }  # fmt: skip


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@project_option
@today_option
@json_option
def who(reference: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List the contacts for a card by function.

    Departed contacts are replaced by their successor or team lead.

    \b
      modelbook who ryl
      modelbook who topic:orders.v1 --today 2027-01-15

    The JSON has `ref`, `name`, `note` and `calls`, each with `function`, `person`, `email`, `team`, `channel`,
    `answers_for`, and the `path` to a contact that the card does not name.
    """
    project = load_for_query(root, today)
    ref = resolve_reference(project.graph, reference)
    found = find_contacts(project.graph, ref, project.configuration.settings.functions, project.today)
    print_answer(_render_contacts(found), to_data(found), list_unreadable(project), as_json=as_json)


def _render_contacts(found: ContactList) -> Iterator[PrintedLine]:
    yield format_title(found.name, found.ref)
    if found.note:
        yield f"  {found.note}"
    for call in found.calls:
        yield ""
        if call.person is None:
            yield Line(f"{call.title}: no contact", colour="red")
        else:
            address = f"<{call.email}>" if call.email else ""
            yield Line(" ".join(filter(None, (f"{call.title}: {call.name}", address, call.channel))), bold=True)
        if call.answers_for:
            yield f"  {'; '.join(call.answers_for)}"
        if call.path:
            yield f"  found by: {'; '.join(call.path)}"


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
    graph, missing = project.graph, list_unreadable(project)
    refs = [resolve_reference(graph, text) for text in references]
    if not checks:
        ordering = build_ordering(graph, refs)
        print_answer(_render_order(ordering), _order_to_data(ordering), missing, as_json=as_json)
        return
    if len(refs) != 1:
        message = "--check needs exactly one migration, as in migration:scorer-to-kserve"
        raise UserError(message)
    checked = check_order(graph, refs[0])
    print_answer(_render_check(checked), _check_to_data(checked), missing, as_json=as_json)
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


def _order_to_data(ordering: Ordering) -> dict[str, Any]:
    return {"waves": ordering.waves, "reasons": to_data(ordering.reasons), "cycles": ordering.cycles}


def _check_to_data(checked: OrderCheck) -> dict[str, Any]:
    return {
        "migration": checked.migration, "moves": checked.moves, "violations": to_data(checked.violations),
        "unknown": checked.unknown, **_order_to_data(checked.ordering),
    }  # fmt: skip


@click.command(cls=Command)
@click.argument("reference", metavar="REF")
@project_option
@today_option
@json_option
def history(reference: str, root: Path, today: datetime | None, *, as_json: bool) -> None:
    r"""List the history of a card from git.

    For each consumer, contact, endpoint, use … it lists the commits that added and removed it, oldest first. Renames of
    the card are followed. REF can also be the kind:id of a deleted card. Uncommitted changes are not included. A note
    warns about a shallow clone.

    \b
      modelbook history ryl
      modelbook history model:ryl --json | jq '.events[] | select(.aspect == "consumer")'

    The JSON has `ref`, `name`, `notes` and `events`, each with `day`, `landed_on`, `subject`, `aspect`, `which`,
    `change`, `before`, `after`, `said_by` and `commit` (`id`, `author`, `message`). The `subject` is REF itself if REF
    is the user.
    """
    project = load_for_query(root, today)
    ref = _resolve_past_reference(project, reference)
    found = build_card_history(project.history, ref, project.graph.get_name(ref))
    events = [_event_to_data(one.event) for one in found.events]
    data = {"ref": ref, "name": found.name, "notes": found.notes, "events": events}
    print_answer(_render_history(found), data, list_unreadable(project), as_json=as_json)


def _resolve_past_reference(project: Project, text: str) -> Ref:
    """Return a node of the book, or a deleted card that git remembers."""
    try:
        return resolve_reference(project.graph, text)
    except UserError:
        deleted = next((event.subject for event in project.history.events if str(event.subject) == text), None)
        if deleted is None:
            raise
        return deleted


def _render_history(found: CardHistory) -> Iterator[PrintedLine]:
    yield format_title(found.name, found.ref)
    yield from (Line(f"  {note}", colour="yellow") for note in found.notes)
    if not found.events:
        yield "  no events"
    for one in found.events:
        commit = one.event.commit
        yield f"  {one.event.on}  {one.text}"
        yield f"              {commit.short}  {commit.author}: {commit.subject}"


def _event_to_data(event: Event) -> dict[str, Any]:
    commit = {"id": event.commit.id, "author": event.commit.author, "message": event.commit.message}
    return {
        "day": event.on, "landed_on": event.landed_on, "subject": event.subject, "aspect": event.kind,
        "which": event.key, "change": event.change.name.lower(), "before": event.before, "after": event.after,
        "said_by": event.declared_by, "commit": commit,
    }  # fmt: skip
