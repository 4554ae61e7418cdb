"""A timeline's geometry and marks: names on the left, bars on a time axis on the right."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from generator.diagrams.axis import spoken, ticks
from generator.diagrams.boxes import Line, lines_of
from generator.diagrams.canvas import Size, lines, nothing, part
from generator.diagrams.markup import css_class, element, number
from generator.diagrams.metrics import LABEL, NOTE
from generator.diagrams.picture import Row, Timeline
from generator.diagrams.shapes import Frame, rounded

_TOP, _ROW, _BAR, _EDGE = 26.0, 44.0, 16.0, 14.0
_AXIS = 420.0
_NAMES = 240.0
_FEWEST_DAYS = 7


@dataclass(frozen=True, slots=True)
class _Scale:
    """From days to user units."""

    first: int
    last: int
    left: float

    @property
    def right(self) -> float:
        return self.left + _AXIS

    def x(self, ordinal: int) -> float:
        return self.left + _AXIS * (ordinal - self.first) / (self.last - self.first)


def chart(timeline: Timeline) -> tuple[Size, Iterator[str]]:
    """The size of the drawing and its parts from back to front."""
    if not timeline.rows:
        return nothing()
    blocks = [_block(row) for row in timeline.rows]
    names = max(line.width for block in blocks for line in block)
    scale = _scale(timeline, left=names + 2 * _EDGE)
    bottom = _TOP + _ROW * len(blocks)
    foot = 8.0 if timeline.today is None else NOTE.leading + 4
    return (scale.right + _EDGE, bottom + foot), _parts(timeline, blocks, scale, bottom)


def _parts(timeline: Timeline, blocks: list[tuple[Line, ...]], scale: _Scale, bottom: float) -> Iterator[str]:
    yield from _grid(scale, bottom)
    if timeline.today is not None:
        yield _today(scale.x(timeline.today.toordinal()), bottom)
    for index, (row, block) in enumerate(zip(timeline.rows, blocks, strict=True)):
        yield _row(row, block, scale, _TOP + _ROW * index)


def _grid(scale: _Scale, bottom: float) -> Iterator[str]:
    for tick in ticks(scale.first, scale.last):
        x = scale.x(tick.ordinal)
        line = f"M{number(x)} {number(_TOP - 4)}V{number(bottom)}"
        yield element("path", {"class": "mb-grid", "d": line})
        yield lines([Line(tick.label, NOTE)], x, 4)


def _today(x: float, bottom: float) -> str:
    line = f"M{number(x)} {number(_TOP - 4)}V{number(bottom)}"
    word = lines([Line("today", NOTE)], x, bottom + 2)
    return element("g", {}, element("path", {"class": "mb-today", "d": line}), word)


def _row(row: Row, block: tuple[Line, ...], scale: _Scale, top: float) -> str:
    words = lines(block, _EDGE / 2, top + (_ROW - sum(line.font.leading for line in block)) / 2)
    shape = element("path", {"class": "mb-shape", "d": _mark(row, scale, top + _ROW / 2)})
    classes = ("mb-row", css_class("mb-state", row.state))
    return part(classes, row.label, f"{row.label}: {_when(row)}", row.href, words, shape)


def _mark(row: Row, scale: _Scale, middle: float) -> str:
    """A bar; a diamond for a single day; a bar with a point for what goes on."""
    start = scale.x(row.start.toordinal())
    half = _BAR / 2
    if row.end is None:
        left, neck = number(start), number(max(start, scale.right - half))
        upper, lower = number(middle - half), number(middle + half)
        return f"M{left} {upper}H{neck}L{number(scale.right)} {number(middle)}L{neck} {lower}H{left}z"
    end = scale.x(row.end.toordinal())
    if abs(end - start) < 3:
        across = f"L{number(start + half)} {number(middle)}L{number(start)} {number(middle + half)}"
        return f"M{number(start)} {number(middle - half)}{across}L{number(start - half)} {number(middle)}z"
    return rounded(4)(Frame(min(start, end), middle - half, abs(end - start), _BAR))


def _block(row: Row) -> tuple[Line, ...]:
    """The name above the state and the dates: the bar's colour repeats what is written here."""
    name = lines_of(row.label, LABEL, most=1, limit=_NAMES)
    return (*name, *lines_of(_when(row), NOTE, most=1, limit=_NAMES))


def _when(row: Row) -> str:
    if row.end == row.start:
        dates = spoken(row.start)
    elif row.end is None:
        dates = f"since {spoken(row.start)}"
    else:
        dates = f"{spoken(row.start)} to {spoken(row.end)}"
    return f"{row.state.replace('_', ' ')}, {dates}" if row.state else dates


def _scale(timeline: Timeline, left: float) -> _Scale:
    """All days of the rows and today, at least a week, with room at the right for what goes on."""
    ends = [row.end for row in timeline.rows if row.end is not None]
    days = [row.start for row in timeline.rows] + ends + ([timeline.today] if timeline.today else [])
    first, last = min(days).toordinal(), max(days).toordinal()
    room = max(1, (last - first) // 20)
    padded = max(last + room, first + _FEWEST_DAYS)
    return _Scale(max(1, first - room), min(padded, date.max.toordinal()), left)
