"""The main facts of a card as text, as on the first screen of its page: for `modelbook show` and for agents."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from generator.answers.data import to_data
from generator.answers.observations import EvidenceSource
from generator.answers.verdict import Verdict
from generator.graph.consumers import ModelUse
from generator.graph.edges import Graph
from generator.load.collected import origin_to_data
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.card_view import CardPageView
from generator.pages.contexts.evidence import FoundUseRow
from generator.pages.contexts.model import ModelView
from generator.pages.contexts.parts import (
    Badge,
    GapMarker,
    LabelledLink,
    Participation,
    Value,
    build_state_badge,
)
from generator.pages.contexts.people import PersonView, TeamView
from generator.pages.contexts.rollouts import CleanupRow, ExperimentView, MigrationView
from generator.pages.contexts.topology import FlowView, ResourceView, SystemView
from generator.schema.card import to_card_data
from generator.values import FrozenValue


class ShownSection(FrozenValue):
    """A titled section of a card's main facts."""

    title: str
    lines: tuple[str, ...]


def card_facts_to_data(book: Book, view: CardPageView) -> dict[str, Any]:
    """Return the main facts of a card as data, with the card itself."""
    card, loaded = view.card, book.graph.cards.get(view.card.ref)
    sections = [{"title": section.title, "lines": list(section.lines)} for section in list_sections(book, view)]
    verdict = view.answer.verdict if isinstance(view, ModelView) else None
    data: dict[str, Any] = {
        "ref": str(card.ref),
        "name": card.title,
        "card": to_card_data(loaded.card) if loaded else None,
        "facts": {fact.name: [format_value(book.graph, value) for value in fact.values] for fact in card.facts},
        "sections": sections,
    }
    if loaded is not None and loaded.origin is not None:
        data["source"] = origin_to_data(loaded.origin)
    return data if verdict is None else {**data, "verdict": {**to_data(verdict), "basis": verdict.basis}}


def format_value(graph: Graph, value: Value) -> str:
    """Return the text of a value."""
    match value:
        case Ref():
            return graph.get_name(value)
        case Badge():
            return value.word
        case GapMarker():
            return value.words
        case LabelledLink():
            return value.label
        case date():
            return value.isoformat()
        case _:
            return value


def list_sections(book: Book, view: CardPageView) -> Iterator[ShownSection]:
    """Yield the sections that are not empty: those of the kind, then the open work and the findings."""
    match view:
        case ModelView():
            sections = _list_model_sections(book, view)
        case SystemView():
            sections = _list_system_sections(book, view)
        case FlowView():
            sections = _list_flow_sections(book, view)
        case ExperimentView():
            sections = _list_experiment_sections(book, view)
        case MigrationView():
            sections = _list_migration_sections(book, view)
        case TeamView() | PersonView():
            sections = _list_people_sections(book, view)
        case ResourceView():
            sections = _list_resource_sections(book, view)
    findings = (
        f"{finding.severity}{', known,' if finding in book.known else ''} {finding.code} {finding.message}"
        for finding in view.card.findings
    )
    all_sections = (*sections, ("Open work", _list_open_work(book, view.card.ref)), ("Findings", findings))
    for title, lines in all_sections:
        if several := tuple(lines):
            yield ShownSection(title, several)


_UNKNOWN = "purpose unknown, found by the evidence, but no card declares it"
Sections = Iterator[tuple[str, Iterable[str]]]


