"""Diagrams in Chromium: keyboard, screen reader, palette and small screens."""

import pytest
from playwright.sync_api import Page

from generator.diagrams import STYLESHEET, render_svg
from generator.diagrams.stylesheet import DARK, LIGHT
from tests.diagrams.examples import FLOW

pytestmark = pytest.mark.browser
PAGE = f"<!doctype html><title>t</title><style>{STYLESHEET}</style><body>{render_svg(FLOW)}</body>"


@pytest.fixture(scope="module")
def page(tab: Page) -> Page:
    return tab


@pytest.fixture
def requests(page: Page) -> list[str]:
    """Load the page with a diagram and return the addresses that it requests."""
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.set_viewport_size({"width": 1000, "height": 800})
    page.set_content(PAGE)
    return requested


def test_the_page_makes_no_request(page, requests):
    assert requests == []


def test_tab_key_reaches_the_diagram_then_every_link(page, requests):
    links = ["#step-6", "../../teams/ranking/", *(node.href for node in FLOW.nodes if node.href)]
    reached = []
    for _ in range(len(links) + 1):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("(e => e.getAttribute('xlink:href') || e.className)(document.activeElement)"))
    assert reached == ["mb-diagram", *links]


def test_screen_readers_get_a_name_for_the_diagram_and_each_link(page, requests):
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    named = [(node["role"]["value"], node["name"]["value"]) for node in nodes if not node["ignored"] and "name" in node]
    assert ("region", FLOW.title) in named
    assert ("link", "Restaurants You'll Like (model)") in named
    assert ("link", "Popular nearby (model, deprecated)") in named
    assert any(name == "orders.v1 → Feature pipeline: consumed by" for _, name in named)
    described = {node.get("description", {}).get("value") for node in nodes}
    assert FLOW.description in described


def colour(page: Page) -> str:
    found = page.evaluate("getComputedStyle(document.querySelector('.mb-data .mb-shape')).fill")
    return "#" + "".join(f"{int(part):02x}" for part in found.removeprefix("rgb(").rstrip(")").split(","))


def test_colours_follow_the_palette_toggle(page, requests):
    assert colour(page) == LIGHT["data-fill"]
    page.evaluate("document.body.setAttribute('data-md-color-scheme', 'slate')")
    assert colour(page) == DARK["data-fill"]


def test_the_diagram_scrolls_and_stays_readable_on_a_phone(page, requests):
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
