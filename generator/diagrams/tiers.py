"""Columns of nodes, each leading to the next: what depends on something, step by step, laid out without Graphviz."""

from collections.abc import Iterable, Mapping, Sequence

from generator.diagrams.boxes import Box, box_of
from generator.diagrams.picture import Edge, Node, Tiers
from generator.diagrams.places import HEAD, MARGIN, Layout, Placed, Route
from generator.diagrams.shapes import Frame

_BETWEEN_COLUMNS = 56.0
_BETWEEN_ROWS = 12.0


def arrange_tiers(tiers: Tiers) -> Layout:
    """The columns from left to right, each centred; within one, a node stands near those that lead to it."""
    columns = [[box_of(node) for node in column] for column in _ordered(tiers)]
    heights = [_height(column) for column in columns]
    tallest = max(heights, default=0.0)
    placed: dict[str, Placed] = {}
    left = MARGIN
    for column, height in zip(columns, heights, strict=True):
        width = max(box.width for box in column)
        placed |= _column(column, left, width, MARGIN + (tallest - height) / 2)
        left += width + _BETWEEN_COLUMNS
    return Layout(
        width=max(left - _BETWEEN_COLUMNS, 0.0) + MARGIN,
        height=tallest + 2 * MARGIN,
        boxes=tuple(placed.values()),
        routes=tuple(_route(edge, placed) for edge in tiers.edges),
        enclosures=(),
    )


def _height(column: Sequence[Box]) -> float:
    return sum(box.height for box in column) + _BETWEEN_ROWS * (len(column) - 1)


def _column(column: Iterable[Box], left: float, width: float, top: float) -> dict[str, Placed]:
    """Boxes of one width above one another, by the ids of their nodes."""
    placed: dict[str, Placed] = {}
    for box in column:
        placed[box.node.id] = Placed(box, Frame(left, top, width, box.height))
        top += box.height + _BETWEEN_ROWS
    return placed


def _ordered(tiers: Tiers) -> list[list[Node]]:
    """Each column by the mean place of what leads to its nodes (Sugiyama's barycentre), so that few edges cross."""
    leading: dict[str, list[str]] = {}
    for edge in tiers.edges:
        leading.setdefault(edge.target, []).append(edge.source)
    places: dict[str, int] = {}
    ordered: list[list[Node]] = []
    for column in tiers.columns:
        rows = sorted(column, key=lambda node: _barycentre(leading.get(node.id, ()), places))
        places |= {node.id: number for number, node in enumerate(rows)}
        ordered.append(rows)
    return [column for column in ordered if column]


def _barycentre(leading: Sequence[str], places: Mapping[str, int]) -> float:
    known = [places[name] for name in leading if name in places]
    return sum(known) / len(known) if known else 0.0


def _route(edge: Edge, placed: Mapping[str, Placed]) -> Route:
    """From the right side of the one to the left side of the other; level at both ends."""
    source, target = placed[edge.source], placed[edge.target]
    start = (source.frame.right - source.box.look.shape.inset, source.frame.middle[1])
    tip = (target.frame.x + target.box.look.shape.inset, target.frame.middle[1])
    base = (tip[0] - HEAD, tip[1])
    half = (start[0] + base[0]) / 2
    points = (start, (half, start[1]), (half, base[1]), base)
    return Route(edge, points, tip, (), (half, (start[1] + base[1]) / 2))
