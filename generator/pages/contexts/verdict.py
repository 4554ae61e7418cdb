"""The first screen of a model's page, whether it can be switched off and who to call, and its table of consumers."""

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from generator.answers.call_now import EmergencyContact
from generator.answers.removal import ReasonKind, ReasonTopic
from generator.answers.used_by import KnownConsumer, PlannedMove
from generator.answers.verdict import PartyReason, Verdict, VerdictKind
from generator.evidence.sightings import UNKNOWN_CALLER
from generator.graph.consumers import ModelUse, list_model_uses
from generator.grouping import group_pairs
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.evidence import (
    MISSING,
    EvidenceRow,
    Sign,
    build_code_evidence,
    build_declaration,
    build_traffic_evidence,
    find_team,
    is_call_expected,
    list_first_days,
)
from generator.pages.contexts.parts import Badge, LabelledLink, Value, build_badge
from generator.pages.markup import is_linkable
from generator.schema import Model
from generator.values import FrozenValue

MOST_CONSUMERS = 40
"""The most rows of the table of consumers; the command line lists all of them."""
_MOST_REASONS = 4
"""The most consumers among the reasons of the verdict; the table follows."""
_MOST_CALLS, _MOST_PARTIES = 3, 4
_SIGNS = {ReasonKind.BLOCKS: "✕", ReasonKind.WAIT: "!", ReasonKind.FINE: "✓"}


class ReasonRow(FrozenValue):
    """A reason of the verdict."""

    sign: Sign
    text: str
    refs: tuple[Ref, ...]


class EmergencyCallRow(FrozenValue):
    """The party to call for one kind of trouble, with the ways to reach it."""

    trouble: str
    party: Ref | None
    """The team, else the person who owns the card; None if there is no owner."""
    on_call: Value
    """Empty if no rota is recorded."""
    chat: Value
    hours: str
    person: Ref | None
    email: Value = ""
    """The mailing list of a team that has no lead."""


class AnswerView(FrozenValue):
    """The two panels of the first screen."""

    verdict: Verdict
    reasons: tuple[ReasonRow, ...]
    more_reasons: int
    """The number of consumers that are only in the table."""
    calls: tuple[EmergencyCallRow, ...]
    more_calls: int
    """The number of consumers whose teams are only in the table."""
    ask: tuple[PartyReason, ...]
    more_ask: int
    tell: tuple[PartyReason, ...]
    more_tell: int

    @property
    def style(self) -> str:
        """The end of the panel's class."""
        return self.verdict.kind.value.replace(" ", "-")

    @property
    def is_off(self) -> bool:
        """Whether the model is off already, so that nobody has to be asked."""
        return self.verdict.kind is VerdictKind.ALREADY_OFF

    @property
    def unseen(self) -> tuple[str, ...]:
        """The sources of evidence that were not looked at."""
        return tuple(one.source.value for one in self.verdict.observations if not one.was_looked_at)

    @property
    def unscanned(self) -> tuple[str, ...]:
        """The repositories of systems that were not scanned."""
        return tuple(name for one in self.verdict.observations for name in one.unseen)

    @property
    def common_names(self) -> tuple[str, ...]:
        """The names of the model, if all are too common to search for."""
        return tuple(name for one in self.verdict.observations for name in one.common_names)


def build_answer_view(verdict: Verdict) -> AnswerView:
    """Build the panels, with as many consumers as fit on the first screen."""
    users = [one for one in verdict.reasons if one.topic is ReasonTopic.CONSUMER]
    hidden = frozenset(users[_MOST_REASONS:])
    reasons = tuple(
        ReasonRow(Sign(_SIGNS[one.kind], one.kind.name.lower(), one.kind.value), one.text, one.refs)
        for one in verdict.reasons
        if one not in hidden
    )
    by_consumer, own = verdict.call_now[:-2], verdict.call_now[-2:]  # the last two are about the model itself
    calls = tuple(_build_call(one) for one in (*by_consumer[:_MOST_CALLS], *own))
    return AnswerView(
        verdict=verdict,
        reasons=reasons,
        more_reasons=max(0, len(users) - _MOST_REASONS),
        calls=calls,
        more_calls=max(0, len(by_consumer) - _MOST_CALLS),
        ask=verdict.ask[:_MOST_PARTIES],
        more_ask=max(0, len(verdict.ask) - _MOST_PARTIES),
        tell=verdict.tell[:_MOST_PARTIES],
        more_tell=max(0, len(verdict.tell) - _MOST_PARTIES),
    )


