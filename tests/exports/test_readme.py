import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from generator.drafts.huggingface import import_huggingface
from generator.drafts.markdown import split_front_matter
from generator.drafts.reading import parse_first_document
from generator.errors import UserError
from generator.exports import readme
from generator.exports.markdown import cell, code, escape_html, fence, lines, link, text
from generator.names import Ref
from tests.answers.books import book
from tests.books import MODEL, TEAM, open_book
from tests.conftest import Golden
from tests.exports.books import hostile, own

HERE = Path(__file__).parent
TODAY = date(2026, 11, 20)
MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})


class Shown(HTMLParser):
    """What a reader sees, and by which elements."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: list[str] = []
        self.targets: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.targets += [value or "" for name, value in attrs if name in {"href", "src"}]


def shown(markdown: str) -> Shown:
    return Shown(MARKDOWN.render(markdown))


def words(value: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", value).split())


MARKUP = st.text(st.sampled_from(list("ab1 .)*_`~|<>&;#-+=[]()!\\$@:/{}'\"^\n")), max_size=30)


@given(MARKUP | st.text(max_size=30))
@settings(max_examples=400, deadline=None)
def test_text_is_shown_as_typed(value: str):
    value = value.replace("\0", "").encode("utf-8", "ignore").decode()
    if not words(value):
        return
    found = shown(text(value))
    assert (words(found.text), found.elements) == (words(value), ["p"])


@given(MARKUP)
@settings(max_examples=200, deadline=None)
def test_a_cell_stays_one(value: str):
    found = shown(f"| a | b |\n| --- | --- |\n| {cell(text(value))} | {cell(code(value))} |\n")
    assert found.elements.count("td") == 2
    assert set(found.elements) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}


@given(MARKUP)
@settings(max_examples=200, deadline=None)
def test_lines_and_fences_open_nothing(value: str):
    assert set(shown(lines(value)).elements) <= {"p", "br"}
    assert shown(fence(value)).elements == ["pre", "code"]


PLAIN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
RAW = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
PROSE = st.lists(
    st.sampled_from(
        ["<img src=x onerror=a>", "<b>", "</b>", "<!-- ", "-->", "<?x", "?>", "<script>", "</script>", "<div", ">", "<",
         "`", "``", "```\n", "~~~\n", "    ", "\n", "\n\n", "> ", "- ", "1. ", "|", "| a | b |\n|---|---|\n| ", "\\",
         "[a](<b>)", "[a](", "<https://a.example/>", "<a@b.example>", "a", " ", "#", "*", "&lt;",
         "![i](<x>)", "[r]: <u v>\n"]
    ),
    max_size=14,
).map("".join)  # fmt: skip


@given(PROSE)
@settings(max_examples=500, deadline=None)
def test_no_raw_html_is_left_in_prose(markdown: str):
    tokens = RAW.parse(escape_html(markdown))
    assert not [
        token.content
        for parent in tokens
        for token in (parent, *(parent.children or ()))
        if token.type.startswith("html")
    ]


@pytest.mark.parametrize(
    "markdown",
    [
        "<img src=x onerror=alert(1)> see <b>this</b>",
        "<div>\n\n*text*\n\n</div>",
        "<script>\nalert(1)\n</script>\n",
        "> <b>quoted</b>\n\n- <i>item</i>\n\n      <u>code</u>\n",
        "Call `<id>` or ``a ` <b>`` with <b>.\n\n```html\n<b>\n```\n\n    <i>indented</i>\n",
        "<https://a.example/?x=<y>> <https://a.example/> <a@b.example> a < b, a<b and a <- b",
        "<!-- comment --> <?php ?> <![CDATA[x]]> \\<b> &lt;b&gt;",
        "| a | b |\n| --- | --- |\n| <b>x</b> | `<i>` |\n",
        "an open ` tick <b>",
        "[label](<page one.md>), [r] and ![i](<x y.png>) <b>\n\n[r]: <other page.md>\n",
    ],
)
def test_raw_html_in_prose_is_shown_as_typed_and_all_else_is_unchanged(markdown: str):
    assert RAW.render(escape_html(markdown)) == PLAIN.render(markdown)


def test_a_readme_shows_the_html_of_its_card_as_the_site_does(tmp_path: Path):
    card = MODEL.replace("kind:", "---\nkind:").strip() + "\n---\n<img src=x onerror=alert(1)> see <b>this</b>\n"
    graph = open_book(tmp_path, {"ryl.md": card, "t.yml": TEAM}).graph
    made = readme(graph, Ref("model", "ryl"), TODAY)
    found = shown(split_front_matter(made)[1])
    assert "<img src=x onerror=alert(1)> see <b>this</b>" in found.text
    assert not {"img", "b"} & set(found.elements)


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "https://a b", "//x", "https://[", "JAVASCRIPT:x"]
)
def test_only_addresses_become_links(target: str):
    assert "a" not in shown(link("label", target)).elements


def test_a_link_leads_where_it_says():
    assert shown(link("a]b", "https://example.com/(x)?a=<b>")).targets == ["https://example.com/(x)?a=%3Cb%3E"]


@pytest.mark.parametrize("model", ["fraud", "popular-nearby"])
def test_the_readme_of_a_model(model: str, golden: Golden):
    golden(
        HERE / "golden" / f"{model}.md", readme(own(), Ref("model", model), TODAY, "https://book.example.com/models/x/")
    )


def test_a_hostile_card(tmp_path: Path, golden: Golden):
    made = readme(hostile(tmp_path), Ref("model", "evil"), TODAY)
    golden(HERE / "golden" / "hostile.md", made)
    found = shown(split_front_matter(made)[1])
    assert "script" not in found.elements
    assert all(target.startswith("https://") for target in found.targets)
    assert "alert(1)" in found.text


def test_the_front_matter_is_that_of_the_hub():
    metadata = parse_first_document(split_front_matter(readme(own(), Ref("model", "fraud"), TODAY))[0], "README.md")
    assert isinstance(metadata, dict)
    assert metadata["tags"] == ["payments"]
    drafts = import_huggingface(readme(own(), Ref("model", "fraud"), TODAY), "fraud")
    assert (
        "{name: Share of good customers challenged, value: 0.0031, dataset: Payments of June 2026}"
        in drafts.files[0].text
    )


def test_what_is_no_model_is_refused():
    with pytest.raises(UserError, match="did you mean 'fraud'"):
        readme(own(), Ref("model", "frauds"), TODAY)
    with pytest.raises(UserError, match="there is no model"):
        readme(own(), Ref("system", "checkout"), TODAY)


def test_a_person_has_left_from_the_last_day_on(tmp_path: Path) -> None:
    cards = """{kind: person, id: p, name: P, left_on: 2026-11-20}
---
{kind: model, id: m, name: M, summary: s, lifecycle: production, serving: online, owners: [p]}
"""
    graph = book(tmp_path, {"all.yml": cards})
    assert "left on" not in readme(graph, Ref("model", "m"), date(2026, 11, 19))
    assert "P, left on 2026-11-20" in readme(graph, Ref("model", "m"), date(2026, 11, 20))
