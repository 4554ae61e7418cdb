import re
from inspect import cleandoc

import pytest

from generator.book_findings import ALL_RULES
from generator.findings import Rule, Severity
from generator.pages.contexts.reference import split_paragraphs
from generator.pages.markup import format_code_spans
from generator.pages.site import PageBuilder
from generator.pages.site_page import SitePage
from generator.pages.template_folders import build_template_folders
from tests.books import open_book

TEAM = "kind: team\nid: ranking\nname: Ranking\n"


def explain(text: str) -> tuple[str, ...]:
    return split_paragraphs(Rule("MB999", "a-rule", Severity.ERROR, cleandoc(text)))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> SitePage:
    """Return the page of rules of a book with one finding."""
    project = open_book(tmp_path_factory.mktemp("book"), {"ranking.yml": TEAM})
    folders = build_template_folders(project.root, project.configuration.settings.templates)
    made = PageBuilder(project.book, folders, directory_urls=False).build_all()
    return next(page for page in made if page.key == "page:codes")


def find_rule(page: SitePage, code: str) -> str:
    return page.markdown.partition(f'<h3 id="{code}">')[2].partition("<h3")[0]


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


def test_the_paragraphs_of_a_rule_have_every_word_of_it():
    for rule in ALL_RULES:
        assert " ".join(split_paragraphs(rule)).split() == rule.explanation.split()
        assert not any("\n" in paragraph for paragraph in split_paragraphs(rule))


def test_the_page_of_rules_has_an_anchor_and_the_text_of_each_rule(page: SitePage):
    for rule in ALL_RULES:
        shown = find_rule(page, rule.code)
        assert shown.startswith(f"{rule.code} {rule.name} <span")
        assert str(format_code_spans(split_paragraphs(rule)[0])) in shown
        assert "**Why:**" in shown


def test_a_rule_shows_both_examples_folded_and_the_number_of_its_findings(page: SitePage):
    shown = find_rule(page, "MB208")
    folded = shown[shown.index("<details") : shown.index("</details>")]
    assert '<pre><code class="language-yaml">kind: team # MB208\nid: ranking\n' in folded
    assert '<p>Corrected:</p>\n<pre><code class="language-yaml">kind: team\n' in folded
    assert "[1 finding in this book](../../attention.md)" in shown
    assert "findings in this book" not in find_rule(page, "MB203")


def test_no_example_ends_the_html_around_it(page: SitePage):
    folds = re.findall(r"<details.*?</details>", page.markdown, re.DOTALL)
    assert len(folds) > 100
    assert not [fold for fold in folds if "\n\n" in fold]


def test_an_example_with_html_and_a_fence_is_shown_as_typed(page: SitePage):
    assert '<pre><code class="language-html"># docs/page.md\n&#96;&#96;&#96;gherkin\n' in find_rule(page, "MB912")
    assert "&lt;" in find_rule(page, "MB904")


def test_the_rule_about_secrets_shows_none(page: SitePage):
    assert "X-Api-Key: ████ # MB312" in find_rule(page, "MB312")


def test_a_rule_without_example_has_no_fold(page: SitePage):
    assert "<details" not in find_rule(page, "MB017")


def test_each_rule_is_a_section_of_the_search(page: SitePage):
    found = {(entry.location, *entry.names) for entry in page.search_sections}
    assert found == {(rule.code, rule.code, rule.name) for rule in ALL_RULES}
