"""A card's text is shown as typed, by the Markdown engine that builds the site, wherever a template may put it."""

import re
from functools import cache
from urllib.parse import unquote

import markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html

from generator.pages import escaping

EXTENSIONS = [
    "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc", "abbr",
    "pymdownx.details", "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.superfences", "pymdownx.tabbed",
    "pymdownx.tasklist", "pymdownx.emoji", "pymdownx.keys", "pymdownx.mark", "pymdownx.caret", "pymdownx.tilde",
    "pymdownx.betterem", "pymdownx.critic", "pymdownx.arithmatex", "pymdownx.magiclink",
]  # fmt: skip

HOSTILE = [
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "{% raw %}",
    "[x](javascript:alert(1))",
    "![x](https://evil.example.com/x.png)",
    "a | b\nc | d",
    "</td></tr></table><img src=x onerror=alert(1)>",
    "`code` ``two`` ```three```",
    "\u202eevil\u202c",
    "# heading",
    "- item",
    "1. item",
    "1) item",
    "> quote",
    "=====",
    "-----",
    "*bold* _under_ __dunder__ ~~del~~ ==mark== ^^ins^^ ++ctrl+c++",
    ":smile: :material-account:",
    "https://evil.example.com <https://evil.example.com> me@example.com",
    "[^1] [^1]: note *[HTML]: abbr",
    "{: .class onclick=alert(1) }",
    "{++ins++} {--del--} {~~a~>b~~} {>>note<<}",
    "$x^2$ \\(y\\) $$z$$",
    "&lt;b&gt; &amp; &#60;",
    "!!! note\n    text",
    "=== \"tab\"",
    "```python",
    "    code",
    "a  \nb",
    "\\* \\[ \\` \\\\",
    "--- ... -->",
    "[ ] task",
    "term\n:   definition",
    "--8<-- \"/etc/passwd\"",
    "x" * 10_000,
]  # fmt: skip


@cache
def _engine() -> markdown.Markdown:
    return markdown.Markdown(extensions=EXTENSIONS)


def shown(source: str) -> html.HtmlElement:
    engine = _engine()
    engine.reset()
    return html.fragment_fromstring(engine.convert(source), create_parent="div")


def one_line(value: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f\x85]+", " ", value).strip()


TEXTS = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff\x02\x03"), max_size=60
) | st.text("<>[](){}*_`~^=+$!|&#:;\\\"'-.0 1ax\n\t/@%,", max_size=40)


def _check(text: str, source: str, path: str) -> None:
    found = shown(source).xpath(path)
    assert len(found) == 1
    assert one_line(found[0].text_content()) == one_line(text)
    assert not list(found[0]), "the text became markup"


def _examples(test):
    for text in HOSTILE:
        test = example(text)(test)
    return settings(max_examples=150, deadline=None)(given(TEXTS)(test))


@_examples
def test_in_a_paragraph(text):
    if one_line(text):
        _check(text, f"before\n\n{escaping.text(text)}\n\nafter", "./p[2]")


@_examples
def test_in_a_table_cell(text):
    source = f"| A | B |\n|---|---|\n| {escaping.text(text)} | end |\n"
    tree = shown(source)
    assert [cell.text_content() for cell in tree.xpath(".//tbody/tr/td[2]")] == ["end"]
    _check(text, source, ".//tbody/tr/td[1]")


@_examples
def test_in_a_heading(text):
    if one_line(text):
        assert one_line(shown(f"# {escaping.text(text)}\n").xpath("./h1")[0].text_content()) == one_line(text)


@_examples
def test_in_raw_html_and_its_attributes(text):
    source = f'<table>\n<tr><td title="{escaping.attribute(text)}">{escaping.text(text)}</td></tr>\n</table>\n'
    _check(text, source, ".//td")
    assert one_line(shown(source).xpath(".//td")[0].get("title")) == one_line(text)


@_examples
def test_as_inline_code_in_a_cell(text):
    tree = shown(f"| A | B |\n|---|---|\n| {escaping.code(text)} | end |\n")
    assert one_line("".join(tree.xpath(".//tbody/tr/td[1]//text()"))) == one_line(text)
    assert {element.tag for element in tree.xpath(".//tbody/tr/td[1]//*")} <= {"code"}


@_examples
def test_as_the_label_of_a_link(text):
    if one_line(text):
        links = shown(f"before {escaping.link(text, 'models/ryl.md')} after").xpath(".//a")
        assert [link.get("href") for link in links] == ["models/ryl.md"]
        assert one_line(links[0].text_content()) == one_line(text)


@_examples
def test_in_a_fence(text):
    engine = _engine()
    engine.reset()
    tree = html.fragment_fromstring(engine.convert(f"{escaping.fence(text, 'text')}\n\nafter\n"), create_parent="div")
    assert tree.xpath("./p")[-1].text_content() == "after"
    assert not tree.xpath(".//script|.//img|.//a[@href and not(starts-with(@href, '#__'))]")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil", "http://[", "file:///x",
     "https://a b", 'https://a"onclick=', "\x01javascript:alert(1)", " javascript:alert(1)"],
)  # fmt: skip
def test_what_could_run_is_no_link(address):
    assert not escaping.is_linkable(address)


def test_an_address_that_is_not_linked_is_still_shown():
    assert (
        shown(str(escaping.link("javascript:alert(1)", "javascript:alert(1)"))).text_content() == "javascript:alert(1)"
    )


def test_an_address_keeps_its_meaning():
    address = "https://e.example.com/a_(b)_*c*?q=[1]&r=~2#f"
    href = shown(str(escaping.link("x", address))).xpath(".//a")[0].get("href")
    assert unquote(href) == address


def test_our_own_documentation_may_use_code():
    assert str(escaping.ticks("set `done_on:`, or move `due:`")) == (
        "set <code>done_on:</code>, or move <code>due:</code>"
    )
