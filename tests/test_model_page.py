"""The page of a model in Chromium: its height, its first screen, its folds, and its form on a phone and on paper."""

from pathlib import Path

import pytest

from tests.browser import open_page
from tests.sites import write_own_book

pytestmark = pytest.mark.browser
TALLEST = 3500 + 360 - 60
"""The limit with a consumer that only the evidence has, without the folded history: the copy is not in git."""
FIRST_SCREEN = 900


@pytest.fixture(scope="module")
def file(shared_books) -> Path:
    return Path(shared_books.build("own", write_own_book) / "site/models/ryl.html")


def test_the_page_is_short_and_its_answers_are_on_the_first_screen(tab, file):
    page = open_page(tab, file)
    assert page.evaluate("document.documentElement.scrollHeight") <= TALLEST
    for text in ("Customers would notice.", "Who to call now", "Answers look wrong", "Before you switch it off"):
        box = page.get_by_text(text).last.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < FIRST_SCREEN, text


def test_folds_open_without_scripts(plain_tab, file):
    page = open_page(plain_tab, file)
    cell = page.get_by_role("cell", name="customer_id")
    assert not cell.is_visible()
    page.locator("summary", has_text="Request").click()
    assert cell.is_visible()


def test_a_phone_shows_the_consumer_without_scrolling_sideways(tab, file):
    page = open_page(tab, file, 390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert not page.locator("article svg.mb-picture").is_visible()
    assert page.locator(".mb-uses td", has_text="Home feed").first.is_visible()


def test_paper_has_the_folded_contract_and_the_address_of_the_rota(tab, file):
    page = open_page(tab, file)
    page.emulate_media(media="print")
    assert page.get_by_text("As in the customer service, such as c-42").is_visible()
    after = "link => getComputedStyle(link, '::after').content"
    rota = page.locator(".mb-calls a[href^='https://oncall']").first
    assert "attr(href)" in rota.evaluate(after) or "oncall.example.com" in rota.evaluate(after)
