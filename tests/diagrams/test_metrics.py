import json
from pathlib import Path

import pytest

from generator import diagrams
from generator.diagrams.metrics import CAPTION, FONTS, LABEL, NOTE, is_covered, width
from tests.diagrams.truetype import advances, runs

FOLDER = Path(diagrams.__file__).parent / "fonts"


def test_the_table_is_that_of_the_shipped_fonts(golden):
    found: dict[str, object] = {"units_per_em": 0}
    for weight in ("regular", "bold"):
        found["units_per_em"], widths = advances(FOLDER / f"LiberationSans-{weight.title()}.ttf")
        found[weight] = runs(widths)
    golden(FOLDER / "widths.json", json.dumps(found, separators=(",", ":")) + "\n")


def test_a_width_is_what_the_font_says():
    # Arial's well-known advances: A is 1366 and a space 569 of 2048 units per em; bold A is 1479.
    assert width("A A", NOTE) == pytest.approx(11 * (1366 + 569 + 1366) / 2048)
    assert width("A", LABEL) == pytest.approx(13 * 1479 / 2048)


def test_greek_cyrillic_and_hebrew_are_exact():
    for text in ("ταχύτητα", "заказы", "שלום", "≥ café"):
        assert is_covered(text)


def test_wide_characters_count_one_em_and_marks_nothing():
    assert not is_covered("漢字")
    assert width("漢字", CAPTION) == pytest.approx(20)
    assert width("\u200f", LABEL) == 0
    assert width("क\u0941", LABEL) == width("क", LABEL)


@pytest.mark.parametrize("font", FONTS, ids=lambda font: font.name)
def test_the_empty_text_has_no_width(font):
    assert width("", font) == 0
