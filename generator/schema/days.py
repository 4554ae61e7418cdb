"""Days as they are written in cards and on the command line."""

import re
from calendar import monthrange
from datetime import MAXYEAR, MINYEAR, date

_ISO_FORM = re.compile(r"(?P<year>[0-9]{4})-(?P<month>[0-9]{2})-(?P<day>[0-9]{2})")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WORD = r"(?P<word>[A-Za-z]{3,9})\.?"
_UNAMBIGUOUS_FORMS = (
    re.compile(r"(?P<year>[0-9]{4})([-/.])(?P<month>[0-9]{1,2})\2(?P<day>[0-9]{1,2})([T ][0-9:.]+Z?)?"),
    re.compile(r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})"),
    re.compile(r"(?P<day>[0-9]{1,2})\. ?(?P<month>[0-9]{1,2})\. ?(?P<year>[0-9]{4})"),
    re.compile(rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|\.)?[- ]{_WORD},?[- ](?P<year>[0-9]{{4}})"),
    re.compile(rf"{_WORD} (?P<day>[0-9]{{1,2}})(?:st|nd|rd|th)?,? (?P<year>[0-9]{{4}})"),
)
"""Other forms with one meaning. 11/03/2025 is not among them: it is a day of March or one of November."""


def parse_day(text: str) -> date:
    """Return the day that a text such as 2025-11-03 names.

    Raises:
        ValueError: The text has another form, or there is no such day. The message contains the correct form.

    """
    written = _ISO_FORM.fullmatch(text)
    found = written or next((match for form in _UNAMBIGUOUS_FORMS if (match := form.fullmatch(text.strip()))), None)
    groups = found.groupdict() if found else {}
    if "word" in groups:
        months = [number for number, name in enumerate(_MONTHS, 1) if name.lower().startswith(groups["word"].lower())]
    else:
        months = [int(groups["month"])] if groups else []
    if len(months) != 1:
        raise ValueError(f"invalid day {str(text)!r}: expected YYYY-MM-DD; write it as in 2025-11-03")
    year, month, day = int(groups["year"]), months[0], int(groups["day"])
    wrong = ""
    if not MINYEAR <= year <= MAXYEAR:
        wrong = f"there is no year {year}"
    elif not 1 <= month <= len(_MONTHS):
        wrong = f"there is no month {month}"
    elif not 1 <= day <= monthrange(year, month)[1]:
        wrong = f"{_MONTHS[month - 1]} {year} has {monthrange(year, month)[1]} days"
    if wrong:
        raise ValueError(f"invalid day {str(text)!r}: {wrong}; write it as in 2025-11-03")
    parsed = date(year, month, day)
    if written is None:
        raise ValueError(f"invalid day {str(text)!r}: expected YYYY-MM-DD; write it as {parsed.isoformat()}")
    return parsed


def find_day(text: str) -> date | None:
    """Return the day that a recorded text names; None for any other text."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def format_day(day: date) -> str:
    """Format a day for readers, such as 5 Oct 2026, which is unambiguous in every country."""
    return f"{day.day} {_MONTHS[day.month - 1][:3]} {day.year}"
