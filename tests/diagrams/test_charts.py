import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from generator.diagrams import BurnDownChart, DatedCount, Timeline, TimelineRow, render_svg
from generator.diagrams.charts import list_ticks
from generator.diagrams.png import render_png
from tests.diagrams.examples import HOSTILE, WAVES

SVG = "{http://www.w3.org/2000/svg}"
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
ROWS = st.builds(
    TimelineRow, st.text(max_size=20) | st.just(HOSTILE), DAYS, st.none() | DAYS, st.text(max_size=9), st.none()
)


def marks(timeline: Timeline) -> list[str]:
    return re.findall(r'class="mb-shape" d="([^"]+)"', render_svg(timeline))


def starts(timeline: Timeline) -> list[float]:
    return [float(mark[1:].split(" ")[0]) for mark in marks(timeline)]


def test_state_and_dates_are_text():
    markup = render_svg(WAVES)
    for words in (
        "done, 5 Oct 2026",
        "running, 12 Oct 2026 to 25 Oct 2026",
        "planned, 9 Nov 2026",
        "since 15 Sep 2026",
    ):
        assert f">{words}</text>" in markup
    assert "<title>Dark launch: since 15 Sep 2026</title>" in markup


def test_bars_start_in_the_order_of_their_days():
    mysuru, karnataka, everywhere, dark = starts(WAVES)
    assert dark < mysuru < karnataka < everywhere


def test_days_periods_and_open_ends_have_different_outlines():
    day, span, _, open_end = marks(WAVES)
    assert day.count("L") == 3
    assert "a4 4" in span
    assert open_end.count("H") == 2


def test_today_is_drawn_only_when_given():
    assert "mb-today" in render_svg(WAVES)
    assert "mb-today" not in render_svg(Timeline("t", "", WAVES.rows))


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=4), st.none() | DAYS)
def test_bars_of_any_dates_are_inside_the_timeline(rows, today):
    drawn = etree.fromstring(render_svg(Timeline("t", "", tuple(rows), today)))[0]
    width = float(drawn.get("width") or 0)
    for path in drawn.iter(f"{SVG}path"):
        across = [float(x) for x in re.findall(r"[MHL](-?[\d.]+)", path.get("d") or "")]
        assert all(0 <= x <= width for x in across)


def labels(first: date, last: date) -> list[str]:
    return [tick.label for tick in list_ticks(first.toordinal(), last.toordinal())]


def test_ticks_have_a_round_step_that_depends_on_the_period():
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
def test_any_period_has_one_to_eight_ticks_inside_it(first, span):
    last = min(first + span, date.max.toordinal())
    found = list_ticks(first, last)
    assert len(found) <= 8
    assert all(first <= tick.ordinal <= last for tick in found)
    assert found


FIRST = date(2026, 1, 5)


def chart(*counts: int) -> BurnDownChart:
    measures = tuple(DatedCount(FIRST + timedelta(weeks=week), count) for week, count in enumerate(counts))
    return BurnDownChart("Overdue", "From 4 to 1", measures)


def corners(markup: str) -> list[tuple[float, float]]:
    line = re.search(r'class="mb-course" d="M([^"]+)"', markup)
    assert line is not None
    return [(float(x), float(y)) for x, y in (pair.split(" ") for pair in line[1].split("L"))]


def scale(markup: str) -> list[str]:
    return re.findall(r'mb-scale"><text[^>]*>(\d+)</text>', markup)


def test_smaller_counts_are_lower_and_later_days_further_right():
    points = corners(render_svg(chart(4, 2, 1)))
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted(y for _, y in points)


def test_equal_counts_are_at_equal_heights_and_zero_is_lowest():
    points = corners(render_svg(chart(3, 0, 3, 0)))
    assert points[0][1] == points[2][1] < points[1][1] == points[3][1]


@pytest.mark.parametrize(
    ("most", "numbers"),
    [(0, "0 1"), (1, "0 1"), (4, "0 1 2 3 4"), (7, "0 2 4 6 8"), (44, "0 20 40 60"), (828, "0 500 1000")],
)
def test_count_axis_has_few_round_numbers_up_to_the_highest_count(most, numbers):
    assert scale(render_svg(chart(most, most))) == numbers.split()


def test_the_last_count_is_shown_as_text():
    assert re.search(r'mb-value"><text[^>]*>17</text>', render_svg(chart(40, 17)))


def test_a_burn_down_chart_has_a_title_a_description_and_a_png():
    root = etree.fromstring(render_svg(chart(4, 1)))
    assert root.xpath("string(//*[local-name()='title'])") == "Overdue"
    assert root.xpath("string(//*[local-name()='desc'])") == "From 4 to 1"
    assert render_png(render_svg(chart(4, 1)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=104))
def test_the_line_of_any_counts_is_inside_the_chart(counts):
    markup = render_svg(chart(*counts))
    root = etree.fromstring(markup)
    svg_element = root if root.tag.endswith("svg") else root[0]
    _, _, width, height = map(float, str(svg_element.get("viewBox")).split())
    assert all(0 <= x <= width and 0 <= y <= height for x, y in corners(markup))
    assert len(scale(markup)) <= 6


def test_a_chart_without_counts_is_empty():
    assert "Nothing to show" in render_svg(chart())
