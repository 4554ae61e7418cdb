"""The demo book published to the demo server in both flavours."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from math import ceil
from pathlib import Path
from typing import get_args

import pytest

from generator.cli.publish.source import Source, read_source
from generator.confluence.built import read_site
from generator.confluence.demo import ADMIN
from generator.confluence.sync.draft import fold_title
from generator.confluence.sync.report import plan_text
from generator.confluence.sync.values import Outcome
from generator.confluence.wiki import Flavour, NotFound, PageUpdate
from generator.diagrams.png import extract_svg_links
from generator.findings import Severity
from generator.settings import PUBLISHED_SECTIONS, PageSection
from tests.books import REPOSITORY
from tests.publishing import RunningWiki, expect_parity, parse_stored_page, publish_first_time, run_demo_server
from tests.sites import build, write_own_book

CARD = "cards/models/ryl.yml"
BEFORE, AFTER = "New restaurants get an even chance", "New restaurants get a better chance"
TITLE = "Restaurants You'll Like (RYL)"


@pytest.fixture(scope="module")
def book(shared_books) -> Path:
    return shared_books.build("own", write_own_book)


@pytest.fixture(scope="module")
def changed_site(tmp_path_factory) -> Path:
    """Build the site of the demo book with one sentence of one card edited."""
    root = tmp_path_factory.mktemp("changed")
    write_own_book(root)
    card = root / CARD
    card.write_text(card.read_text("utf-8").replace(BEFORE, AFTER), "utf-8")
    build(root, root / "site")
    return root / "site"


@pytest.fixture(scope="module")
def source(book) -> Source:
    return read_source(book, None)


ONE_FLAVOUR = [pytest.param(flavour, marks=pytest.mark.sample(1)) for flavour in Flavour]
"""The flavour that the seed chooses; the tests of the publisher itself run on both."""


@pytest.fixture(scope="module", params=ONE_FLAVOUR, ids=str)
def place(request, source) -> Iterator[RunningWiki]:
    """Publish the book to a demo server once."""
    with run_demo_server(Flavour(request.param)) as place:
        yield replace(place, first=publish_first_time(place, source))


def test_pages_of_modelbook_itself_convert_without_loss_if_a_book_publishes_them(source):
    everything = read_site(source.built.folder, extract_svg_links, sections=get_args(PageSection))
    assert {entry.section for entry in everything.entries} == {*get_args(PageSection)} - {"docs"}
    assert {entry.section for entry in source.built.entries} == {*PUBLISHED_SECTIONS} - {"docs"}
    unpublished = [entry for entry in everything.entries if entry.path in source.built.site.unpublished]
    findings = [finding for entry in unpublished for finding in everything.wanted(entry).findings]
    assert [finding for finding in findings if finding.severity is not Severity.INFO] == []


def limit_requests(place: RunningWiki, source: Source) -> int:
    """Return the largest number of requests of a run without changes."""
    return ceil(len(source.built.entries) / place.demo.flavour.bulk) + 5


def test_titles_are_unique(source):
    titles = [fold_title(entry.title) for entry in source.built.entries]
    assert sorted(titles) == sorted(set(titles))


def test_all_pages_links_attachments_and_anchors_exist(place, source):
    pages = place.list_pages()
    assert set(pages) == {entry.title for entry in source.built.entries}
    read = {title: parse_stored_page(page.body or "") for title, page in pages.items()}
    for title, found in read.items():
        for target, anchor in found.links:
            assert target in read or not target, f"{title} links to {target}"
            assert not anchor or anchor in read[target or title].anchors, f"{title} links to {target}#{anchor}"
        attached = {each.name for each in place.wiki.attachments(pages[title].id)} if found.files else set()
        assert found.files <= attached, title
    assert sum(len(found.links) for found in read.values()) > 1000
    assert any(found.files for found in read.values())


def test_stored_pages_have_all_content_of_the_site(place, source, sample):
    entries = source.built.entries
    expect_parity(place, source, [entries[number - 1] for number in sample(len(entries), 40)])


def test_a_second_plan_is_empty_and_needs_few_requests(place, source):
    place.count_requests()
    assert place.plan(source).empty
    assert place.count_requests() <= limit_requests(place, source)
    assert place.publish(source).outcome is Outcome.NOTHING


def test_a_plan_after_one_edit_has_one_page_with_its_diff(place, source, book, changed_site):
    place.count_requests()
    plan = place.plan(read_source(book, changed_site))
    assert place.count_requests() <= limit_requests(place, source) + 1
    assert [change.ref for change in plan.changes] == ["model:ryl"]
    shown = plan_text(plan)
    assert f"~ update: {TITLE}  [{CARD}:" in shown
    assert re.search(rf"\| - .*{BEFORE}.*\n.*\| \+ .*{AFTER}", shown)


def test_a_page_edited_in_the_wiki_is_a_conflict_that_names_the_card(place, source):
    page = place.get_page(TITLE)
    body = (page.body or "").replace(BEFORE, "New restaurants get no chance")
    place.wiki.update_page(PageUpdate(page.id, page.title, body, page.version.number + 1))
    plan = place.plan(source)
    shown = plan_text(plan)
    assert [conflict.ref for conflict in plan.conflicts] == ["model:ryl"]
    assert re.search(rf"! {re.escape(TITLE)}: edited by hand by {ADMIN.name} on .*\[{CARD}:\d+\]", shown)
    assert f"copy the edit to {CARD}" in shown
    assert re.search(rf"\| - .*{BEFORE}.*\n.*\| \+ .*New restaurants get no chance", shown)
    result = place.publish(source)
    assert ([each.ref for each in result.held], result.exit_status) == (["model:ryl"], 1)
    assert "New restaurants get no chance" in (place.get_page(TITLE).body or "")
    place.wiki.update_page(PageUpdate(page.id, page.title, page.body or "", page.version.number + 2))
    assert place.publish(source).exit_status == 0


SCOPES = {
    r"GET .*/api/v2/spaces(/\d+/operations)?": {"read:space"},
    r"GET .*/api/v2/pages(/\d+)?": {"read:page"},
    r"(POST|PUT) .*/api/v2/pages(/\d+)?": {"write:page"},
    r"DELETE .*/api/v2/pages/\d+": {"delete:page"},
    r"GET .*/api/v2/pages/\d+/(properties|labels)(/\d+)?": {"read:page"},
    r"GET .*/api/v2/pages/\d+/attachments": {"read:attachment"},
    r"(POST|PUT|DELETE) .*/api/v2/pages/\d+/properties(/\d+)?": {"read:page", "write:page"},
    r"GET .*/api/v2/(pages|folders)/\d+/(descendants|direct-children)": {"read:hierarchical-content"},
    r"GET .*/api/v2/folders/\d+(/properties)?": {"read:folder"},
    r"(POST|PUT|DELETE) .*/api/v2/folders/\d+/properties(/\d+)?": {"read:folder", "write:folder"},
    r"GET .*/api/v2/pages/\d+/inline-comments": {"read:comment"},
    r"DELETE .*/api/v2/attachments/\w+": {"delete:attachment"},
    r"POST .*/rest/api/content/archive": {"read:content.metadata", "write:page"},
    r"GET .*/rest/api/longtask/\w+": {"read:content.metadata"},
    r"PUT .*/rest/api/content/\d+/move/\w+/\d+": {"write:page"},
    r"POST .*/rest/api/content/\d+/child/attachment(/\w+/data)?": {"read:content-details", "write:attachment"},
    r"POST .*/rest/api/content/\d+/label": {"read:label", "write:label"},
    r"DELETE .*/rest/api/content/\d+/label": {"write:label"},
    r"GET .*/rest/api/content/\d+/state": {"read:content-details"},
    r"(PUT|DELETE) .*/rest/api/content/\d+/state": {"read:content-details", "write:content"},
    r"GET .*/rest/api/user(/current)?": {"read:content-details"},
}
"""The granular scopes of each request to Cloud, as Atlassian's documents of v1 and v2 list them (July 2026)."""


def test_the_documented_scopes_cover_every_request(place):
    if place.demo.flavour is not Flavour.CLOUD:
        pytest.skip("only Cloud has scopes")
    guide = (REPOSITORY / "docs/confluence.md").read_text("utf-8")
    named = set(re.findall(r"`((?:read|write|delete):[a-z.-]+)`", guide))
    with suppress(NotFound):  # the demo server has no comments, and logs the request
        place.wiki.inline_comments(place.get_page(TITLE).id)
    place.wiki.operations(place.space)
    sent = {f"{each.method} {each.path}" for each in (*place.first, *place.demo.log) if "/api/" in each.path}
    for request in sent:
        assert any(re.fullmatch(pattern, request) for pattern in SCOPES), request
    missing = {pattern: scopes - named for pattern, scopes in SCOPES.items() if scopes - named}
    assert not missing
