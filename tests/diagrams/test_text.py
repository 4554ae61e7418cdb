import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator import diagrams
from generator.diagrams.text import (
    CAPTION,
    HEADING,
    LABEL,
    NOTE,
    is_combining,
    is_covered,
    measure_width,
    wrap_text,
)
from tests.diagrams.examples import TEXTS
from tests.diagrams.truetype import group_runs, read_advances

FOLDER = Path(diagrams.__file__).parent / "fonts"


def wrap(text: str, max_width: float, max_lines: int) -> tuple[str, ...]:
    return tuple(line.text for line in wrap_text(text, LABEL, max_lines, max_width))


def test_the_table_has_the_widths_of_the_shipped_fonts(golden):
    found: dict[str, object] = {"units_per_em": 0}
    for weight in ("regular", "bold"):
        found["units_per_em"], widths = read_advances(FOLDER / f"LiberationSans-{weight.title()}.ttf")
        found[weight] = group_runs(widths)
    golden(FOLDER / "widths.json", json.dumps(found, separators=(",", ":")) + "\n")


def test_widths_are_those_of_arial():
    # Arial's well-known advances: A is 1366 and a space 569 of 2048 units per em; bold A is 1479.
    assert measure_width("A A", NOTE) == pytest.approx(11 * (1366 + 569 + 1366) / 2048)
    assert measure_width("A", LABEL) == pytest.approx(13 * 1479 / 2048)


def test_fonts_cover_greek_cyrillic_and_hebrew():
    for text in ("ταχύτητα", "заказы", "שלום", "≥ café"):
        assert is_covered(text)


def test_wide_characters_are_one_em_wide_and_marks_have_no_width():
    assert not is_covered("漢字")
    assert measure_width("漢字", CAPTION) == pytest.approx(20)
    assert measure_width("\u200f", LABEL) == 0
    assert measure_width("क\u0941", LABEL) == measure_width("क", LABEL)


@pytest.mark.parametrize("font", [CAPTION, LABEL, NOTE, HEADING], ids=lambda font: font.name)
def test_the_empty_text_has_no_width(font):
    assert measure_width("", font) == 0


def test_a_short_label_is_one_line():
    assert wrap("Home feed", 176, 3) == ("Home feed",)


def test_lines_break_between_words_and_after_separators():
    assert wrap("Move RYL and TPFY from the VM scorer to KServe", 176, 3) == (
        "Move RYL and TPFY from",
        "the VM scorer to KServe",
    )
    assert wrap("restaurant_embeddings_for_ranking_v3", 176, 3) == (
        "restaurant_embeddings_",
        "for_ranking_v3",
    )


def test_a_word_without_separators_is_split_at_the_limit():
    first, second = wrap("餐厅推荐模型排序服务与特征平台", 13 * 10, 3)
    assert (first, second) == ("餐厅推荐模型排序服务", "与特征平台")


def test_text_that_does_not_fit_ends_in_an_ellipsis():
    lines = wrap("word " * 100, 100, 2)
    assert len(lines) == 2
    assert lines[1].endswith("…")
    assert not lines[0].endswith("…")


def test_lines_do_not_break_before_combining_marks():
    lines = wrap("e\u0301" * 60, 60, 4)
    assert len(lines) == 4
    assert not any(is_combining(line[0]) for line in lines)


@given(TEXTS, st.integers(30, 200), st.integers(1, 3))
def test_every_line_fits(text, limit, most):
    lines = wrap(text, limit, most)
    assert len(lines) <= most
    assert all(measure_width(line, LABEL) <= limit + 0.001 for line in lines)


@given(st.lists(st.text("abc_-/", min_size=1, max_size=8), max_size=6))
def test_text_that_fits_is_complete(words):
    text = " ".join(words)
    assert "".join(wrap(text, 200, 50)).replace(" ", "") == text.replace(" ", "")
