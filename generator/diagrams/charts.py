"""Timelines and burn-down charts on a time axis of round dates, independent of the machine's locale."""

from datetime import date

from generator.diagrams import svg
from generator.diagrams.diagram import BurnDownChart, Timeline, TimelineRow
from generator.diagrams.shapes import Frame, outline_rectangle
from generator.diagrams.text import LABEL, NOTE, TextLine, wrap_text
from generator.schema.days import format_day
from generator.values import FrozenValue

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MAX_TICKS = 8
_DAY_STEPS = (1, 2, 7, 14)
_MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 300, 600, 1200, 2400, 6000, 12_000, 24_000)
_TOP = 26.0
"""The height of the labels of the time axis."""

_TIMELINE_WIDTH, _MIN_DAYS = 420.0, 7
_ROW_HEIGHT, _BAR_HEIGHT, _PADDING = 44.0, 16.0, 14.0
_MAX_NAME_WIDTH = 240.0

_BURN_DOWN_LEFT, _BURN_DOWN_RIGHT = 44.0, 52.0
_BURN_DOWN_WIDTH, _BURN_DOWN_HEIGHT = 520.0, 150.0
_MAX_COUNT_STEPS = 4


class Tick(FrozenValue):
    """A labelled day of a time axis."""

    ordinal: int
    label: str


class _TimeAxis(FrozenValue):
    """A scale from days to user units."""

    first: int
    last: int
    left: float
    width: float

    @property
    def right(self) -> float:
        """The x of the last day."""
        return self.left + self.width

    def to_x(self, ordinal: int) -> float:
        return self.left + self.width * (ordinal - self.first) / max(1, self.last - self.first)

    def render_grid(self, bottom: float) -> list[str]:
        parts: list[str] = []
        for tick in list_ticks(self.first, self.last):
            x = self.to_x(tick.ordinal)
            parts.append(svg.render_path("mb-grid", _format_vertical(x, bottom)))
            parts.append(svg.render_lines([TextLine(tick.label, NOTE)], x, 4))
        return parts


