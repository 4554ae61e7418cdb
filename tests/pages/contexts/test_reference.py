from pathlib import Path

import pytest

from generator.findings import Rule, Severity
from generator.pages.contexts.reference import split_paragraphs
from generator.pages.site import PageBuilder, SitePage
from generator.project import ALL_RULES, build_template_folders
from tests.books import open_book

TEAM = "kind: team\nid: ranking\nname: Ranking\n"


def explain(text: str) -> tuple[str, ...]:
    return split_paragraphs(Rule("MB999", "a-rule", Severity.ERROR, text))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SitePage]:
    project = open_book(tmp_path_factory.mktemp("book"), {"ranking.yml": TEAM})
    folders = build_template_folders(project.root, project.configuration.settings.templates)
    made = PageBuilder(project.book, folders, directory_urls=False).build_all()
    return {Path(page.path).stem: page for page in made}


def test_continuation_lines_join_their_paragraph():
    text = """Checks that one thing is
    as it should be.

    A second paragraph
    of two lines.

    Why: it breaks
      otherwise.
    Fix: correct it,
    or remove it.
    """
    assert explain(text) == (
        "Checks that one thing is as it should be.",
        "A second paragraph of two lines.",
        "Why: it breaks otherwise.",
        "Fix: correct it, or remove it.",
    )


def test_a_reason_within_a_line_begins_no_paragraph():
    assert explain("Checks this. Why: no.\nIt is Fix: inside.") == ("Checks this. Why: no. It is Fix: inside.",)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.code)
def test_a_page_shows_every_word_of_its_rule(rule: Rule):
    assert " ".join(split_paragraphs(rule)).split() == rule.explanation.split()
    assert not any("\n" in paragraph for paragraph in split_paragraphs(rule))


def test_the_page_of_a_rule_shows_both_cards(pages: dict[str, SitePage]):
    page = pages["MB208"].markdown
    example = page[page.index("## Example") : page.index("## Violations")]
    assert "```yaml\nkind: team # MB208\nid: ranking\n" in example
    assert "Corrected:\n\n```yaml\nkind: team\n" in example
    assert "| team:ranking has no lead<br>add <code>lead:</code> |" in page


def test_an_example_with_a_fence_is_one_block(pages: dict[str, SitePage]):
    page = pages["MB912"].markdown
    assert "````html\n# docs/page.md\n```gherkin\n" in page


def test_the_page_about_secrets_shows_none(pages: dict[str, SitePage]):
    assert "X-Api-Key: ████ # MB312" in pages["MB312"].markdown


def test_the_page_of_a_rule_without_example_has_no_section(pages: dict[str, SitePage]):
    assert "## Example" not in pages["MB017"].markdown
    assert "## Violations" not in pages["MB017"].markdown
