"""Round dates for a time axis, from a week to centuries, without the machine's locale."""

from dataclasses import dataclass
from datetime import date

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MOST_TICKS = 8
_DAY_STEPS = (1, 2, 7, 14)
_MONTH_STEPS = (1, 3, 6, 12, 24, 60, 120, 300, 600, 1200, 2400, 6000, 12_000, 24_000)
_FIRST_MONTH = 12
"""The calendar starts with year 1."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A day on the axis with its words."""

    ordinal: int
    label: str


def ticks(first: int, last: int) -> tuple[Tick, ...]:
    """At most eight days between two ordinals, at the finest round step that allows it."""
    for days in _DAY_STEPS:
        if (last - first) // days < _MOST_TICKS:
            return tuple(_day(ordinal) for ordinal in range(first, last + 1, days))
    start, end = _month(first), _month(last)
    step = next(months for months in _MONTH_STEPS if (end - start) // months < _MOST_TICKS)
    rounded_up = -(-start // step) * step
    found = (_first_day(month, step) for month in range(max(rounded_up, _FIRST_MONTH), end + 1, step))
    return tuple(tick for tick in found if tick.ordinal >= first)


def spoken(day: date) -> str:
    """A date in words that no country reads the other way round: 5 Oct 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _day(ordinal: int) -> Tick:
    day = date.fromordinal(ordinal)
    return Tick(ordinal, f"{day.day} {_MONTHS[day.month - 1]}")


def _month(ordinal: int) -> int:
    """Months since year 0, so that a step's multiples are round years."""
    day = date.fromordinal(ordinal)
    return day.year * 12 + day.month - 1


def _first_day(month: int, step: int) -> Tick:
    year, index = divmod(month, 12)
    return Tick(date(year, index + 1, 1).toordinal(), f"{year}" if step >= 12 else f"{_MONTHS[index]} {year}")
