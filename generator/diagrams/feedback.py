"""Which edges run against the stream: turned round for layout, they leave the sources first."""

from collections.abc import Iterator, Sequence

Ends = tuple[int, int]


def feedback(nodes: int, edges: Sequence[Ends]) -> frozenset[int]:
    """Numbers of the edges to turn round so that no cycle is left, but for edges from a node to itself.

    A walk from the nodes without predecessors, then from the rest, in the order given: the same answer for
    the same picture, and the author's first node stays first where everything is one cycle.
    """
    leaving: list[list[tuple[int, int]]] = [[] for _ in range(nodes)]
    entered: set[int] = set()
    for number, (tail, head) in enumerate(edges):
        if tail != head:
            leaving[tail].append((number, head))
            entered.add(head)
    roots = [node for node in range(nodes) if node not in entered]
    return frozenset(_closing([*roots, *range(nodes)], leaving))


def _closing(roots: Sequence[int], leaving: Sequence[Sequence[tuple[int, int]]]) -> Iterator[int]:
    """Edges that lead back to a node whose own edges are still being walked (depth first, without recursion)."""
    seen: set[int] = set()
    for root in roots:
        if root in seen:
            continue
        seen.add(root)
        path = {root: iter(leaving[root])}
        while path:
            node = next(reversed(path))
            step = next(path[node], None)
            if step is None:
                del path[node]
            elif step[1] in path:
                yield step[0]
            elif step[1] not in seen:
                seen.add(step[1])
                path[step[1]] = iter(leaving[step[1]])
