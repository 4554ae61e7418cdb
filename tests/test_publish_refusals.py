"""`modelbook publish apply` through a proxy that refuses what real servers refuse."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.wiki import Flavour
from tests.books import MKDOCS, write_book
from tests.confluence.publishing import Sheet, build_library, count_pictures, write_site
from tests.fault_proxy import (
    answer_400_for_a_known_property,
    check_xsrf_token,
    fail_upload,
    forbid_edits,
    run_fault_proxy,
)
from tests.publishing import RunningWiki, run_demo_server

PICTURED = build_library(12)
RESTRICTED = "Model 3"


def write_models(word: str) -> list[Sheet]:
    """Write a home page and thirty models, one of which nobody may edit."""
    home = Sheet("page:home", "The book")
    marks = {RESTRICTED: " NOEDIT"}
    names = [Sheet(f"model:m{number}", f"Model {number}", home.ref) for number in range(30)]
    return [home, *(replace(each, html=f"<p>Text {word}{marks.get(each.title, '')}</p>") for each in names)]


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    root = write_book(tmp_path_factory.mktemp("refused"), {}, MKDOCS.replace("{as_of: 2026-11-20}", "{}"))
    for name, sheets in (("pictured", PICTURED), ("one", write_models("one")), ("two", write_models("two"))):
        write_site(root / name, sheets)
    return root


@pytest.fixture(params=[*Flavour], ids=str)
def place(request) -> Iterator[RunningWiki]:
    with run_demo_server(Flavour(request.param)) as place:
        yield place


@pytest.fixture
def datacenter() -> Iterator[RunningWiki]:
    with run_demo_server(Flavour.DATACENTER) as place:
        yield place


def test_pictures_are_uploaded_to_a_server_that_checks_the_token_header(datacenter, book):
    with run_fault_proxy(datacenter.environ["CONFLUENCE_URL"], [check_xsrf_token]) as url:
        done = datacenter.run(book, "apply", "--site-dir", "pictured", CONFLUENCE_URL=url)
    assert (done.returncode, "12 created" in done.stdout) == (0, True), done.stdout + done.stderr
    pages = datacenter.list_pages()
    assert len(pages) == 12
    assert sum(len(datacenter.wiki.attachments(page.id)) for page in pages.values()) == count_pictures(PICTURED) > 1


def test_a_page_with_a_failed_upload_is_finished_by_the_next_run(place, book):
    faults = [answer_400_for_a_known_property, fail_upload(2)]
    with run_fault_proxy(place.environ["CONFLUENCE_URL"], faults) as url:
        first, second, third = (
            place.run(book, "apply", "--site-dir", "pictured", CONFLUENCE_URL=url) for _ in range(3)
        )
    assert first.returncode == 1
    assert "You do not have permission to attach files" in first.stdout
    assert len(place.list_pages()) == 12
    assert second.returncode == 0, second.stdout + second.stderr
    assert (third.returncode, third.stdout.startswith("Nothing to do")) == (0, True), third.stdout
    verified = place.run(book, "verify", "--site-dir", "pictured")
    assert verified.returncode == 0, verified.stdout


@pytest.mark.parametrize("status", [pytest.param(status, marks=pytest.mark.sample(2)) for status in (403, 404)])
def test_a_restricted_page_is_named_in_each_run_and_the_others_are_published_in_the_first(place, book, status):
    assert place.run(book, "apply", "--site-dir", "one").returncode == 0
    restricted = place.get_page(RESTRICTED)
    with run_fault_proxy(place.environ["CONFLUENCE_URL"], [forbid_edits("NOEDIT", status)]) as url:
        first, *further = (place.run(book, "apply", "--site-dir", "two", CONFLUENCE_URL=url) for _ in range(3))
    assert "29 updated" in first.stdout
    pages = place.list_pages()
    assert [title for title, page in pages.items() if "Text two" not in (page.body or "")] == ["The book", RESTRICTED]
    assert pages[RESTRICTED].version == restricted.version
    for done in (first, *further):
        assert done.returncode == 1, done.stdout + done.stderr
        [named] = [line for line in done.stdout.splitlines() if RESTRICTED in line]
        assert re.search(rf"http://\S+\b{restricted.id}\b", named)
        assert "cards/m3.yml:1" in named
    assert all("updated" not in done.stdout for done in further)


def test_apply_prints_counts_and_held_pages_without_diffs(place, book):
    assert place.run(book, "apply", "--site-dir", "one").returncode == 0
    with run_fault_proxy(place.environ["CONFLUENCE_URL"], [forbid_edits("NOEDIT")]) as url:
        done = place.run(book, "apply", "--site-dir", "two", CONFLUENCE_URL=url)
    assert "Text two" not in done.stdout + done.stderr
    assert len(done.stdout.splitlines()) <= 5
    assert re.search(r"^29 updated.*\.$", done.stdout, re.MULTILINE)
