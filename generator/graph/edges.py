"""The graph: cards and named resources, and the edges between them."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from itertools import chain
from operator import attrgetter
from typing import TypeVar

import msgspec

from generator.findings import Position
from generator.grouping import Selection, group_pairs, overlay
from generator.load.bind import LoadedCard
from generator.names import Ref
from generator.reads import ALL, DerivedValues, RecordedTable, record_read, suspend_recording
from generator.schema import Card, Model, System
from generator.schema.card import WHOLE_CARD, Consumption

Result = TypeVar("Result")


class Relation(StrEnum):
    """The relation of the source of an edge to its target, read as `source relation target`."""

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
    PART_OF = "is part of"
    DEPUTY = "has as deputy"
    CONFIRMED_BY = "was confirmed unused by"
    CHECKED_BY = "is checked by"
    RATED_BY = "was rated by"
    VALIDATED_BY = "was validated by"
    APPROVED_BY = "was approved by"
    APPROVED_FOR = "is approved for"
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
"""The relations along which data flows. They determine the order of a migration."""

DEPENDING = FLOWING | {Relation.FALLS_BACK_TO}
"""The relations by which a failure spreads from the target to the source."""


_DEPENDING = tuple(DEPENDING)

NODES = "nodes"
"""The table of the reads of which cards and resources there are; the key is one of them, a kind of cards, or all."""

OUTGOING, INCOMING, BETWEEN, ENTRIES = "outgoing", "incoming", "between", "entries"
"""The tables of the reads of edges: those from a node, those to a node, whether one node depends on another, and what a
card states about another one that it uses or that uses it."""
_GROUPS = {relation: "dependencies" if relation in DEPENDING else relation.value for relation in Relation}
_OUTGOING = {id(relation): f"{OUTGOING} {group}" for relation, group in _GROUPS.items()}
_INCOMING = {id(relation): f"{INCOMING} {group}" for relation, group in _GROUPS.items()}
"""The tables of the edges of some relations, by the identity of the relation: its hash costs more than a read."""


def list_edge_tables(relation: Relation) -> tuple[tuple[str, str], tuple[str, str]]:
    """Return the tables that an edge changes: those of its source, and those of its target."""
    return (OUTGOING, _OUTGOING[id(relation)]), (INCOMING, _INCOMING[id(relation)])


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A relation between two nodes, with the card that declares it."""

    source: Ref
    target: Ref
    relation: Relation
    position: Position
    declared_by: Ref
    why: str = ""
    role: str = ""
    """The function of a contact, the variant of an experiment, the name of a feature."""
    step: int = 0
    """The number of the step, if a flow declares the edge; else 0."""


_NAME = f"{WHOLE_CARD}.name"
"""The table of the reads of the names of cards."""
_MANY = 32
"""The edges of a node from which a selection is kept: each of its neighbours may ask for the same one."""


class NodeEdges:
    """The edges from a node, or those to a node."""

    __slots__ = ("_edges", "_selections")

    def __init__(self, edges: tuple[Edge, ...]) -> None:
        """Keep the edges in the order of the graph."""
        self._edges = edges
        self._selections: dict[tuple[Relation, ...], tuple[Edge, ...]] | None = None

    def select(self, relations: tuple[Relation, ...]) -> tuple[Edge, ...]:
        """Return the edges of the given relations, or all."""
        if not relations:
            return self._edges
        if len(self._edges) < _MANY:
            return tuple([edge for edge in self._edges if edge.relation in relations])
        if self._selections is None:
            self._selections = {}
        if relations not in self._selections:
            self._selections[relations] = tuple([edge for edge in self._edges if edge.relation in relations])
        return self._selections[relations]


def _record_edges(every: str, tables: Mapping[int, str], ref: Ref, relations: tuple[Relation, ...]) -> None:
    last = "" if relations else every
    if last:
        record_read(last, ref)
    for relation in relations:
        table = tables[id(relation)]
        if table != last:
            record_read(table, ref)
            last = table


