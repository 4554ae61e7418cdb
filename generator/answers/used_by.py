"""The consumers of a model for its verdict: by criticality, through the data that it fills, with planned moves."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import partial

from msgspec.structs import replace

from generator.answers.observations import EvidenceSource, Observation
from generator.graph.consumers import list_model_uses
from generator.graph.edges import FLOWING, Graph, Relation
from generator.graph.waves import get_moves, get_wave_moves
from generator.names import Ref, build_sort_key
from generator.schema import KINDS, Card, Migration, Model, Resource
from generator.schema.card import Criticality
from generator.values import FrozenValue

CONSUMER_ORDER: tuple[Criticality | None, ...] = (Criticality.HIGH, Criticality.MEDIUM, None, Criticality.LOW)
"""The most critical first; a criticality that is not stated counts as medium."""


class PlannedMove(FrozenValue):
    """The dated wave after which a consumer does not use the model any more."""

    migration: Ref
    wave: int
    """The number of the last open wave that moves the consumer."""
    on: date


class KnownConsumer(FrozenValue):
    """A consumer of a model that is not retired."""

    ref: Ref | None
    """None if it has no card."""
    name: str
    criticality: Criticality | None
    """The highest criticality that a card states; None counts as medium and is called "not stated"."""
    whys: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    traffic_share: float | None = None
    confirmed_on: date | None = None
    through: tuple[Ref, ...] = ()
    """The data between the model and the consumer; empty if it uses the model itself."""
    move: PlannedMove | None = None
    is_declared: bool = True
    """Whether a card declares it; else it was only seen in code or traffic."""
    sources: tuple[EvidenceSource, ...] = ()
    """The sources that saw it."""

    @property
    def is_blocking(self) -> bool:
        """Whether it is of high or medium criticality without a planned move away."""
        return self.criticality is not Criticality.LOW and self.move is None

    @property
    def criticality_text(self) -> str:
        """The criticality as text."""
        return self.criticality.value if self.criticality else "not stated"


def list_consumers(graph: Graph, model: Model, observations: Iterable[Observation] = ()) -> tuple[KnownConsumer, ...]:
    """List the consumers of a model, the most critical first.

    A reader of data that the model fills is one, and so is a caller that was seen in code or traffic.
    """
    found = {_get_key(one): one for one in _list_declared(graph, model)}
    for observation in observations:
        for seen in observation.consumers:
            move = find_move_away(graph, model, seen.ref) if seen.ref is not None else None
            one = KnownConsumer(
                seen.ref, seen.name, None, through=seen.through, move=move, is_declared=seen.is_declared
            )
            known = found.setdefault(_get_key(one), one)
            sources = tuple(dict.fromkeys((*known.sources, observation.source)))
            found[_get_key(one)] = replace(known, sources=sources)
    return tuple(
        sorted(
            found.values(),
            key=lambda one: (CONSUMER_ORDER.index(one.criticality), build_sort_key(one.name), str(one.ref)),
        )
    )


def _get_key(consumer: KnownConsumer) -> str:
    return str(consumer.ref or consumer.name)


def find_filled_data(graph: Graph, model: Ref) -> Mapping[Ref, tuple[Ref, ...]]:
    """Return the model and the data that it fills, directly or through other data, each with the path to it."""
    paths: dict[Ref, tuple[Ref, ...]] = {model: ()}
    work = [model]
    while work:
        current = work.pop(0)
        for edge in graph.list_incoming_edges(current, *FLOWING):
            if edge.source.kind not in KINDS and edge.source not in paths:
                paths[edge.source] = (*paths[current], edge.source)
                work.append(edge.source)
    return paths


def _list_declared(graph: Graph, model: Model) -> Iterator[KnownConsumer]:
    uses = {use.system: use for use in list_model_uses(graph, model.ref)}
    readers: dict[Ref, tuple[Ref, ...]] = {}
    for data, through in find_filled_data(graph, model.ref).items():
        for edge in graph.list_incoming_edges(data, *FLOWING):
            if edge.source.kind in KINDS and edge.source != model.ref:
                readers.setdefault(edge.source, through)
        resource = graph.cards[data].card if data in graph.cards else None
        for name in resource.consumers if isinstance(resource, Resource) else ():
            yield KnownConsumer(None, name, None, through=through)
    for ref, through in readers.items():
        if graph.is_retired(ref):
            continue
        use, move = uses.get(ref), find_move_away(graph, model, ref)
        if use is None:
            yield KnownConsumer(ref, graph.get_name(ref), None, through=through, move=move)
        else:
            yield KnownConsumer(
                ref, graph.get_name(ref), use.stated_criticality, use.whys, use.surfaces, use.traffic_share,
                use.confirmed_on, (), move,
            )  # fmt: skip


def _has_words(text: str, part: str) -> bool:
    """Return whether a text contains a name as whole words: `eta` is not in `beta` or `eta-v2`."""
    return re.search(rf"(?<![\w-]){re.escape(part)}(?![\w-])", text) is not None


def find_move_away(graph: Graph, model: Model, consumer: Ref) -> PlannedMove | None:
    """Find the dated wave that moves a consumer away from a model.

    The migration moves the consumer but not the model, and concerns the model: it moves the successor, retires one of
    its names or addresses, or falls back to it.
    """
    edges = graph.list_incoming_edges(consumer, Relation.MOVES)
    for ref in dict.fromkeys(edge.declared_by for edge in edges):
        migration = graph.cards[ref].card
        move = graph.derived.get("planned moves", ref, partial(_find_planned_moves, migration)).get(str(consumer))
        moves = get_moves(graph, ref)
        if move is None or not isinstance(migration, Migration) or str(model.ref) in moves:
            continue
        names = (model.id, *model.aliases, *model.endpoints.values())
        texts = [retired.text for retired in migration.retires]
        concerns = (
            (model.successor is not None and f"model:{model.successor}" in moves)
            or migration.fallback == model.id
            or any(_has_words(text, name) or _has_words(name, text) for text in texts for name in names)
        )
        if concerns:
            return move
    return None


def _find_planned_moves(migration: Card) -> Mapping[str, PlannedMove]:
    """Find the last open wave that moves each item of an open migration, if the wave has a day."""
    if not isinstance(migration, Migration) or not migration.is_open:
        return {}
    last: dict[str, tuple[int, date | None]] = {}
    for number, wave in enumerate(migration.waves, 1):
        last |= dict.fromkeys(get_wave_moves(migration, wave) if wave.is_open else (), (number, wave.planned_on))
    dated = ((item, *last.get(item, (0, None))) for item in migration.moves)
    return {item: PlannedMove(migration.ref, number, day) for item, number, day in dated if day is not None}
