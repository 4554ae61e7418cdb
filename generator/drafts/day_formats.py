"""Days as people write them."""

import re
from collections.abc import Iterable
from datetime import date

from generator.values import FrozenValue

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_TIME = r"[ T]+\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp]\.?[Mm]\.?)?( ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
_WEEKDAY = r"(mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +"
_YEAR_FIRST = re.compile(r"(?P<year>\d{4}) ?[-/. ] ?(?P<month>\d{1,2}|[A-Za-z]{3,9}) ?[-/. ] ?(?P<day>\d{1,2})")
_COMPACT = re.compile(r"(?P<year>(19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)")
_EAST_ASIAN = re.compile(r"(?P<year>\d{4}) ?[年년] ?(?P<month>\d{1,2}) ?[月월] ?(?P<day>\d{1,2}) ?[日일]")
_DAY_FIRST = re.compile(
    r"(?P<day>\d{1,2})(st|nd|rd|th|\.)?( of)?[ /.-]*(?P<month>[A-Za-z]{3,9})\.?,?[ /,-]*(?P<year>\d{4}|'?\d{2})"
)
_MONTH_FIRST = re.compile(
    r"(?P<month>[A-Za-z]{3,9})\.?[ -]*(?P<day>\d{1,2})(st|nd|rd|th)?(,? +|,|-)(?P<year>\d{4}|'\d{2})"
)
_NUMBERS = re.compile(r"(?P<first>\d{1,2}) ?[./-] ?(?P<second>\d{1,2}) ?[./-] ?(?P<year>\d{4}|\d{2})")


class DayFormat(FrozenValue):
    """The order of day and month in a column."""

    day_first: bool | None
    """Whether 03/11 is the third of November; None if the column does not show it."""

    @classmethod
    def detect(cls, cells: Iterable[str]) -> "DayFormat":
        """Return the order of the cells that can be read in one way only."""
        pairs = [match for cell in cells if (match := _NUMBERS.fullmatch(_remove_time(cell)))]
        if any("." in match[0] for match in pairs):
            return cls(day_first=True)
        day, month = (any(int(match[group]) > 12 for match in pairs) for group in ("first", "second"))
        return cls(day_first=None if day == month else day)

    def parse(self, cell: str) -> str | None:
        """Return a day as 2025-11-03; None if the text is not a day, or could be two."""
        text = _remove_time(cell)
        for pattern in (_YEAR_FIRST, _COMPACT, _EAST_ASIAN, _DAY_FIRST, _MONTH_FIRST):
            if match := pattern.fullmatch(text):
                return _build_day(match["year"], match["month"], match["day"])
        if match := _NUMBERS.fullmatch(text):
            first, second = match["first"], match["second"]
            if self.day_first is None and first != second:
                return None
            return _build_day(match["year"], *((second, first) if self.day_first else (first, second)))
        return None


def _remove_time(cell: str) -> str:
    """Return a day without the time after it and the weekday before it."""
    return re.sub(rf"^{_WEEKDAY}", "", re.sub(rf"{_TIME}$", "", cell.strip()), flags=re.IGNORECASE)


def _build_day(year: str, month: str, day: str) -> str | None:
    start = "sep" if month.lower() == "sept" else month.lower()
    named = (number for number, name in enumerate(_MONTHS, 1) if name.startswith(start))
    number = int(month) if month.isdigit() else next(named, 0)
    digits = year.lstrip("'")
    try:
        return date(int(digits) + (2000 if len(digits) == 2 else 0), number, int(day)).isoformat()
    except ValueError:
        return None
