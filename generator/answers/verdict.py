"""Can it be switched off? The verdict about a model, with reasons, evidence, and the people to ask and to inform."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum

from generator.answers.call_now import EmergencyContact, list_emergency_contacts
from generator.answers.observations import RECENT_DAYS, EvidenceSource, Observation, SightingIndex, is_recent
from generator.answers.removal import ReasonKind, VerdictReason, list_removal_reasons
from generator.answers.used_by import KnownConsumer, find_filled_data, list_consumers
from generator.errors import UserError
from generator.evidence.sightings import UNKNOWN_CALLER
from generator.graph.edges import Graph, Relation
from generator.graph.people import find_available_contact, find_team, get_contacts, list_owning_teams, require_ref
from generator.names import Ref
from generator.schema import Model
from generator.schema.days import format_day
from generator.values import FrozenValue


class VerdictKind(StrEnum):
    """The answer, from the mildest to the strictest."""

    ALREADY_OFF = "already off"
    YES = "yes"
    UNKNOWN = "unknown"
    NOT_YET = "not yet"
    NO = "no"


class Confirmation(FrozenValue):
    """An owner's statement that nothing uses the model."""

    by: Ref
    on: date
    is_recent: bool


class PartyReason(FrozenValue):
    """A person or a team to ask or to inform, with the reason."""

    party: Ref
    name: str
    why: str
    instead: Ref | None = None
    """The person to ask instead of one who has left."""


class Verdict(FrozenValue):
    """The answer to "Can it be switched off?" on a day."""

    ref: Ref
    name: str
    today: date
    kind: VerdictKind
    sentence: str
    reasons: tuple[VerdictReason, ...]
    """First those that block, then those to wait for, then those that are fine."""
    consumers: tuple[KnownConsumer, ...]
    """The most critical first; those that are retired are not among them."""
    observations: tuple[Observation, ...]
    """One for each source, also for those that were not looked at."""
    recent_days: int
    """The age in days up to which an observation or a statement counts as recent."""
    confirmation: Confirmation | None
    sunset_on: date | None
    ask: tuple[PartyReason, ...]
    tell: tuple[PartyReason, ...]
    call_now: tuple[EmergencyContact, ...]

    @property
    def basis(self) -> str:
        """The sentence about the evidence: each source with its date, and the sources that were not looked at."""
        parts = [f"the cards of {format_day(self.today)}"]
        for one in self.observations:
            if one.looked_on is not None:
                age = f", {(self.today - one.looked_on).days} days old" if self.is_stale(one) else ""
                parts.append(f"{one.source} of {format_day(one.looked_on)}{age}")
            elif one.was_looked_at:
                parts.append(f"{one.source} without a day")
        if self.confirmation is not None:
            parts.append(f"the owner's statement of {format_day(self.confirmation.on)}")
        missing = [one.source.value for one in self.observations if not one.was_looked_at]
        ending = f" {' and '.join(missing).capitalize()} not looked at." if missing else ""
        unseen = [name for one in self.observations for name in one.unseen]
        ending += f" Not scanned: {', '.join(unseen)}." if unseen else ""
        common = [name for one in self.observations for name in one.common_names]
        ending += f" Too common to search for in code: {', '.join(common)}." if common else ""
        return f"Based on {', '.join(parts)}.{ending}"

    def is_stale(self, observation: Observation) -> bool:
        """Return whether an observation is too old to show that nothing uses the model."""
        return observation.looked_on is not None and (self.today - observation.looked_on).days > self.recent_days


def observe_model(sightings: SightingIndex, ref: Ref) -> tuple[Observation, ...]:
    """Return what code and traffic show about a model and the data that it fills."""
    return sightings.observe(find_filled_data(sightings.graph, ref))


def judge_removal(
    graph: Graph,
    ref: Ref,
    functions: Mapping[str, str],
    today: date,
    observations: Iterable[Observation] = (),
    recent_days: int = RECENT_DAYS,
) -> Verdict:
    """Judge whether a model can be switched off; raise UserError if the book has no such model.

    A source without an observation was not looked at, which the verdict mentions.
    """
    model = _get_model(graph, ref)
    kind, seen, consumers, reasons = _weigh(graph, model, today, observations, recent_days)
    statement = model.confirmed_unused
    confirmation = None
    if statement is not None:
        written = Ref.parse(statement.by) if ":" in statement.by else Ref("person", statement.by)
        by = next((edge.target for edge in graph.list_outgoing_edges(ref, Relation.CONFIRMED_BY)), written)
        confirmation = Confirmation(by, statement.on, is_recent(statement.on, today, recent_days))
    return Verdict(
        ref=ref,
        name=graph.get_name(ref),
        today=today,
        kind=kind,
        sentence=_describe_verdict(kind, consumers, reasons),
        reasons=reasons,
        consumers=consumers,
        observations=seen,
        recent_days=recent_days,
        confirmation=confirmation,
        sunset_on=model.sunset_on,
        ask=tuple(_list_parties_to_ask(graph, model, consumers, functions, today)),
        tell=tuple(
            _build_party(graph, edge.target, "stakeholder", today)
            for edge in graph.list_outgoing_edges(ref, Relation.STAKEHOLDER)
        ),
        call_now=list_emergency_contacts(
            graph, ref, dict.fromkeys(one.ref for one in consumers if one.ref is not None), functions, today
        ),
    )


