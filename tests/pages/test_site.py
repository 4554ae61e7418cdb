import gc
import os
import weakref
from pathlib import Path

import pytest

from generator.names import Ref
from generator.pages.convert import PageHtml
from generator.pages.packed_text import pack_text
from generator.pages.site import PageBuilder
from generator.pages.site_page import SitePage
from generator.pages.template_folders import build_template_folders
from generator.project import Project
from tests.books import open_book

MODEL = "kind: model\nid: m{0}\nname: Model {0}\nsummary: Ranks.\nlifecycle: production\nserving: online\n"
SYSTEM = "kind: system\nid: s{0}\nname: System {0}\ntype: service\nuses: [{{model: m{0}, why: Ranks}}]\n"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a book of twenty models with the systems that use them, and a broken template for systems."""
    cards = {f"{number}.yml": f"{MODEL}---\n{SYSTEM}".format(number) for number in range(20)}
    opened = open_book(tmp_path, cards)
    (tmp_path / "templates/pages").mkdir(parents=True)
    broken = '{% extends "shipped/pages/system.md.j2" %}\n{% block about %}{{ view.nothing }}{% endblock %}\n'
    (tmp_path / "templates/pages/system.md.j2").write_text(broken)
    return opened


def create_builder(project: Project) -> PageBuilder:
    folders = build_template_folders(project.root, project.configuration.settings.templates)
    return PageBuilder(project.book, folders, directory_urls=False)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="cannot fork")
def test_several_processes_build_the_same_pages_in_the_same_order(project: Project):
    alone, helped = create_builder(project), create_builder(project)
    expected = list(alone.build_all())
    assert list(helped.build_all(processes=3)) == expected
    assert [page.key for page in expected if page.key.startswith("model:")][:2] == ["model:m0", "model:m1"]


def test_the_book_is_released_when_its_pages_are_made(tmp_path: Path):
    project = open_book(tmp_path, {"m.yml": MODEL.format(1)})
    kept = weakref.ref(project.book)
    assert project.render_pages()[0]
    del project
    gc.collect()
    assert kept() is None


@pytest.mark.skipif(not hasattr(os, "fork"), reason="cannot fork")
def test_each_page_has_its_html_if_a_converter_is_given(project: Project):
    def convert(markdown: str) -> PageHtml:
        return PageHtml(pack_text(markdown.upper()), (), frozenset(), None)

    folders = build_template_folders(project.root, project.configuration.settings.templates)
    pages = list(PageBuilder(project.book, folders, directory_urls=False, convert=convert).build_all(processes=2))
    assert all(page.converted == (convert(page.markdown) if page.markdown else None) for page in pages)
    assert not any(page.converted for page in create_builder(project).build_all())
    usable = [page for page in pages if page.markdown]
    assert len(usable) < len(pages), "a template has a mistake"
    found, mistakes = project.render_pages(convert=convert, drops_markdown=True)
    assert [page.key for page in found] == [page.key for page in usable]
    assert [page.converted for page in found] == [page.converted for page in usable]
    assert not any(page.markdown for page in found if page.ref)
    assert len(mistakes) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="cannot fork")
def test_a_mistake_in_a_template_is_found_once_in_all_processes(project: Project):
    helped = create_builder(project)
    spoilt = [page.key for page in helped.build_all(processes=3) if not page.markdown]
    assert len(spoilt) == 20
    assert [(str(finding.position), finding.code) for finding in helped.findings] == [
        ("templates/pages/system.md.j2:2:1", helped.findings[0].code)
    ]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="cannot fork")
def test_pages_of_a_process_that_dies_are_built_again(project: Project, monkeypatch: pytest.MonkeyPatch):
    expected = list(create_builder(project).build_all())
    here, made = os.getpid(), PageBuilder.build_card_page

    def fragile(pages: PageBuilder, ref: Ref) -> SitePage:
        if os.getpid() != here:
            os._exit(9)
        return made(pages, ref)

    monkeypatch.setattr(PageBuilder, "build_card_page", fragile)
    assert list(create_builder(project).build_all(processes=3)) == expected


@pytest.mark.parametrize("processes", [1, 3])
def test_a_check_finds_mistakes_and_keeps_no_text(project: Project, processes: int):
    folders = build_template_folders(project.root, project.configuration.settings.templates)
    checked = PageBuilder(project.book, folders, directory_urls=False, only_checks=True)
    assert not any(page.markdown for page in checked.build_all(processes))
    whole = create_builder(project)
    assert list(whole.build_all())
    assert checked.findings == whole.findings
