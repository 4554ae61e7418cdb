"""A picture with every place decided, whoever decided it: what drawing needs and nothing more."""

from dataclasses import dataclass

from generator.diagrams.boxes import Box, Line
from generator.diagrams.picture import Edge, Group
from generator.diagrams.shapes import Frame

MARGIN = 6.0
"""Around the whole picture, so that no stroke is cut off."""
HEAD = 8.0
"""The length of an arrow head."""

Point = tuple[float, float]
"""x and y in user units, from the upper left corner."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A box where it goes."""

    box: Box
    frame: Frame


@dataclass(frozen=True, slots=True)
class Route:
    """An edge as a chain of cubic curves that ends where the arrow's head begins."""

    edge: Edge
    points: tuple[Point, ...]
    tip: Point
    lines: tuple[Line, ...]
    label_at: Point
    """The middle of the label; of no meaning without lines."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A group's frame."""

    group: Group
    label: Line
    frame: Frame


@dataclass(frozen=True, slots=True)
class Layout:
    """A picture with every place decided."""

    width: float
    height: float
    boxes: tuple[Placed, ...]
    """In the order of the picture's nodes."""
    routes: tuple[Route, ...]
    """In the order of the picture's edges."""
    enclosures: tuple[Enclosure, ...]