def judge_kind(
    graph: Graph, ref: Ref, today: date, observations: Iterable[Observation] = (), recent_days: int = RECENT_DAYS
) -> VerdictKind:
    """Judge as `judge_removal` does, without the people: for counts of all models."""
    return _weigh(graph, _get_model(graph, ref), today, observations, recent_days)[0]


def _weigh(
    graph: Graph, model: Model, today: date, observations: Iterable[Observation], recent_days: int
) -> tuple[VerdictKind, tuple[Observation, ...], tuple[KnownConsumer, ...], tuple[VerdictReason, ...]]:
    """Return the verdict with the evidence, the consumers and the reasons."""
    given = {one.source: one for one in observations}
    seen = tuple(given.get(source, Observation(source)) for source in EvidenceSource)
    consumers = list_consumers(graph, model, seen)
    reasons = list_removal_reasons(graph, model, consumers, seen, today)
    statement = model.confirmed_unused
    has_statement = statement is not None and is_recent(statement.on, today, recent_days)
    has_looked = all(
        is_recent(one.looked_on, today, recent_days) and not one.unseen and not one.common_names for one in seen
    )
    kind = _choose_kind(model, reasons, is_known=has_statement or has_looked)
    return kind, seen, consumers, reasons


def _get_model(graph: Graph, ref: Ref) -> Model:
    loaded = graph.cards.get(require_ref(graph, ref))
    if loaded is None or not isinstance(loaded.card, Model):
        raise UserError(f"{ref} is not a model: expected one, as in model:ryl")
    return loaded.card


def _choose_kind(model: Model, reasons: Sequence[VerdictReason], *, is_known: bool) -> VerdictKind:
    """Choose the first verdict that fits."""
    kinds = {reason.kind for reason in reasons if reason.decides}
    if model.is_retired and not kinds & {ReasonKind.BLOCKS, ReasonKind.WAIT}:
        return VerdictKind.ALREADY_OFF
    if ReasonKind.BLOCKS in kinds:
        return VerdictKind.NO
    if any(reason.kind is ReasonKind.WAIT for reason in reasons):
        return VerdictKind.NOT_YET
    return VerdictKind.YES if is_known else VerdictKind.UNKNOWN


def _describe_verdict(kind: VerdictKind, consumers: Sequence[KnownConsumer], reasons: Sequence[VerdictReason]) -> str:
    match kind:
        case VerdictKind.ALREADY_OFF:
            return "Already off."
        case VerdictKind.YES:
            return "Yes. Nothing uses it."
        case VerdictKind.UNKNOWN:
            return "Unknown. The book cannot tell."
        case VerdictKind.NO:
            blocking = [one for one in consumers if one.is_blocking]
            if any(one.surfaces for one in blocking):
                return "No. Customers would notice."
            if blocking[0].ref is None and blocking[0].name == UNKNOWN_CALLER:
                return "No. Something still calls it."
            return f"No. {blocking[0].name} needs it."
        case VerdictKind.NOT_YET:
            moving = [one for one in consumers if one.move is not None or not one.is_blocking]
            if moving:
                have = "has" if len(moving) == 1 else "have"
                return f"Not yet. {' and '.join(one.name for one in moving[:2])} {have} to move first."
            waiting = next(reason for reason in reasons if reason.kind is ReasonKind.WAIT)
            return f"Not yet. {waiting.text}"


def _list_parties_to_ask(
    graph: Graph, model: Model, consumers: Iterable[KnownConsumer], functions: Mapping[str, str], today: date
) -> Iterator[PartyReason]:
    """List the product contact, and for each consumer its engineering contact: that of the model in its team."""
    contacts = get_contacts(graph, model.ref)
    if "product" in contacts:
        yield _build_party(graph, contacts["product"], functions.get("product", "Product"), today)
    engineer = contacts.get("engineering")
    asked: set[Ref] = set()
    for one in consumers:
        teams = list_owning_teams(graph, one.ref) if one.ref is not None else ()
        is_ours = engineer is not None and find_team(graph, engineer) in teams
        party = engineer if is_ours else next(iter(teams), None)
        if party is not None and party not in asked:
            asked.add(party)
            yield _build_party(graph, party, one.name, today)


def _build_party(graph: Graph, party: Ref, why: str, today: date) -> PartyReason:
    found = find_available_contact(graph, party, today)
    instead = found.person if found.path and party.kind == "person" else None
    return PartyReason(party, graph.get_name(party), why, instead)
