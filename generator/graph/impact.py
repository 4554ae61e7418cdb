"""What depends on a node, directly and through others, and by which chain of reasons."""

from collections.abc import Sequence
from dataclasses import dataclass

from generator.graph.edges import DEPENDING, Edge, Graph
from generator.names import Ref


@dataclass(frozen=True, slots=True)
class Dependent:
    """A node that breaks, or is weakened, when the start does."""

    ref: Ref
    distance: int
    """1: directly; more: through so many edges."""
    edges: tuple[Edge, ...]
    """The edges to what it depends on one step nearer to the start."""


def find_dependents(
    graph: Graph, start: Ref, most: int | None = None, also: Sequence[Edge] = ()
) -> tuple[Dependent, ...]:
    """Everything that depends on a node, nearest first, then by name; never the node itself.

    `also` are other edges by which something is taken to depend on the start: what people own counts on them.
    Where more than `most` do, all direct ones come and further ones until there is one more than that: looking at
    every node of a large book then costs no more than a few steps each.
    """
    found: dict[Ref, Dependent] = {}
    frontier: set[Ref] = {start}
    distance = 0
    while frontier:
        distance += 1
        reached: dict[Ref, list[Edge]] = {}
        for ref in sorted(frontier):
            if most is not None and distance > 1 and len(found) + len(reached) > most:
                break
            for edge in (*graph.list_incoming_edges(ref, *DEPENDING), *(also if ref == start else ())):
                if edge.source != start and edge.source not in found:
                    reached.setdefault(edge.source, []).append(edge)
        for ref, edges in reached.items():
            found[ref] = Dependent(ref, distance, tuple(edges))
        frontier = set(reached) if most is None or len(found) <= most else set()
    return tuple(sorted(found.values(), key=lambda dependant: (dependant.distance, dependant.ref)))
