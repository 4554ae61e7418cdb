import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from generator.diagrams.markup import address, css_class, element, number, text
from tests.diagrams.pictures import HOSTILE


@pytest.mark.parametrize(
    "href",
    [
        "../models/ryl/",
        "models/a:b/",
        "#step-6",
        "?q=1",
        "https://example.com/a?b=c&d",
        "HTTP://x.com",
        "//host/x",
    ],
)
def test_a_sound_address_is_kept(href):
    assert address(href) == href


@pytest.mark.parametrize(
    "href",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "java\tscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:asha@example.com",
        "",
        None,
    ],
)
def test_any_other_address_is_dropped(href):
    assert address(href) is None


@given(st.text() | st.just(HOSTILE))
def test_any_text_survives_as_text(value):
    read = etree.fromstring(element("text", {"class": value}, text(value)))
    assert len(read) == 0
    assert (read.text or "") == read.get("class") == " ".join((read.text or "").split())
    assert "\n" not in text(value)


def test_text_is_shown_as_typed():
    assert etree.fromstring(element("t", {}, text("a <b> & 'c' \"d\" \u05d0"))).text == "a <b> & 'c' \"d\" \u05d0"


@pytest.mark.parametrize(("value", "written"), [(1, "1"), (1.04, "1"), (1.25, "1.2"), (-0.04, "0"), (-2.54, "-2.5")])
def test_numbers_have_at_most_one_decimal(value, written):
    assert number(value) == written


def test_a_class_is_made_of_letters_and_digits_only():
    assert css_class("mb-state", 'Rolled_Back" onload="x') == "mb-state-rolled-back-onload-x"
    assert css_class("mb-state", "過期") == ""
