"""A node between what leads to it and what it leads to: three columns, laid out without Graphviz.

Most pictures of a book are of this form. Here it takes a fraction of the time, the rows keep the picture's order,
and each label stands on its own line, which no other crosses.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from generator.diagrams.boxes import FOCUS, Box, Line, box_of, edge_lines
from generator.diagrams.picture import Edge, Node, Picture
from generator.diagrams.places import HEAD, MARGIN, Layout, Placed, Point, Route
from generator.diagrams.shapes import Frame

_BETWEEN_ROWS = 14.0
_BETWEEN_LABELS = 3.0
_STUB = 20.0
"""From a neighbour to its edge's label: room for an arrow head."""
_BESIDE_LABEL = 5.0
_NARROWEST_FAN, _WIDEST_FAN, _SLOPE = 34.0, 110.0, 0.09
"""Where the edges come together: the wider, the higher the column, so that they do not run straight up."""
_PORTS = 18.0
"""The stretch of a side, around its middle, on which edges end: there every shape is as good as upright."""
_FEW = 3
"""Up to so many edges end apart on a side of the focus; more meet in one point."""


def star(picture: Picture) -> Layout | None:
    """The layout of a picture whose every edge has one end at its focus; None for any other picture.

    What leads to the focus stands on its left, all else on its right; a row for each node, in the picture's order.
    """
    focus = _focus(picture)
    if focus is None:
        return None
    hub = box_of(focus)
    columns = [_column(arms, side) for arms, side in zip(_arms(picture, focus), (-1, 1), strict=True)]
    reach = [column.reach if column.arms else 0.0 for column in columns]
    height = max(hub.height, *(column.height for column in columns))
    middle = Placed(hub, Frame(MARGIN + reach[0], MARGIN + (height - hub.height) / 2, hub.width, hub.height))
    boxes = {focus.id: middle}
    routes: dict[int, Route] = {}
    for column in columns:
        for placed, drawn in _rows(column, middle):
            boxes[placed.box.node.id] = placed
            routes |= drawn
    return Layout(
        width=middle.frame.right + reach[1] + MARGIN,
        height=height + 2 * MARGIN,
        boxes=tuple(boxes[node.id] for node in picture.nodes),
        routes=tuple(routes[number] for number in range(len(picture.edges))),
        enclosures=(),
    )


def _focus(picture: Picture) -> Node | None:
    """The one node that every edge touches with one end; None where there are frames, or nodes apart."""
    focal = [node for node in picture.nodes if node.state == FOCUS]
    if len(focal) != 1 or any(node.group is not None for node in picture.nodes):
        return None
    focus = focal[0]
    if any((edge.source == focus.id) == (edge.target == focus.id) for edge in picture.edges):
        return None
    tied = {end for edge in picture.edges for end in (edge.source, edge.target)}
    return focus if all(node.id in tied for node in picture.nodes if node is not focus) else None


@dataclass(frozen=True, slots=True)
class _Spoke:
    """An edge between the focus and a neighbour."""

    number: int
    """Its place among the picture's edges."""
    edge: Edge
    lines: tuple[Line, ...]
    height: float
    """Of the label, or of the room that an edge without one keeps."""


@dataclass(frozen=True, slots=True)
class _Arm:
    """A neighbour with its edges."""

    box: Box
    spokes: tuple[_Spoke, ...]
    height: float
    """Of the box or of the labels beside it, whichever is higher."""


def _arms(picture: Picture, focus: Node) -> tuple[list[_Arm], list[_Arm]]:
    """The neighbours on the left and on the right."""
    spokes: dict[str, list[_Spoke]] = {}
    leading: set[str] = set()
    for number, edge in enumerate(picture.edges):
        inwards = edge.target == focus.id
        spokes.setdefault(edge.source if inwards else edge.target, []).append(_spoke(number, edge))
        if inwards:
            leading.add(edge.source)
    arms = {name: _arm(node, spokes[name]) for node in picture.nodes if (name := node.id) in spokes}
    left = [arm for name, arm in arms.items() if name in leading]
    return left, [arm for name, arm in arms.items() if name not in leading]


def _spoke(number: int, edge: Edge) -> _Spoke:
    lines = edge_lines(edge)
    return _Spoke(number, edge, lines, sum(line.font.leading for line in lines) or _BETWEEN_ROWS)


def _arm(node: Node, spokes: Sequence[_Spoke]) -> _Arm:
    box = box_of(node)
    return _Arm(box, tuple(spokes), max(box.height, _stacked((spoke.height for spoke in spokes), _BETWEEN_LABELS)))


def _stacked(heights: Iterable[float], between: float) -> float:
    """The height of several things above one another."""
    several = tuple(heights)
    return sum(several) + between * max(0, len(several) - 1)


