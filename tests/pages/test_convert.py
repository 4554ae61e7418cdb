"""Our own converter makes what Python-Markdown makes of a page, or refuses it."""

import functools
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import markdown
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from pymdownx.slugs import slugify  # type: ignore[import-untyped]

from bench.books import write_book as write_bench_book
from generator.pages.convert import MarkdownConverter, PageHtml
from generator.pages.convert_support import build_converter
from generator.pages.site import PageBuilder
from generator.pages.template_folders import build_template_folders
from generator.project import open_project
from tests.books import MODEL, TEAM, open_book, open_own_book, write_book
from tests.corpus import SAMPLE, read_corpus, write_corpus
from tests.load.writing import as_yaml
from tests.schema.strategies import any_card

Options = Mapping[str, dict[str, Any]]

NEEDED = ("toc", "tables", "fenced_code", "attr_list", "md_in_html", "pymdownx.highlight", "pymdownx.superfences")
USUAL = (
    *NEEDED, "admonition", "def_list", "footnotes", "pymdownx.details", "pymdownx.inlinehilite", "pymdownx.tabbed",
    "pymdownx.tasklist",
)  # fmt: skip
"""The extensions of a new book of `modelbook init`."""
OPTIONS: Options = {
    "toc": {"permalink": True},
    "pymdownx.highlight": {"pygments_lang_class": True},
    "pymdownx.tabbed": {"alternate_style": True},
    "pymdownx.tasklist": {"custom_checkbox": True},
}


def list_contents(tokens: list[Any]) -> list[tuple[int, str, str, Any]]:
    return [(one["level"], one["id"], one["name"], list_contents(one["children"])) for one in tokens]


def is_converted(text: str, extensions: Sequence[Any] = USUAL, options: Options = OPTIONS) -> bool:
    """Return whether a page is converted, after a comparison with Python-Markdown; False if it is refused."""
    usual = extensions is USUAL and options is OPTIONS
    return is_equal(
        text, build_usual_converter() if usual else build_converter(extensions, options), extensions, options
    )


@functools.cache
def build_usual_converter() -> MarkdownConverter | None:
    """Build the converter that converts page after page, as in a book."""
    return build_converter(USUAL, OPTIONS)


def is_equal(text: str, converter: MarkdownConverter | None, extensions: Sequence[Any], options: Options) -> bool:
    converted = converter.convert(text) if converter else None
    if converted is None:
        return False
    engine = markdown.Markdown(extensions=list(extensions), extension_configs=dict(options))
    expected = engine.convert(text)
    assert converted.resolve_links(lambda target: target) == expected
    assert list_contents(converted.list_contents()) == list_contents(getattr(engine, "toc_tokens", []))
    return True


def check_pages(pages: Mapping[str, str], extensions: Sequence[Any] = USUAL, options: Options = OPTIONS) -> None:
    converter = build_converter(extensions, options)
    assert not [path for path, text in pages.items() if not is_equal(text, converter, extensions, options)]


def render(root: Path) -> dict[str, str]:
    pages, findings = open_project(root).render_pages()
    assert not findings
    return {page.path: page.markdown for page in pages}


@pytest.fixture(scope="module")
def demo() -> dict[str, str]:
    """Return the Markdown of the demo book by path."""
    return {page.path: page.markdown for page in open_own_book().render_pages()[0]}


def test_no_page_of_the_demo_is_refused(demo):
    check_pages(demo)


def test_no_page_of_real_models_is_refused(tmp_path):
    write_book(tmp_path, {})
    write_corpus(tmp_path / "cards", read_corpus(SAMPLE))
    check_pages(render(tmp_path))


def test_no_page_of_a_book_of_drafts_is_refused(tmp_path):
    guessed = "tags: [draft]\nx-guessed: {serving: the source says '<b>`|', lifecycle: not in the source}\n"
    models = [f"{MODEL.lstrip().replace('id: ryl', f'id: m{number}')}{guessed}" for number in range(70)]
    project = open_book(tmp_path, {"m.yml": "---\n".join(models), "t.yml": TEAM})
    check_pages({page.path: page.markdown for page in project.render_pages()[0]})


def test_no_page_of_a_generated_book_is_refused(tmp_path):
    write_bench_book(tmp_path, 40)
    check_pages(render(tmp_path))


def test_a_diagram_with_braces_in_a_name_is_converted(tmp_path):
    migration = "kind: migration\nid: a\nname: 'Move {a}'\nstatus: planned\nmoves: ['model:ryl']\n"
    waves = "waves: [{traffic: 0, planned_on: 2000-01-01}]\n"
    project = open_book(tmp_path, {"m.yml": MODEL, "t.yml": TEAM, "a.yml": migration + waves})
    check_pages({page.path: page.markdown for page in project.render_pages()[0]})


