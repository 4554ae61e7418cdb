"""The pages about the whole demo book as Markdown, in golden files; without git, whose commits differ in each clone."""

import re
from pathlib import Path

import pytest

from generator.history.events import History
from generator.project import open_project
from tests.books import REPOSITORY
from tests.conftest import Golden

GOLDENS = Path(__file__).parent / "goldens"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    made, mistakes = open_project(REPOSITORY, history=History()).render_pages()
    assert mistakes == []
    return {page.key: page.markdown for page in made}


@pytest.mark.parametrize("name", ["home", "debt", "who-to-call"])
def test_the_page_reads_as_expected(name: str, pages: dict[str, str], golden: Golden) -> None:
    text = pages[f"page:{name}"]
    text = re.sub(r"<svg.*?</svg>", "<svg/>", text, flags=re.DOTALL)
    golden(GOLDENS / f"{name}.md", text[text.index("# ") :])


def list_empty_columns(markdown: str) -> list[str]:
    """Return the headings of the columns of tables in which every cell is empty."""
    found = []
    for head, body in re.findall(r"^\|(.+)\|\n\n?\|[-:|]+\|\n+((?:\|.*\|\n+)+)", markdown, re.MULTILINE):
        rows = [re.split(r"(?<!\\)\|", line)[1:-1] for line in body.splitlines() if line]
        found += [
            name.strip()
            for name, cells in zip(head.split("|"), zip(*rows, strict=True), strict=True)
            if not any(cell.strip() for cell in cells)
        ]
    return found


def test_no_column_of_a_table_is_empty(pages: dict[str, str]) -> None:
    empty = {key: list_empty_columns(text) for key, text in pages.items()}
    assert {key: names for key, names in empty.items() if names} == {}


def test_prose_has_a_heading(pages: dict[str, str]) -> None:
    assert '## Notes\n\n<div class="mb-prose">' in pages["model:demand-forecast"]


def test_each_reason_of_a_step_is_a_line_in_formats_without_a_style(pages: dict[str, str]) -> None:
    assert re.search(r" first<small>[^|]*</small><br>Needs ", pages["migration:search-to-kserve"])
