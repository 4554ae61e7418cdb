"""The input of all pages: the cards with their graph, the day, and the findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from heapq import nsmallest
from typing import TypeVar

from generator.answers.debt import (
    Beginnings,
    DebtItem,
    Ledger,
    assemble_ledger,
    build_items,
    find_beginnings,
    sort_items,
)
from generator.answers.evidence_duties import list_card_evidence_duties, list_evidence_duties
from generator.answers.handover import Handover, build_party_handover
from generator.answers.observations import SightingIndex
from generator.answers.responsibilities import Responsibility, find_responsibilities
from generator.answers.tasks import NextChange, find_next_change
from generator.answers.verdict import Verdict, VerdictKind, judge_kind, judge_removal, observe_model
from generator.checks.suppressions import Suppressed
from generator.evidence.records import NO_EVIDENCE, Evidence
from generator.evidence.source_links import index_addresses
from generator.findings import Finding, Rule, Severity
from generator.graph.duties import Duty, drop_accepted, find_accepted, list_card_duties
from generator.graph.edge_text import NamedEdgeText
from generator.graph.edges import Graph, Relation
from generator.graph.people import PARTIES, has_left, list_members, list_owning_teams
from generator.grouping import group_pairs
from generator.history.events import Event, History, build_timelines
from generator.load.cards import Cards
from generator.names import Ref, build_sort_key
from generator.reads import (
    ALL,
    DerivedTable,
    DerivedValues,
    PackedValues,
    RecordedAttribute,
    join_values,
    keep_derived,
    record_read,
    suspend_recording,
)
from generator.schema import KINDS, Card, Model, Resource, System
from generator.schema.card import WHOLE_CARD
from generator.schema.topology import ResourceFeature
from generator.settings import Settings

CardT = TypeVar("CardT", bound=Card)
FindingKind = tuple[Ref | None, str, Severity, bool]
DUTIES, DEBTS, VERDICT_KINDS = "duties", "debts", "verdict kinds"
INDEX_ROWS, INDEX_WORDS = "index rows", "index words"
"""The tables of derived values of cards."""
MAP_TEAMS, TEAM_NODES, PART_OWNERS = "map teams", "team nodes", "part owners"
"""The teams with pages of the map, the models and systems of each, and those with parts of divided indexes."""
DRAFTS = "drafts"
"""The table of the drafts of all teams."""
KEPT_TABLES = frozenset({DUTIES, DEBTS, VERDICT_KINDS, INDEX_ROWS, INDEX_WORDS, MAP_TEAMS, TEAM_NODES, PART_OWNERS})
"""Those of which pages count the values of all cards."""
_MOST_WORST = 10
_MOST_CONTACTS = 50
"""The most people to ask on the page of a team or a person: each of a thousand members has a thousand others."""


@dataclass(frozen=True)
class Book:
    """Everything that a page may show; a page is a pure function of it."""

    title: str
    cards: Cards
    graph: Graph
    settings: Settings
    today: date
    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    history: History = field(default_factory=History)
    rules: tuple[Rule, ...] = ()
    """The rules of the reference pages."""
    site_url: str = ""
    """The address of the site, for links from outside; empty if it is not set."""
    evidence: Evidence = NO_EVIDENCE
    """The uses that were found in code, seen in traffic or verified."""
    known: frozenset[Finding] = frozenset()
    """The findings that the baseline lists."""

    derived: DerivedValues = field(
        default_factory=lambda: DerivedValues(KEPT_TABLES), init=False, repr=False, compare=False
    )

    def pack_derived(self) -> PackedValues:
        """Return all derived values that were computed."""
        return join_values(*(derived.pack() for derived in self._all_derived))

    def pack_new_derived(self) -> PackedValues:
        """Return those that were computed since the last call, for another process."""
        return join_values(*(derived.pack_new_values() for derived in self._all_derived))

    @property
    def _all_derived(self) -> tuple[DerivedValues, ...]:
        return self.graph.derived, self.sightings.derived, self.derived

    @cached_property
    def sightings(self) -> SightingIndex:
        """The uses of each card by the evidence."""
        return SightingIndex(self.graph, self.evidence, self.settings.limits.evidence_days)

    @property
    @keep_derived("repository addresses")
    def repository_addresses(self) -> Mapping[str, str]:
        """The https address of each repository that a card names, by its name in lower case."""
        cards = [loaded.card for loaded in self.graph.cards.values() if isinstance(loaded.card, Model | System)]
        own = (card.repo for card in cards)
        return index_addresses(address for address in (*own, *(card.links.get("repo") for card in cards)) if address)

    @property
    @keep_derived("ledger")
    def ledger(self) -> Ledger:
        """The duties that are overdue or open on the day of the book: a read of the whole book."""
        items = [item for ref in self.graph.cards for item in self.debts.get(ref, ())]
        duties = [duty for ref in self.graph.cards for duty in self.duties.get(ref, ())]
        severities = ((subject, severity) for subject, _, severity, _ in self.list_finding_kinds())
        return assemble_ledger(self.graph, self.today, duties, items, severities, self.suppressed)

    @cached_property
    def duties(self) -> Mapping[Ref, tuple[Duty, ...]]:
        """The duties of each card, without those that cards accept."""
        return DerivedTable(self.derived, DUTIES, self.graph.cards, self._list_duties)

    def _list_duties(self, ref: Ref) -> tuple[Duty, ...] | None:
        stated = list_card_duties(self.graph, self.graph.cards[ref], self.settings, self.today)
        duties = (*stated, *list_card_evidence_duties(self.sightings, ref))
        accepted = find_accepted(self.graph, {declarer for duty in duties for declarer in duty.declared_by})
        return tuple(drop_accepted(duties, accepted, self.settings)) or None

    @cached_property
    def debts(self) -> Mapping[Ref, tuple[DebtItem, ...]]:
        """The overdue and the open items of each card, in the order of its duties."""
        return DerivedTable(self.derived, DEBTS, self.graph.cards, self._list_debts)

    def _list_debts(self, ref: Ref) -> tuple[DebtItem, ...] | None:
        duties, began = self.duties.get(ref, ()), self.beginnings
        for subject in {duty.subject for duty in duties}:
            record_read(BEGINNINGS, subject)
        return tuple(item for duty in duties for item in build_items(self.graph, duty, began, self.today)) or None

    @cached_property
    def beginnings(self) -> Beginnings:
        """The first day of each overdue duty in git; `debts` records what is read."""
        with suspend_recording():
            return find_beginnings(self.history, self.settings, self.today)

    @keep_derived("debts of parties")
    def list_party_debts(self, party: Ref) -> tuple[tuple[DebtItem, ...], tuple[DebtItem, ...]]:
        """List the overdue and the open items of a person, or of a team and its members, as the ledger has them."""
        owners = {party, *(list_members(self.graph, party) if party.kind == "team" else ())}
        edges = [
            edge
            for one in owners
            for edge in self.graph.list_incoming_edges(one, Relation.OWNED_BY, Relation.REMOVED_BY)
        ]
        subjects = {edge.declared_by for edge in edges}
        # The owners of the code in which something is left are not those of the card that it is about.
        items = [item for item in self._evidence_debts if item.subject not in subjects]
        items += [item for ref in subjects for item in self.debts.get(ref, ())]
        if party.kind == "team":
            return sort_items(item for item in items if party in item.teams)
        return sort_items(item for item in items if party in item.owners)

    @property
    @keep_derived("debts by evidence")
    def _evidence_debts(self) -> tuple[DebtItem, ...]:
        subjects = dict.fromkeys(duty.subject for duty in list_evidence_duties(self.sightings))
        return tuple(item for ref in subjects for item in self.debts.get(ref, ()))

    @property
    @keep_derived(DRAFTS)
    def drafts(self) -> Mapping[Ref | None, tuple[Ref, ...]]:
        """The drafts of each team, or of a person who owns one without a team; by name, those without an owner last."""
        found: list[tuple[Ref | None, Ref]] = []
        for ref in self.graph.cards:
            record_read(f"{WHOLE_CARD}.tags", ref)  # without the card: a stored one would be read for its tags alone
            if ref in self.cards.drafts:
                parties = [party for party in list_owning_teams(self.graph, ref) if party != ref]
                teams = [ref] if ref.kind == "team" else [one for one in parties if one.kind == "team"]
                found += [(party, ref) for party in teams or parties or (None,)]
        by_team = group_pairs(found)
        named = self.sort_by_name(team for team in by_team if team is not None)
        order = (*named, None) if None in by_team else named
        return {team: self.sort_by_name(by_team[team]) for team in order}

    def list_trail(self, ref: Ref) -> tuple[Event, ...]:
        """List the events of a card in git, oldest first."""
        record_read(TRAILS, ref)
        return self.trails.get(ref, ())

    @cached_property
    def trails(self) -> Mapping[Ref, tuple[Event, ...]]:
        """The events of each card in git; `list_trail` records what is read."""
        with suspend_recording():
            return build_timelines(self.history)

    @property
    def history_notes(self) -> tuple[str, ...]:
        """The limits of the history, as sentences."""
        record_read(HISTORY_NOTES, ALL)
        with suspend_recording():
            return tuple(f"{note[:1].upper()}{note[1:]}." for note in self.history.notes)

    @cached_property
    def handovers(self) -> Mapping[Ref, Handover]:
        """The responsibilities of each team and each person, with the first people to ask."""
        return DerivedTable(self.derived, "handovers", self.graph.cards, self._build_handover)

    def _build_handover(self, party: Ref) -> Handover | None:
        if party.kind not in PARTIES:
            return None
        responsibilities = self.responsibilities.get(party, ())
        return build_party_handover(
            self.graph, party, self.today, self.edge_text, responsibilities, self._overdue, _MOST_CONTACTS
        )

    @cached_property
    def _overdue(self) -> Mapping[Ref, tuple[DebtItem, ...]]:
        return DerivedTable(
            self.derived, "overdue", self.graph.cards, lambda ref: sort_items(self.debts.get(ref, ()))[0]
        )

    @cached_property
    def responsibilities(self) -> Mapping[Ref, tuple[Responsibility, ...]]:
        """The places where cards name each team and each person in a role."""
        return DerivedTable(
            self.derived,
            "responsibilities",
            self.graph.cards,
            lambda party: (party.kind in PARTIES and find_responsibilities(self.graph, party, self.edge_text)) or None,
        )

    @cached_property
    def next_changes(self) -> Mapping[Ref, NextChange]:
        """The next dated change of each card that has one."""
        return DerivedTable(
            self.derived, "next changes", self.graph, lambda ref: find_next_change(self.graph, ref, self.duties)
        )

    @cached_property
    def edge_text(self) -> NamedEdgeText:
        """The text of edges on pages."""
        return NamedEdgeText(self.graph, self.settings.functions)

    def judge_removal(self, model: Ref) -> Verdict:
        """Judge whether a model can be switched off, by the cards and the evidence."""
        observed = observe_model(self.sightings, model)
        days = self.settings.limits.evidence_days
        return judge_removal(self.graph, model, self.settings.functions, self.today, observed, days)

    @keep_derived(VERDICT_KINDS)
    def judge_removal_kind(self, model: Ref) -> VerdictKind:
        """Judge as `judge_removal` does, without the people: for counts of all models."""
        days = self.settings.limits.evidence_days
        return judge_kind(self.graph, model, self.today, observe_model(self.sightings, model), days)

    def list_finding_kinds(self) -> tuple[FindingKind, ...]:
        """Return the card, the code and the severity of each finding, and whether it is known: enough to count them."""
        record_read(FINDING_KINDS, ALL)
        with suspend_recording():
            known = self.known
            return tuple((one.subject, one.code, one.severity, one in known) for one in self.findings)

    def list_worst_findings(self) -> tuple[Finding, ...]:
        """Return the first findings by their severity."""
        record_read(WORST_FINDINGS, ALL)
        with suspend_recording():
            return tuple(nsmallest(_MOST_WORST, self.findings, key=lambda one: (one.severity.rank, one.sort_key)))

    def list_findings(self, ref: Ref) -> tuple[Finding, ...]:
        """Return the findings of a card."""
        record_read(FINDINGS, ref)
        return self._findings.get(ref, ())

    def list_known(self, ref: Ref) -> frozenset[Finding]:
        """Return the findings of a card that the baseline lists."""
        record_read(FINDINGS, ref)
        with suspend_recording():
            return frozenset(finding for finding in self._findings.get(ref, ()) if finding in self.known)

    @cached_property
    def _findings(self) -> Mapping[Ref | None, tuple[Finding, ...]]:
        with suspend_recording():
            return group_pairs((finding.subject, finding) for finding in self.findings)

    def list_cards(self, kind: type[CardT]) -> tuple[CardT, ...]:
        """Return the cards of a kind, in the order of the cards: who counts them does not read their names."""
        of_kind = (loaded.card for ref, loaded in self.graph.cards.items() if KINDS.get(ref.kind) is kind)
        return tuple(card for card in of_kind if isinstance(card, kind))

    def list_resources(self) -> tuple[Ref, ...]:
        """Return every resource, also those that have no card."""
        return tuple(ref for ref in self.graph if ref.kind not in KINDS)

    def get_resource(self, ref: Ref) -> Resource | None:
        """Return the card of a resource; None if it has none."""
        card = self.get_card(ref)
        return card if isinstance(card, Resource) else None

    @keep_derived("features")
    def index_features(self, view: Ref) -> Mapping[str, ResourceFeature]:
        """Return the features of a feature view by their names, the last one of each."""
        card = self.get_resource(view)
        return {feature.name: feature for feature in card.features} if card is not None else {}

    def get_card(self, ref: Ref) -> Card | None:
        """Return a card by its reference."""
        loaded = self.graph.cards.get(ref)
        return loaded.card if loaded else None

    def has_left(self, person: Ref) -> bool:
        """Return whether a person has left on the day of the book."""
        return has_left(self.graph, person, self.today)

    def list_sources(self, ref: Ref, *relations: Relation) -> tuple[Ref, ...]:
        """Return the sources of the edges that point to a node, without duplicates, by name."""
        return self.sort_by_name(edge.source for edge in self.graph.list_incoming_edges(ref, *relations))

    def list_targets(self, ref: Ref, *relations: Relation) -> tuple[Ref, ...]:
        """Return the targets of the edges of a node, without duplicates, by name."""
        return self.sort_by_name(edge.target for edge in self.graph.list_outgoing_edges(ref, *relations))

    def sort_by_name(self, refs: Iterable[Ref]) -> tuple[Ref, ...]:
        """Return references without duplicates, by name."""
        return tuple(sorted(set(refs), key=lambda ref: (build_sort_key(self.graph.get_name(ref)), ref)))


FINDINGS, SUPPRESSED, KNOWN = "findings", "suppressed", "known"
"""The fields of the book with findings. The key of the findings of one card is its reference."""
FINDING_KINDS, WORST_FINDINGS = "finding kinds", "worst findings"
"""The tables of pages that show less than all findings."""
HISTORY, HISTORY_NOTES, TRAILS, BEGINNINGS = "history", "history notes", "trails", "beginnings"
"""The history of all cards and its limits; by card, its events and the first days of its overdue duties in git."""

for _name in (FINDINGS, SUPPRESSED, KNOWN, HISTORY):
    setattr(Book, _name, RecordedAttribute(_name))
