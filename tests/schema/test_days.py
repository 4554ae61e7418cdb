"""Days in their one form, and corrections for other forms."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.schema.days import parse_day


def get_error(text: str) -> str:
    with pytest.raises(ValueError, match="invalid day") as raised:
        parse_day(text)
    return str(raised.value)


@given(st.dates())
def test_a_day_has_one_form(day: date):
    assert parse_day(day.isoformat()) == day


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2025-1-3", "2025-01-03"),
        ("2025/01/03", "2025-01-03"),
        ("20250103", "2025-01-03"),
        (" 2025-01-03", "2025-01-03"),
        ("2025-01-03T12:00:00", "2025-01-03"),
        ("2025-01-03 12:00", "2025-01-03"),
        ("30.11.2026", "2026-11-30"),
        ("3. 1. 2025", "2025-01-03"),
        ("Nov 3 2025", "2025-11-03"),
        ("november 3rd, 2025", "2025-11-03"),
        ("Sept. 3, 2025", "2025-09-03"),
        ("3 Nov 2025", "2025-11-03"),
        ("3-Nov-2025", "2025-11-03"),
    ],
)
def test_an_unambiguous_form_is_corrected(text: str, meant: str):
    assert get_error(text) == f"invalid day {text!r}: expected YYYY-MM-DD; write it as {meant}"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-02-30", "February 2026 has 28 days"),
        ("2028-02-30", "February 2028 has 29 days"),
        ("2026-04-00", "April 2026 has 30 days"),
        ("31.11.2026", "November 2026 has 30 days"),
        ("2027-13-01", "there is no month 13"),
        ("0000-01-01", "there is no year 0"),
    ],
)
def test_a_day_outside_of_the_calendar_is_explained(text: str, why: str):
    assert get_error(text) == f"invalid day {text!r}: {why}; write it as in 2025-11-03"


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "", "11/03/2025", "Ju 3 2025", "Foo 3 2025", "2025-11", "2025-W45-1", "2025.11-03", "\u0662025-01-01"],
)
def test_an_ambiguous_form_only_shows_the_valid_form(text: str):
    assert get_error(text) == f"invalid day {text!r}: expected YYYY-MM-DD; write it as in 2025-11-03"
