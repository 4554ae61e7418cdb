"""The outline of each kind of node, so that kinds differ without colour."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from generator.diagrams.markup import number


@dataclass(frozen=True, slots=True)
class Frame:
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
    def middle(self) -> tuple[float, float]:
        """The centre."""
        return (self.x + self.width / 2, self.y + self.height / 2)


@dataclass(frozen=True, slots=True)
class Shape:
    """How to outline a frame, and how far its text keeps from the sides."""

    path: Callable[[Frame], str]
    """The `d` of an SVG path."""
    beside: float = 14
    above: float = 8
    below: float = 8
    inset: float = 0
    """How far inside the frame the middle of the left and right side lies: edges end there."""


@dataclass(frozen=True, slots=True)
class Look:
    """The colours (a CSS class of the palette) and the shape of a kind."""

    family: str
    shape: Shape


def rounded(radius: float) -> Callable[[Frame], str]:
    """A rectangle with round corners."""

    def path(frame: Frame) -> str:
        r = min(radius, frame.width / 2, frame.height / 2)
        return f"M{number(frame.x + r)} {number(frame.y)}{_round_trip(frame.width, frame.height, r)}"

    return path


@lru_cache(maxsize=4096)
def _round_trip(width: float, height: float, r: float) -> str:
    """The sides and corners from the upper left corner on; kept, because boxes are alike."""
    across, down = width - 2 * r, height - 2 * r
    turns = [(r, r), (-r, r), (-r, -r), (r, -r)]
    sides = [f"h{number(across)}", f"v{number(down)}", f"h{number(-across)}", f"v{number(-down)}"]
    arcs = [f"a{number(r)} {number(r)} 0 0 1 {number(x)} {number(y)}" for x, y in turns]
    return "".join(side + arc for side, arc in zip(sides, arcs, strict=True)) + "z"


def _polygon(*points: tuple[float, float]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _pill(frame: Frame) -> str:
    return rounded(frame.height / 2)(frame)


def _stack(frame: Frame) -> str:
    """A card with another one behind it: several of them."""
    step = 5
    front = Frame(frame.x, frame.y + step, frame.width - step, frame.height - step)
    left, top, right, low = frame.x + step, frame.y, frame.right, frame.bottom - step
    back = _polygon((left, front.y), (left, top), (right, top), (right, low), (front.right, low))
    return back + rounded(3)(front)


_SLANT = 10


def _slanted(frame: Frame) -> str:
    top = ((frame.x + _SLANT, frame.y), (frame.right, frame.y))
    return _polygon(*top, (frame.right - _SLANT, frame.bottom), (frame.x, frame.bottom)) + "z"


def _hexagon(frame: Frame) -> str:
    tip, (_, middle) = 10, frame.middle
    upper = ((frame.x, middle), (frame.x + tip, frame.y), (frame.right - tip, frame.y))
    lower = ((frame.right, middle), (frame.right - tip, frame.bottom), (frame.x + tip, frame.bottom))
    return _polygon(*upper, *lower) + "z"


def _signpost(frame: Frame) -> str:
    tip, (_, middle) = 12, frame.middle
    upper = ((frame.x, frame.y), (frame.right - tip, frame.y), (frame.right, middle))
    return _polygon(*upper, (frame.right - tip, frame.bottom), (frame.x, frame.bottom)) + "z"


def _cylinder(frame: Frame) -> str:
    """A store standing upright."""
    rim, half = 6, frame.width / 2
    top, body = number(frame.y + rim), number(frame.height - 2 * rim)
    arc = f"a{number(half)} {rim} 0 0 "
    width = number(frame.width)
    outline = f"M{number(frame.x)} {top}{arc}1 {width} 0v{body}{arc}1 -{width} 0z"
    return f"{outline}M{number(frame.right)} {top}{arc}1 -{width} 0"


def _pipe(frame: Frame) -> str:
    """A store lying on its side, through which things flow."""
    rim, half = 7, frame.height / 2
    left, across = number(frame.x + rim), number(frame.width - 2 * rim)
    arc = f"a{rim} {number(half)} 0 0 "
    height = number(frame.height)
    outline = f"M{left} {number(frame.y)}h{across}{arc}1 0 {height}h-{across}{arc}1 0 -{height}z"
    return f"{outline}M{number(frame.right - rim)} {number(frame.bottom)}{arc}1 0 -{height}"


def _sheet(frame: Frame) -> str:
    """A sheet of paper with a folded corner."""
    fold = 9
    corner, inside = (frame.right - fold, frame.y), (frame.right - fold, frame.y + fold)
    edge = (frame.right, frame.y + fold)
    outline = ((frame.x, frame.y), corner, edge, (frame.right, frame.bottom), (frame.x, frame.bottom))
    return _polygon(*outline) + "z" + _polygon(corner, inside, edge)


_STORE = Look("data", Shape(_cylinder, above=14, below=11))
_OTHER = Look("data", Shape(_sheet))

LOOKS: Mapping[str, Look] = {
    "model": Look("model", Shape(rounded(10))),
    "system": Look("system", Shape(rounded(3))),
    "team": Look("team", Shape(_stack, above=13)),
    "person": Look("person", Shape(_pill, beside=22)),
    "flow": Look("flow", Shape(_slanted, beside=20, inset=_SLANT / 2)),
    "experiment": Look("experiment", Shape(_hexagon, beside=20)),
    "migration": Look("migration", Shape(_signpost, beside=20)),
    "topic": Look("data", Shape(_pipe, beside=20)),
    "queue": Look("data", Shape(_pipe, beside=20)),
    "feature_view": _STORE,
    "table": _STORE,
    "collection": _STORE,
    "bucket": _STORE,
    "database": _STORE,
    "": Look("system", Shape(rounded(8))),
}
"""Resources of other types are sheets; their caption says what they are. What has no kind stands for several things."""


def look_of(kind: str) -> Look:
    """Colours and shape of a kind, known or not."""
    return LOOKS.get(kind, _OTHER)
