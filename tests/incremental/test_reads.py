"""The pages that a change affects, by what each page has read, contain all pages that the change makes different."""

import shutil
import tempfile
from collections.abc import Collection, Mapping
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.incremental.affected import add_derived, compare_derived, find_affected, list_changed_reads, list_changes
from generator.incremental.project_update import can_be_updated
from generator.incremental.readers import index_readers
from generator.names import Ref
from generator.pages.site_page import SitePage
from generator.project import Project, open_project, read_card_history
from generator.reads import hash_read, unpack_reads
from tests.books import REPOSITORY
from tests.history.repositories import Repository
from tests.incremental.rich_book import update_project
from tests.incremental.test_state import EDITS, edit_file, edit_text, expect_same, make_rich_book, store

Pages = Mapping[str, SitePage]
# An example takes a second, so that shrinking would take minutes; the message has the changes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


def render(project: Project) -> Pages:
    pages, findings = project.render_pages()
    assert not findings
    return {page.key: page for page in pages}


def find_pages(former: Project, pages: Pages, new: Project, files: Collection[str]) -> frozenset[str]:
    """Find the affected pages; check that the pages that differ are among them."""
    names = {f"cards/{file}" for file in files}
    changed = {loaded.ref for one in (former, new) for loaded in one.cards.items if loaded.document.file in names}
    changes = list_changed_reads(former.book, new.book, changed)
    reads = {key: page.reads for key, page in pages.items()}
    derived = former.book.pack_derived()
    changes, suspects = add_derived(changes, index_readers(derived.reads).find, compare_derived(former.book, new.book))
    affected = index_readers(reads).find(changes)
    assert affected == find_affected(changes, reads)
    rendered = render(new)
    computed = new.book.pack_derived().kept
    for read in derived.kept.keys() & computed.keys() - suspects:
        assert derived.kept[read] == computed[read]
    both = pages.keys() & rendered.keys()
    different = {key for key in both if replace(pages[key], reads=b"") != replace(rendered[key], reads=b"")}
    missing = different - affected
    assert not missing, (missing, sorted(map(str, list_changes(former.book, new.book, changed))))
    return affected


@settings(deadline=None, max_examples=40, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(EDITS, min_size=1, max_size=3))
def test_the_pages_that_differ_after_an_edit_are_affected(edits: list[tuple[int, int, int]]):
    with make_rich_book() as root:
        former = open_project(root)
        pages = render(former)
        files = [edit_file(root, edit) for edit in edits]
        new = update_project(former, files)
        if new is not None:
            find_pages(former, pages, new, files)


@settings(deadline=None, max_examples=8, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
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


@settings(deadline=None, max_examples=20, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(EDITS, max_size=2), min_size=2, max_size=4), st.lists(EDITS, max_size=1))
def test_the_pages_that_differ_after_commits_are_affected(
    commits: list[list[tuple[int, int, int]]], edits: list[tuple[int, int, int]]
):
    with make_rich_book() as root:
        repository = Repository(root)
        repository.git("init", "-q", "-b", "main")
        former = open_project(root)
        for number, several in enumerate(commits):
            for edit in several:
                edit_file(root, edit)
            former = open_project(root)
            repository.git("add", "cards")
            repository.git("commit", "-q", "--allow-empty", "-m", f"Commit {number}", day=f"2026-11-0{number + 1}")
        if not can_be_updated(former):
            return
        former, changes = store(former), former.history.changes
        assert {**former.history.changes} == changes
        pages = render(former)
        files = [edit_file(root, edit) for edit in edits]
        history = read_card_history(root, former.cards, former.configuration.settings, former.history.changes)
        new = update_project(former, files, history)
        if new is not None:
            expect_same(new, open_project(root))
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


def test_a_new_name_affects_the_pages_that_name_the_card():
    affected = find_after("models/popular.yml", '"Popular nearby"', '"Best sellers"')
    assert {"model:popular", "model:ranker", "system:home", "team:cooks", "page:models", "page:map"} <= affected
    assert affected.isdisjoint({"person:rohan", "page:codes", "page:systems", "page:people"})


def test_a_new_day_of_review_affects_no_page_of_another_model():
    affected = find_after("models/ranker.yml", "2027-03-31", "2027-04-30")
    assert {one for one in affected if one.startswith(("model:", "system:"))} == {"model:ranker"}


def test_findings_that_move_affect_the_list_of_all_findings():
    affected = find_after("models/old.yml", 'serving: "online"', '\nserving: "online"')
    assert affected == {"model:old", "page:attention", "page:home"}


def test_a_value_that_is_the_same_in_both_books_affects_nothing():
    with make_rich_book() as root:
        former = open_project(root)
        pages = render(former)
        kinds = hash_read("verdict kinds", Ref("model", "ranker"))
        assert kinds in unpack_reads(pages["page:home"].reads)
        derived = {kinds: former.book.pack_derived().reads[kinds]}
        read = unpack_reads(derived[kinds])[0]
        find = index_readers(derived).find
        every, suspects = add_derived([read], find)
        assert (every, suspects) == (frozenset({read, kinds}), frozenset({kinds}))
        every, suspects = add_derived([read], find, compare_derived(former.book, former.book))
        assert (every, suspects) == (frozenset({read}), frozenset({kinds}))
