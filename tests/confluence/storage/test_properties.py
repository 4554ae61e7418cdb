"""Properties of the conversion of any tree: its result is valid, and no text is lost."""

from html import escape

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree

from generator.confluence.storage.flow import is_block
from generator.confluence.storage.nodes import Element
from generator.confluence.storage.parse import get_attribute, get_name, normalise_storage, parse_storage
from generator.confluence.storage.write import ConvertedPage
from tests.confluence.parity import Parity, Surroundings, parity
from tests.confluence.storage.book import NAMES, PAGE, PLACES, SITE, converted, page_html

MACROS = {
    "anchor",
    "status",
    "info",
    "note",
    "tip",
    "warning",
    "expand",
    "details",
    "code",
    "excerpt",
    "toc",
    "children",
}
XHTML_NAMES = (
    "p h1 h2 h3 h4 h5 h6 ul ol li table tbody tr td th blockquote hr br a em strong del u sub sup small span code"
)
XHTML = set(XHTML_NAMES.split())
STORAGE = {
    *("ac:structured-macro", "ac:parameter", "ac:rich-text-body", "ac:plain-text-body", "ac:link", "ac:link-body"),
    *("ac:image", "ac:task-list", "ac:task", "ac:task-status", "ac:task-body"),
    *("ri:page", "ri:attachment", "ri:url"),
}
HOMES = {
    "li": {"ul", "ol"},
    "td": {"tr"},
    "th": {"tr"},
    "tr": {"tbody"},
    "tbody": {"table"},
    "ac:task": {"ac:task-list"},
}
VOLATILE = ("local-id", "macro-id", "version-at-save", "task-id", "uuid", "class=", "data-")

TEXT = st.text(
    st.sampled_from("ab ZÄ語😀\N{NO-BREAK SPACE}\N{RIGHT-TO-LEFT MARK}]]>&<\"'\n\t\x01\x0b\ufffe\u2028"), max_size=8
).map(escape)
HREFS = st.sampled_from(
    ["tpfy.html#use", "#one", "ryl.html", "https://x.example.com/?a&b", "javascript:x", "no.html", "plot.png", ""]
)
INLINE = ["em", "strong", "b", "code", "kbd", "mark", "sub", "q", "span", "small", "del", "ins", "abbr title='Long'"]
BLOCK = ["p", "div", "blockquote", "h2", "h4", "section", "li", "figure", "pre", "dl", "dd", "td", "p id='one'"]
BOX = {
    "list": "<ul><li>{}</li><li id='two'>{}</li></ul>",
    "numbers": "<ol start='3'><li>{}</li>{}</ol>",
    "tasks": "<ul class='task-list'><li class='task-list-item'><input type='checkbox' checked>{}</li><li>{}</li></ul>",
    "terms": "<dl><dt>{}</dt><dd>{}</dd></dl>",
    "table": "<table><tr><th>{}</th><td colspan='2' style='text-align: right'>{}</td></tr></table>",
    "facts": "<table class='mb-facts'><tr><th>{}</th><td>{}</td></tr></table>",
    "note": "<div class='admonition note'><p class='admonition-title'>{}</p>{}</div>",
    "details": "<details><summary>{}</summary>{}</details>",
    "tabs": "<div class='tabbed-set'><div class='tabbed-labels'><label>{}</label></div>"
    "<div class='tabbed-content'><div class='tabbed-block'>{}</div></div></div>",
    "badge": "<span class='mb-badge mb-badge--green'>{}</span>{}",
    "figure": "<figure><img alt='alt' src='plot.png'><figcaption>{}</figcaption></figure>{}",
    "code": "<div class='highlight language-python'><pre><span></span><code>{}</code></pre></div>{}",
    "diagram": "<figure class='mb-diagram'><svg><title>t</title></svg><figcaption>{}</figcaption></figure>{}",
    "full code": "<div class='highlight'>{}<pre>one</pre><pre>{}</pre></div>",
    "more labels": "<div class='tabbed-set'>{}<div class='tabbed-labels'><label>A</label><label>{}</label></div>"
    "<div class='tabbed-content'><div class='tabbed-block'>b</div></div></div>",
    "second titles": "<details><summary>s</summary>{}<summary>{}</summary></details>",
    "full diagram": "<figure class='mb-diagram'>{}<svg><title>t</title></svg>{}</figure>",
    "summary": "<p class='mb-summary' data-mb-excerpt>{}</p>{}",
    "relative date": "<div>due<span data-mb-relative>{}</span></div>{}",
    "unknown": "<meter>{}</meter><video>{}</video>",
}


def _wrap(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name.split(maxsplit=1)[0]}>"


def _nest(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        st.builds(_wrap, st.sampled_from(INLINE), inner),
        st.builds(_wrap, st.sampled_from(BLOCK), inner),
        st.builds(lambda box, two: BOX[box].format(*two), st.sampled_from(sorted(BOX)), pair),
        st.builds(lambda href, body: f'<a href="{escape(href)}">{body}</a>', HREFS, inner),
        pair.map("".join),
    )


