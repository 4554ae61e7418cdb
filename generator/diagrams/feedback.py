"""Which edges run against the stream: turned round for layout, they leave the beginning at the beginning."""

from collections.abc import Iterator, Sequence

Ends = tuple[int, int]


def feedback(edges: Sequence[Ends]) -> frozenset[int]:
    """Numbers of the edges to turn round so that no cycle is left, but for edges from a node to itself.

    Told in the author's order, an edge that would close a cycle leads back to something told before: it is
    the one. Without it Graphviz breaks cycles where it likes, and sources end up last.
    """
    return frozenset(_closing(edges, _entangled(edges)))


def _closing(edges: Sequence[Ends], entangled: frozenset[int]) -> Iterator[int]:
    ahead: dict[int, list[int]] = {node: [] for node in entangled}
    for number, (tail, head) in enumerate(edges):
        if tail == head or not {tail, head} <= entangled:
            continue
        if _reaches(ahead, head, tail):
            yield number
        else:
            ahead[tail].append(head)


def _reaches(ahead: dict[int, list[int]], start: int, goal: int) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        node = waiting.pop()
        if node == goal:
            return True
        waiting += (fresh := [each for each in ahead[node] if each not in seen])
        seen.update(fresh)
    return False


def _entangled(edges: Sequence[Ends]) -> frozenset[int]:
    """Nodes on cycles or between them; most pictures have few, which keeps the search short."""
    rest = {(tail, head) for tail, head in edges if tail != head}
    while True:
        inner = {tail for tail, _ in rest} & {head for _, head in rest}
        kept = {(tail, head) for tail, head in rest if tail in inner and head in inner}
        if kept == rest:
            return frozenset(inner)
        rest = kept
