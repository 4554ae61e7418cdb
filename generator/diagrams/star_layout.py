"""The layout of a focus between its neighbours in three columns, without Graphviz.

Most diagrams of a book have this form. The layout takes a fraction of Graphviz's time, the rows keep the order of the
diagram, and each label is on its own line, which no other line crosses.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from generator.diagrams.diagram import FOCUS, DiagramEdge, DiagramNode, GraphDiagram
from generator.diagrams.layout import (
    ARROWHEAD_LENGTH,
    MARGIN,
    EdgeRoute,
    Layout,
    NodeBox,
    PlacedBox,
    build_box,
    wrap_edge_label,
)
from generator.diagrams.shapes import Frame
from generator.diagrams.svg import Point
from generator.diagrams.text import TextLine
from generator.values import FrozenValue

_ROW_GAP = 14.0
_LABEL_GAP = 3.0
_STUB = 20.0
"""The distance from a neighbour to the label of its edge: room for an arrowhead."""
_LABEL_PADDING = 5.0
_MIN_FAN, _MAX_FAN, _FAN_SLOPE = 34.0, 110.0, 0.09
"""The width of the area where edges converge. It grows with the column, so that edges do not run straight up."""
_PORT_RANGE = 18.0
"""The part of a side, around its middle, on which edges end: the sides of every outline are about vertical there."""
_MAX_PORTS = 3
"""The number of edges that end apart from each other on a side of the focus; more edges meet in one point."""


class _Spoke(FrozenValue):
    """An edge between the focus and a neighbour."""

    number: int
    """The index among the diagram's edges."""
    edge: DiagramEdge
    lines: tuple[TextLine, ...]
    height: float
    """The height of the label, or of the space that an edge without a label keeps."""


class _Arm(FrozenValue):
    """A neighbour with its edges."""

    box: NodeBox
    spokes: tuple[_Spoke, ...]
    label_height: float

    @property
    def height(self) -> float:
        """The larger of the heights of the box and of its labels."""
        return max(self.box.height, self.label_height)


class _Column(FrozenValue):
    """The neighbours on one side; distances are from that side of the focus, outwards."""

    arms: Sequence[_Arm]
    side: int
    """-1 on the left, 1 on the right."""
    height: float
    fan: float
    """The end of the area where edges converge."""
    inner: float
    """The near side of the boxes; the labels are between the fan and a stub."""
    outer: float
    """The far side of the boxes, which are all as wide as the widest."""

    def get_x(self, hub: PlacedBox, distance: float) -> float:
        return hub.frame.right + distance if self.side > 0 else hub.frame.x - distance


def compute_star_layout(diagram: GraphDiagram) -> Layout | None:
    """Return the layout of a diagram whose edges all have one end at the focus; None for any other diagram.

    Nodes with an edge to the focus are on its left, all others on its right, one row each in the diagram's order.
    """
    focus = _find_focus(diagram)
    if focus is None:
        return None
    box = build_box(focus)
    columns = _build_columns(diagram, focus)
    left, right = (column.outer if column.arms else 0.0 for column in columns)
    height = max(box.height, *(column.height for column in columns))
    hub = PlacedBox(box, Frame(MARGIN + left, MARGIN + (height - box.height) / 2, box.width, box.height))
    boxes = {focus.id: hub}
    routes: dict[int, EdgeRoute] = {}
    for column in columns:
        for placed, placed_routes in _place_column(column, hub):
            boxes[placed.box.node.id] = placed
            routes |= placed_routes
    return Layout(
        width=hub.frame.right + right + MARGIN,
        height=height + 2 * MARGIN,
        boxes=tuple(boxes[node.id] for node in diagram.nodes),
        routes=tuple(routes[number] for number in range(len(diagram.edges))),
    )


def _find_focus(diagram: GraphDiagram) -> DiagramNode | None:
    """Return the only focus if it is at one end of every edge, every other node has an edge, and no node a group."""
    candidates = [node for node in diagram.nodes if node.state == FOCUS]
    if len(candidates) != 1 or any(node.group is not None for node in diagram.nodes):
        return None
    focus = candidates[0]
    if any((edge.source == focus.id) == (edge.target == focus.id) for edge in diagram.edges):
        return None
    connected = {end for edge in diagram.edges for end in (edge.source, edge.target)}
    return focus if all(node.id in connected for node in diagram.nodes if node is not focus) else None


