"""Builds after changes of cards: only the files that the change touches are written, without MkDocs."""

import errno
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from generator.cache_files import write_cache_file
from generator.cli.build_stamp import find_stamp, read_stamp
from generator.cli.site_update import update_site
from generator.incremental import update
from generator.incremental.kept_files import BOOK, NAMES, SITE, UPDATES, find_kept_file, take_kept_files
from generator.incremental.patch import Files
from generator.incremental.site_state import read_site_state, read_site_updates
from generator.incremental.state import read_project
from generator.incremental.update import PlannedUpdate, RenderedUpdate, plan_update, render_update
from generator.input_state import list_site, read_input_state
from generator.pages.contexts import page_parts
from tests.cli.running import Ran, run_forked
from tests.history.repositories import Repository
from tests.incremental.rich_book import (
    SETTINGS,
    build_model,
    write_card_file,
    write_cards,
    write_rich_book,
    write_settings,
)
from tests.test_determinism import read_files
from tests.test_start_up import list_imported_modules

MODEL = "models/popular.yml"
NOTE = "Counts orders of a week."


@dataclass
class Book:
    """A book with its site."""

    root: Path

    def edit(self, file: str = MODEL, number: int = 0, **fields: object) -> None:
        cards = write_cards()[file]
        cards[number] |= fields
        write_card_file(self.root, file, cards)

    def build(self, *options: str) -> Ran:
        """Build some time after the last change, as users do."""
        time.sleep(0.02)
        return run_forked("build", "-C", self.root, "-q", *options)

    def update(self) -> set[str]:
        """Build, and return the files of the site that are new."""
        before = {path: path.stat().st_mtime_ns for path in self.list_files()}
        done = self.build()
        assert done.out.splitlines()[-1].startswith("updated "), done.out + done.err
        return {str(path.relative_to(self.root / "site")) for path in self.list_files() if is_new(path, before)}

    def commit(self, message: str, day: str) -> None:
        repository = Repository(self.root)
        repository.git("add", "cards", day=day)
        repository.git("commit", "-q", "-m", message, day=day)

    def list_files(self) -> Iterator[Path]:
        return (path for path in (self.root / "site").rglob("*") if path.is_file())


def is_new(path: Path, before: dict[Path, int]) -> bool:
    return before.get(path) != path.stat().st_mtime_ns