TREES = st.recursive(
    TEXT
    | st.sampled_from(["<br>", "<hr>", "<wbr>", "<source srcset='a'>", "<img alt='x' src='gone.png'>", "<svg></svg>"]),
    _nest,
)


@settings(max_examples=500, deadline=None)
@given(TREES)
def test_any_tree_becomes_valid_storage_format(body: str):
    result = converted(body)
    made = result.storage.resolve(PLACES, "BOOK")
    assert made.encode() == converted(body).storage.resolve(PLACES, "BOOK").encode()
    assert not any(word in made for word in VOLATILE)
    root = parse_storage(made)
    for element in root.iter():
        _assert_known(element)
    for element in root:
        assert is_block(Element(get_name(element), (("ac:name", get_attribute(element, "ac:name")),)))
    assert not (root.text or "").strip()
    assert normalise_storage(normalise_storage(made)) == normalise_storage(made)


def _assert_known(element: etree._Element) -> None:
    name = get_name(element)
    above = [get_name(node) for node in element.iterancestors()]
    assert name in {"r"} | XHTML | STORAGE
    assert name != "ac:structured-macro" or get_attribute(element, "ac:name") in MACROS
    node = Element(name, (("ac:name", get_attribute(element, "ac:name")),))
    in_line = {"p", "h1", "h2", "h4", "em", "strong", "code", "span", "ac:link-body", "a"}
    assert not is_block(node) or not in_line & set(above[: _depth_of_block(above)])
    assert not {"a", "ac:link"} & {name} or not {"a", "ac:link"} & set(above)
    assert name not in {"ul", "ol", "tbody", "tr"} or not (element.text or "").strip()
    assert name not in HOMES or above[0] in HOMES[name]
    assert name not in {"ul", "ol"} or {get_name(child) for child in element} <= {"li"}


def _depth_of_block(above: list[str]) -> int:
    """Return the number of ancestors up to the nearest cell, item or macro body."""
    starts = {"td", "th", "li", "ac:rich-text-body", "ac:task-body", "blockquote", "r"}
    return next(index for index, name in enumerate(above) if name in starts)


def _compared(body: str) -> tuple[ConvertedPage, Parity]:
    result = converted(body)
    around = Surroundings(PAGE.path, PAGE.title, NAMES, SITE.url)
    return result, parity(page_html(body), result.storage.resolve(PLACES, "BOOK"), around)


@settings(max_examples=300, deadline=None)
@given(TREES)
@example("<pre><table><tr><th>a</th><td>b</td></tr></table></pre>")
@example("<pre><p id='one'><table><tr><th>a</th><td><pre>b</pre>c</td></tr></table></p></pre>")
@example("<pre><span>a<p id='one'>b</p></span>c</pre>")
def test_no_text_is_lost(body: str):
    result, verdict = _compared(body)
    lost = [text for tally in verdict.tallies if tally.kind == "word" for text in tally.missing]
    assert not [text for text in lost if text.startswith("word")] or result.losses, lost
    assert not verdict.dangling


def _line(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.builds(_wrap, st.sampled_from(INLINE), inner) | st.tuples(inner, inner).map("".join)


LINE = st.recursive(TEXT | st.sampled_from(["<br>", "<wbr>", "<img alt='x' src='plot.png'>"]), _line, max_leaves=5)
LINKED = LINE | st.builds(lambda href, body: f'<a href="{escape(href)}">{body}</a>', HREFS, LINE)
LEAVES = st.one_of(
    st.builds(_wrap, st.sampled_from(["p", "h2", "h4", "pre", "p id='one'"]), LINKED),
    st.builds(
        lambda box, two: BOX[box].format(*two), st.sampled_from(sorted({*BOX} - {"numbers"})), st.tuples(LINKED, LINKED)
    ),
)
HOLDERS = [
    "<div>{}</div>",
    "<blockquote>{}</blockquote>",
    "<ul><li>{}</li></ul>",
    "<ol start='4'><li>one</li><li value='9'>{}</li></ol>",
    "<table><tr><td>{}</td></tr></table>",
    "<dl><dt>term</dt><dd>{}</dd></dl>",
    "<details><summary>more</summary>{}</details>",
]


def _held(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    holding = st.builds(lambda holder, body: holder.replace("{}", body), st.sampled_from(HOLDERS), inner)
    return holding | st.tuples(inner, inner).map("".join)


PAGES = st.recursive(LEAVES, _held, max_leaves=6)


@settings(max_examples=300, deadline=None)
@given(PAGES)
def test_valid_html_is_converted_exactly_or_reported(body: str):
    result, verdict = _compared(body)
    assert verdict.holds or result.losses, verdict.missing
