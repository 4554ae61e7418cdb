import re
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from generator.diagrams import Burndown, Measure, png_of_svg, svg

FIRST = date(2026, 1, 5)


def chart(*counts: int) -> Burndown:
    measures = tuple(Measure(FIRST + timedelta(weeks=week), count) for week, count in enumerate(counts))
    return Burndown("What is owed", "From 4 to 1", measures)


def corners(drawing: str) -> list[tuple[float, float]]:
    line = re.search(r'class="mb-course" d="M([^"]+)"', drawing)
    assert line is not None
    return [(float(x), float(y)) for x, y in (pair.split(" ") for pair in line[1].split("L"))]


def scale(drawing: str) -> list[str]:
    return re.findall(r'mb-scale"><text[^>]*>(\d+)</text>', drawing)


def test_less_owed_is_lower_and_later_is_further_right():
    points = corners(svg(chart(4, 2, 1)))
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert [y for _, y in points] == sorted(y for _, y in points)


def test_equal_counts_are_equally_high_and_nothing_is_on_the_floor():
    points = corners(svg(chart(3, 0, 3, 0)))
    assert points[0][1] == points[2][1] < points[1][1] == points[3][1]


@pytest.mark.parametrize(
    ("most", "numbers"),
    [(0, "0 1"), (1, "0 1"), (4, "0 1 2 3 4"), (7, "0 2 4 6 8"), (44, "0 20 40 60"), (828, "0 500 1000")],
)
def test_the_axis_has_few_round_numbers_up_to_the_most(most, numbers):
    assert scale(svg(chart(most, most))) == numbers.split()


def test_the_last_count_is_written_beside_the_line():
    assert re.search(r'mb-value"><text[^>]*>17</text>', svg(chart(40, 17)))


def test_it_is_named_described_and_becomes_a_png():
    root = etree.fromstring(svg(chart(4, 1)))
    assert root.xpath("string(//*[local-name()='title'])") == "What is owed"
    assert root.xpath("string(//*[local-name()='desc'])") == "From 4 to 1"
    assert png_of_svg(svg(chart(4, 1)))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=104))
def test_whatever_is_owed_the_line_stays_within_the_drawing(counts):
    drawing = svg(chart(*counts))
    root = etree.fromstring(drawing)
    svg_element = root if root.tag.endswith("svg") else root[0]
    _, _, width, height = map(float, str(svg_element.get("viewBox")).split())
    assert all(0 <= x <= width and 0 <= y <= height for x, y in corners(drawing))
    assert len(scale(drawing)) <= 6


def test_without_measures_there_is_nothing_to_show():
    assert "Nothing to show" in svg(chart())