def list_ticks(first: int, last: int) -> tuple[Tick, ...]:
    """Return at most eight days between two ordinals, at the finest round step that allows it."""
    for step in _DAY_STEPS:
        if (last - first) // step < _MAX_TICKS:
            days = map(date.fromordinal, range(first, last + 1, step))
            return tuple(Tick(day.toordinal(), f"{day.day} {_MONTHS[day.month - 1]}") for day in days)
    # Months are counted from year 0, so that the multiples of a step are round years. The calendar starts with year 1.
    start, end = (day.year * 12 + day.month - 1 for day in (date.fromordinal(first), date.fromordinal(last)))
    step = next(months for months in _MONTH_STEPS if (end - start) // months < _MAX_TICKS)
    rounded_up = -(-start // step) * step
    ticks: list[Tick] = []
    for month in range(max(rounded_up, 12), end + 1, step):
        year, index = divmod(month, 12)
        ordinal = date(year, index + 1, 1).toordinal()
        if ordinal >= first:
            ticks.append(Tick(ordinal, f"{year}" if step >= 12 else f"{_MONTHS[index]} {year}"))
    return tuple(ticks)


def render_timeline(timeline: Timeline) -> tuple[svg.Size, list[str]]:
    """Return the size and the parts of a timeline, from back to front: names on the left, bars on the right."""
    if not timeline.rows:
        return svg.render_empty()
    names = [
        (*wrap_text(row.label, LABEL, 1, _MAX_NAME_WIDTH), *wrap_text(_format_period(row), NOTE, 1, _MAX_NAME_WIDTH))
        for row in timeline.rows
    ]
    # The axis has all days of the rows and today, at least a week, and room on the right for open ends.
    ends = [row.end for row in timeline.rows if row.end is not None]
    days = [row.start for row in timeline.rows] + ends + ([timeline.today] if timeline.today else [])
    first, last = min(days).toordinal(), max(days).toordinal()
    room = max(1, (last - first) // 20)
    last = min(max(last + room, first + _MIN_DAYS), date.max.toordinal())
    left = max(line.width for lines in names for line in lines) + 2 * _PADDING
    axis = _TimeAxis(max(1, first - room), last, left, _TIMELINE_WIDTH)
    bottom = _TOP + _ROW_HEIGHT * len(names)
    parts = axis.render_grid(bottom)
    if timeline.today is not None:
        x = axis.to_x(timeline.today.toordinal())
        label = svg.render_lines([TextLine("today", NOTE)], x, bottom + 2)
        parts.append(svg.render_element("g", {}, svg.render_path("mb-today", _format_vertical(x, bottom)), label))
    for index, (row, name) in enumerate(zip(timeline.rows, names, strict=True)):
        top = _TOP + _ROW_HEIGHT * index
        text_height = sum(line.font.leading for line in name)
        text = svg.render_lines(name, _PADDING / 2, top + (_ROW_HEIGHT - text_height) / 2)
        bar = svg.render_path("mb-shape", _outline_bar(row, axis, top + _ROW_HEIGHT / 2))
        classes = ("mb-row", svg.make_css_class("mb-state", row.state))
        parts.append(svg.render_part(classes, row.label, f"{row.label}: {_format_period(row)}", row.href, text, bar))
    footer = 8.0 if timeline.today is None else NOTE.leading + 4
    return (axis.right + _PADDING, bottom + footer), parts


def _outline_bar(row: TimelineRow, axis: _TimeAxis, y: float) -> str:
    """Return the outline of a bar; a diamond for a single day, a bar with a point for an open end."""
    start = axis.to_x(row.start.toordinal())
    half = _BAR_HEIGHT / 2
    if row.end is None:
        left, neck = svg.format_number(start), svg.format_number(max(start, axis.right - half))
        upper, middle, lower = (svg.format_number(each) for each in (y - half, y, y + half))
        return f"M{left} {upper}H{neck}L{svg.format_number(axis.right)} {middle}L{neck} {lower}H{left}z"
    end = axis.to_x(row.end.toordinal())
    if abs(end - start) < 3:
        return svg.format_points([(start, y - half), (start + half, y), (start, y + half), (start - half, y)]) + "z"
    return outline_rectangle(Frame(min(start, end), y - half, abs(end - start), _BAR_HEIGHT), 4)


def _format_period(row: TimelineRow) -> str:
    """Format the state and the dates as text, since the colour of a bar alone must not convey them."""
    if row.end == row.start:
        dates = format_day(row.start)
    elif row.end is None:
        dates = f"since {format_day(row.start)}"
    else:
        dates = f"{format_day(row.start)} to {format_day(row.end)}"
    return f"{row.state.replace('_', ' ')}, {dates}" if row.state else dates


def render_burn_down(chart: BurnDownChart) -> tuple[svg.Size, list[str]]:
    """Return the size and the parts of a burn-down chart, from back to front: an area, a line and its last count."""
    if not chart.counts:
        return svg.render_empty()
    first, last = chart.counts[0].on.toordinal(), chart.counts[-1].on.toordinal()
    axis = _TimeAxis(first, last, _BURN_DOWN_LEFT, _BURN_DOWN_WIDTH)
    bottom = _TOP + _BURN_DOWN_HEIGHT
    highest = max(each.count for each in chart.counts)
    step = _compute_count_step(highest)
    top_count = step * max(1, -(-highest // step))

    def to_y(count: int) -> float:
        return _TOP + _BURN_DOWN_HEIGHT * (1 - count / top_count)

    parts: list[str] = []
    for count in range(0, top_count + 1, step):
        y = to_y(count)
        line = f"M{svg.format_number(axis.left)} {svg.format_number(y)}H{svg.format_number(axis.right)}"
        label = svg.render_lines([TextLine(str(count), NOTE)], axis.left - 8, y - NOTE.leading / 2)
        parts += [svg.render_path("mb-grid", line), svg.render_element("g", {"class": "mb-scale"}, label)]
    parts += axis.render_grid(bottom)
    points = [(axis.to_x(each.on.toordinal()), to_y(each.count)) for each in chart.counts]
    line = svg.format_points(points)
    floor = f"V{svg.format_number(to_y(0))}H{svg.format_number(points[0][0])}z"
    x, y = points[-1]
    label = svg.render_lines([TextLine(str(chart.counts[-1].count), LABEL)], x + 10, y - LABEL.leading / 2)
    parts += [svg.render_path("mb-area", line + floor), svg.render_path("mb-course", line)]
    parts.append(svg.render_element("g", {"class": "mb-value"}, label))
    return (axis.right + _BURN_DOWN_RIGHT, bottom + 10), parts


def _compute_count_step(highest: int) -> int:
    """Return the smallest of 1, 2, 5, 10, 20 and so on of which four reach the highest count."""
    power = 1
    while True:
        for factor in (1, 2, 5):
            if highest <= factor * power * _MAX_COUNT_STEPS:
                return factor * power
        power *= 10


def _format_vertical(x: float, bottom: float) -> str:
    """Return the path of a vertical line from the labels of the time axis down."""
    return f"M{svg.format_number(x)} {svg.format_number(_TOP - 4)}V{svg.format_number(bottom)}"
