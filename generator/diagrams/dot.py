"""The graph as DOT for Graphviz: sizes and numbers only, so that no label or id can become syntax."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.diagrams.boxes import Box, Line
from generator.diagrams.picture import Group

INDENT = 12
"""Between a frame and what is inside, its heading included."""
_MANY_EDGES = 200
_ECONOMY = " nslimit=1 nslimit1=1 splines=line"
"""For tangles that nobody can follow anyway: seconds instead of minutes."""
_POINTS_PER_INCH = 72
_COURIER_ADVANCE = 0.6
"""Em per character; Graphviz has this width built in, so a label of n letters reserves a known space."""
_LINE = 1.2
"""Graphviz's line height in font sizes."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge between nodes by number; one `against` the stream is laid out the other way round."""

    tail: int
    head: int
    lines: tuple[Line, ...]
    against: bool


@dataclass(frozen=True, slots=True)
class Cluster:
    """Nodes by number in one frame, with the frame's label."""

    group: Group
    label: Line
    members: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A picture by numbers: all that Graphviz is told."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    clusters: tuple[Cluster, ...]
    rows: tuple[tuple[int, ...], ...]
    """Nodes without edges to set side by side; Graphviz would stack them all in one column."""


def digraph(plan: Plan, direction: str) -> str:
    """The picture's geometry as DOT; node 0 is n0, edge 0 has id e0, cluster 0 is cluster_0."""
    economy = _ECONOMY if len(plan.arrows) > _MANY_EDGES else ""
    return "\n".join(
        [
            "digraph {",
            f"graph [rankdir={direction} nodesep=0.3 ranksep=0.55 fontname=Courier{economy}]",
            'node [shape=box fixedsize=true label=""]',
            "edge [fontname=Courier arrowsize=0.75]",
            *(_cluster(index, cluster) for index, cluster in enumerate(plan.clusters)),
            *(_node(index, box) for index, box in enumerate(plan.boxes)),
            *(_edge(index, arrow) for index, arrow in enumerate(plan.arrows)),
            *(f"{' -> '.join(f'n{node}' for node in row)} [style=invis]" for row in plan.rows),
            "}",
        ]
    )


def _cluster(index: int, cluster: Cluster) -> str:
    members = " ".join(f"n{member}" for member in cluster.members)
    label = _attributes(_reserved((cluster.label,), beside=2 * INDENT))
    return f"subgraph cluster_{index} {{ graph [margin={INDENT} labeljust=l {label}] {members} }}"


def _node(index: int, box: Box) -> str:
    width = (box.width - 2 * box.look.shape.inset) / _POINTS_PER_INCH
    height = box.height / _POINTS_PER_INCH
    return f"n{index} [width={width:.4f} height={height:.4f}]"


def _edge(index: int, arrow: Arrow) -> str:
    ends = (arrow.head, arrow.tail) if arrow.against else (arrow.tail, arrow.head)
    attributes = {"id": f"e{index}"} | _reserved(arrow.lines)
    if arrow.against:
        attributes["dir"] = "back"
    return f"n{ends[0]} -> n{ends[1]} [{_attributes(attributes)}]"


def _reserved(lines: Sequence[Line], beside: float = 0) -> dict[str, str]:
    """A stand-in label of letters x that takes at least the room of the lines and what is left beside them."""
    if not lines:
        return {}
    size = lines[0].font.leading / _LINE
    rows = ("x" * max(1, math.ceil((line.width + beside) / (size * _COURIER_ADVANCE))) for line in lines)
    label = "\\n".join(rows)
    return {"label": f'"{label}"', "fontsize": f"{size:.3f}"}


def _attributes(attributes: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in attributes.items())
