import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html as lxml_html
from markdown_it import MarkdownIt

from generator.exports.page_markdown import convert_article, render_front_matter
from generator.exports.site_markdown import add_markdown_link, render_markdown_page

MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=40)


def convert(content: str) -> str:
    return convert_article(content, lambda target: target)


def words_of(markup: str) -> list[str]:
    """Return the words that a reader sees."""
    root = lxml_html.fragment_fromstring(markup or "<p></p>", create_parent="div")
    return " ".join(root.itertext()).split()


EXAMPLES = [
    ('<h2 id="a">Who to call<a class="headerlink" href="#a">¶</a></h2>', "## Who to call"),
    ("<p>one<br>two</p>", "one\\\ntwo"),
    ("<p><br>one<br></p>", "one"),
    ("<p>a\\<br></p>", "a\\\\"),
    ("<p>a <strong>bold </strong>word, <em>it</em></p>", "a **bold** word, *it*"),
    ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n  - c"),
    ("<ol><li>a</li><li>b</li></ol>", "1. a\n2. b"),
    ("<p># no heading</p><p>1. no item</p>", "\\# no heading\n\n1\\. no item"),
    (
        '<div class="language-json highlight"><pre><code>{\n  <span>"a"</span>: 1\n}\n</code></pre></div>',
        '```json\n{\n  "a": 1\n}\n```',
    ),
    (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>x|y</td><td>1<br>2</td></tr></tbody></table>",
        "| a | b |\n| --- | --- |\n| x\\|y | 1<br>2 |",
    ),
    (
        "<table><thead><tr><th>a</th></tr></thead><tbody><tr><td>1<div>2</div></td></tr></tbody></table>",
        "| a |\n| --- |\n| 1<br>2 |",
    ),
    ("<table><tr><th>Owner</th><td><a href='t.html'>T</a></td></tr></table>", "- **Owner**: [T](t.html)"),
    ("<details><summary>More</summary><p>text</p></details>", "**More**\n\ntext"),
    ("<blockquote><p>a</p><p>b</p></blockquote>", "> a\n>\n> b"),
    ('<nav class="mb-path mb-site-only"><a href="x">Up</a></nav><p>text</p>', "text"),
    ("<form><label>Text <input></label></form><script>alert(1)</script><p>text</p>", "text"),
    ('<p><img alt="A map" src="map.png"></p>', "[Image: A map](map.png)"),
]
TABLE = """<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody>
<tr>
<td>{}</td>
<td style="text-align: right;">2<small>{}</small></td>
</tr>
<tr>
<td><code>a|b</code></td>
<td><ul><li>x</li><li>y</li></ul></td>
</tr>
</tbody></table>"""


@pytest.mark.parametrize(("content", "expected"), EXAMPLES)
def test_html_becomes_markdown(content, expected):
    assert convert(content) == f"{expected}\n"


@pytest.mark.parametrize(
    "content", [*(content for content, _ in EXAMPLES), TABLE.format("&amp; &#35; &nbsp;", "<b>x</b>")]
)
def test_html_is_converted_as_a_parser_reads_it(content):
    # Only a parser can read a comment.
    assert convert(f"{content}<!-- comment -->") == convert(content)


@pytest.mark.parametrize(
    "content",
    [
        "<p>one<p>two",
        "<ul><li>one<li>two</ul>",
        "<P>one<BR>two</P>",
        "<p title='a \"b\"'>one</p>",
        "<p title=x data->one</p>",
        "<p>a & b &amp; c <wbr>d</p>",
        "<div><span>one</div></span>",
        "<div/><p/>text<td>cell</td>",
        "<p 1=2 @click='x'>one</p><x@y>z</x@y>",
    ],
)
def test_untidy_html_is_converted(content):
    assert convert(content).split()


