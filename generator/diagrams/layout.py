"""Where everything goes: Graphviz's coordinates turned into ours (origin top left, user units)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.diagrams.boxes import Box, Line, box_of, edge_lines, lines_of
from generator.diagrams.dot import Arrow, Cluster, digraph
from generator.diagrams.feedback import feedback
from generator.diagrams.graphviz import Graphviz
from generator.diagrams.metrics import HEADING
from generator.diagrams.picture import Edge, Group, Picture
from generator.diagrams.shapes import Frame

_MARGIN = 6.0
"""Around the whole picture, so that no stroke is cut off."""
_WIDEST_RATIO = 4.0
"""Width by height above which a picture is laid out from top to bottom instead: a page is a column."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """A box where it goes."""

    box: Box
    frame: Frame


@dataclass(frozen=True, slots=True)
class Route:
    """An edge as a chain of cubic curves that ends where the arrow's head begins."""

    edge: Edge
    points: tuple[Point, ...]
    tip: Point
    lines: tuple[Line, ...]
    label_at: Point
    """The middle of the label; of no meaning without lines."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A group's frame."""

    group: Group
    label: Line
    frame: Frame


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture with every place decided."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    routes: tuple[Route, ...]
    enclosures: tuple[Enclosure, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The picture by numbers, as Graphviz is told about it."""

    boxes: tuple[Box, ...]
    edges: tuple[Edge, ...]
    arrows: tuple[Arrow, ...]
    groups: tuple[Group, ...]
    clusters: tuple[Cluster, ...]


def arrange(picture: Picture, supplier: Graphviz) -> Layout:
    """The picture laid out from left to right, or from top to bottom where that would be a thin ribbon."""
    plan = _plan(picture)
    layout = _laid_out(plan, "LR", supplier)
    if layout.width > _WIDEST_RATIO * layout.height:
        return _laid_out(plan, "TB", supplier)
    return layout


def _plan(picture: Picture) -> _Plan:
    """The picture by numbers, with the edges that run against the stream marked."""
    numbers = {node.id: number for number, node in enumerate(picture.nodes)}
    ends = [(numbers[edge.source], numbers[edge.target]) for edge in picture.edges]
    against = feedback(len(numbers), ends)
    arrows = tuple(
        Arrow(tail, head, edge_lines(edge), number in against)
        for number, ((tail, head), edge) in enumerate(zip(ends, picture.edges, strict=True))
    )
    members = {
        group: tuple(number for number, node in enumerate(picture.nodes) if node.group == group.id)
        for group in picture.groups
    }
    inhabited = tuple(group for group in picture.groups if members[group])
    clusters = tuple(Cluster(_heading(group), members[group]) for group in inhabited)
    return _Plan(tuple(map(box_of, picture.nodes)), picture.edges, arrows, inhabited, clusters)


def _heading(group: Group) -> Line:
    return lines_of(group.label or group.id, HEADING, most=1, limit=220)[0]


def _laid_out(plan: _Plan, direction: str, supplier: Graphviz) -> Layout:
    # Any: Graphviz's JSON, whose shape is that of the graph we wrote.
    answer: Any = json.loads(supplier(digraph(plan.boxes, plan.arrows, plan.clusters, direction), "dot"))
    paper = _Paper(*map(float, answer["bb"].split(",")))
    objects = {each["name"]: each for each in answer["objects"]}
    edges = {each["id"]: each for each in answer.get("edges", ())}
    return Layout(
        width=paper.right - paper.left + 2 * _MARGIN,
        height=paper.top - paper.bottom + 2 * _MARGIN,
        boxes=tuple(paper.placed(box, objects[f"n{n}"]["pos"]) for n, box in enumerate(plan.boxes)),
        routes=tuple(
            paper.route(edge, arrow, edges[f"e{n}"])
            for n, (edge, arrow) in enumerate(zip(plan.edges, plan.arrows, strict=True))
        ),
        enclosures=tuple(
            Enclosure(group, cluster.label, paper.frame(objects[f"cluster_{n}"]["bb"]))
            for n, (group, cluster) in enumerate(zip(plan.groups, plan.clusters, strict=True))
        ),
    )


@dataclass(frozen=True, slots=True)
class _Paper:
    """Graphviz's bounding box (y upwards), which its coordinates are moved and turned over from."""

    left: float
    bottom: float
    right: float
    top: float

    def point(self, text: str) -> Point:
        x, y = map(float, text.split(","))
        return (x - self.left + _MARGIN, self.top - y + _MARGIN)

    def placed(self, box: Box, position: str) -> Placed:
        x, y = self.point(position)
        return Placed(box, Frame(x - box.width / 2, y - box.height / 2, box.width, box.height))

    def frame(self, corners: str) -> Frame:
        left, bottom, right, top = corners.split(",")
        x, y = self.point(f"{left},{top}")
        return Frame(x, y, float(right) - float(left), float(top) - float(bottom))

    def route(self, edge: Edge, arrow: Arrow, found: Mapping[str, str]) -> Route:
        """The curve from source to target, whichever way round it was laid out."""
        words = found["pos"].split()
        points = [self.point(word) for word in words if word[0] not in "es"]
        tips = [self.point(word[2:]) for word in words if word[0] in "es"]
        if arrow.against:
            points.reverse()
        label_at = self.point(found["lp"]) if arrow.lines else points[0]
        return Route(edge, tuple(points), tips[0] if tips else points[-1], arrow.lines, label_at)
