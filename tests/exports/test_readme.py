import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from generator.answers.observations import SightingIndex
from generator.drafts.huggingface import import_huggingface, split_front_matter
from generator.drafts.reading import parse_first_document
from generator.errors import UserError
from generator.evidence.records import Evidence
from generator.exports.markdown import (
    escape_cell,
    escape_html,
    escape_paragraphs,
    escape_text,
    render_code,
    render_code_block,
    render_link,
)
from generator.exports.readme import render_readme
from generator.names import Ref
from tests.answers.books import book
from tests.books import MODEL, TEAM, open_book
from tests.conftest import Golden
from tests.evidence.records import code_use
from tests.exports.books import hostile, own

HERE = Path(__file__).parent
TODAY = date(2026, 11, 20)
MARKDOWN = MarkdownIt("gfm-like", {"html": True, "linkify": False})


class RenderedPage(HTMLParser):
    """The text of a page, its elements and its link targets."""

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


def render(markdown: str) -> RenderedPage:
    return RenderedPage(MARKDOWN.render(markdown))


def normalize(value: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f\x85\u2028\u2029]", " ", value).split())


MARKUP = st.text(st.sampled_from(list("ab1 .)*_`~|<>&;#-+=[]()!\\$@:/{}'\"^\n")), max_size=30)


@given(MARKUP | st.text(max_size=30))
@settings(max_examples=400, deadline=None)
def test_text_is_shown_as_typed(value: str):
    value = value.replace("\0", "").encode("utf-8", "ignore").decode()
    if not normalize(value):
        return
    found = render(escape_text(value))
    assert (normalize(found.text), found.elements) == (normalize(value), ["p"])


@given(MARKUP)
@settings(max_examples=200, deadline=None)
def test_a_cell_does_not_end_early(value: str):
    found = render(
        f"| a | b |\n| --- | --- |\n| {escape_cell(escape_text(value))} | {escape_cell(render_code(value))} |\n"
    )
    assert found.elements.count("td") == 2
    assert set(found.elements) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}


@given(MARKUP)
@settings(max_examples=200, deadline=None)
def test_paragraphs_and_code_blocks_contain_no_other_elements(value: str):
    assert set(render(escape_paragraphs(value)).elements) <= {"p", "br"}
    assert render(render_code_block(value)).elements == ["pre", "code"]


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
def test_prose_has_no_raw_html_after_escaping(markdown: str):
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
def test_raw_html_in_prose_is_shown_as_typed_and_the_rest_is_unchanged(markdown: str):
    assert RAW.render(escape_html(markdown)) == PLAIN.render(markdown)


def test_a_readme_shows_the_html_of_its_card_as_the_site_does(tmp_path: Path):
    card = MODEL.replace("kind:", "---\nkind:").strip() + "\n---\n<img src=x onerror=alert(1)> see <b>this</b>\n"
    graph = open_book(tmp_path, {"ryl.md": card, "t.yml": TEAM}).graph
    made = render_readme(graph, Ref("model", "ryl"), TODAY)
    found = render(split_front_matter(made)[1])
    assert "<img src=x onerror=alert(1)> see <b>this</b>" in found.text
    assert not {"img", "b"} & set(found.elements)


@pytest.mark.parametrize(
    "target", ["javascript:alert(1)", "data:text/html,x", "https://a b", "//x", "https://[", "JAVASCRIPT:x"]
)
def test_only_addresses_become_links(target: str):
    assert "a" not in render(render_link("label", target)).elements


def test_a_link_has_its_target():
    assert render(render_link("a]b", "https://example.com/(x)?a=<b>")).targets == ["https://example.com/(x)?a=%3Cb%3E"]


@pytest.mark.parametrize("model", ["fraud", "popular-nearby"])
def test_the_readme_of_a_model(model: str, golden: Golden):
    golden(
        HERE / "golden" / f"{model}.md",
        render_readme(own(), Ref("model", model), TODAY, "https://book.example.com/models/x/"),
    )


def test_a_hostile_card(tmp_path: Path, golden: Golden):
    made = render_readme(hostile(tmp_path), Ref("model", "evil"), TODAY)
    golden(HERE / "golden" / "hostile.md", made)
    found = render(split_front_matter(made)[1])
    assert "script" not in found.elements
    assert all(target.startswith("https://") for target in found.targets)
    assert "alert(1)" in found.text


def test_the_front_matter_is_that_of_the_hub():
    metadata = parse_first_document(
        split_front_matter(render_readme(own(), Ref("model", "fraud"), TODAY))[0], "README.md"
    )
    assert isinstance(metadata, dict)
    assert metadata["tags"] == ["payments"]
    drafts = import_huggingface(render_readme(own(), Ref("model", "fraud"), TODAY), "fraud")
    assert (
        "{name: Share of good customers challenged, value: 0.0031, dataset: Payments of June 2026}"
        in drafts.files[0].text
    )


def test_a_readme_needs_a_model_of_the_book():
    with pytest.raises(UserError, match="did you mean 'fraud'"):
        render_readme(own(), Ref("model", "frauds"), TODAY)
    with pytest.raises(UserError, match="unknown model"):
        render_readme(own(), Ref("system", "checkout"), TODAY)


def test_a_person_has_left_from_the_last_day_on(tmp_path: Path) -> None:
    cards = """{kind: person, id: p, name: P, left_on: 2026-11-20}
---
{kind: model, id: m, name: M, summary: s, lifecycle: production, serving: online, owners: [p]}
"""
    graph = book(tmp_path, {"all.yml": cards})
    assert render_readme(graph, Ref("model", "m"), TODAY).startswith("# M\n"), "no metadata, no front matter"
    assert "left on" not in render_readme(graph, Ref("model", "m"), date(2026, 11, 19))
    assert "P, left on 2026-11-20" in render_readme(graph, Ref("model", "m"), date(2026, 11, 20))


def test_undeclared_uses_are_listed_with_their_evidence():
    evidence = Evidence((code_use(repo="food/<old>"), code_use(system="system:checkout", repo="core/checkout")))
    made = render_readme(own(), Ref("model", "ryl"), TODAY, sightings=SightingIndex(own(), evidence))
    section = made[made.index("## Undeclared uses") :]
    assert "| Checkout | found in code (config/app.yaml, line 3, of core/checkout) |" in section
    assert "| food/&lt;old&gt; |" in section
    assert "## Undeclared uses" not in render_readme(own(), Ref("model", "ryl"), TODAY, sightings=SightingIndex(own()))
