"""The Markdown engine of the site shows the text of a card as typed, and the HTML of its prose is safe."""

import re
from functools import cache

import markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import html
from markupsafe import Markup

from generator.pages import markup
from generator.pages.article import ArticleConverter

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


def render(source: str) -> html.HtmlElement:
    engine = _engine()
    engine.reset()
    return html.fragment_fromstring(engine.convert(source), create_parent="div")


def one_line(value: str) -> str:
    return re.sub(r"[\s\x00-\x1f\x7f\x85]+", " ", value).strip()


TEXTS = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\ufffe\uffff\x02\x03"), max_size=60
) | st.text("<>[](){}*_`~^=+$!|&#:;\\\"'-.0 1ax\n\t/@%,", max_size=40)


def check_text(text: str, source: str, path: str) -> None:
    found = render(source).xpath(path)
    assert len(found) == 1
    assert one_line(found[0].text_content()) == one_line(text)
    assert not list(found[0]), "the text became markup"


def with_examples(test):
    for text in HOSTILE:
        test = example(text)(test)
    return settings(max_examples=150, deadline=None)(given(TEXTS)(test))


@with_examples
def test_in_a_paragraph(text):
    if one_line(text):
        check_text(text, f"before\n\n{markup.escape_text(text)}\n\nafter", "./p[2]")


@with_examples
def test_in_a_table_cell(text):
    source = f"| A | B |\n|---|---|\n| {markup.escape_text(text)} | end |\n"
    tree = render(source)
    assert [cell.text_content() for cell in tree.xpath(".//tbody/tr/td[2]")] == ["end"]
    check_text(text, source, ".//tbody/tr/td[1]")


@with_examples
def test_in_a_heading(text):
    if one_line(text):
        assert one_line(render(f"# {markup.escape_text(text)}\n").xpath("./h1")[0].text_content()) == one_line(text)


@with_examples
def test_in_raw_html_and_its_attributes(text):
    source = (
        f'<table>\n<tr><td title="{markup.escape_attribute(text)}">{markup.escape_text(text)}</td></tr>\n</table>\n'
    )
    check_text(text, source, ".//td")
    assert one_line(render(source).xpath(".//td")[0].get("title")) == one_line(text)


@with_examples
def test_as_inline_code_in_a_cell(text):
    tree = render(f"| A | B |\n|---|---|\n| {markup.format_code(text)} | end |\n")
    assert one_line("".join(tree.xpath(".//tbody/tr/td[1]//text()"))) == one_line(text)
    assert {element.tag for element in tree.xpath(".//tbody/tr/td[1]//*")} <= {"code"}


@with_examples
def test_as_the_label_of_a_link(text):
    if one_line(text):
        links = render(f"before [{markup.escape_text(text)}](models/ryl.md) after").xpath(".//a")
        assert [link.get("href") for link in links] == ["models/ryl.md"]
        assert one_line(links[0].text_content()) == one_line(text)


@with_examples
def test_in_a_fence(text):
    engine = _engine()
    engine.reset()
    tree = html.fragment_fromstring(
        engine.convert(f"{markup.format_fence(text, 'text')}\n\nafter\n"), create_parent="div"
    )
    assert tree.xpath("./p")[-1].text_content() == "after"
    assert not tree.xpath(".//script|.//img|.//a[@href and not(starts-with(@href, '#__'))]")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "//evil", "http://[", "file:///x",
     "https://a b", 'https://a"onclick=', "\x01javascript:alert(1)", " javascript:alert(1)"],
)  # fmt: skip
def test_a_link_has_no_address_that_could_run(address):
    assert not markup.is_linkable(address)


def test_backticks_in_text_of_our_own_mark_code():
    assert str(markup.format_code_spans("set `done_on:`, or move `due:`")) == (
        "set <code>done_on:</code>, or move <code>due:</code>"
    )


PAGES = {"model:tpfy": "tpfy.html"}


def render_prose(markdown: str) -> html.HtmlElement:
    return html.fragment_fromstring(markup.render_prose(markdown, PAGES.get), create_parent="div")


def test_headings_in_prose_are_below_those_of_the_page():
    assert [(heading.tag, heading.text) for heading in render_prose("# A\n\n## B\n")] == [("h3", "A"), ("h4", "B")]


def test_a_link_to_a_card_is_a_link_to_its_page():
    assert render_prose("[T](model:tpfy)").xpath(".//a/@href") == ["tpfy.html"]


def test_a_broken_link_is_marked_and_has_no_address():
    link = render_prose("[T](model:gone)").xpath(".//a")[0]
    assert (link.get("href"), link.get("class"), link.text) == (None, "mb-missing", "T")


