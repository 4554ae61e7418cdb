"""Days as they are written in cards and on the command line, and what was meant by those that are written otherwise."""

import re
from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date

_FORM = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WORD = r"(?P<word>[A-Za-z]{3,9})\.?"
_CERTAIN = (
    re.compile(r"(?P<year>[0-9]{4})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})([T ][0-9:.]+Z?)?"),
    re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
    re.compile(r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\. ?(?P<year>[0-9]{4})"),
    re.compile(rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?[- ]{_WORD},?[- ](?P<year>[0-9]{{4}})"),
    re.compile(rf"{_WORD} (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<year>[0-9]{{4}})"),
)
"""Other forms that leave no doubt; 11/03/2025 does: it is a day of March to some and one of November to others."""


def day_of(text: str) -> date:
    """The day that a text such as 2025-11-03 names; raises ValueError that says what is wrong and what to write."""
    written = _FORM.fullmatch(text)
    found = written or next((match for form in _CERTAIN if (match := form.fullmatch(text.strip()))), None)
    parts = _parts(found) if found else None
    if parts is None:
        raise _refusal(text, "", "write days as in 2025-11-03")
    wrong = _wrong(*parts)
    if wrong:
        raise _refusal(text, f": {wrong}", "write days as in 2025-11-03")
    day = date(*parts)
    if written is None:
        raise _refusal(text, "", f"write it as {day.isoformat()}")
    return day


def _refusal(text: str, why: str, hint: str) -> ValueError:
    return ValueError(f"{str(text)!r} is not a day{why}; {hint}")


def _parts(found: re.Match[str]) -> tuple[int, int, int] | None:
    """Year, month and day; None where a word is no month."""
    groups = found.groupdict()
    month = _month_of(groups["word"]) if "word" in groups else int(groups["month"])
    return (int(groups["year"]), month, int(groups["day"])) if month is not None else None


def _month_of(word: str) -> int | None:
    meant = [number for number, name in enumerate(_MONTHS, 1) if name.lower().startswith(word.lower())]
    return meant[0] if len(meant) == 1 else None


def _wrong(year: int, month: int, day: int) -> str:
    """Why there is no such day, or nothing where there is."""
    if not MINYEAR <= year <= MAXYEAR:
        return f"there is no year {year}"
    if not 1 <= month <= len(_MONTHS):
        return f"there is no month {month}"
    length = monthrange(year, month)[1]
    return "" if 1 <= day <= length else f"{_MONTHS[month - 1]} {year} has {length} days"
