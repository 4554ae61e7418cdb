"""Round dates for a time axis, from a week to centuries, without the machine's locale."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_TICKS = 8
_DAY_STEPS = (1, 2, 7, 14)
_MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 600, 1200, 12_000)


@dataclass(frozen=True, slots=True)
class Tick:
    """A day on the axis with its words."""

    ordinal: int
    label: str


def ticks(first: int, last: int) -> tuple[Tick, ...]:
    """At most about eight days between two ordinals, at the finest round step that allows it."""
    for step in _DAY_STEPS:
        if (last - first) // step < _MOST_TICKS:
            return tuple(_day(ordinal) for ordinal in range(first, last + 1, step))
    for step in _MONTH_STEPS:
        found = tuple(tick for tick in _months(first, last, step) if tick.ordinal >= first)
        if len(found) <= _MOST_TICKS:
            return found
    return ()


def spoken(day: date) -> str:
    """A date in words that no country reads the other way round: 5 Oct 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _day(ordinal: int) -> Tick:
    day = date.fromordinal(ordinal)
    return Tick(ordinal, f"{day.day} {_MONTHS[day.month - 1]}")


def _months(first: int, last: int, step: int) -> Iterator[Tick]:
    """The first days of every step-th month, counted from year 0 so that they are round."""
    start, end = date.fromordinal(first), date.fromordinal(last)
    number = (start.year * 12 + start.month - 1) // step * step
    while number <= min(end.year, MAXYEAR) * 12 + end.month - 1:
        year, month = divmod(number, 12)
        if year:
            label = f"{year}" if step >= 12 else f"{_MONTHS[month]} {year}"
            yield Tick(date(year, month + 1, 1).toordinal(), label)
        number += step
