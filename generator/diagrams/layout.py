"""Where everything goes: what Graphviz is asked, and how often."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

from generator.diagrams.answer import read
from generator.diagrams.boxes import Line, box_of, edge_lines, lines_of, shown
from generator.diagrams.dot import Arrow, Cluster, Plan, digraph
from generator.diagrams.feedback import feedback
from generator.diagrams.graphviz import Graphviz, open_graphviz
from generator.diagrams.metrics import HEADING
from generator.diagrams.picture import Group, Node, Picture
from generator.diagrams.places import Layout
from generator.diagrams.star import star

_WIDEST_RATIO = 4.0
"""Width by height above which a picture is laid out from top to bottom instead: a page is a column."""


def arrange(picture: Picture, supplier: Graphviz | None = None) -> Layout:
    """The picture laid out: a focus between its neighbours by ourselves, any other by Graphviz.

    `supplier` is where coordinates come from; by default the wheel's Graphviz, loaded when the first picture needs it.
    """
    return star(picture) or _by_graphviz(picture, supplier or open_graphviz())


def _by_graphviz(picture: Picture, supplier: Graphviz) -> Layout:
    """From left to right, or from top to bottom where that would be a thin ribbon."""
    plan = _plan(picture)
    layout = _laid_out(picture, plan, "LR", supplier)
    if layout.width > _WIDEST_RATIO * layout.height:
        return _laid_out(picture, plan, "TB", supplier)
    return layout


def _plan(picture: Picture) -> Plan:
    numbers = {node.id: number for number, node in enumerate(picture.nodes)}
    ends = [(numbers[edge.source], numbers[edge.target]) for edge in picture.edges]
    against = feedback(ends)
    return Plan(
        boxes=tuple(map(box_of, picture.nodes)),
        arrows=tuple(
            Arrow(tail, head, edge_lines(edge), number in against)
            for number, ((tail, head), edge) in enumerate(zip(ends, picture.edges, strict=True))
        ),
        clusters=tuple(
            Cluster(group, _heading(group), tuple(numbers[node.id] for node in _members(picture, group)))
            for group in _inhabited(picture)
        ),
        rows=tuple(_rows(picture, numbers)),
    )


def _members(picture: Picture, group: Group) -> tuple[Node, ...]:
    return tuple(node for node in picture.nodes if node.group == group.id)


def _inhabited(picture: Picture) -> tuple[Group, ...]:
    used = {node.group for node in picture.nodes}
    return tuple(group for group in picture.groups if group.id in used)


def _heading(group: Group) -> Line:
    return (*lines_of(shown(group), HEADING, most=1, limit=220), Line("", HEADING))[0]


def _rows(picture: Picture, numbers: Mapping[str, int]) -> Iterator[tuple[int, ...]]:
    """Nodes without edges, a square of them for each group."""
    tied = {end for edge in picture.edges for end in (edge.source, edge.target)}
    loose: dict[str | None, list[int]] = {}
    for node in picture.nodes:
        if node.id not in tied:
            loose.setdefault(node.group, []).append(numbers[node.id])
    for nodes in loose.values():
        across = math.ceil(math.sqrt(len(nodes)))
        rows = (tuple(nodes[start : start + across]) for start in range(0, len(nodes), across))
        yield from (row for row in rows if len(row) > 1)


def _laid_out(picture: Picture, plan: Plan, direction: str, supplier: Graphviz) -> Layout:
    answer = json.loads(supplier(digraph(plan, direction), "dot"))
    if any("pos" not in edge for edge in answer.get("edges", ())):
        # Graphviz can lose edges that have both a label and clusters to cross; without labels it does not.
        bare = replace(plan, arrows=tuple(replace(arrow, lines=()) for arrow in plan.arrows))
        answer = json.loads(supplier(digraph(bare, direction), "dot"))
    return read(picture, plan, answer)
