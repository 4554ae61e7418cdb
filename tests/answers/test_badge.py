"""Badges: readable, accessible, and safe for any label."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from generator.answers.badge import render_badge

SVG = "{http://www.w3.org/2000/svg}"


def parse(label: str, count: int) -> etree._Element:
    return etree.fromstring(render_badge(label, count))


@pytest.mark.parametrize(("count", "colour"), [(0, "#1a7f37"), (1, "#9a6700"), (9, "#9a6700"), (10, "#b42318")])
def test_the_colour_depends_on_the_count(count: int, colour: str) -> None:
    assert [path.get("fill") for path in parse("debt", count).findall(f"{SVG}path")][1] == colour


def test_white_text_has_enough_contrast_on_the_colours() -> None:
    for count in (0, 1, 10):
        for path in parse("debt", count).findall(f"{SVG}path"):
            assert 1.05 / (luminance(path.get("fill") or "") + 0.05) >= 4.5


def luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_a_longer_label_makes_a_wider_badge() -> None:
    narrow, wide = (int(parse(label, 3).get("width") or 0) for label in ("debt", "debt of merch"))
    assert wide > narrow + 40


@given(label=st.text(max_size=40), count=st.integers(0, 10**6))
def test_any_label_makes_an_svg_with_a_title_and_without_links(label: str, count: int) -> None:
    root = parse(label, count)
    shown = "".join(character for character in label if character.isprintable())
    assert root.findtext(f"{SVG}title") == root.get("aria-label") == f"{shown}: {count}"
    assert {element.tag.removeprefix(SVG) for element in root.iter()} == {"svg", "title", "path", "g", "text"}
    attributes = {str(name) for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if "href" in name or name == "style"]
