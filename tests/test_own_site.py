"""The site of the demo book in Chromium."""

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import html
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import BrowserContext, Locator, Page, Request

from tests.browser import set_screen
from tests.sites import list_pages, serve_folder, write_own_book

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(shared_books) -> Path:
    return Path(shared_books.build("own", write_own_book) / "site")


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    with serve_folder(site, below="books/models") as base:
        yield base


@pytest.fixture(scope="module")
def context(browser, wrong, address) -> BrowserContext:
    """Open a context that records requests to another host, errors and missing files."""
    context: BrowserContext = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    context.on("request", lambda request: wrong.append(request.url) if is_foreign(request, address) else None)
    context.on(
        "response",
        lambda response: wrong.append(f"{response.status} {response.url}") if response.status >= 400 else None,
    )
    context.on("console", lambda message: wrong.append(message.text) if message.type in {"error", "warning"} else None)
    context.on("weberror", lambda error: wrong.append(str(error.error)))
    return context


@pytest.fixture(scope="module")
def wrong() -> list[str]:
    return []


@pytest.fixture(scope="module")
def watched_tab(context) -> Page:
    """Open one tab for the pages of the module: a page in a new context takes three times as long."""
    return context.new_page()


@pytest.fixture
def page(watched_tab, wrong) -> Iterator[Page]:
    """Return a page that fails the test if it requests another host, logs an error, or misses a file."""
    yield set_screen(watched_tab, 1280)
    watched_tab.goto("about:blank")
    found = [*wrong]
    wrong.clear()
    assert not found


def is_foreign(request: Request, address: str) -> bool:
    return not request.url.startswith((address, "data:", "blob:", "about:blank"))


def test_a_node_of_a_flow_links_to_its_page(page, address):
    page.goto(address + "flows/home-ranking.html")
    page.locator("svg a", has_text="Home feed").first.click()
    page.wait_for_url("**/systems/home-feed.html")
    assert page.locator("h1").inner_text().startswith("Home feed")


def test_the_copy_button_copies_the_curl(page, address):
    page.goto(address + "models/ryl.html")
    page.locator("summary", has_text="Sample call").click()
    block = page.locator(".highlight", has_text="curl").first
    block.hover()
    block.locator("button[data-clipboard-target], button.md-clipboard, .md-code__button").first.click()
    copied = page.wait_for_function("() => navigator.clipboard.readText()").json_value()
    assert copied.strip() == block.locator("code").inner_text().strip()
    assert copied.startswith("curl ")


def test_an_index_filters_by_text_and_by_lifecycle(page, address):
    page.goto(address + "models/index.html")
    rows = page.locator("#mb-index tbody tr:visible")
    whole = rows.count()
    page.locator("form.mb-filter input[name=text]").fill("ryl_v2")
    assert [row.split("\n")[0] for row in rows.all_inner_texts()] == ["Restaurants You'll Like"]
    page.locator("form.mb-filter input[name=text]").fill("")
    page.locator("form.mb-filter select[name=lifecycle]").select_option("retired")
    assert 0 < rows.count() < whole
    assert page.locator("form.mb-filter output").inner_text() == f"{rows.count()} of {whole}"


def test_the_filters_of_an_index_are_on_one_line(page, address):
    page.goto(address + "models/index.html")
    fields = page.locator("form.mb-filter :is(input, select)")
    boxes = [box for field in fields.all() if (box := field.bounding_box())]
    assert len(boxes) > 3
    first_line = [box for box in boxes if abs(box["y"] - boxes[0]["y"]) < boxes[0]["height"]]
    assert len(first_line) >= 3
    assert {(box["y"], box["height"]) for box in first_line} == {(boxes[0]["y"], boxes[0]["height"])}


def test_pages_are_complete_without_scripts(plain_tab, address):
    page = plain_tab
    page.goto(address + "models/index.html")
    assert page.locator("#mb-index tbody tr:visible").count() > 10
    assert not page.locator("form.mb-filter").is_visible()
    page.goto(address + "models/ryl.html")
    assert page.locator("svg.mb-picture").is_visible()
    page.locator("nav.mb-path a", has_text="Models").click()
    page.wait_for_url("**/models/index.html")
    assert not page.locator(".md-footer").is_visible()  # it is empty
    page.locator(".md-sidebar--primary a", has_text="Map").click()
    page.wait_for_url("**/map.html")
    assert page.locator("svg.mb-picture").is_visible()
    assert page.locator("article table").is_visible()


