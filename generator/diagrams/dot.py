"""Graphs in the DOT language of Graphviz, with sizes and numbers only, so that no label or id can become syntax."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.diagrams.diagram import GraphDiagram
from generator.diagrams.layout import NodeBox
from generator.diagrams.text import TextLine

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


@dataclass(frozen=True, slots=True)
class DotGraph:
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
    unconnected: dict[str | None, list[str]] = {}
    for node in diagram.nodes:
        if node.id not in connected:
            unconnected.setdefault(node.group, []).append(names[node.id])
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
