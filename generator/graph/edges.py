"""Nodes and edges: a card or a named resource, and why one counts on another."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TypeVar, cast

from generator.findings import Position
from generator.load.bind import LoadedCard
from generator.names import Ref

Result = TypeVar("Result")


class Relation(StrEnum):
    """Why the source of an edge counts on its target, read as `source relation target`."""

    USES = "uses"
    CALLS = "calls"
    READS = "reads"
    CONSUMES = "consumes"
    PUBLISHED_BY = "is published by"
    WRITTEN_BY = "is written by"
    FEATURE_OF = "reads features of"
    FALLS_BACK_TO = "falls back to"
    DEPENDS_ON = "depends on"
    OWNED_BY = "is owned by"
    CONTACT = "has as contact"
    STAKEHOLDER = "has as stakeholder"
    LED_BY = "is led by"
    MEMBER_OF = "is a member of"
    SUCCEEDED_BY = "is succeeded by"
    TESTS = "tests"
    RUNS_IN = "runs in"
    DECIDED_BY = "was decided by"
    REMOVES = "removes"
    REMOVED_BY = "is cleaned up by"
    CREATED_FOR = "was created for"
    MOVES = "moves"
    RESCUED_BY = "is rescued by"


FLOWING = frozenset(
    {
        Relation.USES,
        Relation.CALLS,
        Relation.READS,
        Relation.CONSUMES,
        Relation.PUBLISHED_BY,
        Relation.WRITTEN_BY,
        Relation.FEATURE_OF,
        Relation.DEPENDS_ON,
    }
)
"""The relations along which data flows: they decide the order in which things move."""

DEPENDING = FLOWING | {Relation.FALLS_BACK_TO}
"""The relations by which a failure spreads: from the target to the source."""


@dataclass(frozen=True, slots=True)
class Edge:
    """`source` counts on `target`."""

    source: Ref
    target: Ref
    relation: Relation
    position: Position
    declared_by: Ref
    """The card that says so."""
    why: str = ""
    role: str = ""
    """What distinguishes edges of one relation: the function of a contact, the variant of an experiment."""
    step: int = 0
    """The step of the flow that says so, from 1; 0 where no flow does."""

    @property
    def reason(self) -> str:
        """Where it is said, in words."""
        if self.step:
            return f"flow {self.declared_by.id}, step {self.step}"
        return f"{self.declared_by}, {self.relation}"


@dataclass(frozen=True)
class Graph:
    """Everything in the book and how it hangs together; it stands even with holes."""

    cards: Mapping[Ref, LoadedCard]
    named: frozenset[Ref]
    """Resources that flows and cards name, but that have no card of their own."""
    edges: tuple[Edge, ...]
    _kept: dict[object, object] = field(default_factory=dict, init=False, repr=False, compare=False)

    def cache_result(self, work: "Callable[[Graph], Result]") -> Result:
        """What a function makes of the graph, worked out when it is first asked for: an index of the floors above."""
        if work not in self._kept:
            self._kept[work] = work(self)
        return cast(Result, self._kept[work])

    @cached_property
    def refs(self) -> tuple[Ref, ...]:
        """Every node, sorted."""
        return tuple(sorted({*self.cards, *self.named}))

    @cached_property
    def _out(self) -> Mapping[Ref, tuple[Edge, ...]]:
        return _index(self.edges, "source")

    @cached_property
    def _in(self) -> Mapping[Ref, tuple[Edge, ...]]:
        return _index(self.edges, "target")

    def list_outgoing_edges(self, ref: Ref, *relations: Relation) -> tuple[Edge, ...]:
        """The edges to what a node counts on, of the given relations or of all."""
        return _of(self._out.get(ref, ()), relations)

    def list_incoming_edges(self, ref: Ref, *relations: Relation) -> tuple[Edge, ...]:
        """The edges from what counts on a node, of the given relations or of all."""
        return _of(self._in.get(ref, ()), relations)

    def get_name(self, ref: Ref) -> str:
        """What people call a node; its id when it has no card."""
        loaded = self.cards.get(ref)
        return loaded.card.name if loaded else ref.id

    def list_labels(self, ref: Ref) -> frozenset[str]:
        """Return what a command finds a node by, in lower case: its id, its name and its aliases."""
        loaded = self.cards.get(ref)
        labels = (ref.id, self.get_name(ref), *(loaded.card.aliases if loaded else ()))
        return frozenset(label.casefold() for label in labels)

    def __contains__(self, ref: Ref) -> bool:
        return ref in self.cards or ref in self.named


def _index(edges: Iterable[Edge], end: str) -> dict[Ref, tuple[Edge, ...]]:
    found: defaultdict[Ref, list[Edge]] = defaultdict(list)
    for edge in edges:
        found[getattr(edge, end)].append(edge)
    return {ref: tuple(several) for ref, several in found.items()}


def _of(edges: tuple[Edge, ...], relations: tuple[Relation, ...]) -> tuple[Edge, ...]:
    return tuple([edge for edge in edges if edge.relation in relations]) if relations else edges
