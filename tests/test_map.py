"""The map in Chromium: focus by pointer, key and click, size, filters, and names that can be read."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from generator.diagrams import STYLESHEET, render_svg
from generator.pages.contexts.maps import build_team_map_view, list_map_teams
from tests.browser import open_page
from tests.pages.contexts.test_maps import open_large
from tests.sites import write_own_book

pytestmark = pytest.mark.browser

VISIBLE = "lines => lines.filter(line => getComputedStyle(line).opacity > 0.5).length"
"""Counts the lines that are not dimmed."""
PROBLEMS = """texts => {
  const boxes = texts.map(text => text.getBoundingClientRect());
  const small = texts.filter(text => {
    const scale = text.getScreenCTM().a;
    return parseFloat(getComputedStyle(text).fontSize) * scale < 11 && !text.classList.contains('mb-caption');
  });
  let overlaps = 0;
  boxes.forEach((a, i) => boxes.slice(i + 1).forEach(b => {
    if (a.left < b.right && b.left < a.right && a.top < b.bottom - 1 && b.top < a.bottom - 1) overlaps += 1;
  }));
  return [texts.length > 0, small.length, overlaps];
}"""


@pytest.fixture(scope="module")
def file(shared_books) -> Path:
    return Path(shared_books.build("own", write_own_book)) / "site/map.html"


def count_visible(page: Page) -> int:
    return page.eval_on_selector_all(".mb-line", VISIBLE)


def test_pointer_and_keys_show_only_the_lines_of_a_box_without_a_script(plain_tab: Page, file: Path) -> None:
    page = open_page(plain_tab, file)
    every = page.locator(".mb-line").count()
    box = page.locator("a.mb-box", has_text="Delivery promise")
    box.hover()
    hovered = page.locator(".mb-line").evaluate_all(VISIBLE)
    assert 0 < hovered < every
    page.mouse.move(0, 0)
    assert page.locator(".mb-line").evaluate_all(VISIBLE) == every
    box.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    assert page.locator(".mb-line").evaluate_all(VISIBLE) == hovered
    box.click()
    page.wait_for_url("**/models/eta.html")


def test_a_click_keeps_the_focus_and_the_next_opens_the_page(tab: Page, file: Path) -> None:
    page = open_page(tab, file)
    every = count_visible(page)
    page.locator("a.mb-box", has_text="Delivery promise").click()
    page.mouse.move(0, 0)
    assert 0 < count_visible(page) < every
    output = page.locator("form[data-mb-uses] output")
    assert output.inner_text().startswith("Focus: Delivery promise (ETA)")
    page.get_by_role("button", name="Show all lines").click()
    assert count_visible(page) == every
    assert output.inner_text() == ""
    for _ in range(2):
        page.locator("a.mb-box", has_text="Delivery promise").click()
    page.wait_for_url("**/models/eta.html")


def test_only_lines_of_high_criticality_and_a_larger_picture(tab: Page, file: Path) -> None:
    page = open_page(tab, file)
    page.get_by_label("Only high criticality").check()
    assert count_visible(page) == page.locator(".mb-use-high.mb-line").count()
    picture = page.locator("svg.mb-picture")
    before = picture.evaluate("svg => svg.clientWidth")
    page.get_by_role("button", name="Larger").click()
    page.get_by_role("button", name="Larger").click()
    assert picture.evaluate("svg => svg.clientWidth") > before * 1.3


def test_the_list_is_filtered_by_kind_and_team(tab: Page, file: Path) -> None:
    page = open_page(tab, file)
    page.get_by_label("Kind").select_option("model")
    page.get_by_label("Team").select_option("Data science platform")
    rows = page.locator("#mb-map-list tbody tr:visible")
    assert rows.all_inner_texts()
    assert all("Data science platform" in text and "model" in text for text in rows.all_inner_texts())
    page.set_viewport_size({"width": 390, "height": 900})
    cells = rows.first.locator("td + td").evaluate_all(
        "all => all.map(one => getComputedStyle(one, '::before').content)"
    )
    assert [content.split('"')[1] for content in cells] == ["Team", "Depends on", "Used by"]


def test_the_picture_alone_opens_a_model(tab: Page, file: Path) -> None:
    page = open_page(tab, file)
    page.get_by_role("link", name="Open the picture alone").click()
    page.wait_for_url("**/assets/modelbook/map.svg")
    page.locator("a.mb-box", has_text="Restaurants You'll Like").first.click()
    page.wait_for_url("**/models/ryl*.html")


def test_names_can_be_read_in_a_small_and_in_a_large_book(tab: Page, file: Path, tmp_path: Path) -> None:
    page = open_page(tab, file)
    assert page.eval_on_selector_all("svg.mb-picture text", PROBLEMS) == [True, 0, 0]
    book = open_large(tmp_path, teams=12, models=488).book  # with 12 systems, 500 nodes
    pairs = [pair for team in list_map_teams(book)[:4] for pair in build_team_map_view(book, team).pairs]
    assert len(pairs) >= 6
    for pair in pairs:
        page.set_content(f"<style>{STYLESHEET}</style><div style='width:744px'>{render_svg(pair.picture)}</div>")
        assert page.eval_on_selector_all("svg.mb-picture text", PROBLEMS) == [True, 0, 0], pair.title
