"""The reads of a graph that have another result after a change of some cards."""

from collections.abc import Collection, Iterable, Iterator, Mapping

import msgspec
from pydantic import BaseModel

from generator.findings import Position
from generator.graph.edges import BETWEEN, ENTRIES, NODES, Graph, get_entries, list_edge_tables
from generator.grouping import group_pairs
from generator.load.bind import POSITIONS, LoadedCard
from generator.names import Ref
from generator.reads import ALL
from generator.schema.card import WHOLE_CARD

Read = tuple[str, object]
"""A table and a key in it."""
_NOWHERE = Position("")


def list_graph_changes(
    old: Graph, new: Graph, changed: Collection[Ref], *, with_positions: bool = True
) -> Iterator[Read]:
    """List the reads that have another result as pairs of a table and a key; some may be there twice.

    The cards that both graphs have are in the same order.

    `changed` are the cards of the files that have changed, with those that were added or removed; `with_positions` is
    whether the reader uses the positions of edges.
    """
    nodes = (old.cards.keys() ^ new.cards.keys()) | (old.named ^ new.named)
    yield from ((NODES, key) for key in (*nodes, *{ref.kind for ref in nodes}, ALL) if nodes)
    for ref in changed:
        was, now = old.cards.get(ref), new.cards.get(ref)
        if was is not None and now is not None:
            yield from compare_cards(was, now)
        elif only := was or now:
            yield from ((table, only.ref) for table in (POSITIONS, WHOLE_CARD))
            yield from ((f"{WHOLE_CARD}.{name}", only.ref) for name in type(only.card).model_fields)
            yield from ((ENTRIES, f"{only.ref} {other}") for other, _ in get_entries(only.card))
    former, present = (_group_edges(graph, changed, with_positions=with_positions) for graph in (old, new))
    yield from (read for read in former.keys() | present.keys() if former.get(read) != present.get(read))


def compare_cards(old: LoadedCard, new: LoadedCard) -> Iterator[Read]:
    """List the reads of a card that have another result."""
    ref = old.ref
    # Where the values were in the former text is not known any more.
    yield POSITIONS, ref
    was, now = old.card.__dict__, new.card.__dict__
    fields = [name for name in type(old.card).model_fields if _describe(was[name]) != _describe(now[name])]
    yield from ((f"{WHOLE_CARD}.{name}", ref) for name in fields)
    if fields or old.body != new.body or old.card.model_fields_set != new.card.model_fields_set:
        yield WHOLE_CARD, ref
    former, present = (group_pairs(get_entries(loaded.card)) for loaded in (old, new))
    for other in former.keys() | present.keys():
        if _describe(former.get(other)) != _describe(present.get(other)):
            yield ENTRIES, f"{ref} {other}"


def _describe(value: object) -> object:
    """Return a value that differs if a reader can see it: the order of keys, whether a default is stated."""
    match value:
        case BaseModel():
            return type(value), _describe(value.__dict__), sorted(value.model_fields_set)
        case Mapping():
            return [(key, _describe(item)) for key, item in value.items()]
        case list() | tuple():
            return [_describe(item) for item in value]
        case _:
            return type(value), value


def _group_edges(graph: Graph, declaring: Iterable[Ref], *, with_positions: bool) -> Mapping[Read, tuple[object, ...]]:
    """Return the edges that some cards declare by the reads that return them."""
    pairs: list[tuple[Read, object]] = []
    for edge in (edge for ref in declaring for edge in graph.declared.get(ref, ())):
        value = edge if with_positions else msgspec.structs.replace(edge, position=_NOWHERE)
        of_source, of_target = list_edge_tables(edge.relation)
        pairs += (((table, edge.source), value) for table in of_source)
        pairs += (((table, edge.target), value) for table in of_target)
        pairs.append(((BETWEEN, f"{edge.source} {edge.target}"), edge.relation))
    return group_pairs(pairs)
