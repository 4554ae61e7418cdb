"""A stream gives the same pages as a build that waits for them, with the pages of cards as outlines first."""

import multiprocessing
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.pages.convert import PageHtml
from generator.pages.packed_text import pack_text
from generator.pages.page_stream import PageStream
from generator.pages.site import PageBuilder
from generator.pages.template_folders import build_template_folders
from generator.project import Project
from tests.books import MODEL, TEAM, open_book

needs_fork = pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="cannot fork")


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return open_book(tmp_path, {f"m{number}.yml": MODEL.replace("id: ryl", f"id: m{number}") for number in range(40)})


def create_builder(project: Project) -> PageBuilder:
    return PageBuilder(project.book, build_template_folders(project.root, "templates"), directory_urls=False)


@pytest.mark.parametrize("processes", [1, pytest.param(3, marks=needs_fork)])
def test_a_stream_has_the_pages_of_a_build_in_any_order(project: Project, processes: int):
    expected = {page.key: page for page in create_builder(project).build_all()}
    stream = PageStream(create_builder(project), processes)
    assert [page.key for page in stream.pages] == list(expected)
    outlines = [page for page in stream.pages if not page.packed]
    assert [page.key for page in outlines] == [page.key for page in expected.values() if page.ref]
    taken = {page.key: stream.take(page) for page in reversed(outlines)}
    stream.close()
    assert [taken.get(page.key, page) for page in stream.pages] == list(expected.values())
    assert not multiprocessing.active_children()


def test_a_stream_has_the_html_of_pages_without_their_markdown(project: Project):
    def convert(markdown: str) -> PageHtml | None:
        return None if "m7" in markdown else PageHtml(pack_text(markdown), (), frozenset(), None)

    folders = build_template_folders(project.root, "templates")
    builder = PageBuilder(project.book, folders, directory_urls=False, convert=convert, drops_markdown=True)
    stream = PageStream(builder, 1)
    for page in create_builder(project).build_all():
        if page.ref:
            taken = stream.take(page)
            assert taken.markdown == ("" if taken.converted else page.markdown)
            assert taken == replace(page, packed=taken.packed, converted=convert(page.markdown))
    stream.close()


@needs_fork
def test_a_stream_that_is_closed_early_leaves_no_process(project: Project):
    stream = PageStream(create_builder(project), 3)
    assert multiprocessing.active_children()
    stream.close()
    assert not multiprocessing.active_children()


def test_pages_of_own_templates_are_made_before_mkdocs_deletes_a_site(tmp_path: Path):
    project = open_book(tmp_path, {"t.yml": TEAM})
    stream = project.stream_pages(lambda _done, _total: None, lambda _markdown: None)
    assert stream is not None
    stream.close()
    (tmp_path / "templates/pages").mkdir(parents=True)
    (tmp_path / "templates/pages/team.md.j2").write_text('{% extends "shipped/pages/team.md.j2" %}\n')
    assert project.stream_pages(lambda _done, _total: None, lambda _markdown: None) is None
