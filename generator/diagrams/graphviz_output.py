"""The JSON output of Graphviz, converted to user units with the origin at the top left and y downwards."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.diagrams.dot import DotGraph
from generator.diagrams.layout import ARROWHEAD_LENGTH, MARGIN, EdgeRoute, GroupFrame, Layout, PlacedBox
from generator.diagrams.shapes import Frame
from generator.diagrams.svg import Point


def parse_graphviz_output(graph: DotGraph, output: Mapping[str, Any]) -> Layout:
    """Return the layout in the output for a graph (Any: the objects are those of the graph that was rendered)."""
    page = _GraphvizPage(*map(float, output["bb"].split(",")))
    objects = {each["name"]: each for each in output["objects"]}
    edges = {each["id"]: each for each in output.get("edges", ()) if "id" in each}
    boxes: dict[str, PlacedBox] = {}
    for number, box in enumerate(graph.boxes):
        x, y = page.parse_point(objects[f"n{number}"]["pos"])
        frame = Frame(x - box.width / 2, y - box.height / 2, box.width, box.height)
        boxes[box.node.id] = PlacedBox(box, frame)
    routes: list[EdgeRoute] = []
    for number, (edge, lines) in enumerate(zip(graph.diagram.edges, graph.labels, strict=True)):
        found = edges[f"e{number}"]
        if "pos" in found:
            points, tip = page.parse_curve(found["pos"], is_reversed=number in graph.reversed_edges)
        else:
            points, tip = _connect_boxes(boxes[edge.source].frame, boxes[edge.target].frame)
        label_at = page.parse_point(found["lp"]) if "lp" in found else _compute_midpoint(points)
        routes.append(EdgeRoute(edge, points, tip, lines, label_at))
    return Layout(
        width=page.right - page.left + 2 * MARGIN,
        height=page.top - page.bottom + 2 * MARGIN,
        boxes=tuple(boxes.values()),
        routes=tuple(routes),
        groups=tuple(
            GroupFrame(group, heading, page.parse_frame(objects[name]["bb"]))
            for number, (group, heading) in enumerate(zip(graph.diagram.groups, graph.headings, strict=True))
            if (name := f"cluster_{number}") in objects
        ),
    )


@dataclass(frozen=True, slots=True)
class _GraphvizPage:
    """Graphviz's bounding box (y upwards), to which its coordinates are relative."""

    left: float
    bottom: float
    right: float
    top: float

    def parse_point(self, text: str) -> Point:
        x, y = map(float, text.split(","))
        return (x - self.left + MARGIN, self.top - y + MARGIN)

    def parse_frame(self, corners: str) -> Frame:
        left, bottom, right, top = corners.split(",")
        x, y = self.parse_point(f"{left},{top}")
        return Frame(x, y, float(right) - float(left), float(top) - float(bottom))

    def parse_curve(self, text: str, *, is_reversed: bool) -> tuple[tuple[Point, ...], Point]:
        """Return the points of an edge from source to target, and the tip of its arrowhead."""
        # A splineType begins with its end points, `e,x,y` or `s,x,y`: https://graphviz.org/docs/attr-types/splineType/
        words = text.split()
        points = tuple(self.parse_point(word) for word in words if word[0] not in "es")
        tips = [self.parse_point(word[2:]) for word in words if word[0] in "es"]
        if is_reversed:
            points = points[::-1]
        return points, tips[0] if tips else points[-1]


def _connect_boxes(source: Frame, target: Frame) -> tuple[tuple[Point, ...], Point]:
    """Return a line for an edge that Graphviz lost: from the centre of the source to the side of the target."""
    start, (x, y) = source.middle, target.middle
    across, down = x - start[0], y - start[1]
    # The share of the line that is inside the target, which it enters from above, from below or from a side.
    inside = min(target.width / 2 / abs(across) if across else 1.0, target.height / 2 / abs(down) if down else 1.0, 1.0)
    length = math.hypot(across, down) or 1.0
    tip = (x - across * inside, y - down * inside)
    base = (tip[0] - across / length * ARROWHEAD_LENGTH, tip[1] - down / length * ARROWHEAD_LENGTH)
    return (start, start, base, base), tip


def _compute_midpoint(points: Sequence[Point]) -> Point:
    """Return the midpoint of the middle curve of a chain of cubic Bezier curves."""
    first = (len(points) - 1) // 3 // 2 * 3
    weights = (0.125, 0.375, 0.375, 0.125)
    curve = points[first : first + 4]
    x, y = (sum(w * p[axis] for w, p in zip(weights, curve, strict=True)) for axis in (0, 1))
    return (x, y)
