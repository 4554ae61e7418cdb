"""The outline and the colours of each kind of node; kinds differ without colour too."""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache, partial

from generator.diagrams.svg import Point, format_number, format_points
from generator.values import FrozenValue


class Frame(FrozenValue):
    """A rectangle in user units, from its top left corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The x of the right side."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """The y of the lower side."""
        return self.y + self.height

    @property
    def middle(self) -> Point:
        """The centre."""
        return (self.x + self.width / 2, self.y + self.height / 2)


class NodeStyle(FrozenValue):
    """The colours and the outline of a kind, and the distances of its text from the sides."""

    family: str
    """The colours, as a CSS class of the colour schemes."""
    outline: Callable[[Frame], str]
    """The function that returns the `d` of an SVG path."""
    side_padding: float = 14
    top_padding: float = 8
    bottom_padding: float = 8
    inset: float = 0
    """The distance from the frame to the middle of the left and right side of the outline, where edges end."""


def outline_rectangle(frame: Frame, radius: float) -> str:
    """Return the outline of a rectangle with round corners; an infinite radius makes its sides semicircles."""
    r = min(radius, frame.width / 2, frame.height / 2)
    return f"M{format_number(frame.x + r)} {format_number(frame.y)}{_outline_sides(frame.width, frame.height, r)}"


@lru_cache(maxsize=4096)
def _outline_sides(width: float, height: float, r: float) -> str:
    """Return the sides and corners, clockwise from the upper left corner; many boxes have the same."""
    across, down = width - 2 * r, height - 2 * r
    sides = [f"h{format_number(across)}", f"v{format_number(down)}"]
    sides += [f"h{format_number(-across)}", f"v{format_number(-down)}"]
    turns = [(r, r), (-r, r), (-r, -r), (r, -r)]
    arcs = [f"a{format_number(r)} {format_number(r)} 0 0 1 {format_number(x)} {format_number(y)}" for x, y in turns]
    return "".join(side + arc for side, arc in zip(sides, arcs, strict=True)) + "z"


def _outline_stack(frame: Frame) -> str:
    """Return the outline of a card with another card behind it, for several people."""
    step = 5
    front = Frame(frame.x, frame.y + step, frame.width - step, frame.height - step)
    left, top, right, low = frame.x + step, frame.y, frame.right, frame.bottom - step
    back = format_points([(left, front.y), (left, top), (right, top), (right, low), (front.right, low)])
    return back + outline_rectangle(front, 3)


_SLANT = 10


def _outline_parallelogram(frame: Frame) -> str:
    top = [(frame.x + _SLANT, frame.y), (frame.right, frame.y)]
    return format_points([*top, (frame.right - _SLANT, frame.bottom), (frame.x, frame.bottom)]) + "z"


def _outline_hexagon(frame: Frame) -> str:
    tip, (_, middle) = 10, frame.middle
    upper = [(frame.x, middle), (frame.x + tip, frame.y), (frame.right - tip, frame.y)]
    lower = [(frame.right, middle), (frame.right - tip, frame.bottom), (frame.x + tip, frame.bottom)]
    return format_points(upper + lower) + "z"


def _outline_signpost(frame: Frame) -> str:
    tip, (_, middle) = 12, frame.middle
    upper = [(frame.x, frame.y), (frame.right - tip, frame.y), (frame.right, middle)]
    return format_points([*upper, (frame.right - tip, frame.bottom), (frame.x, frame.bottom)]) + "z"


def _outline_cylinder(frame: Frame) -> str:
    """Return the outline of an upright cylinder, for a store."""
    rim, half = 6, frame.width / 2
    top, body, width = (format_number(length) for length in (frame.y + rim, frame.height - 2 * rim, frame.width))
    arc = f"a{format_number(half)} {rim} 0 0 "
    outline = f"M{format_number(frame.x)} {top}{arc}1 {width} 0v{body}{arc}1 -{width} 0z"
    return f"{outline}M{format_number(frame.right)} {top}{arc}1 -{width} 0"


def _outline_pipe(frame: Frame) -> str:
    """Return the outline of a horizontal cylinder, for a stream."""
    rim, half = 7, frame.height / 2
    left, across, height = (format_number(length) for length in (frame.x + rim, frame.width - 2 * rim, frame.height))
    arc = f"a{rim} {format_number(half)} 0 0 "
    outline = f"M{left} {format_number(frame.y)}h{across}{arc}1 0 {height}h-{across}{arc}1 0 -{height}z"
    return f"{outline}M{format_number(frame.right - rim)} {format_number(frame.bottom)}{arc}1 0 -{height}"


def _outline_sheet(frame: Frame) -> str:
    """Return the outline of a sheet of paper with a folded corner."""
    fold = 9
    corner, inside = (frame.right - fold, frame.y), (frame.right - fold, frame.y + fold)
    edge = (frame.right, frame.y + fold)
    outline = [(frame.x, frame.y), corner, edge, (frame.right, frame.bottom), (frame.x, frame.bottom)]
    return format_points(outline) + "z" + format_points([corner, inside, edge])


_STORE = NodeStyle("data", _outline_cylinder, top_padding=14, bottom_padding=11)
_STREAM = NodeStyle("data", _outline_pipe, side_padding=20)
_OTHER_RESOURCE = NodeStyle("data", _outline_sheet)

NODE_STYLES: Mapping[str, NodeStyle] = {
    "model": NodeStyle("model", partial(outline_rectangle, radius=10)),
    "system": NodeStyle("system", partial(outline_rectangle, radius=3)),
    "team": NodeStyle("team", _outline_stack, top_padding=13),
    "person": NodeStyle("person", partial(outline_rectangle, radius=math.inf), side_padding=22),
    "flow": NodeStyle("flow", _outline_parallelogram, side_padding=20, inset=_SLANT / 2),
    "experiment": NodeStyle("experiment", _outline_hexagon, side_padding=20),
    "migration": NodeStyle("migration", _outline_signpost, side_padding=20),
    "topic": _STREAM,
    "queue": _STREAM,
    "feature_view": _STORE,
    "table": _STORE,
    "collection": _STORE,
    "bucket": _STORE,
    "database": _STORE,
    "": NodeStyle("system", partial(outline_rectangle, radius=8)),  # a box that represents several nodes
}


def get_node_style(kind: str) -> NodeStyle:
    """Return the style of a kind; resources of other types are sheets, and their caption names the type."""
    return NODE_STYLES.get(kind, _OTHER_RESOURCE)
