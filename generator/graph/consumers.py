"""Uses of models by systems, merged from the cards of both sides and from flows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from generator.graph.edges import Edge, Graph, Relation
from generator.grouping import group_pairs
from generator.names import Ref, build_ref_key
from generator.reads import keep_derived
from generator.schema import Flow
from generator.schema.card import CRITICALITIES, Criticality
from generator.values import FrozenValue

_USING = frozenset({Relation.USES, Relation.CALLS, Relation.READS})


def normalize_surface(surface: str) -> str:
    """Return the name of a surface without differences in case and spaces."""
    return " ".join(surface.casefold().split())


class UseStatement(FrozenValue):
    """The declaration of a use in one card."""

    declared_by: Ref
    why: str
    surface: str = ""
    criticality: Criticality | None = None
    fields: tuple[str, ...] = ()
    configured_in: str = ""
    step: int = 0
    """The number of the step, if a flow declares it; else 0."""
    traffic_share: float | None = None
    """The share of the consumer's traffic that depends on the model."""
    since: date | None = None
    confirmed_on: date | None = None
    is_criticality_stated: bool = False
    """Whether the card states the criticality; else it is the default of the schema."""


class SurfaceUse(NamedTuple):
    """What the statements about one surface of a use say."""

    surface: str
    """As it is first written."""
    criticality: Criticality | None
    """The highest."""
    whys: tuple[str, ...]
    """Without duplicates."""


@dataclass(frozen=True)
class ModelUse:
    """The use of a model by a system, with all its declarations."""

    system: Ref
    model: Ref
    statements: tuple[UseStatement, ...]

    @property
    def whys(self) -> tuple[str, ...]:
        """The reasons without duplicates; notes of flow steps only if there is no other reason."""
        declared = [statement.why for statement in self.statements if statement.why and not statement.step]
        return tuple(dict.fromkeys(declared or [statement.why for statement in self.statements if statement.why]))

    @cached_property
    def of_surfaces(self) -> tuple[SurfaceUse, ...]:
        """The statements by surface: each page of a card that the model or the system depends on shows them."""
        named = (statement for statement in self.statements if statement.surface.strip())
        groups = group_pairs((normalize_surface(statement.surface), statement) for statement in named)
        return tuple(
            SurfaceUse(
                own[0].surface.strip(),
                min((one.criticality for one in own), key=CRITICALITIES.index, default=None),
                tuple(dict.fromkeys(one.why for one in own)),
            )
            for own in groups.values()
        )

    @property
    def surfaces(self) -> tuple[str, ...]:
        """The surfaces without duplicates, as they are first written."""
        return tuple([one.surface for one in self.of_surfaces])

    @property
    def fields(self) -> tuple[str, ...]:
        """The used fields of the response, without duplicates."""
        return tuple(dict.fromkeys(field for statement in self.statements for field in statement.fields))

    @property
    def configured_in(self) -> tuple[str, ...]:
        """The places in the configuration of the system that name the model."""
        return tuple(dict.fromkeys(statement.configured_in for statement in self.statements if statement.configured_in))

    @property
    def criticality(self) -> Criticality | None:
        """The highest declared criticality."""
        return min((s.criticality for s in self.statements if s.criticality), key=CRITICALITIES.index, default=None)

    @property
    def stated_criticality(self) -> Criticality | None:
        """The highest criticality that a card states; None if none does."""
        stated = (one.criticality for one in self.statements if one.criticality and one.is_criticality_stated)
        return min(stated, key=CRITICALITIES.index, default=None)

    @property
    def traffic_share(self) -> float | None:
        """The largest declared share of the consumer's traffic."""
        return max((one.traffic_share for one in self.statements if one.traffic_share is not None), default=None)

    @property
    def confirmed_on(self) -> date | None:
        """The last day on which a card confirmed the use."""
        return max((one.confirmed_on for one in self.statements if one.confirmed_on is not None), default=None)

    @property
    def declared_by(self) -> tuple[Ref, ...]:
        """The cards that declare the use, without duplicates."""
        return tuple(dict.fromkeys(statement.declared_by for statement in self.statements))


@keep_derived("model uses")
def list_model_uses(graph: Graph, model: Ref) -> tuple[ModelUse, ...]:
    """List the uses of a model, sorted by the system."""
    return _list_uses(graph, graph.list_incoming_edges(model, *_USING))


@keep_derived("system uses")
def list_system_uses(graph: Graph, system: Ref) -> tuple[ModelUse, ...]:
    """List the uses of models by a system, sorted by the model."""
    return _list_uses(graph, graph.list_outgoing_edges(system, *_USING))


def _list_uses(graph: Graph, edges: Sequence[Edge]) -> tuple[ModelUse, ...]:
    pairs = group_pairs(
        ((edge.source, edge.target), edge)
        for edge in edges
        if edge.source.kind == "system" and edge.target.kind == "model"
    )
    return tuple(
        ModelUse(*pair, tuple(_list_statements(graph, pairs[pair], *pair)))
        for pair in sorted(pairs, key=lambda pair: tuple(map(build_ref_key, pair)))
    )


def _list_statements(graph: Graph, edges: Sequence[Edge], system: Ref, model: Ref) -> Iterator[UseStatement]:
    """List the declarations of a use: in the cards of both sides, then in flows."""
    for ref in dict.fromkeys(edge.declared_by for edge in edges if edge.relation is Relation.USES):
        other = system.id if ref.kind == "model" else model.id
        for entry in graph.list_entries(ref, other):
            surface, configured_in = entry.surface or "", entry.configured_in or ""
            yield UseStatement(
                ref,
                entry.why,
                surface,
                entry.criticality,
                entry.fields,
                configured_in,
                traffic_share=entry.traffic_share,
                since=entry.since,
                confirmed_on=entry.confirmed_on,
                is_criticality_stated="criticality" in entry.model_fields_set,
            )
    for edge in edges:
        if edge.step and isinstance(graph.cards[edge.declared_by].card, Flow):
            yield UseStatement(edge.declared_by, edge.why, step=edge.step)