def _build_call(contact: EmergencyContact) -> EmergencyCallRow:
    chat: Value = LabelledLink(contact.channel or "Chat", contact.chat) if is_linkable(contact.chat) else contact.chat
    on_call: Value = contact.on_call
    if is_linkable(contact.on_call):
        on_call = LabelledLink(f"{contact.name} on call", contact.on_call)
    return EmergencyCallRow(
        trouble=contact.trouble,
        party=contact.team or contact.person,
        on_call=on_call,
        chat=chat,
        hours=contact.hours,
        person=contact.person if contact.team is not None else None,
        email=LabelledLink(contact.email, f"mailto:{contact.email}") if contact.email and not contact.person else "",
    )


class ConsumerRow(FrozenValue):
    """A consumer of the model, with all that is known about its use."""

    ref: Ref | None
    name: str
    team: Ref | None
    whys: tuple[str, ...]
    surfaces: tuple[str, ...]
    traffic_share: float | None
    fields: tuple[str, ...]
    configured_in: tuple[str, ...]
    steps: tuple[tuple[Ref, tuple[str, ...]], ...]
    """The numbers of the steps in each flow."""
    through: tuple[Ref, ...]
    move: PlannedMove | None
    criticality: Badge
    evidence: tuple[EvidenceRow, ...]
    is_documented: bool
    """Whether a card declares it; else it was only found in code or seen in traffic."""
    is_named: bool
    """Whether its name is known; the traffic does not name every caller."""


def build_consumer_rows(book: Book, model: Model, verdict: Verdict) -> tuple[ConsumerRow, ...]:
    """Build the first rows of the table.

    Consumers that no card declares are first, then the most critical, and those that are retired are last.
    """
    uses = {use.system: use for use in list_model_uses(book.graph, model.ref)}
    recorded = list_first_days(book, model.ref)
    consumers = sorted(verdict.consumers, key=lambda one: one.is_declared)[:MOST_CONSUMERS]
    rows = [_build_row(book, model, one, uses, recorded, verdict) for one in consumers]
    active = {one.ref for one in verdict.consumers}
    for ref, use in uses.items():
        if ref not in active and len(rows) < MOST_CONSUMERS:
            retired = KnownConsumer(ref, book.graph.get_name(ref), None, use.whys, use.surfaces)
            row = _build_row(book, model, retired, uses, recorded, verdict)
            rows.append(replace(row, criticality=build_badge("retired")))
    return tuple(rows)


def _build_row(
    book: Book,
    model: Model,
    consumer: KnownConsumer,
    uses: Mapping[Ref, ModelUse],
    recorded: Mapping[str, date],
    verdict: Verdict,
) -> ConsumerRow:
    use = uses.get(consumer.ref) if consumer.ref is not None else None
    flows = ((one.declared_by, str(one.step)) for one in (use.statements if use else ()) if one.step)
    found = [
        one
        for observation in verdict.observations
        for one in observation.consumers
        if (one.ref, one.name) == (consumer.ref, consumer.name)
    ]
    is_named = consumer.ref is not None or consumer.name != UNKNOWN_CALLER
    declared = EvidenceRow(MISSING, "No card declares it")
    if consumer.is_declared:
        declared = build_declaration(book, model.ref, consumer.ref, use, recorded.get(str(consumer.ref)))
    in_code = build_code_evidence(book, consumer.ref, [record for one in found for record in one.uses])
    in_traffic = build_traffic_evidence(
        book,
        [record for one in found for record in one.calls],
        is_expected=is_call_expected(book, model, consumer.ref) and not consumer.through,
    )
    return ConsumerRow(
        ref=consumer.ref,
        name=consumer.name if is_named else consumer.name.capitalize(),
        team=find_team(book, consumer.ref),
        whys=consumer.whys,
        surfaces=consumer.surfaces,
        traffic_share=consumer.traffic_share,
        fields=use.fields if use else (),
        configured_in=use.configured_in if use else (),
        steps=tuple(group_pairs(flows).items()),
        through=consumer.through,
        move=consumer.move,
        criticality=build_badge(consumer.criticality_text),
        evidence=(declared, in_code, in_traffic),
        is_documented=consumer.is_declared,
        is_named=is_named,
    )
