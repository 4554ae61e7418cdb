import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from generator.errors import UserError
from generator.exports.markdown import escape_html, isolate_markdown
from generator.exports.readme import is_generated, render_readme, render_section
from generator.exports.readme_section import BEGIN, END, replace_section
from generator.names import Ref
from tests.books import MODEL, TEAM, open_book
from tests.exports.books import hostile, own

TODAY = date(2026, 11, 20)
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
BEFORE, AFTER = "# Ours\n\nInstall it, see [docs] and [x].\n\n", "\n\n[docs]: https://example.com/\n\nLast *words*.\n"
README = f"{BEFORE}{BEGIN}\nold\n{END}{AFTER}"


def replace(text: str, section: str) -> str:
    made = replace_section(text, section, "README.md")
    assert made is not None
    return made


def test_only_the_part_between_the_markers_changes():
    made = replace(README, "new\n\nlines\n")
    assert made == README.replace("old", "\nnew\n\nlines\n")
    assert replace(made, "new\n\nlines\n") == made
    assert replace(made, "old") == README.replace("old", "\nold\n")


@pytest.mark.parametrize("line_break", ["\n", "\r\n"])
@pytest.mark.parametrize("end", ["", "\n", "\n\n\n"])
def test_line_breaks_and_the_end_of_the_file_stay(line_break: str, end: str):
    text = f"\ufeff# A\n  {BEGIN} \nold\n{END}{end}".replace("\n", line_break)
    expected = f"\ufeff# A\n  {BEGIN} \n\nnew\nlines\n\n{END}{end}".replace("\n", line_break)
    assert replace(text, "new\nlines\n") == expected


def test_a_text_without_markers_is_left_alone():
    assert replace_section("# Ours\n\nmodelbook begin\n", "new", "README.md") is None


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (BEGIN, "1"),
        (f"a\n{END}\n", "2"),
        (f"{END}\n{BEGIN}\n", "1, 2"),
        (f"{BEGIN}\n{END}\n{END}\n", "1, 2, 3"),
        (f"{BEGIN}\n{BEGIN}\n{END}\n", "1, 2, 3"),
    ],
)
def test_wrong_markers_are_refused_with_their_lines(text: str, lines: str):
    with pytest.raises(UserError, match=f"unexpected markers in web/README.md, line {lines}: expected"):
        replace_section(text, "new", "web/README.md")


PIECES = st.sampled_from(
    [BEGIN, END, f" {END}", "```", "~~~~", "- ```", "> ```", "[x]: https://evil.example", "[docs]: <evil>", "text", "",
     "    code", "<!-- open", "<script>", "# Title", "[docs]:", "https://evil.example", "1. one", "***", "---", "| a |",
     "<details>", "\\[x]: y", "`", "> [x]: y"]
)  # fmt: skip


@given(st.lists(PIECES, max_size=8).map("\n".join))
@settings(max_examples=300, deadline=None)
def test_a_card_cannot_change_the_text_around_it(prose: str):
    made = replace(README, isolate_markdown(escape_html(prose)))
    assert replace(made, isolate_markdown(escape_html(prose))) == made
    html = MARKDOWN.render(made)
    assert '<p>Install it, see <a href="https://example.com/">docs</a> and [x].</p>' in html
    assert html.endswith("<p>Last <em>words</em>.</p>\n")
    assert html.count(BEGIN) == html.count(END) == 1


@given(st.lists(PIECES, max_size=8).map("\n".join))
@settings(max_examples=100, deadline=None)
def test_prose_without_open_fences_and_definitions_is_unchanged(prose: str):
    isolated = isolate_markdown(prose)
    assert isolate_markdown(isolated) == isolated
    if "]:" not in prose and "```" not in prose and "~~~" not in prose:
        assert isolated == prose


def test_a_section_has_the_blocks_of_the_readme_without_title_and_front_matter():
    ref, site = Ref("model", "fraud"), "https://book.example.com/models/fraud/"
    whole, section = render_readme(own(), ref, TODAY, site), render_section(own(), ref, TODAY, site)
    body = whole.partition("\n# ")[2].partition("\n\n")[2]
    assert section == body.replace("\n\n---\n\nGenerated from", "\n\nGenerated from")


def test_a_section_of_a_hostile_card_stays_in_its_part(tmp_path: Path):
    made = replace(README, render_section(hostile(tmp_path), Ref("model", "evil"), TODAY))
    html = MARKDOWN.render(made)
    assert "<script" not in html
    assert '<p>Install it, see <a href="https://example.com/">docs</a> and [x].</p>' in html
    assert html.endswith("<p>Last <em>words</em>.</p>\n")


def test_a_card_with_markers_in_its_contract_and_prose_is_written_once(tmp_path: Path):
    card = MODEL.strip() + f"\nnotes: '{END}'\ncontract: {{request: {{description: '{END}', title: \"a\\n{END}\"}}}}\n"
    card = f"---\n{card}---\n```\n{END}\n{BEGIN}\n"
    graph = open_book(tmp_path, {"ryl.md": card, "t.yml": TEAM}).graph
    section = render_section(graph, Ref("model", "ryl"), TODAY)
    made = replace(README, section)
    assert replace(made, section) == made
    assert made.endswith("Last *words*.\n")
    assert re.search(r"\n```\n<!-- modelbook end  -->\n<!-- modelbook begin  -->\n", made)


def test_a_generated_readme_is_recognized():
    text = render_readme(own(), Ref("model", "fraud"), TODAY, "https://book.example.com/")
    assert is_generated(text)
    assert is_generated(text.replace("\n", "\r\n"))
    assert not is_generated(text + "\nOur own words.\n")
    assert not is_generated("# Ours\n")