@settings(max_examples=60)
@given(st.lists(any_card, min_size=1, max_size=4))
def test_no_page_of_any_cards_is_refused(cards):
    with tempfile.TemporaryDirectory() as folder:
        written = {f"{number}.yml": as_yaml(card) for number, card in enumerate(cards)}
        project = open_book(Path(folder), written)
        builder = PageBuilder(project.book, build_template_folders(project.root, "templates"), directory_urls=False)
        check_pages({page.path: page.markdown for page in builder.build_book_pages() if page.markdown})


BLOCKS = (
    "# Title", "## Two words", "### A &amp; [b](c.md)", "## Same", "## Same", "## Explicit {: #id }",
    "## Other {: #-id }",
    "text", "**Bold** and [link](../a/b.md#c), 5 &#42; x_y", "<b>one</b>\ntwo", "1 user", "&#33; a",
    "- one\n- [two](b.md)", "- **a**<br><small>b</small>", "1. first\n2. second",
    "| a | b |\n|---|---:|\n| 1 | <i>x</i> |\n| 2 |", "| a |\n|---|\n| 1 |", "| a | b |\n|--:|---|",
    '<p class="x">one <b>two</b></p>', '<div id="d" class="a&#39;b" data-x>\n<p>one</p>\n</div>',
    '<div class="z" id="q" markdown="1">', "</div>", '<section class="s" markdown="1">', "</section>",
    '<details markdown="1">\n<summary>a <small>b</small></summary>', "</details>",
    "<dl>\n<dt>a</dt><dd>b &amp; c</dd>\n</dl>", "<table>\n<tr><td>a</td>\n<td>b</td></tr>\n</table>",
    "```python\nx = 1\n```", "```\n- a\n\n# b\n```", '<figure><svg viewBox="0 0 1 1"><path d="M1 1"/></svg></figure>',
)  # fmt: skip
NOISE = (
    "*", "**", "_", "`", "[", "]", "(", ")", "<", ">", "&", "&x", "|", "- ", "  ", "    ", "\t", "\n", "#", "1. ", "!",
    "![a](b)", "{", "}", "{: #a }", "{.x}", ":", "^", "[^1]", "[^1]: x", "=", "---", "\\", '"', "<br>", "<b>", "</b>",
    "<div>", "</div>", "<p>", "</p>", "<td>", "</tr>", "<ul>", "<li>", "<span a='x'>", "<hr>", "<!-- c -->",
    "<script>", "<style>", "<title>", "<h3>x</h3>", '<a name="k">', "!!! note", "??? x", '=== "T"', "_x_", "é",
    "\u00a0", "\u2028", "\x0b", "\x02", "://", "~", ":x:", "[ ]", "[TOC]", "*[A]: b", "[a]: b", "> ", "%", "///", "```",
)  # fmt: skip


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Draw blocks of the grammar, with or without empty lines between them, and some noise."""
    blocks = draw(st.lists(st.tuples(st.sampled_from(BLOCKS), st.sampled_from(["\n\n", "\n"])), min_size=1, max_size=8))
    text = "".join(block + end for block, end in blocks)
    for noise in draw(st.lists(st.sampled_from(NOISE), max_size=2)):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + noise + text[place:]
    return text


@settings(max_examples=2000)
@given(documents())
@example("\u00a0")
@example("<p><style></p>\ns")
@example("- a\n\n- b")
@example('<div markdown="1">\n</div>')
def test_any_markdown_is_equal_or_refused(text):
    is_converted(text)


@settings(max_examples=400)
@given(documents(), st.sampled_from(["all", "underscore"]))
def test_any_markdown_is_equal_or_refused_with_other_inline_extensions(text, smart):
    others = [f"pymdownx.{name}" for name in ("betterem", "caret", "mark", "tilde", "keys", "emoji", "arithmatex")]
    is_converted(text, [*USUAL, *others], {**OPTIONS, "pymdownx.betterem": {"smart_enable": smart}})


@pytest.mark.parametrize("text", [
    "a *b*", "a `b`", "![a](b.png)", "> quote", "    code", "a\\*b", "a  \nb\n---", "<!-- c -->", "[a][b]", "a <b",
    "a & b", "- a\n    - b", "- a\n\n- b", "term\n: text", "!!! note\n    a", "[^1]", "<script>a</script>", "[TOC]",
    "~~~\na\n~~~",
])  # fmt: skip
def test_what_the_templates_do_not_print_is_refused(text):
    assert not is_converted(text)


@pytest.mark.parametrize(("extensions", "options"), [
    (NEEDED, {}),
    (USUAL, {"toc": {"permalink": False}}),
    (USUAL, {"toc": {"permalink": "#", "permalink_title": "Link \"here\""}}),
    (USUAL, {"toc": {"permalink": True, "toc_depth": 2}}),
    (USUAL, {"toc": {"permalink": True, "toc_depth": "2-3", "separator": "_"}}),
    (USUAL, {"toc": {"slugify": slugify(case="lower")}}),
    (USUAL, {"pymdownx.highlight": {"anchor_linenums": True, "line_spans": "__span", "linenums": True}}),
    (USUAL, {"pymdownx.highlight": {"use_pygments": False}}),
    (USUAL, {"pymdownx.highlight": {"noclasses": True, "pygments_style": "monokai"}}),
    (USUAL, {"pymdownx.highlight": {"linenums": True, "linenums_style": "pymdownx-inline"}}),
    ((*USUAL, "abbr", "meta", "pymdownx.arithmatex", "pymdownx.caret", "pymdownx.emoji", "pymdownx.keys",
      "pymdownx.mark", "pymdownx.tilde"), OPTIONS),
    ((*USUAL, "pymdownx.betterem"), {}),
    ((*USUAL, "pymdownx.betterem", "pymdownx.tilde"), {"pymdownx.betterem": {"smart_enable": "all"}}),
])  # fmt: skip
def test_pages_are_the_same_with_other_extensions_and_options(demo, extensions, options):
    chosen = ("index.md", "models/ryl.md", "flows/home-ranking.md", "who-to-call.md", "migrations/scorer-to-kserve.md")
    check_pages({path: demo[path] for path in chosen}, extensions, options)


class Shout(Preprocessor):  # type: ignore[misc] # it has no types
    def run(self, lines: list[str]) -> list[str]:
        return [line.upper() for line in lines]


class ShoutExtension(Extension):  # type: ignore[misc]
    def extendMarkdown(self, md: markdown.Markdown) -> None:  # noqa: N802 - the name of Python-Markdown
        md.preprocessors.register(Shout(md), "shout", 1)


@pytest.mark.parametrize(("extensions", "options"), [
    ((*USUAL, ShoutExtension()), {}),
    ((*USUAL, "smarty"), {}),
    ((*USUAL, "nl2br"), {}),
    ((*USUAL, "pymdownx.magiclink"), {}),
    ((*USUAL, "pymdownx.smartsymbols"), {}),
    ((*USUAL, "pymdownx.betterem"), {"pymdownx.betterem": {"smart_enable": "none"}}),
    (("toc", "tables"), {}),
    (USUAL, {"toc": {"anchorlink": True}}),
    (USUAL, {"toc": {"baselevel": 2}}),
    (USUAL, {"toc": {"permalink": True, "permalink_leading": True}}),
    (USUAL, {"toc": {"permalink": True, "permalink_class": "link"}}),
    (USUAL, {"toc": {"marker": "Contents"}}),
    ((*USUAL, "abbr"), {"abbr": {"glossary": {"AUC": "area under the curve"}}}),
    (USUAL, {"tables": {"use_align_attribute": True}}),
])  # fmt: skip
def test_the_converter_is_off_for_unknown_extensions_and_options(extensions, options):
    assert build_converter(extensions, options) is None


@pytest.mark.parametrize("extension", ["pymdownx.arithmatex", "pymdownx.keys"])
def test_attributes_that_an_extension_reads_are_refused(extension):
    text = 'a <span title="$x$ ++ctrl++">b</span>\n'
    assert is_converted(text)
    assert not is_converted(text, (*USUAL, extension))


@pytest.mark.parametrize("text", ["a  \nb", "<b>a</b>  \nb", "<div><title><div></title></div><b></div>\n\ntext"])
def test_a_line_break_and_tags_in_a_title_are_refused(text):
    assert not is_converted(text)


def test_metadata_of_markdown_is_refused():
    assert not is_converted("Models: all\n\ntext\n", (*USUAL, "meta"))


def convert(text: str) -> PageHtml:
    converter = build_converter(USUAL, OPTIONS)
    assert converter is not None
    converted = converter.convert(text)
    assert converted is not None
    return converted


def test_links_are_resolved_in_the_order_of_the_page():
    seen: list[str] = []
    page = convert("## [A](a.md)\n\n- [b](b.md)\n\n| [c](c.md) |\n|---|\n| d |\n")

    def resolve(target: str) -> str:
        seen.append(target)
        return f'{target}?x=1&y="2"'

    html = page.resolve_links(resolve)
    assert seen == ["a.md", "#a", "b.md", "c.md"]
    assert 'href="b.md?x=1&amp;y=&quot;2&quot;"' in html


def test_anchors_are_those_of_headings_and_of_html():
    page = convert('# A\n\n<p id="x&#45;y">b</p>\n\n<div id="z" markdown="1">\n\n```html\n<p id="no">\n```\n\n</div>\n')
    assert page.anchors == {"a", "x-y", "z"}
    assert page.title == "A"


def test_the_converter_is_off_with_a_version_of_python_markdown_that_differs(monkeypatch):
    assert build_converter(USUAL, OPTIONS) is not None
    monkeypatch.setattr("markdown.treeprocessors.PrettifyTreeprocessor.run", lambda *_: None)
    assert build_converter(USUAL, OPTIONS) is None
