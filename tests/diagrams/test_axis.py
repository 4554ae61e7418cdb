from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.diagrams.axis import ticks


def labels(first: date, last: date) -> list[str]:
    return [tick.label for tick in ticks(first.toordinal(), last.toordinal())]


def test_the_step_suits_the_span():
    assert labels(date(2026, 10, 5), date(2026, 10, 9)) == ["5 Oct", "6 Oct", "7 Oct", "8 Oct", "9 Oct"]
    assert labels(date(2026, 10, 5), date(2026, 11, 9))[:2] == ["5 Oct", "12 Oct"]
    assert labels(date(2026, 1, 15), date(2026, 7, 15)) == [
        "Feb 2026",
        "Mar 2026",
        "Apr 2026",
        "May 2026",
        "Jun 2026",
        "Jul 2026",
    ]
    assert labels(date(2020, 3, 1), date(2026, 3, 1)) == ["2021", "2022", "2023", "2024", "2025", "2026"]


@settings(max_examples=300, deadline=None)
@given(st.integers(1, date.max.toordinal()), st.integers(7, date.max.toordinal()))
def test_never_crowded_never_bare_and_always_inside(first, span):
    last = min(first + span, date.max.toordinal())
    found = ticks(first, last)
    assert len(found) <= 8
    assert all(first <= tick.ordinal <= last for tick in found)
    assert found
