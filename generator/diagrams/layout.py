"""The layout of a graph: measured boxes of nodes, routes of edges and frames of groups with their positions."""

from dataclasses import dataclass

from generator.diagrams.diagram import FOCUS, DiagramEdge, DiagramGroup, DiagramNode
from generator.diagrams.shapes import Frame, NodeStyle, get_node_style
from generator.diagrams.svg import Point
from generator.diagrams.text import CAPTION, LABEL, NOTE, TextLine, wrap_text

MARGIN = 6.0
"""The space around a diagram, so that no stroke is cut off."""
ARROWHEAD_LENGTH = 8.0
_MIN_BOX_WIDTH = 64


@dataclass(frozen=True, slots=True)
class NodeBox:
    """A node with its wrapped text, its style and its outer size in user units."""

    node: DiagramNode
    style: NodeStyle
    lines: tuple[TextLine, ...]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box with its position."""

    box: NodeBox
    frame: Frame


@dataclass(frozen=True, slots=True)
class EdgeRoute:
    """An edge as a chain of cubic Bezier curves that ends where the arrowhead begins."""

    edge: DiagramEdge
    points: tuple[Point, ...]
    tip: Point
    lines: tuple[TextLine, ...]
    label_at: Point
    """The middle of the label; unused without lines."""


@dataclass(frozen=True, slots=True)
class GroupFrame:
    """A group with its heading and its position."""

    group: DiagramGroup
    heading: TextLine
    frame: Frame


@dataclass(frozen=True, slots=True)
class Layout:
    """The positions of all parts of a graph."""

    width: float
    height: float
    boxes: tuple[PlacedBox, ...]
    """In the order of the diagram's nodes."""
    routes: tuple[EdgeRoute, ...]
    """In the order of the diagram's edges."""
    groups: tuple[GroupFrame, ...] = ()


def build_box(node: DiagramNode) -> NodeBox:
    """Build the box of a node, as large as its text and its outline need."""
    style = get_node_style(node.kind)
    lines = (
        *wrap_text(format_caption(node), CAPTION, 1),
        *wrap_text(get_display_name(node), LABEL, 3),
        *wrap_text(node.note, NOTE, 2),
    )
    width = max((line.width for line in lines), default=0) + 2 * style.side_padding
    height = sum(line.font.leading for line in lines) + style.top_padding + style.bottom_padding
    return NodeBox(node, style, lines, max(width, _MIN_BOX_WIDTH), height)


def wrap_edge_label(edge: DiagramEdge) -> tuple[TextLine, ...]:
    """Return the lines of an edge's label."""
    return wrap_text(edge.label, NOTE, 2, max_width=150)


def get_display_name(item: DiagramNode | DiagramGroup) -> str:
    """Return the label, or the id if the label is blank."""
    return item.label if item.label.split() else item.id


def format_caption(node: DiagramNode) -> str:
    """Return the kind and the state as text, since colour alone must not convey them."""
    words = [node.kind, "" if node.state == FOCUS else node.state]
    return " · ".join(word.replace("_", " ").upper() for word in words if word)


def describe_node(node: DiagramNode) -> str:
    """Return all text of a node on one line, for tooltips and screen readers."""
    kind = format_caption(node).replace(" · ", ", ").lower()
    name = get_display_name(node)
    description = f"{name} ({kind})" if kind else name
    return f"{description}: {node.note}" if node.note else description
