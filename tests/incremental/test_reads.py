"""The pages that a change affects, by what each page has read, contain all pages that the change makes different."""

import shutil
import tempfile
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.incremental.affected import find_affected, list_changed_reads, list_changes
from generator.incremental.project_update import update_project
from generator.pages.site_page import SitePage
from generator.project import Project, open_project
from tests.books import REPOSITORY
from tests.incremental.test_state import EDITS, edit_file, edit_text, make_rich_book

Pages = Mapping[str, SitePage]


def render(project: Project) -> Pages:
    pages, findings = project.render_pages()
    assert not findings
    return {page.key: page for page in pages}


def find_pages(former: Project, pages: Pages, new: Project, files: Collection[str]) -> frozenset[str]:
    """Find the affected pages; check that the pages that differ are among them."""
    names = {f"cards/{file}" for file in files}
    changed = [loaded.ref for loaded in new.cards.items if loaded.document.file in names]
    changes = list_changed_reads(former.book, new.book, changed)
    reads = {key: page.reads for key, page in pages.items()}
    affected = find_affected(changes, reads, former.book.pack_derived())
    rendered = render(new)
    assert rendered.keys() ^ pages.keys() <= {"page:drafts-to-finish", "page:model-inventory"}
    different = {
        key for key, page in pages.items() if replace(page, reads=b"") != replace(rendered.get(key, page), reads=b"")
    }
    missing = different - affected
    assert not missing, (missing, sorted(map(str, list_changes(former.book, new.book, changed))))
    return affected


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDITS, min_size=1, max_size=3))
def test_the_pages_that_differ_after_an_edit_are_affected(edits: list[tuple[int, int, int]]):
    with make_rich_book() as root:
        former = open_project(root)
        pages = render(former)
        files = [edit_file(root, edit) for edit in edits]
        new = update_project(former, files)
        if new is not None:
            find_pages(former, pages, new, files)


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDITS, min_size=1, max_size=2))
def test_the_pages_of_the_demo_that_differ_after_an_edit_are_affected(edits: list[tuple[int, int, int]]):
    with tempfile.TemporaryDirectory() as folder:
        root = copy_demo(Path(folder).resolve())
        former = open_project(root)
        pages = render(former)
        files = [edit_file(root, edit) for edit in edits]
        new = update_project(former, files)
        if new is not None:
            find_pages(former, pages, new, files)


def copy_demo(root: Path) -> Path:
    for name in ("cards", "evidence"):
        shutil.copytree(REPOSITORY / name, root / name)
    shutil.copy(REPOSITORY / "mkdocs.yml", root)
    return root


def find_after(file: str, old: str, new: str) -> frozenset[str]:
    with make_rich_book() as root:
        former = open_project(root)
        pages = render(former)
        edit_text(root, file, old, new)
        updated = update_project(former, [file])
        assert updated is not None
        return find_pages(former, pages, updated, [file])


def test_a_note_affects_the_page_of_its_card_alone():
    contract = '"response": {"$ref": "../contracts/items.json"}}'
    note = f'{contract}\nnotes: "A note"'
    assert find_after("models/old.yml", contract, note) == {"model:old"}
