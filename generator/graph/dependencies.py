"""Dependents of a node, and the order in which nodes can be moved."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from generator.graph.edge_text import EdgeText
from generator.graph.edges import DEPENDING, FLOWING, Edge, Graph
from generator.grouping import group_pairs
from generator.names import Ref, build_ref_key, sort_refs
from generator.reads import keep_derived
from generator.values import FrozenValue


class Dependent(FrozenValue):
    """A node that depends on another one, directly or through others."""

    ref: Ref
    distance: int
    """The number of edges on the shortest path: 1 if it depends directly."""
    edges: tuple[Edge, ...]
    """The edges to the dependencies that are one step nearer."""


def find_dependents(
    graph: Graph,
    start: Ref,
    limit: int | None = None,
    list_extra_edges: Callable[[Ref], Iterable[Edge]] = lambda _: (),
) -> tuple[Dependent, ...]:
    """Find the dependents of a node, the nearest first, then by name.

    The start is not among its dependents, even in a cycle. `limit` is the number of dependents after which the search
    stops; the direct ones are always complete, and one more than the limit shows that there are others.
    `list_extra_edges` lists other edges to a node that count as dependencies, as those from owned cards to an owner.
    """
    found: dict[Ref, Dependent] = {}
    frontier = [start]
    distance = 0
    while frontier:
        distance += 1
        reached: defaultdict[Ref, list[Edge]] = defaultdict(list)
        for ref in frontier:
            if limit is not None and distance > 1 and len(found) + len(reached) > limit:
                break
            extra = group_pairs((edge.source, edge) for edge in list_extra_edges(ref))
            for source, edges in (*group_dependents(graph, ref).items(), *extra.items()):
                if source != start and source not in found:
                    reached[source] += edges
        frontier = sort_refs(reached)
        found |= {ref: Dependent(ref, distance, tuple(reached[ref])) for ref in frontier}
        if limit is not None and len(found) > limit:
            break
    return tuple(found.values())


@keep_derived("dependents")
def group_dependents(graph: Graph, ref: Ref) -> Mapping[Ref, tuple[Edge, ...]]:
    """Return the edges from each direct dependent of a node: the same for all nodes that this one depends on."""
    return group_pairs((edge.source, edge) for edge in graph.list_incoming_edges(ref, *DEPENDING))


class Stage(FrozenValue):
    """Nodes that can be moved at the same time."""

    together: tuple[tuple[Ref, ...], ...]
    """Single nodes and cycles, sorted. The nodes of a cycle must be moved together."""


class DependencyPath(FrozenValue):
    """The edges from one moved node to another one that must be moved before it."""

    source: Ref
    target: Ref
    edges: tuple[Edge, ...]


class DependencyOrder(FrozenValue):
    """The order of nodes as stages, with the path of each pair."""

    stages: tuple[Stage, ...]
    chains: tuple[DependencyPath, ...]

    @property
    def cycles(self) -> tuple[tuple[Ref, ...], ...]:
        """The groups that must be moved together."""
        return tuple(group for stage in self.stages for group in stage.together if len(group) > 1)


def compute_order(graph: Graph, refs: Iterable[Ref]) -> DependencyOrder:
    """Return the order of some nodes with dependencies first, also through nodes that are not moved."""
    moved = frozenset(refs)
    return _order_paths(sort_refs(moved), [path for ref in sort_refs(moved) for path in _find_paths(graph, ref, moved)])


def compute_flow_order(edges: Iterable[Edge]) -> DependencyOrder:
    """Return the order of the ends of some edges, considering only these edges."""
    return _order_paths((), [DependencyPath(edge.source, edge.target, (edge,)) for edge in edges])


def _order_paths(refs: Iterable[Ref], paths: Sequence[DependencyPath]) -> DependencyOrder:
    needs: dict[Ref, set[Ref]] = {ref: set() for ref in refs}
    for path in paths:
        needs.setdefault(path.source, set()).add(path.target)
        needs.setdefault(path.target, set())
    groups = _find_components(needs)
    group_of = {ref: group for group in groups for ref in group}
    depth: dict[tuple[Ref, ...], int] = {}
    for group in groups:
        below = [depth[group_of[need]] for ref in group for need in needs[ref] if group_of[need] != group]
        depth[group] = 1 + max(below, default=-1)
    levels = range(1 + max(depth.values(), default=-1))
    groups.sort(key=lambda group: build_ref_key(group[0]))
    stages = (Stage(tuple(group for group in groups if depth[group] == level)) for level in levels)
    return DependencyOrder(tuple(stages), tuple(paths))


def _find_paths(graph: Graph, start: Ref, moved: frozenset[Ref]) -> Iterator[DependencyPath]:
    """Find the shortest path from a node to each moved node that it reaches without passing another moved node."""
    edges_to: dict[Ref, tuple[Edge, ...]] = {start: ()}
    frontier = [start]
    while frontier:
        following: list[Ref] = []
        for ref in frontier:
            for edge in graph.list_outgoing_edges(ref, *FLOWING):
                if edge.target in edges_to:
                    continue
                edges_to[edge.target] = (*edges_to[ref], edge)
                if edge.target in moved:
                    yield DependencyPath(start, edge.target, edges_to[edge.target])
                else:
                    following.append(edge.target)
        frontier = following


class OrderViolation(FrozenValue):
    """A node that is moved before one of its dependencies."""

    moved: Ref
    needs: Ref
    because: str
    """The text of the path between them."""

    def __str__(self) -> str:
        return f"{self.moved} moves before {self.needs}, on which it depends: {self.because}"


def find_order_violations(
    graph: Graph, order: DependencyOrder, places: Mapping[Ref, int]
) -> tuple[OrderViolation, ...]:
    """Find the nodes that are moved too early, in the order of their places.

    The nodes of a cycle count as one: the first to be moved must come after the last of their dependencies.
    """
    cycle_of = {ref: cycle for cycle in order.cycles for ref in cycle}
    found: dict[tuple[Ref, Ref], OrderViolation] = {}
    for path in order.chains:
        sources, targets = cycle_of.get(path.source, (path.source,)), cycle_of.get(path.target, (path.target,))
        moved = min((ref for ref in sources if ref in places), key=places.__getitem__, default=None)
        needs = max((ref for ref in targets if ref in places), key=places.__getitem__, default=None)
        if moved is not None and needs is not None and sources != targets and places[moved] < places[needs]:
            parts = [f"{moved.id} and {path.source.id} depend on each other"] if moved != path.source else []
            parts += EdgeText(graph).describe_edges(path.edges)
            parts += [f"{path.target.id} and {needs.id} depend on each other"] if needs != path.target else []
            found.setdefault((moved, needs), OrderViolation(moved, needs, "; ".join(parts)))
    return tuple(sorted(found.values(), key=lambda one: (places[one.moved], places[one.needs])))


def _find_components(needs: Mapping[Ref, set[Ref]]) -> list[tuple[Ref, ...]]:
    """Find the strongly connected components, dependencies first, with Kosaraju's algorithm."""
    needed_by: dict[Ref, set[Ref]] = {ref: set() for ref in needs}
    for ref, needed in needs.items():
        for other in needed:
            needed_by[other].add(ref)
    seen = set[Ref]()
    dependents_first = [ref for root in sorted(needs) for ref in _visit(needed_by, root, seen)]
    seen = set[Ref]()
    groups = (_visit(needs, root, seen) for root in reversed(dependents_first))
    return [tuple(sort_refs(group)) for group in groups if group]


def _visit(following: Mapping[Ref, set[Ref]], root: Ref, seen: set[Ref]) -> list[Ref]:
    """List the nodes that a node reaches and that were not seen before, each after those that it reaches.

    Without recursion: a chain of thousands of cards exceeds Python's stack.
    """
    found: list[Ref] = []
    work = [] if root in seen else [(root, iter(following[root]))]
    seen.add(root)
    while work:
        _, rest = work[-1]
        step = next((other for other in rest if other not in seen), None)
        if step is None:
            found.append(work.pop()[0])
        else:
            seen.add(step)
            work.append((step, iter(following[step])))
    return found
