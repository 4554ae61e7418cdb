"""The graph as DOT for Graphviz: sizes and numbers only, so that no label or id can become syntax."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.diagrams.boxes import Box, Line

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

    label: Line
    members: tuple[int, ...]


def digraph(boxes: Sequence[Box], arrows: Sequence[Arrow], clusters: Sequence[Cluster], direction: str) -> str:
    """The picture's geometry as DOT; node 0 is n0, edge 0 has id e0, cluster 0 is cluster_0."""
    return "\n".join(
        [
            "digraph {",
            f"graph [rankdir={direction} nodesep=0.3 ranksep=0.55 fontname=Courier]",
            'node [shape=box fixedsize=true label=""]',
            "edge [fontname=Courier arrowsize=0.75]",
            *(_cluster(index, cluster) for index, cluster in enumerate(clusters)),
            *(_node(index, box) for index, box in enumerate(boxes)),
            *(_edge(index, arrow) for index, arrow in enumerate(arrows)),
            "}",
        ]
    )


def _cluster(index: int, cluster: Cluster) -> str:
    members = " ".join(f"n{member}" for member in cluster.members)
    label = _attributes(_reserved((cluster.label,)))
    return f"subgraph cluster_{index} {{ graph [margin=12 labeljust=l {label}] {members} }}"


def _node(index: int, box: Box) -> str:
    width, height = box.width / _POINTS_PER_INCH, box.height / _POINTS_PER_INCH
    return f"n{index} [width={width:.4f} height={height:.4f}]"


def _edge(index: int, arrow: Arrow) -> str:
    ends = (arrow.head, arrow.tail) if arrow.against else (arrow.tail, arrow.head)
    attributes = {"id": f"e{index}"} | _reserved(arrow.lines)
    if arrow.against:
        attributes["dir"] = "back"
    return f"n{ends[0]} -> n{ends[1]} [{_attributes(attributes)}]"


def _reserved(lines: Sequence[Line]) -> dict[str, str]:
    """A stand-in label of letters x that takes at least the room of the lines."""
    if not lines:
        return {}
    size = lines[0].font.leading / _LINE
    rows = ("x" * max(1, math.ceil(line.width / (size * _COURIER_ADVANCE))) for line in lines)
    label = "\\n".join(rows)
    return {"label": f'"{label}"', "fontsize": f"{size:.3f}"}


def _attributes(attributes: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in attributes.items())
