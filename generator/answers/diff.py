"""What a change does to the book: the answer to `modelbook diff BASE`."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from generator.answers.deletions import Deletion, list_deletions
from generator.answers.fact_changes import (
    ChangedFact,
    FactText,
    compare_facts,
    parse_changed_facts,
    rename_named_cards,
)
from generator.answers.impact import RESPONSIBLE, NotifiedParty, build_notified_party
from generator.answers.observations import RECENT_DAYS, SightingIndex
from generator.answers.verdict import VerdictKind, judge_removal, observe_model
from generator.evidence.records import NO_EVIDENCE, Evidence
from generator.graph.edge_text import NamedEdgeText
from generator.graph.edges import DEPENDING, FLOWING, Graph, Relation
from generator.grouping import group_pairs
from generator.history.events import ChangeKind
from generator.history.facts import FactKind
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import Ref, sort_refs
from generator.schema import KINDS
from generator.schema.card import to_card_data
from generator.values import FrozenValue

_COVERED_KEYS = frozenset(
    {
        "name", "owners", "contacts", "stakeholders", "endpoints", "fallback", "successor", "version", "lifecycle",
        "review_by", "sunset_on", "tier", "status", "started_on", "ended_on", "moves", "lead", "channel", "team",
        "left_on", "x-allow", "x-guessed", "id",
    }
)  # fmt: skip
"""The keys whose whole content are facts, or a new name; a change of any other key is listed by its name."""
_KEYS_OF_FACTS: Mapping[FactKind, frozenset[str]] = {
    FactKind.CONSUMER: frozenset({"consumers", "uses", "depends_on", "steps"}),
    FactKind.RISK: frozenset({"risk"}),
    FactKind.VALIDATED: frozenset({"validation"}),
    FactKind.VALIDATION_RESULT: frozenset({"validation"}),
    FactKind.VALIDATION_DUE: frozenset({"validation"}),
    FactKind.APPROVED_USE: frozenset({"approved_uses"}),
    FactKind.EXCEPTION: frozenset({"exceptions"}),
    FactKind.WAVE: frozenset({"waves"}),
    FactKind.DECISION: frozenset({"decision"}),
    FactKind.CLEANUP_DUE: frozenset({"cleanup"}),
    FactKind.CLEANUP_ITEM: frozenset({"cleanup"}),
    FactKind.CLEANUP_ITEM_DUE: frozenset({"cleanup"}),
}
"""The keys that need no mention if one of their facts is listed."""
_NOTICEABLE_FACTS = frozenset(
    {FactKind.LIFECYCLE, FactKind.VERSION, FactKind.ENDPOINT, FactKind.FALLBACK, FactKind.SUNSET}
)
_NOTICEABLE_KEYS = frozenset({"contract", "features", "serving", "timeout_ms", "instances", "retention", "location"})
"""The facts and the keys whose change the users of a card may notice."""


@dataclass(frozen=True)
class BookState:
    """One of the two books that are compared."""

    cards: Cards
    graph: Graph
    evidence: Evidence = NO_EVIDENCE
    recent_days: int = RECENT_DAYS

    @cached_property
    def sightings(self) -> SightingIndex:
        """The uses by the evidence of the book."""
        return SightingIndex(self.graph, self.evidence, self.recent_days)


class CardChange(FrozenValue):
    """The changes of a card, or of a resource without a card."""

    ref: Ref
    name: str
    change: ChangeKind
    renamed_from: Ref | None
    facts: tuple[ChangedFact, ...]
    other_keys: tuple[str, ...]
    """The changed keys that no fact describes."""

    @property
    def is_noticeable(self) -> bool:
        """Whether the users of the card may notice the change."""
        if self.change is not ChangeKind.CHANGED:
            return self.change in {ChangeKind.REMOVED, ChangeKind.RENAMED}
        has_fact = any(fact.kind in _NOTICEABLE_FACTS for fact in self.facts)
        return has_fact or not _NOTICEABLE_KEYS.isdisjoint(self.other_keys)


class AffectedCard(FrozenValue):
    """A card that the change concerns although it need not be changed itself."""

    ref: Ref
    name: str
    reasons: tuple[str, ...]


class VerdictChange(FrozenValue):
    """A model with another verdict on whether it can be switched off."""

    ref: Ref
    name: str
    kind_before: VerdictKind
    before: str
    kind_after: VerdictKind
    after: str


class BookDiff(FrozenValue):
    """The differences between two books on one day."""

    deletions: tuple[Deletion, ...]
    """The deleted cards that leave consumers behind."""
    verdicts: tuple[VerdictChange, ...]
    affected: tuple[AffectedCard, ...]
    told: tuple[NotifiedParty, ...]
    cards: tuple[CardChange, ...]
    unknown: tuple[Ref, ...]
    """The cards that cannot be compared because one of the books cannot read them."""

    @property
    def refused(self) -> tuple[Deletion, ...]:
        """The deletions that nobody has accepted."""
        return tuple(one for one in self.deletions if not one.is_accepted)


def compare_books(
    before: BookState, after: BookState, functions: Mapping[str, str], today: date, accepted: Collection[Ref] = ()
) -> BookDiff:
    """Compare two books.

    The cards in `accepted` may be deleted although others use them.
    """
    old, new = before.cards.by_ref, after.cards.by_ref
    unknown = {ref for ref in old.keys() - new.keys() if after.cards.unread.find([ref])}
    unknown |= {ref for ref in new.keys() - old.keys() if before.cards.unread.find([ref])}
    added = new.keys() - old.keys() - unknown
    missing = old.keys() - new.keys() - unknown
    by_alias = {(ref.kind, alias): ref for ref in sorted(added) for alias in new[ref].card.aliases}
    renamed = {ref: by_alias[ref.kind, ref.id] for ref in missing if (ref.kind, ref.id) in by_alias}
    removed = missing - renamed.keys()
    text = FactText((after.graph, before.graph), functions)
    parsed = parse_changed_facts(before.cards.texts, after.cards.texts)
    old_facts, new_facts = (  # a card that the schema refuses has facts too, but it is in no answer
        {fact for fact in facts if fact.declared_by in known and fact.declared_by not in unknown}
        for facts, known in zip(parsed, (old, new), strict=True)
    )
    old_facts = {rename_named_cards(fact, renamed) for fact in old_facts}
    facts = compare_facts(old_facts, new_facts, (before.graph, after.graph), renamed, text)
    cards = tuple(_list_cards(before, after, facts, renamed, unknown))
    affected = tuple(_list_affected(before.graph, after.graph, cards, text))
    sightings = (before.sightings, after.sightings)
    deletions = list_deletions(before.graph, after.graph, removed, renamed, new_facts, accepted, sightings)
    return BookDiff(
        deletions=tuple(deletions),
        verdicts=tuple(_list_verdicts(before, after, cards, functions, today)),
        affected=affected,
        told=tuple(_list_notified(before.graph, after.graph, cards, affected, functions, today)),
        cards=cards,
        unknown=tuple(sorted(unknown)),
    )


def _list_cards(
    before: BookState,
    after: BookState,
    facts: Mapping[Ref, tuple[ChangedFact, ...]],
    renamed: Mapping[Ref, Ref],
    unknown: Collection[Ref],
) -> Iterator[CardChange]:
    """List the changed cards: the removed ones first, then the renamed, the added, and the others."""
    old, new = before.cards.by_ref, after.cards.by_ref
    sources = {now: was for was, now in renamed.items()}
    found: list[CardChange] = []
    for ref in sort_refs((old.keys() | new.keys() | facts.keys()) - renamed.keys() - set(unknown)):
        was, now = old.get(sources.get(ref, ref)), new.get(ref)
        own, keys = facts.get(ref, ()), tuple[str, ...]()
        if was is not None and now is not None:
            keys = tuple(_list_other_keys(was, now, facts))
            change = ChangeKind.RENAMED if ref in sources else ChangeKind.CHANGED
        else:  # both are None for a resource that has no card
            own = tuple(fact for fact in own if fact.kind is not FactKind.CARD)
            change = ChangeKind.CHANGED if was is now else ChangeKind.ADDED if was is None else ChangeKind.REMOVED
        if own or keys or change is not ChangeKind.CHANGED:
            loaded = now or was
            name = loaded.card.name if loaded is not None else ref.id
            found.append(CardChange(ref, name, change, sources.get(ref), own, keys))
    order = [ChangeKind.REMOVED, ChangeKind.RENAMED, ChangeKind.ADDED, ChangeKind.CHANGED]
    yield from sorted(found, key=lambda one: order.index(one.change))


def _list_other_keys(was: LoadedCard, now: LoadedCard, facts: Mapping[Ref, tuple[ChangedFact, ...]]) -> Iterator[str]:
    """List the keys of a card that differ without a fact that says so; `text` is the prose of a Markdown card."""
    if was.card == now.card and was.body == now.body:
        return
    old, new = to_card_data(was.card), to_card_data(now.card)
    listed = {
        key
        for several in facts.values()
        for fact in several
        if now.ref in fact.declared_by
        for key in _KEYS_OF_FACTS.get(fact.kind, ())
    }
    for key in sorted((old.keys() | new.keys()) - _COVERED_KEYS - listed):
        if old.get(key) != new.get(key):
            yield key
    if was.body != now.body:
        yield "text"


def _list_affected(before: Graph, after: Graph, cards: Iterable[CardChange], text: FactText) -> Iterator[AffectedCard]:
    """List the users of cards whose change they may notice, and the consumers that a card adds or removes."""
    reasons: dict[tuple[Ref, str], None] = {}
    for one in cards:
        for fact in one.facts:
            if fact.kind is FactKind.CONSUMER:
                reasons[Ref.parse(fact.key), f"{one.name}: {fact.text}"] = None
        if one.is_noticeable:
            graph = before if one.change is ChangeKind.REMOVED else after
            reasons |= dict.fromkeys(_list_users(graph, one.ref, text))
    texts = group_pairs(reasons)
    for ref in sort_refs(texts):
        if ref in after.cards:
            yield AffectedCard(ref, after.get_name(ref), texts[ref])


def _list_users(graph: Graph, start: Ref, text: FactText) -> Iterator[tuple[Ref, str]]:
    """List the cards that depend on another one, directly or through data, each with the reason."""
    described = NamedEdgeText(graph, text.functions)
    work, passed = [start], {start}
    while work:
        for edge in graph.list_incoming_edges(work.pop(), *DEPENDING):
            if edge.source.kind in KINDS:
                yield edge.source, described.describe_edge(edge)
            elif edge.source not in passed:
                passed.add(edge.source)
                work.append(edge.source)


def _list_notified(
    before: Graph,
    after: Graph,
    cards: Iterable[CardChange],
    affected: Iterable[AffectedCard],
    functions: Mapping[str, str],
    today: date,
) -> Iterator[NotifiedParty]:
    """List the owners of changed and affected cards; the contacts and stakeholders too if a fact has changed."""
    wanted: list[tuple[Ref, tuple[Relation, ...]]] = [(one.ref, (Relation.OWNED_BY,)) for one in affected]
    for card in cards:
        is_small = card.change is ChangeKind.CHANGED and not card.facts and not card.is_noticeable
        relations = (Relation.OWNED_BY,) if is_small else (*RESPONSIBLE, Relation.STAKEHOLDER)
        wanted += ((ref, relations) for ref in (card.ref, card.renamed_from) if ref is not None)
    old, new = (
        dict.fromkeys(
            (edge.target, NamedEdgeText(graph, functions).describe_role(edge))
            for ref, relations in wanted
            for edge in graph.list_outgoing_edges(ref, *relations)
        )
        for graph in (before, after)
    )
    former = ((party, f"{role}, until now") for party, role in old if (party, role) not in new)
    roles = group_pairs((*new, *former))
    for party in sort_refs(roles):
        name = (after if party in after else before).get_name(party)
        yield build_notified_party(after, party, name, roles[party], today)


def _list_verdicts(
    before: BookState, after: BookState, cards: Iterable[CardChange], functions: Mapping[str, str], today: date
) -> Iterator[VerdictChange]:
    """List the models with another verdict, among those that a changed card or other evidence can concern."""
    renamed = {one.renamed_from: one.ref for one in cards if one.renamed_from is not None}
    sources = {now: was for was, now in renamed.items()}
    changed = {*(one.ref for one in cards), *renamed}
    near = _find_models_near(before.graph, changed) | _find_models_near(after.graph, changed)
    if before.evidence != after.evidence:
        near |= {ref for ref in after.graph.cards if ref.kind == "model"}
    for ref in sort_refs({renamed.get(one, one) for one in near}):
        origin = sources.get(ref, ref)
        if ref in after.graph.cards and origin in before.graph.cards:
            was, now = (
                judge_removal(book.graph, one, functions, today, observe_model(book.sightings, one), book.recent_days)
                for book, one in ((before, origin), (after, ref))
            )
            if (was.kind, was.sentence) != (now.kind, now.sentence):
                yield VerdictChange(ref, now.name, was.kind, was.sentence, now.kind, now.sentence)


def _find_models_near(graph: Graph, changed: Collection[Ref]) -> set[Ref]:
    """Find the models whose verdict may depend on some cards: those at an edge of one, and those that feed it.

    The consumers of a changed model are no reason to judge the other models that they use.
    """
    found, starts = set(changed), {ref for ref in changed if ref.kind != "model"}
    for edge in graph.edges:
        if edge.declared_by in changed or edge.source in changed or edge.target in changed:
            ends = {edge.source, edge.target}
            found |= ends
            is_declared_elsewhere = edge.declared_by in changed and edge.declared_by.kind != "model"
            starts |= {ref for ref in ends if is_declared_elsewhere or ref.kind not in KINDS}
    work = list(starts)
    while work:
        for edge in graph.list_outgoing_edges(work.pop(), *FLOWING):
            if edge.target not in starts:
                starts.add(edge.target)
                found.add(edge.target)
                if edge.target.kind != "model":
                    work.append(edge.target)
    return {ref for ref in found if ref.kind == "model"}
