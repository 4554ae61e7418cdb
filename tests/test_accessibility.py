"""Each kind of page in Chromium: axe-core finds nothing serious, nothing scrolls sideways, and print loses nothing."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.books import write_book
from tests.browser import open_page
from tests.conftest import Sample
from tests.sites import PAGES_OF_EACH_KIND, run_mkdocs, write_own_book

pytestmark = pytest.mark.browser

WIDTHS = (1280, 390)
SCHEMES = {"light": "default", "dark": "slate"}
"""The schemes of the system, with the palette of each."""
PAPER = 680
"""The width of A4 within its margins."""
OPTIONS = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
"""With a rule that axe-core leaves off: WCAG 2.2, and Lighthouse, want 24 px for each link."""


@pytest.fixture(scope="module")
def site(shared_books) -> Path:
    return Path(shared_books.build("own", write_own_book)) / "site"


def find_violations(page: Page, within: str | None = None) -> list[str]:
    """Return the serious and critical violations on a page or in a part of it, each with its first element."""
    found = Axe().run(page, context=within, options=OPTIONS).response["violations"]
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:2]
    ]


def test_every_kind_of_page_has_no_serious_violation_and_no_sideways_scroll(
    tab: Page, site: Path, sample: Sample
) -> None:
    combinations = [(path, width, scheme) for path in PAGES_OF_EACH_KIND for width in WIDTHS for scheme in SCHEMES]
    wrong: dict[tuple[str, int, str], list[str]] = {}
    for number in sample(len(combinations), 4):
        path, width, scheme = combinations[number - 1]
        page = open_page(tab, site / path, width, scheme)
        found = find_violations(page)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found.append("the page scrolls sideways")
        if page.locator("body").get_attribute("data-md-color-scheme") != SCHEMES[scheme]:
            found.append("the page has the other palette")
        if found:
            wrong[combinations[number - 1]] = found
    assert not wrong


FIRST_AND_LAST = """() => {
  const text = document.querySelector('.mb-summary .mb-lead').firstChild;
  return [0, text.length - 1].map((index) => {
    const range = document.createRange();
    range.setStart(text, index);
    range.setEnd(text, index + 1);
    return range.getBoundingClientRect().left;
  });
}"""


def test_a_summary_in_arabic_ends_on_the_left(tab: Page, tmp_path: Path) -> None:
    card = "kind: model\nid: a\nname: A\nlifecycle: experimental\nserving: offline\n"
    card += "summary: يوصي بالمطاعم (RYL) القريبة.\n"
    root = write_book(tmp_path, {"a.yml": card})
    assert run_mkdocs("build", cwd=root).returncode == 0
    first, last = open_page(tab, root / "site/models/a.html").evaluate(FIRST_AND_LAST)
    assert first > last


LOST = """() => {
  const NOT_PRINTED = '.mb-site-only, [hidden], .mb-wiki-only, .mb-narrow, .mb-nolabel .mb-note';
  const width = document.documentElement.clientWidth, hidden = [];
  document.querySelectorAll('article :is(p, li, td, th, dd, dt, summary, pre, h2, h3, text)').forEach(element => {
    const text = element.textContent.trim().slice(0, 40);
    if (!text || element.closest(NOT_PRINTED)) return;
    const box = element.getBoundingClientRect();
    const folded = element.closest('details:not([open])') && !element.closest('summary');
    if (!folded && (box.width === 0 || box.height === 0)) hidden.push(['hidden', text]);
    else if (box.right > width + 1) hidden.push(['cut', text]);
  });
  return hidden;
}"""
"""Finds texts that the printed page does not show, or that its edge cuts. Chromium opens folds for print by itself.

The labels of arrows (`mb-note`) that the screen hides too are in the sentences below the picture.
"""


@pytest.mark.sample(6)
@pytest.mark.parametrize("path", PAGES_OF_EACH_KIND)
def test_print_loses_nothing(tab: Page, site: Path, path: str) -> None:
    page = open_page(tab, site / path, PAPER)
    page.emulate_media(media="print")
    assert page.evaluate(LOST) == []


WIDE = """() => {
  const cells = [...'abcdefghijkl'].map(letter => `<td>${letter}_column_with_a_long_name</td>`).join('');
  const table = `<div class="md-typeset__table"><table><tr>${cells}</tr></table></div>`;
  const wrapped = `<div class="md-typeset__scrollwrap">${table}</div>`;
  document.querySelector('article').insertAdjacentHTML('beforeend', wrapped);
}"""
"""Adds a wide table as Material's script wraps the tables of pages."""


def test_print_wraps_a_wide_table_of_an_own_page_and_draws_no_shadow(tab: Page, site: Path) -> None:
    page = open_page(tab, site / "tutorial.html", PAPER)
    page.evaluate(WIDE)
    page.emulate_media(media="print")
    assert page.evaluate(LOST) == []
    box = page.locator(".md-typeset__scrollwrap").last
    assert box.evaluate("element => getComputedStyle(element).backgroundImage") == "none"
    page.emulate_media(media="screen")
    assert "gradient" in box.evaluate("element => getComputedStyle(element).backgroundImage")
