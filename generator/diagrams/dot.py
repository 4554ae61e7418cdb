"""Graphs for Graphviz in the DOT language, with sizes and numbers only, and their layouts in its JSON output."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from generator.diagrams.diagram import GraphDiagram
from generator.diagrams.layout import ARROWHEAD_LENGTH, MARGIN, EdgeRoute, GroupFrame, Layout, NodeBox, PlacedBox
from generator.diagrams.shapes import Frame
from generator.diagrams.svg import Point
from generator.diagrams.text import TextLine
from generator.grouping import group_pairs
from generator.values import FrozenValue

INDENT = 12
"""The distance between the frame of a group and its contents, including the heading."""
_MANY_EDGES = 200
_ECONOMY = " nslimit=1 nslimit1=1 splines=line"
"""Limits for graphs that are too dense to be read in any layout: seconds instead of minutes."""
_POINTS_PER_INCH = 72
_COURIER_ADVANCE = 0.6
"""Em per character. Graphviz has this width built in, so a label of n letters reserves a known space."""
_LINE_HEIGHT = 1.2
"""Graphviz's line height in font sizes."""


class DotGraph(FrozenValue):
    """A diagram with the measures of its nodes, edges and groups, in the order of the diagram."""

    diagram: GraphDiagram
    boxes: tuple[NodeBox, ...]
    labels: tuple[tuple[TextLine, ...], ...]
    """The lines of each edge."""
    headings: tuple[TextLine, ...]
    reversed_edges: frozenset[int]
    """The numbers of the edges that are laid out in the opposite direction."""


def render_dot(graph: DotGraph, direction: str, *, has_labels: bool = True) -> str:
    """Render a graph as DOT; node 0 is n0, edge 0 has the id e0, group 0 is cluster_0."""
    diagram = graph.diagram
    names = {node.id: f"n{number}" for number, node in enumerate(diagram.nodes)}
    economy = _ECONOMY if len(diagram.edges) > _MANY_EDGES else ""
    statements = [
        f"graph [rankdir={direction} nodesep=0.3 ranksep=0.55 fontname=Courier{economy}]",
        'node [shape=box fixedsize=true label=""]',
        "edge [fontname=Courier arrowsize=0.75]",
    ]
    for number, (group, heading) in enumerate(zip(diagram.groups, graph.headings, strict=True)):
        members = " ".join(names[node.id] for node in diagram.nodes if node.group == group.id)
        if members:
            label = _format_attributes(_reserve_space((heading,), padding=2 * INDENT))
            statements.append(f"subgraph cluster_{number} {{ graph [margin={INDENT} labeljust=l {label}] {members} }}")
    for number, box in enumerate(graph.boxes):
        width = (box.width - 2 * box.style.inset) / _POINTS_PER_INCH
        statements.append(f"n{number} [width={width:.4f} height={box.height / _POINTS_PER_INCH:.4f}]")
    for number, (edge, lines) in enumerate(zip(diagram.edges, graph.labels, strict=True)):
        attributes = {"id": f"e{number}"} | _reserve_space(lines if has_labels else ())
        tail, head = names[edge.source], names[edge.target]
        if number in graph.reversed_edges:
            tail, head = head, tail
            attributes["dir"] = "back"
        statements.append(f"{tail} -> {head} [{_format_attributes(attributes)}]")
    # Graphviz would stack the nodes without edges in one column; invisible edges arrange those of a group in a square.
    connected = {end for edge in diagram.edges for end in (edge.source, edge.target)}
    unconnected = group_pairs((node.group, names[node.id]) for node in diagram.nodes if node.id not in connected)
    for nodes in unconnected.values():
        columns = math.ceil(math.sqrt(len(nodes)))
        rows = (nodes[start : start + columns] for start in range(0, len(nodes), columns))
        statements += (f"{' -> '.join(row)} [style=invis]" for row in rows if len(row) > 1)
    return "\n".join(["digraph {", *statements, "}"])


def _reserve_space(lines: Sequence[TextLine], padding: float = 0) -> dict[str, str]:
    """Return the attributes of a placeholder label: letters x, at least as wide as the lines and the padding."""
    if not lines:
        return {}
    size = lines[0].font.leading / _LINE_HEIGHT
    rows = ("x" * max(1, math.ceil((line.width + padding) / (size * _COURIER_ADVANCE))) for line in lines)
    label = "\\n".join(rows)
    return {"label": f'"{label}"', "fontsize": f"{size:.3f}"}


def _format_attributes(attributes: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in attributes.items())


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


class _GraphvizPage(FrozenValue):
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
