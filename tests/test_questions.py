"""The six questions of a reader in Chromium: at most two clicks or one search from home to the answer."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser import open_page
from tests.searching import type_query
from tests.sites import write_own_book

pytestmark = pytest.mark.browser

SCREEN: ViewportSize = {"width": 1280, "height": 900}


@dataclass(frozen=True)
class Question:
    """A card on the home page, with the way to its answer."""

    card: str
    link: str
    """The second click; empty if the page of the card has the answer."""
    query: str
    """The words that a reader would type."""
    path: str
    """The first result of the query."""
    answers: tuple[tuple[str, str], ...]
    """For each way: a selector, and text that its element contains."""


QUESTIONS = (
    Question(
        "Can it be switched off?",
        "Restaurants You'll Like",
        "switch off ryl",
        "models/ryl.html",
        ((".mb-verdict .mb-word", "No. Customers would notice."), (".mb-why", "Used by Home feed")),
    ),
    Question(
        "Who do I call now?",
        "",
        "who to call",
        "who-to-call.html",
        (("tr:has(a:text-is('Core engineering')) a.mb-url", "On call"), ("a", "Kavya Shetty")),
    ),
    Question(
        "What breaks if it fails?",
        "Restaurants You'll Like",
        "ryl fails",
        "models/ryl.html",
        ((".mb-why li", "Used by Home feed, shown in Home, carousel 2"), (".mb-why li", "If it fails, Popular nearby")),
    ),
    Question(
        "What is open or overdue?",
        "",
        "open work",
        "debt.html",
        ((".mb-counts", "overdue"), (".mb-table tr", "Core engineering"), (".mb-table tr", "Data science platform")),
    ),
    Question(
        "What moves next?",
        "",
        "kserve",
        "migrations/scorer-to-kserve.html",
        ((".mb-strip", "4 of 6 waves done"), (".mb-strip", "30 Nov 2026")),
    ),
    Question("How does it fit together?", "", "map", "map.html", ((".mb-diagram svg", "Home feed"),)),
)


HIDDEN = """article => [...article.querySelectorAll("p, li, td, dd, pre, h2, h3")]
  .filter(element => element.textContent.trim() && !element.closest(".mb-wiki-only, .mb-narrow, [hidden]"))
  .filter(element => element.getBoundingClientRect().height === 0)
  .map(element => element.textContent.trim().slice(0, 60))"""
"""Lists texts that take no room."""


@pytest.fixture(scope="module")
def site(shared_books) -> Path:
    return Path(shared_books.build("own", write_own_book) / "site")


def expect_on_first_screen(page: Page, selector: str, text: str) -> None:
    """Expect that the first element with a text ends within the first screen."""
    element = page.locator(f"article {selector}").filter(has_text=text).first
    expect(element).to_be_visible()
    bottom = element.evaluate("element => element.getBoundingClientRect().bottom + scrollY")
    assert bottom <= SCREEN["height"], (selector, text, bottom)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.card)
def test_two_clicks_lead_from_home_to_the_answer_without_scripts(question: Question, plain_tab: Page, site: Path):
    page = open_page(plain_tab, site / "index.html")
    card = page.locator("a.mb-card", has_text=question.card)
    box = card.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= SCREEN["height"]
    card.click()
    if question.link:
        page.locator("article").get_by_role("link", name=question.link, exact=True).first.click()
    for selector, text in question.answers:
        expect_on_first_screen(page, selector, text)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.card)
def test_one_search_leads_from_home_to_the_answer(question: Question, tab: Page, site: Path):
    page = open_page(tab, site / "index.html")
    type_query(page, question.query)
    page.locator(f".md-search-result__item:first-child a[href*='{question.path}']").first.click()
    page.wait_for_url(f"**/{question.path}*")
    for selector, text in question.answers:
        expect_on_first_screen(page, selector, text)


def test_the_page_of_a_model_is_short_on_the_screen_and_on_paper(tab: Page, site: Path):
    page = open_page(tab, site / "models/ryl.html")
    assert page.evaluate("document.documentElement.scrollHeight") <= 3500 + 300  # a consumer by the evidence
    page.emulate_media(media="print")
    printed = page.pdf(prefer_css_page_size=True)  # A4, as the style sheet says
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) <= 4


def test_everything_that_is_folded_on_the_page_of_a_model_opens_without_scripts(plain_tab: Page, site: Path):
    page = open_page(plain_tab, site / "models/ryl.html")
    folds = page.locator("article details:not([open])")
    assert folds.count() > 2
    while folds.count():
        folds.first.locator("> summary").click()
    hidden = page.locator("article").evaluate(HIDDEN)
    assert hidden == []