def test_each_row_of_a_table_has_the_cells_of_its_header():
    head, rows = "<tr><th>a</th><th>b</th></tr>", "<tr><td>1</td></tr><tr></tr><tr><td>2</td><td>3</td></tr>"
    expected = "| a | b |\n| --- | --- |\n| 1 |  |\n|  |  |\n| 2 | 3 |\n"
    assert convert(f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>") == expected


def test_a_diagram_becomes_its_description_and_its_links_without_duplicates():
    link = '<a class="mb-node" xlink:href="../systems/home.html" data-label="Home (feed)"><text>Ho</text></a>'
    figure = f"<figure><div><svg><title>Around</title><desc>RYL to Home.</desc>{link}{link}</svg></div></figure>"
    expected = "Diagram: RYL to Home.\n\nLinks in the diagram:\n\n- [Home (feed)](../systems/home.html)\n"
    assert convert(figure) == expected


@given(st.lists(TEXT, min_size=1, max_size=3))
def test_any_text_is_shown_as_typed(texts):
    # Text of cards is data: no character of it becomes markup, a link or HTML.
    element = lxml_html.Element("div")
    for text in texts:
        paragraph = lxml_html.Element("p")
        paragraph.text = text
        element.append(paragraph)
    content = lxml_html.tostring(element, encoding="unicode")
    shown = MARKDOWN.render(convert(content))
    assert words_of(shown) == words_of(content)
    assert {node.tag for node in lxml_html.fragment_fromstring(shown or " ", create_parent="div").iter()} <= {
        "div",
        "p",
    }


@given(st.text("<>/ abhiprtdu&;\"='!-[]#\n", max_size=200))
def test_any_html_is_converted(content):
    assert "\n\n\n" not in re.sub(r"(?s)```.*?```", "", convert(content))


@pytest.mark.parametrize(
    "content",
    ["", " ", "<!-- no text -->", "<p></p>", "a\x00b", "<div>" * 5_000 + "deep", f"{'<b>' * 999}deep{'</b>' * 999}"],
)
def test_unusual_html_is_converted(content):
    assert "<div" not in convert(content)


def test_small_text_in_a_cell_is_a_line_of_its_own():
    head = "<thead><tr><th>When</th><th>Who</th><th>What</th></tr></thead>"
    row = "<tr><td>11 Dec 2026<small>in 21 days</small></td><td><small>with</small> Growth</td><td>Review</td></tr>"
    assert "| 11 Dec 2026<br>in 21 days | with Growth |" in convert(f"<table>{head}<tbody>{row}</tbody></table>")
    assert convert("<p>Home <small>RYL</small></p>").strip() == "Home RYL"


def test_each_piece_of_evidence_and_its_detail_are_lines_of_their_own():
    evidence = '<span class="mb-ev">✓ Declared<small>since May</small></span><span class="mb-ev">· Found in code</span>'
    converted = convert(f"<table><thead><tr><th>How we know</th></tr></thead><tr><td>{evidence}</td></tr></table>")
    assert "| ✓ Declared<br>since May<br>· Found in code |" in converted


def test_each_guess_and_its_reason_are_lines_of_their_own():
    guesses = "".join(f'<span class="mb-guess"><code>{key}</code> x<small>why</small></span>' for key in ("a", "b"))
    converted = convert(f"<table><thead><tr><th>Guessed</th></tr></thead><tr><td>{guesses}</td></tr></table>")
    assert "| `a` x<br>why<br>`b` x<br>why |" in converted


def test_the_ways_to_reach_a_team_are_on_the_line_below_its_name():
    calls = '<div class="mb-calls"><ul><li>Data science <span>No on-call</span><small>#ds</small></li></ul></div>'
    assert convert(calls).strip() == "- Data science No on-call\\\n  #ds"


def test_the_detail_of_a_fold_is_in_brackets():
    fold = "<details><summary>Request <small>3 fields</small></summary><p>text</p></details>"
    assert convert(fold).strip() == "**Request (3 fields)**\n\ntext"


def test_links_between_pages_lead_to_their_markdown_files():
    content = '<p><a href="../../systems/home/">H</a> <a href="../tp/#why">T</a> <a href="../../map.js">m</a></p>'
    pages = {"models/ryl/index.html", "models/tp/index.html", "systems/home/index.html"}
    markdown = render_markdown_page(content, "models/ryl/index.html", pages, {})
    assert "[H](../../systems/home/index.md) [T](../tp/index.md#why) [m](../../map.js)" in markdown


def test_links_to_other_hosts_and_anchors_stay():
    content = '<p><a href="https://a.example/x.html">A</a> <a href="#here">h</a> <a href="//[">b</a></p>'
    markdown = render_markdown_page(content, "x.html", {"x.html"}, {})
    assert "[A](https://a.example/x.html) [h](#here) [b](//[)" in markdown


def test_front_matter_omits_what_a_page_does_not_have():
    assert render_front_matter({"type": "model", "ref": "", "tags": []}) == '---\ntype: "model"\n---\n\n'


def test_the_head_of_a_page_links_its_markdown_file():
    page = add_markdown_link("<head>\n</head><body></head></body>", "models/a b.html")
    link = '<link rel="alternate describedby" type="text/markdown" href="a%20b.md">'
    assert page == f"<head>\n{link}\n</head><body></head></body>"
