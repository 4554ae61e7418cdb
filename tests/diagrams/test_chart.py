import re
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from generator.diagrams import Row, Timeline, svg
from tests.diagrams.pictures import HOSTILE, WAVES

SVG = "{http://www.w3.org/2000/svg}"
DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))
ROWS = st.builds(Row, st.text(max_size=20) | st.just(HOSTILE), DAYS, st.none() | DAYS, st.text(max_size=9), st.none())


def marks(timeline: Timeline) -> list[str]:
    return re.findall(r'class="mb-shape" d="([^"]+)"', svg(timeline))


def starts(timeline: Timeline) -> list[float]:
    return [float(mark[1:].split(" ")[0]) for mark in marks(timeline)]


def test_state_and_dates_are_words():
    markup = svg(WAVES)
    for words in (
        "done, 5 Oct 2026",
        "running, 12 Oct 2026 to 25 Oct 2026",
        "planned, 9 Nov 2026",
        "since 15 Sep 2026",
    ):
        assert f">{words}</text>" in markup
    assert "<title>Dark launch: since 15 Sep 2026</title>" in markup


def test_bars_stand_in_the_order_of_their_days():
    mysuru, karnataka, everywhere, dark = starts(WAVES)
    assert dark < mysuru < karnataka < everywhere


def test_a_day_is_a_diamond_a_span_a_bar_and_what_goes_on_has_a_point():
    day, span, _, open_end = marks(WAVES)
    assert day.count("L") == 3
    assert "a4 4" in span
    assert open_end.count("H") == 2


def test_today_is_drawn_only_when_given():
    assert "mb-today" in svg(WAVES)
    assert "mb-today" not in svg(Timeline("t", "", WAVES.rows))


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=4), st.none() | DAYS)
def test_any_dates_stay_inside_the_picture(rows, today):
    drawn = etree.fromstring(svg(Timeline("t", "", tuple(rows), today)))[0]
    width = float(drawn.get("width") or 0)
    for path in drawn.iter(f"{SVG}path"):
        across = [float(x) for x in re.findall(r"[MHL](-?[\d.]+)", path.get("d") or "")]
        assert all(0 <= x <= width for x in across)