def compute_contrast(page: Page, selector: str) -> float:
    """Compute the contrast between the text of an element and its background (WCAG 2)."""
    return page.locator(selector).first.evaluate(
        """element => {
          const parse = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
          const over = (front, back) => { const a = front.length > 3 ? front[3] : 1;
            return [0, 1, 2].map(i => front[i] * a + back[i] * (1 - a)); };
          let layers = [], node = element;
          while (node) { layers.unshift(parse(getComputedStyle(node).backgroundColor)); node = node.parentElement; }
          const back = layers.reduce((below, layer) => over(layer, below), [255, 255, 255]);
          const front = over(parse(getComputedStyle(element).color), back);
          const light = rgb => { const c = rgb.map(v => { v /= 255;
            return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); });
            return 0.2126 * c[0] + 0.7152 * c[1] + 0.0722 * c[2]; };
          const [a, b] = [light(front), light(back)].sort((x, y) => y - x);
          return (a + 0.05) / (b + 0.05);
        }"""
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_both_schemes(tab, address, scheme):
    page = set_screen(tab, 1280, scheme)
    page.goto(address + "models/ryl.html")
    assert page.locator("body").get_attribute("data-md-color-scheme") == {"light": "default", "dark": "slate"}[scheme]
    selectors = ["article h1", "article .mb-lead", "dl.mb-strip dt", "dl.mb-strip dd", ".mb-badge--green",
                 ".mb-badge--red", "article td a", ".highlight code", ".md-nav__link"]  # fmt: skip
    weak = {selector: ratio for selector in selectors if (ratio := compute_contrast(page, selector)) < 4.5}
    assert not weak


def test_pages_do_not_scroll_sideways_on_a_phone(tab, address, site):
    page = set_screen(tab, 390)
    for path in ["index.html", "models/ryl.html", "flows/home-ranking.html", "who-to-call.html", "models/index.html",
                 "migrations/scorer-to-kserve.html", "experiments/ryl-v3-ab.html", "attention.html"]:  # fmt: skip
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_shadow_marks_a_table_that_scrolls_sideways(tab, address, scheme):
    page = set_screen(tab, 390, scheme)
    page.goto(address + "confluence.html")
    box = page.locator(".md-typeset__scrollwrap >> nth=3")
    assert box.evaluate("box => box.scrollWidth - box.clientWidth") > 100
    box.evaluate("box => box.style.color = 'transparent'")
    assert measure_shadow(box, "right") > 10 > measure_shadow(box, "left")
    box.evaluate("box => box.scrollLeft = box.scrollWidth")
    assert measure_shadow(box, "left") > 10 > measure_shadow(box, "right")


def measure_shadow(box: Locator, side: str) -> float:
    """Compute the difference in grey level between the strip along a side of a box and the strip next to it."""
    with Image.open(io.BytesIO(box.screenshot(animations="disabled"))) as image:
        grey = image.convert("L")
    width, height = grey.size
    low, high = height * 3 // 4, height - 24
    at_edge, beside = (2, 40) if side == "left" else (width - 6, width - 44)
    strips = [grey.crop((x, low, x + 4, high)) for x in (at_edge, beside)]
    return ImageStat.Stat(ImageChops.difference(*strips)).mean[0]


_CUT_OFF = """() => {
  const right = element => element.getBoundingClientRect().right;
  return [...document.querySelectorAll("article table")]
    .filter(table => [...table.rows].some(row => right(row.lastElementChild) > right(table.closest("article")) + 0.5))
    .map(table => table.textContent.trim().slice(0, 60));
}"""
"""Finds tables with a cell beyond the edge of the text, whether their box scrolls or not."""
_DESKTOP = 1280 - 16
"""The width of a window of 1280 pixels without its scroll bar."""


def test_pages_open_without_errors_and_with_complete_tables(page, address, site, sample):
    page.set_viewport_size({"width": _DESKTOP, "height": 860})
    paths = sorted(str(path.relative_to(site)) for path in list_pages(site) if path.name != "404.html")
    assert len(paths) > 80
    folders = {path.rpartition("/")[0]: path for path in paths}  # a page of each kind, and some more
    paths = sorted({*folders.values(), *(paths[number - 1] for number in sample(len(paths), 6))})
    cut_off: dict[str, list[str]] = {}
    for path in paths:
        page.goto(address + path, wait_until="load")
        cut_off[path] = page.evaluate(_CUT_OFF)
    assert not {path: tables for path, tables in cut_off.items() if tables}


def test_no_page_shows_unrendered_markup(site):
    stray = re.compile(r"\|\s*:?-{3,}|^\s*[-*] \[|\*\*|^#{1,6} |\]\(", re.MULTILINE)
    for path in list_pages(site):
        article = html.parse(str(path), html.HTMLParser(encoding="utf-8")).getroot().xpath("//article")[0]
        for code in article.xpath(".//pre|.//code|.//svg|.//script"):
            code.drop_tree()
        assert not stray.search(article.text_content()), (path.name, stray.search(article.text_content()))


def test_no_page_loads_a_file_from_another_host(site):
    loading = re.compile(
        r"""(?:src|srcset|poster)="(?:https?:)?//|<link[^>]+href="(?:https?:)?//|@import|url\((?:"|')?https?:"""
    )
    for path in [*site.rglob("*.html"), *site.glob("assets/modelbook/*.css")]:
        assert not loading.search(path.read_text(encoding="utf-8")), path.name
