"""The input of all pages: the cards with their graph, the day, and the findings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar

from generator.answers.debt import Ledger, build_ledger
from generator.answers.handover import Handover, build_handovers
from generator.answers.observations import SightingIndex
from generator.answers.responsibilities import Responsibility, index_responsibilities
from generator.answers.tasks import NextChange, index_next_changes
from generator.answers.verdict import Verdict, VerdictKind, judge_kind, judge_removal, observe_model
from generator.checks.suppressions import Suppressed
from generator.evidence.records import NO_EVIDENCE, Evidence
from generator.evidence.source_links import index_addresses
from generator.findings import Finding, Rule
from generator.graph.duties import Duty
from generator.graph.edge_text import NamedEdgeText
from generator.graph.edges import Graph, Relation
from generator.graph.people import has_left, list_owning_teams
from generator.grouping import group_pairs
from generator.history.events import Event, History, build_timelines
from generator.load.cards import Cards
from generator.names import Ref
from generator.schema import KINDS, Card, Model, Resource, System
from generator.settings import Settings

CardT = TypeVar("CardT", bound=Card)
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

    @cached_property
    def sightings(self) -> SightingIndex:
        """The uses of each card by the evidence."""
        return SightingIndex(self.graph, self.evidence, self.settings.limits.evidence_days)

    @cached_property
    def repository_addresses(self) -> Mapping[str, str]:
        """The https address of each repository that a card names, by its name in lower case."""
        cards = [loaded.card for loaded in self.cards.items if isinstance(loaded.card, Model | System)]
        own = (card.repo for card in cards)
        return index_addresses(address for address in (*own, *(card.links.get("repo") for card in cards)) if address)

    @cached_property
    def ledger(self) -> Ledger:
        """The duties that are overdue or open on the day of the book."""
        return build_ledger(
            self.graph, self.settings, self.today, self.findings, self.suppressed, self.history, self.sightings
        )

    @cached_property
    def duties(self) -> Mapping[Ref, tuple[Duty, ...]]:
        """The duties of each card, without those that cards accept."""
        return group_pairs((duty.subject, duty) for duty in self.ledger.duties)

    @cached_property
    def drafts(self) -> Mapping[Ref | None, tuple[Ref, ...]]:
        """The drafts of each team, or of a person who owns one without a team; by name, those without an owner last."""
        found: list[tuple[Ref | None, Ref]] = []
        for loaded in self.cards.items:
            if loaded.card.is_draft:
                parties = [party for party in list_owning_teams(self.graph, loaded.ref) if party != loaded.ref]
                teams = [loaded.ref] if loaded.ref.kind == "team" else [one for one in parties if one.kind == "team"]
                found += [(party, loaded.ref) for party in teams or parties or (None,)]
        by_team = group_pairs(found)
        named = self.sort_by_name(team for team in by_team if team is not None)
        order = (*named, None) if None in by_team else named
        return {team: self.sort_by_name(by_team[team]) for team in order}

    @cached_property
    def trails(self) -> Mapping[Ref, tuple[Event, ...]]:
        """The events of each card in git, oldest first."""
        return build_timelines(self.history)

    @cached_property
    def handovers(self) -> Mapping[Ref, Handover]:
        """The responsibilities of each team and each person, with the first people to ask."""
        return build_handovers(
            self.graph, self.ledger, self.today, self.edge_text, self.responsibilities, most_contacts=_MOST_CONTACTS
        )

    @cached_property
    def responsibilities(self) -> Mapping[Ref, tuple[Responsibility, ...]]:
        """The places where cards name each team and each person in a role."""
        return index_responsibilities(self.graph, self.edge_text)

    @cached_property
    def next_changes(self) -> Mapping[Ref, NextChange]:
        """The next dated change of each card that has one."""
        return index_next_changes(self.graph, self.ledger.duties)

    @cached_property
    def edge_text(self) -> NamedEdgeText:
        """The text of edges on pages."""
        return NamedEdgeText(self.graph, self.settings.functions)

    def judge_removal(self, model: Ref) -> Verdict:
        """Judge whether a model can be switched off, by the cards and the evidence."""
        observed = observe_model(self.sightings, model)
        days = self.settings.limits.evidence_days
        return judge_removal(self.graph, model, self.settings.functions, self.today, observed, days)

    def judge_removal_kind(self, model: Ref) -> VerdictKind:
        """Judge as `judge_removal` does, without the people: for counts of all models."""
        days = self.settings.limits.evidence_days
        return judge_kind(self.graph, model, self.today, observe_model(self.sightings, model), days)

    @cached_property
    def _findings(self) -> Mapping[Ref | None, tuple[Finding, ...]]:
        return group_pairs((finding.subject, finding) for finding in self.findings)

    def list_findings(self, ref: Ref) -> tuple[Finding, ...]:
        """Return the findings of a card."""
        return self._findings.get(ref, ())

    def list_cards(self, kind: type[CardT]) -> tuple[CardT, ...]:
        """Return the cards of a kind, by name."""
        found = [loaded.card for loaded in self.cards.items if isinstance(loaded.card, kind)]
        return tuple(sorted(found, key=lambda card: (card.name.casefold(), card.ref)))

    def list_resources(self) -> tuple[Ref, ...]:
        """Return every resource, also those that have no card."""
        return tuple(ref for ref in self.graph.refs if ref.kind not in KINDS)

    def get_resource(self, ref: Ref) -> Resource | None:
        """Return the card of a resource; None if it has none."""
        card = self.get_card(ref)
        return card if isinstance(card, Resource) else None

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
        return tuple(sorted(set(refs), key=lambda ref: (self.graph.get_name(ref).casefold(), ref)))
