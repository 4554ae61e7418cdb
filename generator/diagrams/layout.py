"""The layout of a graph: measured boxes, routes and frames with their positions; columns of nodes without Graphviz."""

from collections.abc import Mapping

from generator.diagrams.diagram import FOCUS, DiagramEdge, DiagramGroup, DiagramNode, TieredDiagram
from generator.diagrams.shapes import Frame, NodeStyle, get_node_style
from generator.diagrams.svg import Point
from generator.diagrams.text import CAPTION, LABEL, NOTE, TextLine, wrap_text
from generator.grouping import group_pairs
from generator.values import FrozenValue

MARGIN = 6.0
"""The space around a diagram, so that no stroke is cut off."""
ARROWHEAD_LENGTH = 8.0
_MIN_BOX_WIDTH = 64


class NodeBox(FrozenValue):
    """A node with its wrapped text, its style and its outer size in user units."""

    node: DiagramNode
    style: NodeStyle
    lines: tuple[TextLine, ...]
    width: float
    height: float


class PlacedBox(FrozenValue):
    """A box with its position."""

    box: NodeBox
    frame: Frame


class EdgeRoute(FrozenValue):
    """An edge as a chain of cubic Bezier curves that ends where the arrowhead begins."""

    edge: DiagramEdge
    points: tuple[Point, ...]
    tip: Point
    lines: tuple[TextLine, ...]
    label_at: Point
    """The middle of the label; unused without lines."""


class GroupFrame(FrozenValue):
    """A group with its heading and its position."""

    group: DiagramGroup
    heading: TextLine
    frame: Frame


class Layout(FrozenValue):
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


_COLUMN_GAP = 56.0
_ROW_GAP = 12.0


def compute_tier_layout(diagram: TieredDiagram) -> Layout:
    """Return the layout with centred columns whose boxes are equally wide, near the nodes that lead to them."""
    columns = [[build_box(node) for node in column] for column in _order_columns(diagram)]
    heights = [sum(box.height for box in column) + _ROW_GAP * (len(column) - 1) for column in columns]
    tallest = max(heights, default=0.0)
    placed: dict[str, PlacedBox] = {}
    left = MARGIN
    for column, height in zip(columns, heights, strict=True):
        width = max(box.width for box in column)
        top = MARGIN + (tallest - height) / 2
        for box in column:
            placed[box.node.id] = PlacedBox(box, Frame(left, top, width, box.height))
            top += box.height + _ROW_GAP
        left += width + _COLUMN_GAP
    return Layout(
        width=max(left - _COLUMN_GAP, 0.0) + MARGIN,
        height=tallest + 2 * MARGIN,
        boxes=tuple(placed.values()),
        routes=tuple(_route_edge(edge, placed) for edge in diagram.edges),
    )


def _order_columns(diagram: TieredDiagram) -> list[list[DiagramNode]]:
    """Order each column by the mean position of its nodes' sources, so that few edges cross.

    This is the barycentre method of Sugiyama, Tagawa and Toda (1981).
    """
    sources = group_pairs((edge.target, edge.source) for edge in diagram.edges)
    positions: dict[str, int] = {}

    def compute_barycentre(node: DiagramNode) -> float:
        known = [positions[name] for name in sources.get(node.id, ()) if name in positions]
        return sum(known) / len(known) if known else 0.0

    ordered: list[list[DiagramNode]] = []
    for column in diagram.columns:
        ordered.append(sorted(column, key=compute_barycentre))
        positions |= {node.id: number for number, node in enumerate(ordered[-1])}
    return [column for column in ordered if column]


def _route_edge(edge: DiagramEdge, placed: Mapping[str, PlacedBox]) -> EdgeRoute:
    """Route an edge from the right side of its source to the left side of its target, horizontal at both ends."""
    source, target = placed[edge.source], placed[edge.target]
    start = (source.frame.right - source.box.style.inset, source.frame.middle[1])
    tip = (target.frame.x + target.box.style.inset, target.frame.middle[1])
    base = (tip[0] - ARROWHEAD_LENGTH, tip[1])
    half = (start[0] + base[0]) / 2
    points = (start, (half, start[1]), (half, base[1]), base)
    return EdgeRoute(edge, points, tip, (), (half, (start[1] + base[1]) / 2))
