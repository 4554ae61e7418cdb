"""A place for each of a thousand nodes, for the one map that is too large to be a picture."""

import json
from collections.abc import Sequence

from generator.diagrams.graphviz import Graphviz, open_graphviz


def positions(
    nodes: Sequence[str], edges: Sequence[tuple[str, str]], supplier: Graphviz | None = None
) -> dict[str, tuple[float, float]]:
    """A place for each node near its neighbours, in points with y downwards; same input, same places.

    Raises ValueError for an id that is given twice or only named by an edge.
    """
    numbers = _numbered(nodes, edges)
    if not numbers:
        return {}
    pairs = {(numbers[tail], numbers[head]) for tail, head in edges if tail != head}
    once = sorted({(min(pair), max(pair)) for pair in pairs})
    answer = json.loads((supplier or open_graphviz())(_graph(len(numbers), once), "sfdp"))
    places = {each["name"]: each["pos"].split(",") for each in answer["objects"]}
    return {
        node: (round(float(x), 1), round(-float(y), 1) + 0.0)
        for node, (x, y) in ((node, places[f"n{number}"]) for node, number in numbers.items())
    }


def _numbered(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    numbers = {node: number for number, node in enumerate(nodes)}
    if len(numbers) < len(nodes):
        message = "a node is given twice"
        raise ValueError(message)
    unknown = sorted({end for edge in edges for end in edge} - numbers.keys())
    if unknown:
        message = f"edges lead to unknown nodes: {', '.join(unknown)}"
        raise ValueError(message)
    return numbers


def _graph(nodes: int, edges: Sequence[tuple[int, int]]) -> str:
    """Points as DOT. `overlap=true` leaves them where the forces put them; removing overlaps took minutes."""
    points = (f"n{number}" for number in range(nodes))
    lines = (f"n{tail} -- n{head}" for tail, head in edges)
    head = 'graph { graph [overlap=true] node [shape=point width=0.3 label=""]'
    return "\n".join([head, *points, *lines, "}"])
