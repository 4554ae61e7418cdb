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
