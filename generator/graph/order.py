"""In which order to move things: what others depend on goes first, cycles go together."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from generator.graph.edges import FLOWING, Edge, Graph
from generator.names import Ref


@dataclass(frozen=True, slots=True)
class Stage:
    """What may move together: each set of `together` has to, the sets among themselves need not."""

    together: tuple[tuple[Ref, ...], ...]
    """Sets of one, or a cycle of several; sorted."""

    @property
    def refs(self) -> tuple[Ref, ...]:
        """All of the stage."""
        return tuple(ref for group in self.together for ref in group)


@dataclass(frozen=True, slots=True)
class DependencyPath:
    """Why one of the things that move comes after another: the edges on the way from it to what it needs."""

    source: Ref
    target: Ref
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class DependencyOrder:
    """The stages in order, and the reason for each pair."""

    stages: tuple[Stage, ...]
    chains: tuple[DependencyPath, ...]

    @property
    def cycles(self) -> tuple[tuple[Ref, ...], ...]:
        """The sets that must move together."""
        return tuple(group for stage in self.stages for group in stage.together if len(group) > 1)


def compute_order(graph: Graph, refs: Iterable[Ref]) -> DependencyOrder:
    """The order of some nodes: dependencies first, also through nodes that do not move themselves."""
    members = frozenset(refs)
    wanted = tuple(sorted(members))
    chains = tuple(chain for ref in wanted for chain in _chains(graph, ref, members))
    needs: dict[Ref, set[Ref]] = {ref: set() for ref in wanted}
    for chain in chains:
        needs[chain.source].add(chain.target)
    return DependencyOrder(_stages(needs), chains)


def compute_flow_order(edges: Iterable[Edge]) -> DependencyOrder:
    """The order that a set of edges implies among their own ends."""
    chains = tuple(DependencyPath(edge.source, edge.target, (edge,)) for edge in edges)
    needs: dict[Ref, set[Ref]] = {}
    for chain in chains:
        needs.setdefault(chain.source, set()).add(chain.target)
        needs.setdefault(chain.target, set())
    return DependencyOrder(_stages(needs), chains)


def _chains(graph: Graph, start: Ref, wanted: frozenset[Ref]) -> Iterable[DependencyPath]:
    """The shortest way from one node to each wanted one that it reaches without passing another wanted one."""
    ways: dict[Ref, tuple[Edge, ...]] = {start: ()}
    frontier = [start]
    while frontier:
        following: list[Ref] = []
        for ref in frontier:
            for edge in graph.list_outgoing_edges(ref, *FLOWING):
                if edge.target in ways:
                    continue
                ways[edge.target] = (*ways[ref], edge)
                if edge.target in wanted:
                    yield DependencyPath(start, edge.target, ways[edge.target])
                else:
                    following.append(edge.target)
        frontier = following


def _stages(needs: Mapping[Ref, set[Ref]]) -> tuple[Stage, ...]:
    groups = find_components(needs)
    member = {ref: group for group in groups for ref in group}
    depth: dict[tuple[Ref, ...], int] = {}
    for group in groups:  # components come dependencies first
        below = [depth[member[need]] for ref in group for need in needs[ref] if member[need] != group]
        depth[group] = 1 + max(below, default=-1)
    count = 1 + max(depth.values(), default=-1)
    return tuple(Stage(tuple(sorted(group for group in groups if depth[group] == level))) for level in range(count))


def find_components(needs: Mapping[Ref, set[Ref]]) -> list[tuple[Ref, ...]]:
    """The strongly connected components, dependencies first (Tarjan 1972), without recursion."""
    index: dict[Ref, int] = {}
    low: dict[Ref, int] = {}
    stack: list[Ref] = []
    on_stack: set[Ref] = set()
    found: list[tuple[Ref, ...]] = []
    for root in sorted(needs):
        if root in index:
            continue
        work = [(root, iter(sorted(needs[root])))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            ref, rest = work[-1]
            step = next(rest, None)
            if step is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[ref])
                if low[ref] == index[ref]:
                    found.append(_pop_component(stack, on_stack, ref))
            elif step not in index:
                index[step] = low[step] = len(index)
                stack.append(step)
                on_stack.add(step)
                work.append((step, iter(sorted(needs[step]))))
            elif step in on_stack:
                low[ref] = min(low[ref], index[step])
    return found


def _pop_component(stack: list[Ref], on_stack: set[Ref], root: Ref) -> tuple[Ref, ...]:
    group: list[Ref] = []
    while not group or group[-1] != root:
        group.append(stack.pop())
        on_stack.discard(group[-1])
    return tuple(sorted(group))
