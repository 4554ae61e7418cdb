"""`modelbook publish apply` through a proxy that refuses what real servers refuse."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from generator.confluence.wiki import Flavour
from tests.books import MKDOCS, write_book
from tests.confluence.publishing import Sheet, build_library, count_pictures, write_site
from tests.fault_proxy import (
    answer_400_for_a_known_property,
    check_xsrf_token,
    fail_upload,
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
