"""Duties that follow from evidence: uses that no card declares, and retired strings and cards that are still in use."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from generator.answers.observations import SightingIndex, describe_calls, describe_sighting
from generator.evidence.records import SeenCall
from generator.evidence.retirements import Retirement, is_finished, list_retirements
from generator.evidence.sightings import NOT_USED, RETIRING, UNKNOWN_CALLER, Sighting, is_part_of_test
from generator.graph.duties import Duty, DutyKind, DutyState, find_cleanup
from generator.graph.edges import Graph, Relation
from generator.graph.people import list_owners, list_owning_teams, resolve_owner
from generator.grouping import group_pairs
from generator.names import Ref, format_count
from generator.reads import ALL
from generator.schema import Migration
from generator.schema.rollouts import MigrationStatus, RetiredText


def list_evidence_duties(sightings: SightingIndex) -> Iterator[Duty]:
    """List the duties by the evidence of a book, those about undocumented uses first."""
    for one in sightings.undocumented:
        yield from _list_use_duties(sightings.graph, one)
    for ref in sightings.graph.list_kind(RETIRING):
        yield from _list_retirement_duties(sightings, ref)


def list_card_evidence_duties(sightings: SightingIndex, ref: Ref) -> Iterator[Duty]:
    """List the duties of one card by the evidence, in the same order."""
    graph = sightings.graph
    named = sightings.derived.get("named resources", ALL, lambda: _index_named_resources(sightings))
    removed = graph.list_outgoing_edges(ref, Relation.REMOVES) if ref.kind == "experiment" else ()
    targets = {ref, *sightings.targets.get(ref, ()), *named.get(ref, ()), *(edge.target for edge in removed)}
    for target in sorted(targets, key=str):
        for one in sightings.list_undocumented(target) if target in graph else ():
            yield from (duty for duty in _list_use_duties(graph, one) if duty.subject == ref)
    yield from _list_retirement_duties(sightings, ref)


def _index_named_resources(sightings: SightingIndex) -> Mapping[Ref, tuple[Ref, ...]]:
    """Return the resources without a card that are used by the evidence, by the first card that names each."""
    graph = sightings.graph
    without_card = (ref for ref in sightings.used if ref not in graph.cards)
    named = ((graph.find_declaring_card(ref), ref) for ref in without_card)
    return group_pairs((card, ref) for card, ref in named if card is not None)


def _list_use_duties(graph: Graph, one: Sighting) -> Iterator[Duty]:
    subject = one.user or graph.find_declaring_card(one.target)
    if one.target.kind in NOT_USED or subject is None:
        return
    test, item = find_cleanup(graph, one.target) or (None, None)
    is_over = test is not None and test.is_finished
    if test is not None and item is not None and test.is_finished and item.done_on is not None:
        user = graph.get_name(one.user) if one.user is not None else one.name
        text = f"removed after {test.name}, but {user} still uses it: {describe_sighting(one)}"
        yield replace(
            _build_alive(graph, one), subject=test.ref, text=text, key=f"{one.target} {user}", declared_by=(test.ref,)
        )
    elif graph.is_retired(one.target):
        yield _build_alive(graph, one)
    elif is_part_of_test(graph, one) and not (is_over and one.calls):
        return  # the rules report the places in code that a finished test leaves behind
    elif subject.kind == "system" or one.user is None or one.calls:
        yield _build_undocumented(graph, one, subject)


def _list_retirement_duties(sightings: SightingIndex, ref: Ref) -> Iterator[Duty]:
    graph = sightings.graph
    migration = graph.cards[ref].card if ref.kind == RETIRING else None  # the other cards need not be read
    if isinstance(migration, Migration) and migration.status is not MigrationStatus.ROLLED_BACK:
        for retirement in list_retirements(migration, sightings.evidence):
            yield from _list_places_left(graph, migration, retirement)
        yield from _list_calls_left(graph, migration, sightings.evidence.list_records(SeenCall, ref))


def _build_undocumented(graph: Graph, one: Sighting, subject: Ref) -> Duty:
    """Build the duty; an unknown caller in traffic may be a probe or a person, so that it is open, not overdue."""
    by = "" if one.user is not None else f" by {f'an {one.name}' if one.name == UNKNOWN_CALLER else one.name}"
    is_certain = one.user is not None or bool(one.uses)
    return Duty(
        subject=subject,
        kind=DutyKind.UNDOCUMENTED,
        code="MB701" if one.uses else "MB714" if one.user is None else "MB711",
        text=f"use of {one.target}{by} is not documented: {describe_sighting(one)}",
        path=(),
        key=f"{one.target}{by or f' {one.name}'}",
        state=DutyState.MISSING if is_certain else DutyState.OPEN,
        since=_get_first_day(one) if is_certain else None,
        declared_by=(subject,),
        owners=list_owners(graph, subject),
    )


def _build_alive(graph: Graph, one: Sighting) -> Duty:
    user = graph.get_name(one.user) if one.user is not None else one.name
    return Duty(
        subject=one.target,
        kind=DutyKind.ALIVE,
        code="MB703" if one.uses else "MB713",
        text=f"retired, but {user} still uses it: {describe_sighting(one)}",
        path=(),
        key=user,
        state=DutyState.MISSING,
        since=_get_first_day(one),
        declared_by=(one.target,),
        owners=list_owners(graph, one.user or one.target),
    )


def _get_first_day(one: Sighting) -> date | None:
    days = [*(use.first_seen for use in one.uses), *(call.first_on for call in one.calls)]
    return min((day for day in days if day is not None), default=None)


def _list_places_left(graph: Graph, migration: Migration, retirement: Retirement) -> Iterator[Duty]:
    """List one duty for the places of a retired string in the code of each system, or of each other repository."""
    groups = group_pairs((_name_part(graph, live.use.system, live.use.repo), live) for live in retirement.live)
    for name, several in groups.items():
        count = format_count(sum(live.count for live in several), "place")
        place = next((place for live in several for place in live.places), None)
        first = f": {several[0].use.repo}:{place.file}:{place.line}" if place else ""
        text = f"{retirement.retired.text!r} is still in {count} of {name}{first}"
        remover = find_remover(graph, retirement.retired, several[0].use.system)
        duty = _build_left(graph, migration, "MB703", f"{retirement.retired.text} {name}", text, remover)
        yield replace(duty, state=DutyState.MISSING) if any(live.has_moved for live in several) else duty


def _list_calls_left(graph: Graph, migration: Migration, calls: Sequence[SeenCall]) -> Iterator[Duty]:
    """List one duty for the calls of each caller to a retired string."""
    by_text = {retired.text: retired for retired in migration.retires}
    groups = group_pairs(
        ((call.name, _name_part(graph, call.system, call.caller or UNKNOWN_CALLER)), call) for call in calls
    )
    for (retired, name), several in groups.items():
        remover = find_remover(graph, by_text.get(retired), several[0].system)
        text = f"{retired!r} is still called by {name}: {describe_calls(several)}"
        yield _build_left(graph, migration, "MB713", f"{retired} {name}", text, remover)


def _name_part(graph: Graph, part: str, other: str) -> str:
    """Return the name of the card of some code or caller; another name if no card has it."""
    return graph.get_name(Ref.parse(part)) if part else other


def _build_left(graph: Graph, migration: Migration, code: str, key: str, text: str, owner: Ref | None) -> Duty:
    state = DutyState.UPCOMING if migration.status is MigrationStatus.PLANNED else DutyState.OPEN
    return Duty(
        subject=migration.ref,
        kind=DutyKind.ALIVE,
        code=code,
        text=text,
        path=("retires",),
        key=key,
        state=DutyState.MISSING if is_finished(migration) else state,
        declared_by=(migration.ref,),
        owners=(owner,) if owner is not None else list_owners(graph, migration.ref),
    )


def find_remover(graph: Graph, retired: RetiredText | None, system: str) -> Ref | None:
    """Find who removes a retired string from the code of a system: its owner, else the team that owns the code."""
    if retired is not None and retired.owner is not None:
        return resolve_owner(graph, retired.owner)
    return next(iter(list_owning_teams(graph, Ref.parse(system)) if system else ()), None)
