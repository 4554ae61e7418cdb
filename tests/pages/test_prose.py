"""The prose of a Markdown card: CommonMark for its author, nothing that runs or loads for its reader."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from generator.pages.prose import prose

PAGES = {"model:tpfy": "tpfy.html"}


def read(markdown: str) -> html.HtmlElement:
    return html.fragment_fromstring(prose(markdown, PAGES.get), create_parent="div")


def test_headings_start_below_the_pages_own():
    assert [(heading.tag, heading.text) for heading in read("# A\n\n## B\n")] == [("h3", "A"), ("h4", "B")]


def test_a_link_to_a_card_leads_to_its_page():
    assert read("[T](model:tpfy)").xpath(".//a/@href") == ["tpfy.html"]


def test_a_link_that_leads_nowhere_is_marked_and_leads_nowhere():
    link = read("[T](model:gone)").xpath(".//a")[0]
    assert (link.get("href"), link.get("class"), link.text) == (None, "mb-missing", "T")


def test_tables_lists_tasks_and_footnotes():
    tree = read("| a |\n|---|\n| 1 |\n\n- [x] done\n\nterm\n: meaning\n\ntext[^1]\n\n[^1]: note\n")
    for path in (".//td", ".//input[@type='checkbox'][@disabled]", ".//dd", ".//sup"):
        assert tree.xpath(path), path


def test_an_image_becomes_a_link_so_that_nothing_is_loaded():
    tree = read("![chart](https://e.example.com/a.png) ![x](data:image/png;base64,AA)")
    assert not tree.xpath(".//img")
    assert tree.xpath(".//a/@href") == ["https://e.example.com/a.png"]


@pytest.mark.parametrize(
    "markdown",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a <b onclick=x>b</b>", "<!-- x -->", "<?php x ?>"],
)
def test_raw_html_is_shown_as_typed(markdown):
    tree = read(markdown)
    assert tree.text_content().strip() == markdown
    assert not tree.xpath(".//script|.//img|.//b|.//comment()")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"]
)
def test_an_address_that_could_run_is_no_link(address):
    assert read(f"[x]({address}) <{address}>").xpath(".//a/@href") == []


def test_the_empty_lines_of_code_do_not_end_the_block_in_the_page():
    assert "\n\n" not in prose("```\na\n\n\nb\n```\n", PAGES.get)
    assert read("```\na\n\n\nb\n```\n").xpath(".//code")[0].text == "a\n\n\nb\n"


SAFE = {
    "a", "p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "em", "strong", "code", "pre", "blockquote", "hr", "br", "s",
    "table", "thead", "tbody", "tr", "th", "td", "input", "dl", "dt", "dd", "sup", "section", "div", "label",
}  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.text("<>[]()!*_`~#|-:\n \"'=&;/\\xjavscriptonel1.", max_size=80) | st.text(max_size=60))
def test_whatever_is_written_only_safe_elements_come_out(markdown):
    for element in read(markdown.replace("\x00", "")).iterdescendants():
        assert element.tag in SAFE
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "href" or value.startswith(("http", "mailto", "#", "tpfy"))