def _list_model_sections(book: Book, view: ModelView) -> Sections:
    verdict = view.answer.verdict
    yield "Can it be switched off?", _describe_verdict(verdict)
    calls: list[str] = []
    for call in verdict.call_now:
        person = book.graph.get_name(call.person) if call.person else call.email
        ways = (call.name, call.on_call or "No on-call", call.chat, call.hours, person if person != call.name else "")
        calls.append(f"{call.trouble}: {', '.join(filter(None, ways))}")
    yield "Who to call now", calls
    contacts = (
        f"{contact.function}: {_describe_person(book, contact.person, has_left=contact.has_left)}"
        for contact in view.contacts
    )
    yield "Contacts", contacts
    yield "Who uses it, and why", [*_describe_consumers(book, view)] or ["no known consumers"]
    no_fallback = "none: its consumers fail with it" if view.consumers or view.fallback_of else "none"
    fallback = book.graph.get_name(view.fallback) if view.fallback else no_fallback
    fallback += " (retired): its consumers fail with it" if view.is_fallback_retired else ""
    yield "Fallback", [fallback, *(f"is the fallback of {book.graph.get_name(ref)}" for ref in view.fallback_of)]
    endpoints: list[str] = []
    for endpoint in view.endpoints:
        last = endpoint.verified
        verified = f" ({', '.join(filter(None, (f'{last.badge.word} on {last.on}', last.detail)))})" if last else ""
        endpoints.append(f"{endpoint.environment}: {endpoint.url}{verified}")
    yield "Endpoints", endpoints
    if view.contract:
        described = [f"operation: {view.contract.operation}"] if view.contract.operation else []
        for side, rows in (("request", view.contract.request), ("response", view.contract.response)):
            top = [row for row in rows if not row.depth]
            fields = [f"{row.path or 'payload'} ({row.type}{'' if row.required else ', optional'})" for row in top]
            described.append(f"{side}: {', '.join(fields) or 'no schema'}")
        yield "Contract", described
    yield "Part of", _describe_participations(book, view.touches)


def _describe_consumers(book: Book, view: ModelView) -> Iterator[str]:
    """Yield the uses that no card declares, then the declared ones, each with the evidence."""
    users = {one.ref: one for one in view.answer.verdict.consumers if one.ref is not None}
    for one in view.answer.verdict.consumers:
        if not one.is_declared:
            seen = [
                f"{'found in code' if observation.source is EvidenceSource.CODE else 'seen in traffic'}: {found.place}"
                for observation in view.answer.verdict.observations
                for found in observation.consumers
                if (found.ref, found.name) == (one.ref, one.name)
            ]
            yield f"{one.name}: purpose unknown, no card declares it; {'; '.join(seen)}"
    for use in view.uses:
        sources = users[use.system].sources if use.system in users else ()
        words = [f"{'found in' if source is EvidenceSource.CODE else 'seen in'} {source}" for source in sources]
        seen_in = f" ({', '.join(words)})" if words else ""
        yield f"{_describe_use(book, use, use.system)}{seen_in}"


def _describe_verdict(verdict: Verdict) -> Iterator[str]:
    yield verdict.sentence
    yield from (f"{reason.kind}: {reason.text}" for reason in verdict.reasons)
    yield verdict.basis
    for verb, parties in (("Ask", verdict.ask), ("Tell", verdict.tell)):
        if parties:
            yield f"{verb} {', '.join(f'{one.name} ({one.why})' for one in parties)}."


def _list_system_sections(book: Book, view: SystemView) -> Sections:
    undeclared = (f"{book.graph.get_name(row.ref)}: {_UNKNOWN}" for row in view.models if not row.is_documented)
    declared = (_describe_use(book, use, use.model) for use in view.uses)
    yield "Models it uses", [*undeclared, *declared] or ["none"]
    yield "Also needs", (book.edge_text.describe_neighbour(edge, from_source=True) for edge in view.needs)
    yield (
        "Used by",
        [
            *(book.edge_text.describe_neighbour(edge, from_source=False) for edge in view.needed_by),
            *_describe_found(book, view.found),
        ],
    )
    yield "Part of", _describe_participations(book, view.touches)


def _describe_found(book: Book, rows: Iterable[FoundUseRow]) -> Iterator[str]:
    """Yield the users that no card declares."""
    for row in rows:
        if not row.is_documented:
            yield f"{book.graph.get_name(row.ref) if row.ref is not None else row.name}: {_UNKNOWN}"


def _list_flow_sections(book: Book, view: FlowView) -> Sections:
    name = book.graph.get_name
    steps = (
        f"{step.number}. {name(step.subject)} {step.verb} {name(step.object)}{_append_note(step.note)}"
        for step in view.steps
    )
    yield "Steps", steps


