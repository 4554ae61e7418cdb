"""The repository's own book in Confluence: published to the stand-in, both flavours, over sockets."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import Any

import pytest

from generator.cli.publish.source import Source, read_source
from generator.confluence.plan.result import Outcome
from generator.confluence.plan.titles import same
from generator.confluence.show import plan_text
from generator.confluence.standin import ADMIN
from generator.confluence.wiki import Flavour, PageUpdate
from tests.books import REPOSITORY
from tests.publishing import Place, first_publish, holds_everywhere, running, stored
from tests.sites import build, write_own_book

DESCRIBED = REPOSITORY.parent / "shared" / "confluence-api"
CARD = "cards/models/ryl.yml"
BEFORE, AFTER = "9 % of all orders", "11 % of all orders"
TITLE = "Restaurants You'll Like"


@pytest.fixture(scope="module")
def book(shared_books) -> Path:
    return shared_books.build("own", write_own_book)


@pytest.fixture(scope="module")
def changed_site(tmp_path_factory) -> Path:
    """The site of the own book after one sentence of one card was edited."""
    root = tmp_path_factory.mktemp("changed")
    write_own_book(root)
    card = root / CARD
    card.write_text(card.read_text("utf-8").replace(BEFORE, AFTER), "utf-8")
    build(root, root / "site")
    return root / "site"


@pytest.fixture(scope="module")
def source(book) -> Source:
    return read_source(book, None)


@pytest.fixture(scope="module", params=[*Flavour], ids=str)
def place(request, source) -> Iterator[Place]:
    """A stand-in that the book was published to once."""
    with running(Flavour(request.param)) as place:
        yield replace(place, first=first_publish(place, source))


def test_every_book_has_pages_that_leave_requests_for_the_run_itself(source):
    """A page without labels takes three of its four requests, and the reference of the codes is in every book.

    It pays for what a first publish asks on top of its pages, the listing of the space above all.
    """
    reference = [entry for entry in source.built.entries if entry.path.startswith("reference/")]
    assert not [entry for entry in reference if entry.labels]
    listing = 10_000 / Flavour.DATACENTER.bulk
    assert len(reference) >= listing + 5


def unchanged(place: Place, source: Source) -> int:
    """What a run may cost that finds nothing to do."""
    return ceil(len(source.built.entries) / place.standin.flavour.bulk) + 5


def test_no_two_pages_of_the_book_are_titled_alike(source):
    titles = [same(entry.title) for entry in source.built.entries]
    assert sorted(titles) == sorted(set(titles))


def test_no_page_no_link_no_attachment_and_no_anchor_is_missing(place, source):
    pages = place.pages()
    assert set(pages) == {entry.title for entry in source.built.entries}
    read = {title: stored(page.body or "") for title, page in pages.items()}
    for title, found in read.items():
        for target, anchor in found.links:
            assert target in read or not target, f"{title} links to {target}"
            assert not anchor or anchor in read[target or title].anchors, f"{title} links to {target}#{anchor}"
        held = {each.name for each in place.wiki.attachments(pages[title].id)} if found.files else set()
        assert found.files <= held, title
    assert sum(len(found.links) for found in read.values()) > 1000
    assert any(found.files for found in read.values())


def test_what_is_stored_holds_all_that_the_site_shows(place, source):
    holds_everywhere(place, source)


def test_the_second_plan_is_empty_and_cheap(place, source):
    place.requests()
    assert place.plan(source).empty
    assert place.requests() <= unchanged(place, source)
    assert place.publish(source).outcome is Outcome.NOTHING


def test_the_plan_after_one_edit_shows_one_page_with_what_changed(place, source, book, changed_site):
    place.requests()
    plan = place.plan(read_source(book, changed_site))
    assert place.requests() <= unchanged(place, source) + 1
    assert [change.ref for change in plan.changes] == ["model:ryl"]
    shown = plan_text(plan)
    assert f"~ update: {TITLE}  [{CARD}:" in shown
    assert re.search(rf"\| - .*{BEFORE}.*\n.*\| \+ .*{AFTER}", shown)


def test_a_page_edited_by_hand_stops_the_plan_and_names_the_card(place, source):
    page = place.titled(TITLE)
    body = (page.body or "").replace(BEFORE, "Half of all orders")
    place.wiki.update_page(PageUpdate(page.id, page.title, body, page.version.number + 1))
    plan = place.plan(source)
    shown = plan_text(plan)
    assert plan.refusals()
    assert re.search(rf"! {TITLE}: edited by hand by {ADMIN.name} on .*\[{CARD}:\d+\]", shown)
    assert f"carry the change over to {CARD}" in shown
    assert re.search(rf"\| - .*{BEFORE}.*\n.*\| \+ .*Half of all orders", shown)
    assert place.publish(source).outcome is Outcome.REFUSED
    assert "Half of all orders" in (place.titled(TITLE).body or "")
    place.wiki.update_page(PageUpdate(page.id, page.title, page.body or "", page.version.number + 2))
    assert place.publish(source).exit_status == 0


def scopes_of(operation: dict[str, Any]) -> set[str]:
    """What a scoped token needs for a request: the narrow scopes, which v1 calls beta."""
    listed = [each for each in operation.get("x-atlassian-oauth2-scopes", []) if each.get("state")]
    narrow = [each for each in listed if all(scope.endswith(":confluence") for scope in each["scopes"])]
    return {scope for each in narrow for scope in each["scopes"]}


def matching(paths: dict[str, Any], asked: str) -> str | None:
    """The described path that fits what was asked, one without variables first."""
    patterns = {path: re.sub(r"\{[^}]+\}", "[^/]+", path) for path in paths}
    fitting = [path for path, pattern in patterns.items() if re.fullmatch(pattern, asked)]
    return min(fitting, key=lambda path: path.count("{"), default=None)


@pytest.mark.skipif(not DESCRIBED.is_dir(), reason="the OpenAPI documents are not beside the project: NOT checked")
def test_the_scopes_in_the_guide_cover_every_request(place):
    if place.standin.flavour is not Flavour.CLOUD:
        pytest.skip("only Cloud has scopes")
    guide = (REPOSITORY / "docs/confluence.md").read_text("utf-8")
    named = {f"{scope}:confluence" for scope in re.findall(r"`((?:read|write|delete):[a-z.-]+)`", guide)}
    v1, v2 = (json.loads((DESCRIBED / f"confluence-{name}.json").read_text("utf-8"))["paths"] for name in ("v1", "v2"))
    place.wiki.inline_comments(place.titled(TITLE).id)
    place.wiki.operations(place.space)
    asked = {
        (each.method.lower(), each.path) for each in (*place.first, *place.standin.log.entries) if "/api/" in each.path
    }
    needed: set[str] = set()
    for method, path in asked:
        paths, tail = (v2, path.removeprefix("/wiki/api/v2")) if "/api/v2/" in path else (v1, path)
        found = matching(paths, tail)
        assert found is not None, path
        needed |= scopes_of(paths[found][method])
    assert len(needed) > 5
    assert needed <= named