def _build_columns(diagram: GraphDiagram, focus: DiagramNode) -> tuple[_Column, _Column]:
    """Return the neighbours on the left and on the right."""
    spokes: dict[str, list[_Spoke]] = {}
    sources: set[str] = set()
    for number, edge in enumerate(diagram.edges):
        neighbour = edge.source if edge.target == focus.id else edge.target
        lines = wrap_edge_label(edge)
        height = sum(line.font.leading for line in lines) or _ROW_GAP
        spokes.setdefault(neighbour, []).append(_Spoke(number, edge, lines, height))
        if edge.target == focus.id:
            sources.add(edge.source)
    left: list[_Arm] = []
    right: list[_Arm] = []
    for node in diagram.nodes:
        if node.id in spokes:
            label_height = _sum_heights((spoke.height for spoke in spokes[node.id]), _LABEL_GAP)
            arm = _Arm(build_box(node), tuple(spokes[node.id]), label_height)
            (left if node.id in sources else right).append(arm)
    return _build_column(left, -1), _build_column(right, 1)


def _build_column(arms: Sequence[_Arm], side: int) -> _Column:
    height = _sum_heights((arm.height for arm in arms), _ROW_GAP)
    fan = min(_MAX_FAN, _MIN_FAN + _FAN_SLOPE * height)
    labels = [line.width for arm in arms for spoke in arm.spokes for line in spoke.lines]
    inner = fan + _LABEL_PADDING + max(labels, default=0.0) + _STUB
    return _Column(arms, side, height, fan, inner, inner + max((arm.box.width for arm in arms), default=0.0))


def _sum_heights(heights: Iterable[float], gap: float) -> float:
    """Return the height of several items one above the other."""
    items = tuple(heights)
    return sum(items) + gap * max(0, len(items) - 1)


def _place_column(column: _Column, hub: PlacedBox) -> Iterator[tuple[PlacedBox, dict[int, EdgeRoute]]]:
    """Yield each neighbour from top to bottom, with the routes of its edges by their number."""
    hub_y = hub.frame.middle[1]
    count = sum(len(arm.spokes) for arm in column.arms)
    hub_ports = iter(_spread_ports(count) if count <= _MAX_PORTS else [0.0] * count)
    x = min(column.get_x(hub, column.inner), column.get_x(hub, column.outer))
    top = hub_y - column.height / 2
    for arm in column.arms:
        y = top + arm.height / 2 - arm.box.height / 2
        placed = PlacedBox(arm.box, Frame(x, y, column.outer - column.inner, arm.box.height))
        centre = placed.frame.middle[1]
        label_top = centre - arm.label_height / 2
        routes: dict[int, EdgeRoute] = {}
        # The labels of a neighbour are one above the other next to it.
        for spoke, port in zip(arm.spokes, _spread_ports(len(arm.spokes)), strict=True):
            ys = (hub_y + next(hub_ports), label_top + spoke.height / 2, centre + port)
            routes[spoke.number] = _route_spoke(column, spoke, hub, placed, ys)
            label_top += spoke.height + _LABEL_GAP
        yield placed, routes
        top += arm.height + _ROW_GAP


def _spread_ports(count: int) -> list[float]:
    """Return the distances from the middle of a side at which its edges end."""
    step = _PORT_RANGE / max(count - 1, 2)
    return [step * (number - (count - 1) / 2) for number in range(count)]


def _route_spoke(
    column: _Column, spoke: _Spoke, hub: PlacedBox, neighbour: PlacedBox, ys: tuple[float, float, float]
) -> EdgeRoute:
    """Route an edge through the y at the focus, at its label and at the neighbour; it is horizontal at each of them."""
    hub_y, label_y, neighbour_y = ys
    is_inward = spoke.edge.target == hub.box.node.id
    start = -hub.box.style.inset
    stop = column.inner + neighbour.box.style.inset
    tip = (start, hub_y) if is_inward else (stop, neighbour_y)
    if is_inward:
        start += ARROWHEAD_LENGTH
    else:
        stop -= ARROWHEAD_LENGTH
    bends = [(start, hub_y), (column.fan, label_y)]
    if label_y != neighbour_y:
        bends.append((column.inner - _STUB, label_y))
    bends.append((stop, neighbour_y))
    if is_inward:
        bends.reverse()
    chain = bends[:1]
    for (x, y), (next_x, next_y) in pairwise(bends):
        half = (x + next_x) / 2
        chain += [(half, y), (half, next_y), (next_x, next_y)]
    label_at = ((column.fan + _LABEL_PADDING + column.inner - _STUB) / 2, label_y)

    def to_point(position: Point) -> Point:
        return (column.get_x(hub, position[0]), position[1])

    return EdgeRoute(spoke.edge, tuple(map(to_point, chain)), to_point(tip), spoke.lines, to_point(label_at))