@pytest.fixture(scope="module", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the builds of these tests in a cache of their own, and let all have the same time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("SOURCE_DATE_EPOCH", "1795132800")
        yield


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Book:
    book = Book(tmp_path_factory.mktemp("book") / "book")
    write_rich_book(book.root)
    assert "built " in book.build().out
    return book


@pytest.fixture
def book(built: Book) -> Book:
    """The book as it was written at first, with its site."""
    for file, cards in write_cards().items():
        write_card_file(built.root, file, cards)
    assert built.build().code == 0
    return built


def test_a_note_changes_the_page_of_its_card(book):
    before = read_files(book.root / "site")
    book.edit(notes=NOTE)
    changed = book.update()
    assert {file for file in changed if file.endswith((".html", ".md"))} == {"models/popular.html", "models/popular.md"}
    assert {"catalog.json", "pages.json"} < changed
    assert not any(file.endswith((".svg", ".xml", ".css")) for file in changed)
    assert NOTE in (book.root / "site/models/popular.html").read_text("utf-8")
    assert book.build().out.splitlines()[-1].startswith(f"{book.root}/site/ is up to date")
    book.edit()
    book.update()
    assert read_files(book.root / "site") == before


def test_an_update_makes_only_pages_that_have_changed_since_the_last_update(book):
    book.edit(name="Popular dishes")
    assert {"index.html", "models/popular.html"} < book.update()
    book.edit(name="Popular dishes", notes=NOTE)
    done = book.build().out.splitlines()[-1]
    assert done.startswith("updated 1 of "), done
    book.edit(notes=NOTE)
    assert {"index.html", "models/popular.html"} < book.update()
    updated = read_files(book.root / "site")
    assert "built " in book.build("--force").out
    assert read_files(book.root / "site") == updated


def test_pages_with_addresses_of_folders_are_those_of_a_whole_build(tmp_path):
    book = Book(tmp_path / "book")
    write_rich_book(book.root)
    settings = (book.root / "mkdocs.yml").read_text("utf-8").replace("  - offline\n", "")
    (book.root / "mkdocs.yml").write_text(f"{settings}use_directory_urls: true\n", "utf-8")
    write_template(book.root, "[Home](../index.md) and [models](index.md#old), [guide](../guide.md)")
    assert "built " in book.build().out
    book.edit(name="Popular dishes", notes=NOTE)
    assert {"index.html", "models/popular/index.html"} < book.update()
    expect_whole_build(book)


def test_a_card_that_is_added_and_removed_changes_the_pages_that_show_it(book):
    before = read_files(book.root / "site")
    added = book.root / "cards/models/fresh.yml"
    write_card_file(book.root, "models/fresh.yml", [build_model("fresh", "Fresh", "production", tags=["draft"])])
    changed = book.update()
    assert {"models/fresh.html", "models/fresh.md", "models/index.html", "systems/home.html"} < changed
    assert not changed & {"people/rohan.html"}
    assert book.build().out.splitlines()[-1].endswith("is up to date: 33 pages")
    book.edit(name="Popular dishes")
    book.update()
    write_card_file(book.root, "models/fresh.yml", [build_model("fresh", "Fresher", "production", tags=["draft"])])
    assert "models/fresh.html" in book.update()
    book.edit()
    added.rename(added.with_name("later.yml"))
    write_card_file(book.root, "models/later.yml", [build_model("later", "Later", "production", tags=["draft"])])
    assert {"models/later.html", "index.html"} < book.update()
    assert not (book.root / "site/models/fresh.html").exists()
    expect_whole_build(book)
    added.with_name("later.yml").unlink()
    book.update()
    assert read_files(book.root / "site") == before


@pytest.mark.sample(1)
@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "docs/guide.md").write_text("# Guide\n\n[New](models/fresh.md#about)\n", "utf-8"),
        lambda root: write_settings(root, {**SETTINGS, "nav": "nav: [index.md, guide.md, models/fresh.md]\n"}),
        lambda root: write_template(root, "The [new one](fresh.md)."),
    ],
)
def test_the_whole_book_is_built_if_the_author_links_to_a_new_page(tmp_path, change):
    book = Book(tmp_path / "book")
    write_rich_book(book.root)
    change(book.root)
    assert "built " in book.build().out
    write_card_file(book.root, "models/fresh.yml", [build_model("fresh", "Fresh", "production", tags=["draft"])])
    assert "built " in book.build().out
    (book.root / "cards/models/fresh.yml").unlink()
    assert "built " in book.build().out


def write_template(root: Path, text: str) -> None:
    template = root / "templates/pages/model.md.j2"
    template.parent.mkdir(parents=True)
    template.write_text(
        f'{{% extends "shipped/pages/model.md.j2" %}}{{% block about %}}{text}{{% endblock %}}', "utf-8"
    )


@pytest.fixture(scope="module")
def built_from_git(tmp_path_factory: pytest.TempPathFactory) -> Book:
    book = Book(tmp_path_factory.mktemp("committed") / "book")
    write_rich_book(book.root)
    book.edit("models/old.yml", review_by="2026-11-01")
    Repository(book.root).git("init", "-q", "-b", "main")
    book.commit("Add cards", "2026-10-01")
    Repository(book.root).git("tag", "first")
    assert "built " in book.build().out
    return book


@pytest.fixture
def committed(built_from_git: Book) -> Book:
    """A book in git as it was committed at first, with its site."""
    Repository(built_from_git.root).git("switch", "-q", "--discard-changes", "-C", "main", "first")
    assert built_from_git.build().code == 0
    return built_from_git


def expect_whole_build(book: Book) -> None:
    updated = read_files(book.root / "site")
    assert "built " in book.build("--force").out
    assert read_files(book.root / "site") == updated


def test_a_commit_changes_the_pages_with_the_history_of_its_cards(committed):
    committed.edit(name="Popular dishes", version="2.0.0", notes=NOTE)
    assert "models/popular.html" in committed.update()
    committed.commit("Rename a model", "2026-11-02")
    changed = committed.update()
    assert {"index.html", "models/popular.html", "changes.atom"} < changed
    assert "models/ranker.html" not in changed
    assert "Rename a model" in (committed.root / "site/models/popular.html").read_text("utf-8")
    assert committed.build().out.splitlines()[-1].endswith("is up to date: 32 pages")
    expect_whole_build(committed)


