import re

import pytest

from generator.diagrams import STYLESHEET, render_svg
from generator.diagrams.shapes import NODE_STYLES, get_node_style
from generator.diagrams.stylesheet import DARK, LIGHT, PNG_STYLESHEET
from tests.diagrams.examples import FLOW, WAVES

FAMILIES = {name.removesuffix("-fill") for name in LIGHT if name.endswith("-fill")}
SCHEMES = pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])


def luminance(colour: str) -> float:
    """Compute the relative luminance: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_computed_as_wcag_defines_it():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@SCHEMES
def test_text_in_nodes_has_enough_contrast(scheme: dict[str, str]):
    for family in FAMILIES:
        for ink in (scheme["ink"], scheme["muted"], scheme[f"{family}-ink"]):
            assert contrast(ink, scheme[f"{family}-fill"]) >= 4.5, (ink, family)


@SCHEMES
def test_text_on_the_page_and_on_the_focus_has_enough_contrast(scheme: dict[str, str]):
    assert contrast(scheme["ink"], scheme["paper"]) >= 4.5
    assert contrast(scheme["muted"], scheme["paper"]) >= 4.5
    for family in FAMILIES:
        assert contrast(scheme["paper"], scheme[f"{family}-ink"]) >= 4.5, family


@SCHEMES
def test_outlines_and_arrows_have_enough_contrast(scheme: dict[str, str]):
    frame = scheme["group-fill"]
    for ground in (scheme["paper"], frame):
        assert contrast(scheme["line"], ground) >= 3
        for family in {*(look.family for look in NODE_STYLES.values()), "data", "alarm"}:
            assert contrast(scheme[f"{family}-line"], ground) >= 3, family


def test_both_schemes_declare_every_variable_that_the_rules_use():
    declared = set(re.findall(r"(--mb-[a-z-]+):", STYLESHEET))
    assert {f"--mb-{name}" for name in LIGHT} == {f"--mb-{name}" for name in DARK} == declared
    assert set(re.findall(r"var\((--mb-[a-z-]+)\)", STYLESHEET)) <= declared


def test_dark_colours_depend_on_the_palette_toggle():
    dark = STYLESHEET.index("[data-md-color-scheme=slate]")
    assert STYLESHEET.index(DARK["model-fill"]) > dark > STYLESHEET.index(LIGHT["model-fill"])


def test_png_rules_have_light_colours_and_no_variable():
    assert "var(" not in PNG_STYLESHEET
    assert set(re.findall(r"#[0-9a-f]{6}", PNG_STYLESHEET)) <= set(LIGHT.values())
    assert LIGHT["model-fill"] in PNG_STYLESHEET


def test_rules_load_no_file_and_apply_to_diagrams_only():
    assert not re.search(r"url\(|@import|@font-face|https?:|expression", STYLESHEET)
    for selectors in re.findall(r"([^{}]+)\{", STYLESHEET):
        for selector in selectors.split(","):
            assert re.match(r"\s*(\[data-md-color-scheme=slate\] )?\.mb-", selector), selector


def test_every_rendered_class_has_a_rule():
    drawn = set(
        re.findall(r"mb-[a-z-]+", " ".join(re.findall(r'class="([^"]+)"', render_svg(FLOW) + render_svg(WAVES))))
    )
    without_look = {"mb-node", "mb-group", "mb-state-done", "mb-state-running"}
    plain = {name for name in drawn if name.startswith("mb-rel-")} - {
        "mb-rel-publishes",
        "mb-rel-consumes",
        "mb-rel-fallback",
    }
    styled = set(re.findall(r"\.(mb-[a-z-]+)", STYLESHEET))
    assert drawn - without_look - plain <= styled


def test_every_kind_has_colours():
    assert {look.family for look in NODE_STYLES.values()} | {get_node_style("anything").family} <= FAMILIES
