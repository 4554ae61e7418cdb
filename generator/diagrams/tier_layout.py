"""The layout of columns of nodes from left to right, without Graphviz."""

from collections.abc import Mapping

from generator.diagrams.diagram import DiagramEdge, DiagramNode, TieredDiagram
from generator.diagrams.layout import ARROWHEAD_LENGTH, MARGIN, EdgeRoute, Layout, PlacedBox, build_box
from generator.diagrams.shapes import Frame

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
    sources: dict[str, list[str]] = {}
    for edge in diagram.edges:
        sources.setdefault(edge.target, []).append(edge.source)
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
