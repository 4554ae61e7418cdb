"""What the pages are made from: the cards with their graph, the day, and what is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from generator.answers.debt import Ledger, build_ledger
from generator.answers.edge_text import NamedEdgeText
from generator.answers.handover import Handover, build_handovers
from generator.checks.suppressions import Suppressed
from generator.findings import Finding, Severity
from generator.graph.duties import Duty
from generator.graph.edges import Graph, Relation
from generator.graph.people import has_left
from generator.history.events import Event, History
from generator.history.trail import trails
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.names import Ref
from generator.schema import KINDS, Card, Experiment, Flow, Migration, Model, Person, Resource, System, Team
from generator.settings import Settings


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

    @cached_property
    def ledger(self) -> Ledger:
        """The duties that are overdue or open on the day of the book."""
        return build_ledger(self.graph, self.settings, self.today, self.findings, self.suppressed, self.history)

    @cached_property
    def duties(self) -> Mapping[Ref, tuple[Duty, ...]]:
        """The duties of each card, without those that cards accept."""
        found: dict[Ref, list[Duty]] = {}
        for duty in self.ledger.duties:
            found.setdefault(duty.subject, []).append(duty)
        return {ref: tuple(several) for ref, several in found.items()}

    @cached_property
    def trails(self) -> Mapping[Ref, tuple[Event, ...]]:
        """What git tells about each card, oldest first."""
        return trails(self.history)

    @cached_property
    def handovers(self) -> Mapping[Ref, Handover]:
        """What each team and each person holds."""
        return build_handovers(self.graph, self.ledger, self.today, self.edge_text)

    @cached_property
    def edge_text(self) -> NamedEdgeText:
        """The text of edges on pages."""
        return NamedEdgeText(self.graph, self.settings.functions)

    @cached_property
    def _findings(self) -> Mapping[Ref, tuple[Finding, ...]]:
        found: dict[Ref, list[Finding]] = {}
        for finding in self.findings:
            if finding.subject is not None:
                found.setdefault(finding.subject, []).append(finding)
        return {ref: tuple(several) for ref, several in found.items()}

    def findings_of(self, ref: Ref) -> tuple[Finding, ...]:
        """What is wrong with a card."""
        return self._findings.get(ref, ())

    def loaded(self, kind: type[Card]) -> list[LoadedCard]:
        """The cards of a kind, by name."""
        own = (loaded for loaded in self.cards.items if isinstance(loaded.card, kind))
        return sorted(own, key=lambda loaded: (loaded.card.name.casefold(), loaded.ref))

    @cached_property
    def models(self) -> tuple[Model, ...]:
        """Every model, by name."""
        return tuple(loaded.card for loaded in self.loaded(Model) if isinstance(loaded.card, Model))

    @cached_property
    def systems(self) -> tuple[System, ...]:
        """Every system, by name."""
        return tuple(loaded.card for loaded in self.loaded(System) if isinstance(loaded.card, System))

    @cached_property
    def flows(self) -> tuple[Flow, ...]:
        """Every flow, by name."""
        return tuple(loaded.card for loaded in self.loaded(Flow) if isinstance(loaded.card, Flow))

    @cached_property
    def experiments(self) -> tuple[Experiment, ...]:
        """Every experiment, by name."""
        return tuple(loaded.card for loaded in self.loaded(Experiment) if isinstance(loaded.card, Experiment))

    @cached_property
    def migrations(self) -> tuple[Migration, ...]:
        """Every migration, by name."""
        return tuple(loaded.card for loaded in self.loaded(Migration) if isinstance(loaded.card, Migration))

    @cached_property
    def teams(self) -> tuple[Team, ...]:
        """Every team, by name."""
        return tuple(loaded.card for loaded in self.loaded(Team) if isinstance(loaded.card, Team))

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """Every person, by name."""
        return tuple(loaded.card for loaded in self.loaded(Person) if isinstance(loaded.card, Person))

    @cached_property
    def resources(self) -> tuple[tuple[Ref, Resource | None], ...]:
        """Every resource, those that are only named too, by reference."""
        refs = (ref for ref in self.graph.refs if ref.kind not in KINDS)
        return tuple((ref, self.resource(ref)) for ref in refs)

    def resource(self, ref: Ref) -> Resource | None:
        """A resource's card, if it has one."""
        loaded = self.graph.cards.get(ref)
        return loaded.card if loaded and isinstance(loaded.card, Resource) else None

    def card(self, ref: Ref) -> Card | None:
        """A card by its reference."""
        loaded = self.graph.cards.get(ref)
        return loaded.card if loaded else None

    def has_left(self, person: Ref) -> bool:
        """Return whether a person has left on the day of the book."""
        return has_left(self.graph, person, self.today)

    def sources(self, ref: Ref, *relations: Relation) -> tuple[Ref, ...]:
        """Who counts on a node by the given relations, each once, by name."""
        return self.by_name(edge.source for edge in self.graph.list_incoming_edges(ref, *relations))

    def targets(self, ref: Ref, *relations: Relation) -> tuple[Ref, ...]:
        """What a node counts on by the given relations, each once, by name."""
        return self.by_name(edge.target for edge in self.graph.list_outgoing_edges(ref, *relations))

    def by_name(self, refs: Iterable[Ref]) -> tuple[Ref, ...]:
        """References, each once, sorted as a reader expects."""
        return tuple(sorted(set(refs), key=lambda ref: (self.graph.get_name(ref).casefold(), ref)))

    def worst(self, ref: Ref) -> Severity | None:
        """The worst severity among the findings of a card."""
        return min((finding.severity for finding in self.findings_of(ref)), key=lambda s: s.rank, default=None)
