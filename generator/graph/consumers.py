"""Who consumes a model and why: what both sides say, in one table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from generator.findings import Position
from generator.graph.edges import Edge, Graph, Relation
from generator.names import Ref
from generator.schema import Flow, Model, System
from generator.schema.card import Consumption, Criticality

_USING = frozenset({Relation.USES, Relation.CALLS, Relation.READS})


def normalize_surface(surface: str) -> str:
    """What surfaces have in common that mean the same place: cards differ in case and in spaces."""
    return " ".join(surface.casefold().split())


@dataclass(frozen=True, slots=True)
class UseStatement:
    """One side's word on a use."""

    declared_by: Ref
    why: str
    position: Position
    surface: str = ""
    criticality: Criticality | None = None
    fields: tuple[str, ...] = ()
    configured_in: str = ""
    step: int = 0
    """The step of the flow that says so; 0 where a card's list does."""


@dataclass(frozen=True, slots=True)
class ModelUse:
    """A system's use of a model with all that is said about it."""

    system: Ref
    model: Ref
    statements: tuple[UseStatement, ...]

    @property
    def whys(self) -> tuple[str, ...]:
        """The reasons, each once; the note of a flow's step stands in where nobody gives one."""
        declared = [statement.why for statement in self.statements if statement.why and not statement.step]
        return tuple(dict.fromkeys(declared or [statement.why for statement in self.statements if statement.why]))

    @property
    def surfaces(self) -> tuple[str, ...]:
        """Where a user would notice, each once, as it is first written."""
        first: dict[str, str] = {}
        for statement in self.statements:
            if statement.surface.strip():
                first.setdefault(normalize_surface(statement.surface), statement.surface.strip())
        return tuple(first.values())

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields of the response that are used, each once."""
        return tuple(dict.fromkeys(field for statement in self.statements for field in statement.fields))

    @property
    def configured_in(self) -> tuple[str, ...]:
        """Where the model is named in the system's configuration."""
        return tuple(dict.fromkeys(statement.configured_in for statement in self.statements if statement.configured_in))

    @property
    def criticality(self) -> Criticality | None:
        """The highest that anybody says."""
        ranks = list(Criticality)
        return min((s.criticality for s in self.statements if s.criticality), key=ranks.index, default=None)

    @property
    def declared_by(self) -> tuple[Ref, ...]:
        """Who says so, each once."""
        return tuple(dict.fromkeys(statement.declared_by for statement in self.statements))


def list_model_uses(graph: Graph, model: Ref) -> tuple[ModelUse, ...]:
    """Every system that uses a model, sorted by the system."""
    return graph.cache_result(_uses).of_model.get(model, ())


def list_system_uses(graph: Graph, system: Ref) -> tuple[ModelUse, ...]:
    """Every model that a system uses, sorted by the model."""
    return graph.cache_result(_uses).of_system.get(system, ())


@dataclass(frozen=True, slots=True)
class _Uses:
    """Every use of the book by both its ends."""

    of_model: Mapping[Ref, tuple[ModelUse, ...]]
    of_system: Mapping[Ref, tuple[ModelUse, ...]]


def _uses(graph: Graph) -> _Uses:
    pairs: dict[tuple[Ref, Ref], list[Edge]] = {}
    for edge in graph.edges:
        if edge.relation in _USING and edge.source.kind == "system" and edge.target.kind == "model":
            pairs.setdefault((edge.source, edge.target), []).append(edge)
    of_model: dict[Ref, list[ModelUse]] = {}
    of_system: dict[Ref, list[ModelUse]] = {}
    for (system, model), edges in sorted(pairs.items(), key=lambda pair: pair[0]):
        use = ModelUse(system, model, tuple(_statements(graph, edges, system, model)))
        of_model.setdefault(model, []).append(use)
        of_system.setdefault(system, []).append(use)
    return _Uses(*({ref: tuple(uses) for ref, uses in found.items()} for found in (of_model, of_system)))


def _statements(graph: Graph, edges: Sequence[Edge], system: Ref, model: Ref) -> Iterator[UseStatement]:
    """What both ends say of a use, then what flows say."""
    for card in dict.fromkeys(edge.declared_by for edge in edges if edge.relation is Relation.USES):
        yield from _declared(graph, card, system, model)
    for edge in edges:
        if edge.step and isinstance(graph.cards[edge.declared_by].card, Flow):
            yield UseStatement(edge.declared_by, edge.why, edge.position, step=edge.step)


def _declared(graph: Graph, by: Ref, system: Ref, model: Ref) -> list[UseStatement]:
    loaded = graph.cards[by]
    card = loaded.card
    own: list[tuple[Consumption, Position]] = []
    if isinstance(card, Model):
        consumers = enumerate(card.consumers)
        own += [(entry, loaded.at("consumers", i)) for i, entry in consumers if entry.system == system.id]
    elif isinstance(card, System):
        own += [(entry, loaded.at("uses", i)) for i, entry in enumerate(card.uses) if entry.model == model.id]
    return [_statement(by, entry, position) for entry, position in own]


def _statement(by: Ref, entry: Consumption, position: Position) -> UseStatement:
    return UseStatement(
        by, entry.why, position, entry.surface or "", entry.criticality, entry.fields, entry.configured_in or ""
    )
