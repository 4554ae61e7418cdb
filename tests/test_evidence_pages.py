"""The table of consumers with evidence in Chromium: on a screen and a phone, light and dark, without scripts."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from generator.evidence.records import AnswerShape, FileClass, Verification
from tests.browser import open_page
from tests.evidence.records import COMMIT, SCANNED, code_use, scanned, seen_call, traffic_source
from tests.pages.contexts.test_evidence import CARDS, OLD, write_evidence
from tests.test_accessibility import find_violations

pytestmark = pytest.mark.browser

LONG = "services/recommendations/src/main/resources/configuration/production/client_factory_for_carousels.py"
CODE = (
    scanned("food/feed"), scanned("food/cart"), scanned("food/old", OLD),
    code_use(system="system:feed", places=(("config/carousels.yaml", 12),), count=5),
    code_use(system="system:cart", repo="food/cart", cls=FileClass.CODE, places=((LONG, 3),)),
    code_use(repo="food/old", on=OLD),
)  # fmt: skip
TRAFFIC = (traffic_source(), seen_call(system="system:feed", requests=1_432_001, errors=700), seen_call())
VERIFIED = (
    Verification(
        ref="model:ryl", environment="production", day=SCANNED, valid_on=OLD, status=422, milliseconds=1_045,
        shape=AnswerShape.REFUSED, problem="the sample was refused",
    ),
)  # fmt: skip


def write_book_with_evidence(root: Path) -> None:
    write_evidence(root, CARDS, CODE, TRAFFIC, VERIFIED)


@pytest.fixture(scope="module")
def site(shared_books) -> Path:
    return Path(shared_books.build("evidence", write_book_with_evidence)) / "site"


@pytest.mark.sample(2)
@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["models/ryl.html", "systems/cart.html", "resources/feature_view/profile.html"])
def test_the_evidence_can_be_read_on_every_screen(tab: Page, site: Path, path: str, width: int, scheme: str) -> None:
    page = open_page(tab, site / path, width, scheme)
    assert find_violations(page, "article") == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_each_source_is_a_line_of_the_cell_also_without_scripts(browser: Browser, site: Path, width: int) -> None:
    with browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=False) as context:
        page = context.new_page()
        page.goto((site / "models/ryl.html").as_uri())
        rows = page.locator(".mb-uses tbody tr")
        names = [text.split("\n")[0] for text in rows.locator("td:first-child").all_inner_texts()]
        assert [name.removesuffix(" Undeclared").removesuffix(" No card") for name in names] == [
            "Cart", "food/old", "growth-batch", "Home feed",
        ]  # fmt: skip
        lines = rows.last.locator(".mb-ev")
        tops = [box["y"] for box in (line.bounding_box() for line in lines.all()) if box is not None]
        assert len(tops) == 3
        assert tops == sorted(set(tops))
        link = lines.nth(1).get_by_role("link")
        assert link.get_attribute("href") == f"https://github.com/food/feed/blob/{COMMIT}/config/carousels.yaml#L12"
        cell = rows.last.locator("td").last.bounding_box()
        box = link.bounding_box()
        assert cell is not None
        assert box is not None
        assert box["x"] + box["width"] <= cell["x"] + cell["width"] + 1


def test_old_evidence_is_grey(tab: Page, site: Path) -> None:
    page = open_page(tab, site / "models/ryl.html", 1280)
    old = page.locator(".mb-ev.mb-old").first
    assert "too old to rely on" in old.inner_text()
    quiet = page.locator(".mb-uses thead th").first
    colour = "element => getComputedStyle(element).color"
    assert old.evaluate(colour) == quiet.evaluate(colour)
    assert page.locator(".mb-ev:not(.mb-old)").first.evaluate(colour) != old.evaluate(colour)