def test_tables_lists_tasks_and_footnotes():
    tree = render_prose("| a |\n|---|\n| 1 |\n\n- [x] done\n\nterm\n: meaning\n\ntext[^1]\n\n[^1]: note\n")
    for path in (".//td", ".//input[@type='checkbox'][@disabled]", ".//dd", ".//sup"):
        assert tree.xpath(path), path


def test_an_image_becomes_a_link():
    tree = render_prose("![chart](https://e.example.com/a.png) ![x](data:image/png;base64,AA)")
    assert not tree.xpath(".//img")
    assert tree.xpath(".//a/@href") == ["https://e.example.com/a.png"]


@pytest.mark.parametrize(
    "markdown",
    ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "a <b onclick=x>b</b>", "<!-- x -->", "<?php x ?>"],
)
def test_raw_html_in_prose_is_shown_as_typed(markdown):
    tree = render_prose(markdown)
    assert tree.text_content().strip() == markdown
    assert not tree.xpath(".//script|.//img|.//b|.//comment()")


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"]
)
def test_prose_has_no_link_that_could_run(address):
    assert render_prose(f"[x]({address}) <{address}>").xpath(".//a/@href") == []


def test_empty_lines_of_code_do_not_end_the_html_block():
    assert "\n\n" not in markup.render_prose("```\na\n\n\nb\n```\n", PAGES.get)
    assert render_prose("```\na\n\n\nb\n```\n").xpath(".//code")[0].text == "a\n\n\nb\n"


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_fences_inside_code_are_shown_as_typed(fence):
    code = f"text\n{fence}python\nprint()\n{fence}\nmore"
    prose = markup.render_prose("".join(f"    {line}\n" for line in code.splitlines()), PAGES.get)
    for block in (f"<div>\n{prose}</div>", f"<details>\n{markup.format_block(code, 'html')}\n</details>"):
        page = html.fragment_fromstring(ArticleConverter().convert(f"{block}\n\n# After"), create_parent="div")
        assert [element.text_content().strip() for element in page.xpath(".//pre")] == [code]
        assert page.xpath(".//h1")[0].text == "After"


SAFE = {
    "a", "p", "h3", "h4", "h5", "h6", "ul", "ol", "li", "em", "strong", "code", "pre", "blockquote", "hr", "br", "s",
    "table", "thead", "tbody", "tr", "th", "td", "input", "dl", "dt", "dd", "sup", "section", "div", "label",
}  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.text("<>[]()!*_`~#|-:\n \"'=&;/\\xjavscriptonel1.", max_size=80) | st.text(max_size=60))
def test_prose_has_only_safe_elements(markdown):
    for element in render_prose(markdown.replace("\x00", "")).iterdescendants():
        assert element.tag in SAFE
        for name, value in element.attrib.items():
            assert not name.startswith("on")
            assert name != "href" or value.startswith(("http", "mailto", "#", "tpfy"))


@given(TEXTS)
@example("D's \\")
@example("a';}</style><script>")
@example('"; --mb-2: url(//evil.example.com)')
@example("9 %")
def test_a_css_string_is_one_string_in_a_style_attribute(text):
    style = render(f'<div style="--mb-2:{markup.format_css_string(text)};--mb-3:\'B\'" markdown="1">\n\nx\n</div>')[
        0
    ].get("style")
    string = re.fullmatch(r"--mb-2:'((?:[^'\\\n\r\f]|\\\\)*)';--mb-3:'B'", style)
    assert string, style
    shown = string[1].replace("\\\\", "\\").replace("\N{NO-BREAK SPACE}", " ")
    assert shown == one_line(text).replace("'", "\N{RIGHT SINGLE QUOTATION MARK}")


def test_a_line_does_not_end_between_a_number_and_percent_except_in_code():
    assert markup.escape_text("9 % of 1 %, not %s") == "9\N{NO-BREAK SPACE}% of 1\N{NO-BREAK SPACE}%, not %s"
    assert markup.format_code("9 %") == "<code>9 %</code>"


def test_an_empty_column_is_omitted():
    rows = Markup("| A |  | 1 |\n\n| B | |  |\n")
    assert markup.omit_empty_columns(rows, ["Name", "Note", ">Uses"]) == (("Name", ">Uses"), "| A | 1 |\n| B |  |\n")
    assert markup.omit_empty_columns(rows, ["Name", "Uses"]) == (("Name", "Uses"), rows)  # more cells than columns
    assert markup.omit_empty_columns("", ["Name", "Uses"]) == (("Name", "Uses"), "")