@dataclass(frozen=True, slots=True)
class _Column:
    """The neighbours on one side; distances count outwards from the side of the focus."""

    arms: Sequence[_Arm]
    side: int
    """-1 on the left, 1 on the right."""
    height: float
    fan: float
    """Where the edges begin to run together."""
    inner: float
    """Where the boxes begin; the labels stand between the fan and a stub before them."""
    reach: float
    """Where the boxes end: they are all as wide as the widest."""


def _column(arms: Sequence[_Arm], side: int) -> _Column:
    height = _stacked((arm.height for arm in arms), _BETWEEN_ROWS)
    fan = min(_WIDEST_FAN, _NARROWEST_FAN + _SLOPE * height)
    labels = [line.width for arm in arms for spoke in arm.spokes for line in spoke.lines]
    inner = fan + _BESIDE_LABEL + max(labels, default=0.0) + _STUB
    return _Column(arms, side, height, fan, inner, inner + max((arm.box.width for arm in arms), default=0.0))


def _rows(column: _Column, middle: Placed) -> Iterator[tuple[Placed, Mapping[int, Route]]]:
    """Each neighbour of the column where it goes, from top to bottom, with its edges by their numbers."""
    centre = middle.frame.middle[1]
    count = sum(len(arm.spokes) for arm in column.arms)
    ports = iter(_spread(count) if count <= _FEW else [0.0] * count)
    top = centre - column.height / 2
    for arm in column.arms:
        placed = _placed(column, arm, middle, top + arm.height / 2)
        yield placed, dict(_routes(column, arm, middle, placed, ports))
        top += arm.height + _BETWEEN_ROWS


def _spread(count: int) -> list[float]:
    """Where on the stretch for ports so many edges end, from its middle."""
    step = _PORTS / max(count - 1, 2)
    return [step * (number - (count - 1) / 2) for number in range(count)]


def _placed(column: _Column, arm: _Arm, middle: Placed, y: float) -> Placed:
    near, far = (_across(column, middle, distance) for distance in (column.inner, column.reach))
    return Placed(arm.box, Frame(min(near, far), y - arm.box.height / 2, column.reach - column.inner, arm.box.height))


def _across(column: _Column, middle: Placed, distance: float) -> float:
    """The x at a distance from the focus."""
    return middle.frame.right + distance if column.side > 0 else middle.frame.x - distance


def _routes(
    column: _Column, arm: _Arm, middle: Placed, placed: Placed, ports: Iterator[float]
) -> Iterator[tuple[int, Route]]:
    """The edges of a neighbour, their labels above one another beside it."""
    hub, centre = middle.frame.middle[1], placed.frame.middle[1]
    top = centre - _stacked((spoke.height for spoke in arm.spokes), _BETWEEN_LABELS) / 2
    for spoke, port in zip(arm.spokes, _spread(len(arm.spokes)), strict=True):
        ends = _Ends(hub + next(ports), top + spoke.height / 2, centre + port)
        yield spoke.number, _route(column, spoke, middle, placed, ends)
        top += spoke.height + _BETWEEN_LABELS


@dataclass(frozen=True, slots=True)
class _Ends:
    """The heights at which an edge leaves the focus, passes its label, and reaches the neighbour."""

    focus: float
    label: float
    neighbour: float


def _route(column: _Column, spoke: _Spoke, middle: Placed, placed: Placed, ends: _Ends) -> Route:
    inwards = spoke.edge.target == middle.box.node.id
    start = -middle.box.look.shape.inset
    stop = column.inner + placed.box.look.shape.inset
    tip = (start, ends.focus) if inwards else (stop, ends.neighbour)
    if inwards:
        start += HEAD
    else:
        stop -= HEAD
    bends = [(start, ends.focus), (column.fan, ends.label)]
    if ends.label != ends.neighbour:
        bends.append((column.inner - _STUB, ends.label))
    bends.append((stop, ends.neighbour))
    chain = _chain(bends[::-1] if inwards else bends)
    at = ((column.fan + _BESIDE_LABEL + column.inner - _STUB) / 2, ends.label)
    points = tuple(_turned(column, middle, point) for point in chain)
    return Route(spoke.edge, points, _turned(column, middle, tip), spoke.lines, _turned(column, middle, at))


def _chain(points: Sequence[Point]) -> Iterator[Point]:
    """Cubic curves through the points, level at each of them."""
    yield points[0]
    for (x, y), (following, height) in pairwise(points):
        half = (x + following) / 2
        yield from ((half, y), (half, height), (following, height))


def _turned(column: _Column, middle: Placed, point: Point) -> Point:
    distance, y = point
    return (_across(column, middle, distance), y)
