"""What a reader with a keyboard or a screen reader gets, asked of Chromium itself."""

import pytest
from playwright.sync_api import Page, sync_playwright

from generator.diagrams import STYLESHEET, svg
from generator.diagrams.palette import DARK, LIGHT
from tests.browser import launch
from tests.diagrams.pictures import FLOW

pytestmark = pytest.mark.browser
PAGE = f"<!doctype html><title>t</title><style>{STYLESHEET}</style><body>{svg(FLOW)}</body>"


@pytest.fixture(scope="module")
def page():
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser.new_page(viewport={"width": 1000, "height": 800})
        browser.close()


@pytest.fixture
def requests(page: Page) -> list[str]:
    """The page with the flow on it; every address it asks for."""
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_viewport_size({"width": 1000, "height": 800})
    page.set_content(PAGE)
    return asked


def test_no_request_is_made(page, requests):
    assert requests == []


def test_the_tab_key_reaches_the_picture_and_then_every_link(page, requests):
    links = ["#step-6", "../../teams/ranking/", *(node.href for node in FLOW.nodes if node.href)]
    reached = []
    for _ in range(len(links) + 1):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(e => e.getAttribute('xlink:href') || e.className)(document.activeElement)"))
    assert reached == ["mb-diagram", *links]


def test_a_screen_reader_is_told_the_picture_and_each_link(page, requests):
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    told = [(node["role"]["value"], node["name"]["value"]) for node in nodes if not node["ignored"] and "name" in node]
    assert ("region", FLOW.title) in told
    assert ("link", "Restaurants You'll Like (model)") in told
    assert ("link", "Popular nearby (model, deprecated)") in told
    assert any(name == "orders.v1 → Feature pipeline: consumed by" for _, name in told)
    described = {node.get("description", {}).get("value") for node in nodes}
    assert FLOW.description in described


def colour(page: Page) -> str:
    found = page.evaluate("getComputedStyle(document.querySelector('.mb-data .mb-shape')).fill")
    return "#" + "".join(f"{int(part):02x}" for part in found.removeprefix("rgb(").rstrip(")").split(","))


def test_it_follows_the_palette(page, requests):
    assert colour(page) == LIGHT.tints["data"].fill
    page.evaluate("document.body.setAttribute('data-md-color-scheme', 'slate')")
    assert colour(page) == DARK.tints["data"].fill


def test_on_a_phone_it_scrolls_by_itself_and_stays_readable(page, requests):
    page.set_viewport_size({"width": 360, "height": 700})
    body = page.evaluate("[document.body.scrollWidth, innerWidth]")
    assert body[0] <= body[1]
    assert page.evaluate("(e => e.scrollWidth > e.clientWidth)(document.querySelector('.mb-diagram'))")
    shown = page.evaluate("document.querySelector('.mb-label').getBoundingClientRect().height")
    assert shown > 9


def test_every_text_stays_inside_its_shape(page, requests):
    outside = page.evaluate("""[...document.querySelectorAll('.mb-node')].filter(node => {
        const shape = node.querySelector('.mb-shape').getBBox();
        return [...node.querySelectorAll('text')].some(text => {
            const box = text.getBBox();
            return box.x < shape.x || box.x + box.width > shape.x + shape.width
                || box.y < shape.y || box.y + box.height > shape.y + shape.height;
        });
    }).length""")
    assert outside == 0