def test_commits_and_edits_since_the_build_of_the_whole_book_add_up(committed):
    committed.edit("models/old.yml", review_by="2026-11-01", version="0.5.0")
    committed.commit("Lower the version", "2026-11-03")
    assert "models/old.html" in committed.update()
    Repository(committed.root).git("commit", "-q", "--allow-empty", "-m", "Change no card")
    assert committed.update() == set()
    committed.edit("models/old.yml", review_by="2027-11-01", version="1.5.0")
    assert "models/old.html" in committed.update()
    Repository(committed.root).git("commit", "-q", "-a", "--amend", "-m", "Review")
    assert "debt.html" in committed.update()
    committed.edit("models/old.yml", review_by="2027-11-01", version="1.4.0")
    done = committed.build()
    assert "warning MB412" in done.out, done.out
    expect_whole_build(committed)


def test_another_branch_has_another_history(committed):
    repository = Repository(committed.root)
    repository.git("switch", "-q", "-c", "other")
    assert committed.update() == set()
    committed.edit("models/old.yml", review_by="2026-11-01", notes=NOTE, version="1.5.0")
    committed.commit("Add a note", "2026-11-03")
    assert {"models/old.html", "changes.atom"} < committed.update()
    repository.git("switch", "-q", "main")
    assert {"models/old.html", "changes.atom"} < committed.update()
    expect_whole_build(committed)


def test_a_name_that_changes_the_order_of_pages_changes_the_sitemap(book):
    book.edit(name="Zebra & <co>")
    assert {"sitemap.xml", "sitemap.xml.gz", "models/popular.html"} < book.update()
    expect_whole_build(book)


def test_a_key_that_a_draft_no_longer_lacks_changes_the_list_of_drafts(book):
    book.edit("models/draft.yml", fallback="popular")
    assert "drafts-to-finish.html" in book.update()


def test_an_empty_value_that_a_draft_states_changes_the_list_of_drafts(book):
    book.edit("models/draft.yml", fallback=None)
    assert "drafts-to-finish.html" in book.update()


def test_the_whole_book_is_built_if_a_tag_appears(book):
    book.edit("models/ranker.yml", lifecycle="deprecated", tags=["first"])
    done = book.build()  # the refused update has drawn the diagram of the flow
    assert done.out.splitlines()[-1].startswith("built "), done.out + done.err


def test_an_update_needs_no_mkdocs(book):
    book.edit(notes=NOTE)
    time.sleep(0.02)
    assert {"mkdocs", "material"} & list_imported_modules("build", cwd=book.root) == set()


def plan(book: Book, show: Callable[[Files], object], file: str = MODEL) -> PlannedUpdate | None:
    stamp = find_stamp(book.root, None)
    assert stamp is not None
    project, state = read_project(find_kept_file(stamp, BOOK)), read_site_state(find_kept_file(stamp, SITE))
    updates = read_site_updates(find_kept_file(stamp, UPDATES))
    assert project is not None
    assert state is not None
    assert updates is not None
    return plan_update(project, state, updates, [file], show)


def test_the_page_of_a_changed_card_is_shown_before_the_other_pages_are_made(book):
    shown: list[Files] = []
    book.edit(name="Popular dishes")
    assert plan(book, shown.append) is not None
    assert [files.keys() for files in shown] == [{"models/popular.html", "models/popular.md"}]
    changed = book.update()
    assert {"index.html", "models/popular.html"} < changed
    assert all((book.root / "site" / path).read_bytes() == content for path, content in shown[0].items())
    book.edit(name="Popular dishes", notes=NOTE)
    assert plan(book, shown.append) is not None
    assert len(shown) == 1  # one page is quick


def test_two_processes_make_the_files_of_one(book, monkeypatch):
    book.edit(name="Popular dishes")
    planned = []
    for processes in (1, 2):
        monkeypatch.setattr(update, "count_processes", lambda *_, number=processes: number)
        planned.append(plan(book, lambda _files: None))
    alone, shared = planned
    assert alone is not None
    assert shared is not None
    assert shared.files == alone.files
    assert {page.key: page.reads for page in shared.pages} == {page.key: page.reads for page in alone.pages}


def test_the_whole_book_is_built_if_a_list_gets_a_page_for_each_team(book, monkeypatch):
    models = len([*(book.root / "site/models").glob("*.html")]) - 1
    write_card_file(book.root, "models/fresh.yml", [build_model("fresh", "Fresh", "production", tags=["draft"])])
    try:
        assert plan(book, lambda _files: None, "models/fresh.yml") is not None
        monkeypatch.setattr(page_parts, "MOST_ROWS", models)
        assert plan(book, lambda _files: None, "models/fresh.yml") is None
    finally:
        (book.root / "cards/models/fresh.yml").unlink()