def get_entries(card: Card) -> Iterator[tuple[str, Consumption]]:
    """Return the entries of a model about systems, or those of a system about models, each with the id of the other."""
    if isinstance(card, Model):
        yield from ((entry.system, entry) for entry in card.consumers)
    elif isinstance(card, System):
        yield from ((entry.model, entry) for entry in card.uses)


@dataclass(frozen=True)
class Graph:
    """The cards and named resources of a book with their edges. Unresolved references have no edge.

    Reads of edges, of derived values and of the nodes themselves are recorded. The edges as a whole are for
    computations whose reads are not recorded.
    """

    cards: Mapping[Ref, LoadedCard]
    named: frozenset[Ref]
    """Resources that flows and cards name, but that have no card."""
    declared: Mapping[Ref, tuple[Edge, ...]]
    """The edges that each card declares, in the order of the cards."""
    derived: DerivedValues = field(default_factory=DerivedValues, init=False, repr=False, compare=False)
    names: dict[Ref, tuple[Card | Ref, str]] = field(default_factory=dict, init=False, repr=False, compare=False)
    """The names of the cards that were asked for: pages ask for the same ones again and again."""
    _entries: dict[Ref, Mapping[str, tuple[Consumption, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """The entries of the cards that were asked for."""

    def __post_init__(self) -> None:
        """Have the cards record which of them are looked for."""
        object.__setattr__(self, "cards", RecordedTable(NODES, self.cards))

    def list_kind(self, kind: str) -> tuple[Ref, ...]:
        """List the cards of a kind, in their order."""
        record_read(NODES, kind)
        with suspend_recording():
            return tuple(ref for ref in self.cards if ref.kind == kind)

    def cache_result(self, function: "Callable[[Graph], Result]") -> Result:
        """Return the result of a function of the graph, computed on the first call."""
        name = f"{function.__module__}.{function.__qualname__}"
        return self.derived.get(name, ALL, lambda: function(self))

    @cached_property
    def order(self) -> Mapping[Ref, int]:
        """The number of each card in the order of the cards."""
        with suspend_recording():
            return {ref: number for number, ref in enumerate(self.cards)}

    @cached_property
    def refs(self) -> tuple[Ref, ...]:
        """The nodes, sorted; a walk over the graph records that they are read."""
        with suspend_recording():
            return tuple(sorted({*self.cards, *self.named}))

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """All edges, in the order of the cards that declare them."""
        return tuple(chain.from_iterable(self.declared.values()))

    @cached_property
    def outgoing(self) -> Mapping[Ref, NodeEdges]:
        """The edges from each node that has any; `list_outgoing_edges` records what is read."""
        edges = group_pairs((edge.source, edge) for edge in self.edges)
        return {ref: NodeEdges(several) for ref, several in edges.items()}

    @cached_property
    def incoming(self) -> Mapping[Ref, NodeEdges]:
        """The edges to each node that has any; `list_incoming_edges` records what is read."""
        edges = group_pairs((edge.target, edge) for edge in self.edges)
        return {ref: NodeEdges(several) for ref, several in edges.items()}

    def replace_edges(
        self, cards: Mapping[Ref, LoadedCard], named: frozenset[Ref], changed: Mapping[Ref, tuple[Edge, ...]]
    ) -> "Graph":
        """Return the graph of other cards and resources; `changed` has the edges of the cards that differ.

        A card that was removed has none. The others are in the same order as before.
        """
        order = {ref: number for number, ref in enumerate(cards)}
        former = [edge for ref in changed for edge in self.declared.get(ref, ())]
        new = [edge for edges in changed.values() for edge in edges]

        def replace_at(nodes: Mapping[Ref, NodeEdges], get_node: Callable[[Edge], Ref]) -> Mapping[Ref, NodeEdges]:
            added, replaced = group_pairs((get_node(edge), edge) for edge in new), {}
            for node in {get_node(edge) for edge in (*former, *new)}:
                known = nodes.get(node)
                kept = [edge for edge in known.select(()) if edge.declared_by not in changed] if known else []
                edges = sorted([*kept, *added.get(node, ())], key=lambda edge: order[edge.declared_by])
                replaced[node] = NodeEdges(tuple(edges))
            return overlay(nodes, replaced)

        declared, nodes = overlay(self.declared, changed), cards.keys() | named
        updated = Graph(cards, named, declared if order.keys() == self.order.keys() else Selection(declared, cards))
        updated.__dict__.update(
            {
                "refs": self.refs if nodes == set(self.refs) else tuple(sorted(nodes)),
                "names": {ref: known for ref, known in self.names.items() if ref not in changed},
                "outgoing": replace_at(self.outgoing, attrgetter("source")),
                "incoming": replace_at(self.incoming, attrgetter("target")),
            }
        )
        return updated

    def list_outgoing_edges(self, ref: Ref, *relations: Relation) -> tuple[Edge, ...]:
        """List the edges from a node, of the given relations or of all."""
        _record_edges(OUTGOING, _OUTGOING, ref, relations)
        found = self.outgoing.get(ref)
        return found.select(relations) if found is not None else ()

    def list_incoming_edges(self, ref: Ref, *relations: Relation) -> tuple[Edge, ...]:
        """List the edges to a node, of the given relations or of all."""
        _record_edges(INCOMING, _INCOMING, ref, relations)
        found = self.incoming.get(ref)
        return found.select(relations) if found is not None else ()

    def get_name(self, ref: Ref) -> str:
        """Return the name of a node; its id if it has no card."""
        known = self.names.get(ref)
        if known is None:
            with suspend_recording():
                loaded = self.cards.get(ref)
            if loaded is None:
                record_read(NODES, ref)
                return ref.id
            known = self.names[ref] = (loaded.card, loaded.card.name)
        record_read(_NAME, known[0])
        return known[1]

    def list_entries(self, ref: Ref, other: str) -> tuple[Consumption, ...]:
        """List the entries of a model about a system, or those of a system about a model, by the id of the other."""
        record_read(ENTRIES, f"{ref} {other}")
        if ref not in self._entries:
            with suspend_recording():
                self._entries[ref] = group_pairs(get_entries(self.cards[ref].card)) if ref in self.cards else {}
        return self._entries[ref].get(other, ())

    def depends_on(self, source: Ref, target: Ref) -> bool:
        """Return whether a node depends on another one directly."""
        record_read(BETWEEN, f"{source} {target}")
        from_source, to_target = self.outgoing.get(source), self.incoming.get(target)
        if from_source is None or to_target is None:
            return False
        outgoing, incoming = from_source.select(_DEPENDING), to_target.select(_DEPENDING)
        # One of the two can be a node to which a whole book has edges.
        if len(outgoing) < len(incoming):
            return any(edge.target == target for edge in outgoing)
        return any(edge.source == source for edge in incoming)

    def find_declaring_card(self, ref: Ref) -> Ref | None:
        """Find the card of a node; of a resource without a card, the first card that names it."""
        if ref in self.cards:
            return ref
        edges = (*self.list_incoming_edges(ref), *self.list_outgoing_edges(ref))
        return next((edge.declared_by for edge in edges), None)

    def is_retired(self, ref: Ref) -> bool:
        """Return whether a node is a model or a system that is out of use."""
        card = self.cards[ref].card if ref in self.cards else None
        return isinstance(card, Model | System) and card.is_retired

    def list_labels(self, ref: Ref) -> frozenset[str]:
        """List the id, the name, the aliases and the copies of a node in lower case, by which commands find it."""
        loaded = self.cards.get(ref)
        instances = loaded.card.instances if loaded and isinstance(loaded.card, Model) else ()
        aliases = loaded.card.aliases if loaded else ()
        labels = (ref.id, self.get_name(ref), *aliases, *(instance.id for instance in instances))
        return frozenset(label.casefold() for label in labels)

    def __contains__(self, ref: object) -> bool:
        return ref in self.cards or ref in self.named

    def __iter__(self) -> Iterator[Ref]:
        record_read(NODES, ALL)
        return iter(self.refs)

    def __len__(self) -> int:
        record_read(NODES, ALL)
        return len(self.refs)
