"""The inventory on a model's page and on its own page."""

from pathlib import Path

import pytest

from generator.names import Ref
from generator.pages.contexts.inventory import build_inventory_view, build_model_inventory
from generator.pages.contexts.parts import Badge
from generator.pages.own_pages import build_navigation
from generator.pages.search_index import list_page_entries
from generator.pages.site_page import SitePage
from generator.project import Project
from generator.schema import Model
from tests.books import MKDOCS, MODEL, TEAM, open_book, write_book

BOOK = MKDOCS.replace("{as_of: 2026-11-20}", "{as_of: 2026-11-20, inventory: {tiers: {1: 365, 3: null}}}")
FIELDS = """
tier: 1
risk: {rating: high, why: 'Many <b>orders</b>', by: audit}
validation: {by: audit, on: 2025-01-10, result: rejected, report: 'https://wiki.example.com/ryl'}
approved_uses:
  - {use: The home page, systems: [home], until: 2026-12-31}
  - {use: Coupons, systems: [crm], by: audit, until: 2026-06-30}
exceptions: [{what: No challenger, why: It is in a test, until: 2026-10-31}]
consumers: [{system: home, why: Fills it}, {system: crm, why: Sends it}]
"""
SYSTEMS = "kind: system\nid: home\nname: Home\ntype: app\n---\nkind: system\nid: crm\nname: CRM\ntype: job\n"
AUDIT = "kind: team\nid: audit\nname: Audit\nlead: p\nchannel: '#a'\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    cards = {"ryl.yml": MODEL + FIELDS, "t.yml": TEAM, "s.yml": SYSTEMS, "a.yml": AUDIT}
    cards["plain.yml"] = MODEL.replace("id: ryl", "id: plain")
    return open_book(write_book(tmp_path, cards, BOOK))


def render(project: Project, path: str) -> SitePage:
    pages, findings = project.render_pages()
    assert findings == []
    return next(page for page in pages if page.path == path)


def test_the_page_of_a_model_has_its_validation_and_its_approved_uses(project: Project) -> None:
    page = render(project, "models/ryl.md").markdown
    part = page[page.index("## Validation and approved uses") : page.index("## Lifecycle and history")]
    assert "Many " in part
    assert "<b>orders" not in part
    assert '<a href="../teams/audit.html">Audit</a>' in part
    assert "<b>Not approved</b> is the use by" in part
    assert "| The home page | [Home](../systems/home.md) |" in part
    assert part.count('<span class="mb-missing">ended</span>') == 2
    assert "## Validation" not in render(project, "models/plain.md").markdown


def test_a_rejected_model_and_an_overdue_validation_are_red(project: Project) -> None:
    card = project.cards.by_ref[Ref("model", "ryl")].card
    assert isinstance(card, Model)
    part = build_model_inventory(project.book, card)
    assert part is not None
    facts = {fact.name: fact.values for fact in part.facts}
    assert facts["Validated"][-1] == Badge("rejected", "red")
    assert [str(facts["Next validation"][0]), facts["Next validation"][1]] == ["2026-01-10", Badge("overdue", "red")]
    assert part.unapproved == (Ref("system", "crm"),)


def test_the_inventory_lists_the_models_with_what_is_overdue(project: Project) -> None:
    view = build_inventory_view(project.book)
    (row,) = view.rows
    cells = dict(zip(view.columns, row.cells, strict=True))
    assert (cells["Approved consumers"], cells["Exceptions"]) == (("1 of 2",), ("1", Badge("overdue", "red")))
    assert (view.overdue, view.unapproved) == (1, 1)
    assert [(one.tier, one.days, one.count, one.overdue) for one in view.tiers] == [("1", 365, 1, 1), ("3", None, 0, 0)]
    assert (view.others, view.other_count) == ((Ref("model", "plain"),), 1)
    assert ("validation", "overdue") in row.filters


def test_only_a_book_with_an_inventory_has_its_page_in_the_navigation(project: Project, tmp_path: Path) -> None:
    plain = open_book(tmp_path / "plain", {"ryl.yml": MODEL, "t.yml": TEAM})
    for book, is_there in ((project, True), (plain, False)):
        pages, _ = book.render_pages()
        answers = build_navigation([], [], pages, has_tags=False)[1]["Answers"]
        assert ({"Inventory": "model-inventory.md"} in answers) == is_there == bool(book.cards.inventoried)
        assert any(page.path == "model-inventory.md" for page in pages) == is_there


def test_the_search_finds_the_page_and_the_words_of_the_fields(project: Project) -> None:
    pages, _ = project.render_pages()
    listed = (entry for page in pages for entry in list_page_entries(page, directory_urls=False))
    entries = {entry.location: entry for entry in listed}
    assert "challenger" in entries["models/ryl.html"].words.split()
    assert entries["model-inventory.html"].names == ("Inventory",)


def test_an_own_page_about_the_inventory_is_another_page(project: Project) -> None:
    page = render(project, "model-inventory.md")
    assert page.key == f"page:{page.path.removesuffix('.md')}"  # as the key of an own page, which replaces it
