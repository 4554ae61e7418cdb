"""Home, open work, team, person and contacts in Chromium: what the first screen shows, heights, and the search box."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import open_page
from tests.sites import write_own_book

pytestmark = pytest.mark.browser

FIRST_SCREEN = 900
FIRST = {
    "index.html": [".mb-find", ".mb-card >> nth=5", "#needs-action", ".mb-table tbody tr >> nth=0"],
    "debt.html": [".mb-counts", "#overdue", "#by-team", ".mb-table tbody tr >> nth=1"],
    "teams/data-science.html": [".mb-strip", "#to-do", ".mb-table tbody tr >> nth=1"],
    "people/asha.html": [".mb-strip", "#to-do", "#models"],
    "who-to-call.html": ["#teams", ".mb-url >> nth=0", ".mb-table tbody tr >> nth=5"],
}
"""What lies in the first 900 px of a page at 1280 px."""
HIGHEST = {"teams/data-science.html": 2500, "people/asha.html": 1500, "index.html": 2600}


@pytest.fixture(scope="module")
def site(shared_books) -> Path:
    return Path(shared_books.build("own", write_own_book) / "site")


@pytest.mark.parametrize("path", FIRST)
def test_the_first_screen_has_the_answer(path: str, tab: Page, site: Path) -> None:
    page = open_page(tab, site / path)
    for selector in FIRST[path]:
        box = page.locator(selector).first.bounding_box()
        assert box is not None, selector
        assert box["y"] + min(box["height"], 40) <= FIRST_SCREEN, selector


LONG_WORDS = """() => {
  document.querySelector('.mb-filter select')?.add(new Option('word'.repeat(60)));
  const cells = document.querySelectorAll('.mb-table td:nth-child(2), dl.mb-strip dd');
  for (const cell of cells) cell.append('word'.repeat(60));
}"""


@pytest.mark.parametrize("path", ["models/index.html", "people/asha.html", "flows/search-results.html"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_long_word_does_not_make_the_page_wider(path: str, width: int, tab: Page, site: Path) -> None:
    page = open_page(tab, site / path, width)
    page.evaluate(LONG_WORDS)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_step_of_a_flow_is_a_sentence_on_a_phone(tab: Page, site: Path) -> None:
    page = open_page(tab, site / "flows/search-results.html", 390)
    cells = page.locator(".mb-steps tbody tr").nth(2).locator("td")
    number, subject, verb, thing, note = (cells.nth(index) for index in range(5))
    assert number.evaluate("cell => getComputedStyle(cell, '::before').content").startswith('"Step "')
    tops = [cell.evaluate("cell => cell.getBoundingClientRect().top") for cell in (subject, verb, thing, note)]
    assert tops[0] == tops[1] == tops[2] < tops[3]


@pytest.mark.parametrize("path", HIGHEST)
def test_a_page_is_not_higher_than_it_may_be(path: str, tab: Page, site: Path) -> None:
    page = open_page(tab, site / path)
    assert page.evaluate("document.documentElement.scrollHeight") <= HIGHEST[path]


WIDE = ["models/index.html", "reference/fields.html", "attention.html", "migrations/scorer-to-kserve.html"]


@pytest.mark.parametrize("path", [*FIRST, *WIDE])
def test_nothing_is_wider_than_a_phone(path: str, tab: Page, site: Path) -> None:
    page = open_page(tab, site / path, 390)
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_paper_has_tables_with_heads_and_the_address_of_the_rota(tab: Page, site: Path) -> None:
    page = open_page(tab, site / "who-to-call.html", 680)  # A4 without its margins
    page.emulate_media(media="print")
    head, cell = page.locator(".mb-table thead th").first, page.locator(".mb-table tbody td").nth(1)
    assert head.evaluate("cell => cell.getBoundingClientRect().height") > 10
    assert cell.evaluate("cell => getComputedStyle(cell).display") == "table-cell"
    shown = page.locator("a.mb-url").first.evaluate("link => getComputedStyle(link, '::after').content")
    assert "oncall.example.com" in shown
    assert page.evaluate("document.documentElement.scrollWidth") <= 680


def test_a_high_diagram_fits_on_paper(tab: Page, site: Path) -> None:
    page = open_page(tab, site / "flows/search-results.html", 680)
    page.emulate_media(media="print")
    picture = page.locator(".mb-picture").bounding_box()
    assert picture is not None
    assert picture["width"] <= 680
    assert picture["height"] <= 220 / 25.4 * 96


def test_the_rows_of_an_index_have_labels_on_a_phone(tab: Page, site: Path) -> None:
    page = open_page(tab, site / "models/index.html", 390)
    row = page.locator("#mb-index tbody tr", has_text="Churn")
    owner, lifecycle = row.locator("td").nth(1), row.locator("td").nth(2)
    assert owner.evaluate("cell => getComputedStyle(cell, '::before').content").startswith('"Owner"')
    tops = [cell.bounding_box() for cell in (owner, lifecycle)]
    assert tops[0] is not None
    assert tops[1] is not None
    assert tops[1]["y"] >= tops[0]["y"] + tops[0]["height"] - 1


def test_the_box_on_home_opens_the_search(tab: Page, site: Path) -> None:
    page = open_page(tab, site / "index.html")
    expect(page.locator("html.js")).to_be_attached()
    page.locator(".mb-find").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".md-search__input")).to_be_focused()


def test_home_needs_no_script(plain_tab: Page, site: Path) -> None:
    page = open_page(plain_tab, site / "index.html")
    expect(page.locator(".mb-find")).to_be_hidden()
    page.locator("a.mb-card").first.click()
    expect(page.locator("h1")).to_contain_text("Models")
    page.go_back()
    page.locator(".mb-cols a", has_text="Restaurants You").click()
    expect(page.locator("h1")).to_contain_text("Restaurants You")