def test_an_error_keeps_the_site_and_what_the_next_update_needs(book):
    before = read_files(book.root / "site")
    book.edit(fallback="nowhere")
    failed = book.build()
    assert failed.code == 1
    assert "error MB101" in failed.out
    assert failed.out.splitlines()[-1].startswith("1 error, ")
    assert failed.err.startswith(
        "nothing was built: correct the errors, or accept them for a time with `modelbook check"
    )
    assert read_files(book.root / "site") == before
    book.edit(notes=NOTE)
    assert "models/popular.html" in book.update()


def test_a_new_warning_fails_an_update_with_strict(book, tmp_path):
    options = ("--strict", "--baseline", str(tmp_path / "known.json"))
    assert run_forked("check", "-C", book.root, "--write-baseline", options[-1]).code == 0
    first = book.build(*options)
    assert first.code == 0, first.out
    before = read_files(book.root / "site")
    book.edit(review_by="2026-11-01", notes=NOTE)
    failed = book.build(*options)
    assert (failed.code, "warning MB40" in failed.out) == (1, True), failed.out
    assert failed.err == "nothing was built: --strict counts warnings as errors\n"
    assert read_files(book.root / "site") == before
    book.edit(notes=NOTE)
    done = book.build(*options)
    *known, last = done.out.splitlines()
    assert known == first.out.splitlines()[:-1]
    assert last.startswith("updated ")


@pytest.mark.sample(3)
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("damages", [True, False])
def test_the_whole_book_is_built_if_a_kept_file_is_damaged(book, name, damages):
    stamp = find_stamp(book.root, None)
    assert stamp is not None
    file = stamp.with_suffix(f".{name}")
    if damages:
        content = file.read_bytes()
        # At its beginning: a card at the end of the stored book is only read if the change touches it.
        file.write_bytes(content[:30] + bytes([content[30] ^ 1]) + content[31:])
    else:
        file.unlink()
    book.edit(notes=f"{name} {damages}")
    assert book.build().out.splitlines()[-1].startswith("built ")


@pytest.mark.sample(1)
@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("name", [BOOK, SITE, UPDATES])
def test_the_objects_in_a_file_that_others_can_write_are_not_read(book, name):
    book.edit(notes=f"{name} by this user")
    assert book.build().code == 0
    stamp = find_stamp(book.root, None)
    assert stamp is not None
    stamp.with_suffix(f".{name}").chmod(0o666)
    book.edit(notes=f"{name} by another")
    assert book.build().out.splitlines()[-1].startswith("built ")


def test_the_whole_book_is_built_with_force_and_after_other_changes(book):
    book.edit(notes=NOTE)
    (book.root / "docs/guide.md").touch()
    assert book.build().out.splitlines()[-1].startswith("built ")
    book.edit()
    assert book.build("--force").out.splitlines()[-1].startswith("built ")
    book.edit(notes=NOTE)
    (book.root / "site/models/old.html").write_text("edited", "utf-8")
    assert book.build().out.splitlines()[-1].startswith("built ")


def test_an_update_changes_nothing_if_another_build_has_replaced_the_site_meanwhile(book, monkeypatch):
    def render_before_another_build(*planned: Any) -> RenderedUpdate | None:
        rendered = render_update(*planned)
        assert rendered is not None
        book.edit("models/ranker.yml", summary="Sorts by the season.")
        assert "built " in book.build("--force").out
        return rendered

    monkeypatch.setattr(update, "render_update", render_before_another_build)
    path = find_stamp(book.root, None)
    assert path is not None
    stamp = read_stamp(path)
    assert stamp is not None
    book.edit(notes=NOTE)
    time.sleep(0.02)
    now = replace(read_input_state(stamp.inputs), rest=stamp.state)  # this process is not the command
    assert not update_site(book.root, None, path, stamp, now, lambda: list_site(book.root / "site"))
    assert book.build().out.splitlines()[-1].startswith(f"{book.root}/site/ is up to date")
    expect_whole_build(book)


def test_a_full_disk_has_no_part_of_the_kept_files(tmp_path, monkeypatch):
    def copy_a_part(source: Path, target: Path) -> None:
        target.write_bytes(source.read_bytes()[:20])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "built").mkdir()
    for name in NAMES:
        write_cache_file(tmp_path / "built" / name, b"content")
    monkeypatch.setattr(shutil, "move", copy_a_part)
    assert take_kept_files(tmp_path / "cache/stamp.json", tmp_path / "built") == ()
    assert list((tmp_path / "cache").iterdir()) == []
