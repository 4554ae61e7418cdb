import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from generator.diagrams.svg import escape_text, format_number, keep_safe_href, make_css_class, render_element
from tests.diagrams.examples import HOSTILE


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
def test_safe_addresses_are_kept(href):
    assert keep_safe_href(href) == href


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
def test_other_addresses_are_dropped(href):
    assert keep_safe_href(href) is None


@given(st.text() | st.just(HOSTILE))
def test_any_text_stays_text_on_one_line(value):
    read = etree.fromstring(render_element("text", {"class": value}, escape_text(value)))
    assert len(read) == 0
    assert (read.text or "") == read.get("class") == " ".join((read.text or "").split())
    assert "\n" not in escape_text(value)


def test_escaped_text_is_unchanged_when_parsed():
    assert (
        etree.fromstring(render_element("t", {}, escape_text("a <b> & 'c' \"d\" \u05d0"))).text
        == "a <b> & 'c' \"d\" \u05d0"
    )


@pytest.mark.parametrize(("value", "written"), [(1, "1"), (1.04, "1"), (1.25, "1.2"), (-0.04, "0"), (-2.54, "-2.5")])
def test_numbers_have_at_most_one_decimal(value, written):
    assert format_number(value) == written


def test_css_classes_have_only_letters_digits_and_hyphens():
    assert make_css_class("mb-state", 'Rolled_Back" onload="x') == "mb-state-rolled-back-onload-x"
    assert make_css_class("mb-state", "過期") == ""