def _list_experiment_sections(book: Book, view: ExperimentView) -> Sections:
    yield "Hypothesis", [view.hypothesis] if view.hypothesis else []
    variants = (
        f"{variant.name}: {book.graph.get_name(variant.model) if variant.model else 'no model'}, "
        f"{variant.traffic:g} %{', winner' if variant.is_winner else ''}{_append_note(variant.note)}"
        for variant in view.variants
    )
    yield "Variants", variants
    if view.winner:
        decided_by = f", decided by {book.graph.get_name(view.decided_by)}" if view.decided_by else ""
        yield "Decision", [f"{view.winner}{decided_by}{f' on {view.decided_on}' if view.decided_on else ''}"]
    cleanup = (
        f"{row.badge.word}: {book.graph.get_name(row.remove)} ({_describe_person(book, row.owner)})"
        f"{f', due {row.due}' if row.due and not row.done_on else ''}"
        f"{f'; found in code: {_join_places(row)}' if row.places else ''}"
        f"{_append_note(row.note)}"
        for row in view.cleanup
    )
    yield "Clean-up", cleanup


def _join_places(row: CleanupRow) -> str:
    return ", ".join(place.label for place in row.places) + (f" and {row.more:,} more" if row.more else "")


def _list_migration_sections(book: Book, view: MigrationView) -> Sections:
    yield "Moves", (f"{book.graph.get_name(ref)}  ({ref})" for ref in view.moves)
    waves = (
        f"{wave.number}. {wave.scope}, {wave.traffic:g} %: {wave.badge.word}"
        f"{f' {day}' if (day := wave.done_on or wave.planned_on) else ''}{_append_note(wave.note)}"
        for wave in view.waves
    )
    yield "Waves", waves
    yield "Strings to remove", view.retires


def _list_people_sections(book: Book, view: TeamView | PersonView) -> Sections:
    if isinstance(view, TeamView):
        yield "Members", map(book.graph.get_name, view.members)
    handover = book.handovers.get(view.card.ref)
    held = {one.ref: one.roles for one in handover.held} if handover else {}
    others = {duty.ref: duty.roles for duty in view.duties if duty.ref not in held}
    yield "Responsibilities", _describe_roles(book, held) or ["none"]
    yield "Also named by", _describe_roles(book, others)


def _describe_roles(book: Book, roles: Mapping[Ref, Iterable[str]]) -> list[str]:
    """Describe the roles in each card."""
    states = {ref: build_state_badge(book.get_card(ref)) for ref in roles}
    return [
        f"{ref.kind} {book.graph.get_name(ref)}: {', '.join(roles[ref])}{f' ({state.word})' if state else ''}"
        for ref, state in states.items()
    ]


def _list_resource_sections(book: Book, view: ResourceView) -> Sections:
    yield "Produced by", (book.edge_text.describe_neighbour(edge, from_source=True) for edge in view.filled_by)
    readers = (book.edge_text.describe_neighbour(edge, from_source=False) for edge in view.read_by)
    yield "Used by", [*readers, *view.others, *_describe_found(book, view.found)]
    yield "Features", (f"{one.name}{f' ({one.type})' if one.type else ''}" for one in view.features)
    yield "Part of", _describe_participations(book, view.touches)


def _list_open_work(book: Book, ref: Ref) -> Iterator[str]:
    """Yield the overdue and open work on a card; for a team or a person, on everything that it owns."""
    handover = book.handovers.get(ref) if ref.kind in {"team", "person"} else None
    subjects = {one.ref for one in handover.held} if handover else {ref}
    overdue = ((item, f"overdue{f' for {item.days} days' if item.days else ''}") for item in book.ledger.entries)
    still_open = ((item, f"due {item.due}" if item.due else "no date") for item in book.ledger.open)
    for item, when in (*overdue, *still_open):
        if item.subject in subjects:
            yield f"{f'{item.name}: ' if handover else ''}{item.what} ({when})"


def _describe_use(book: Book, use: ModelUse, other: Ref) -> str:
    surfaces = f" [{', '.join(use.surfaces)}]" if use.surfaces else ""
    criticality = f", {use.criticality}" if use.criticality else ""
    return f"{book.graph.get_name(other)}{criticality}: {'; '.join(use.whys) or 'no reason given'}{surfaces}"


def _describe_participations(book: Book, touches: Iterable[Participation]) -> Iterator[str]:
    for touch in touches:
        state = f" ({touch.badge.word})" if touch.badge else ""
        yield f"{touch.ref.kind} {book.graph.get_name(touch.ref)}: {touch.what}{state}"


def _describe_person(book: Book, ref: Ref | None, *, has_left: bool = False) -> str:
    return f"{book.graph.get_name(ref)}{' (has left)' if has_left else ''}" if ref else "no contact"


def _append_note(note: str) -> str:
    return f"; {note}" if note else ""
