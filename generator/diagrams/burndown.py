"""A count over time: an area below a line on a time axis, with the last value written out."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.diagrams.axis import ticks
from generator.diagrams.boxes import Line
from generator.diagrams.canvas import Size, lines, nothing
from generator.diagrams.markup import element, number
from generator.diagrams.metrics import LABEL, NOTE
from generator.diagrams.picture import Burndown, Measure

_LEFT, _TOP, _RIGHT = 44.0, 26.0, 52.0
_WIDTH, _HEIGHT = 520.0, 150.0
_MOST_STEPS = 4
_ROUND = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class _Scale:
    """From days and counts to user units."""

    first: int
    last: int
    top: int
    """The highest count on the axis."""

    def x(self, ordinal: int) -> float:
        return _LEFT + _WIDTH * (ordinal - self.first) / max(1, self.last - self.first)

    def y(self, count: float) -> float:
        return _TOP + _HEIGHT * (1 - count / self.top)


def burndown(chart: Burndown) -> tuple[Size, Iterator[str]]:
    """The size of the drawing and its parts from back to front."""
    if not chart.measures:
        return nothing()
    return (_LEFT + _WIDTH + _RIGHT, _TOP + _HEIGHT + 10), _parts(chart.measures)


def _parts(measures: tuple[Measure, ...]) -> Iterator[str]:
    step = _step(max(one.count for one in measures))
    top = step * max(1, -(-max(one.count for one in measures) // step))
    scale = _Scale(measures[0].on.toordinal(), measures[-1].on.toordinal(), top)
    yield from _counts(scale, step)
    yield from _days(scale)
    yield from _course(measures, scale)


def _step(most: int) -> int:
    """A round step of which at most four reach to the top: 1, 2, 5, 10, 20 …"""
    power = 1
    while True:
        for factor in _ROUND:
            if most <= factor * power * _MOST_STEPS:
                return factor * power
        power *= 10


def _counts(scale: _Scale, step: int) -> Iterator[str]:
    """A line and a number for each step; the numbers end where the axis begins."""
    for count in range(0, scale.top + 1, step):
        y = scale.y(count)
        yield element("path", {"class": "mb-grid", "d": f"M{number(_LEFT)} {number(y)}H{number(_LEFT + _WIDTH)}"})
        words = lines([Line(str(count), NOTE)], _LEFT - 8, y - NOTE.leading / 2)
        yield element("g", {"class": "mb-scale"}, words)


def _days(scale: _Scale) -> Iterator[str]:
    for tick in ticks(scale.first, scale.last):
        x = scale.x(tick.ordinal)
        line = f"M{number(x)} {number(_TOP - 4)}V{number(_TOP + _HEIGHT)}"
        yield element("path", {"class": "mb-grid", "d": line})
        yield lines([Line(tick.label, NOTE)], x, 4)


def _course(measures: tuple[Measure, ...], scale: _Scale) -> Iterator[str]:
    corners = [(scale.x(one.on.toordinal()), scale.y(one.count)) for one in measures]
    line = "M" + "L".join(f"{number(x)} {number(y)}" for x, y in corners)
    floor = f"V{number(scale.y(0))}H{number(corners[0][0])}z"
    yield element("path", {"class": "mb-area", "d": line + floor})
    yield element("path", {"class": "mb-course", "d": line})
    x, y = corners[-1]
    words = lines([Line(str(measures[-1].count), LABEL)], x + 10, y - LABEL.leading / 2)
    yield element("g", {"class": "mb-value"}, words)
