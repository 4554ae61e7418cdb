"""Builds of an unchanged book: nothing is built, and every kind of change leads to a build."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest.mock import patch

import pytest
from msgspec.structs import replace

from generator import input_state
from generator.build_inputs import list_inputs
from generator.cache_files import read_cache_file, write_cache_file
from generator.cli.build_stamp import BuildStamp, delete_stamp, find_stamp, read_stamp, write_stamp
from generator.incremental.kept_files import NAMES
from generator.input_state import (
    BuildInputs,
    digest_states,
    list_site,
    read_input_state,
    start_list_site,
    update_site_list,
)
from generator.settings import Settings
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.cli.running import Ran, run, run_forked
from tests.history.repositories import Repository
from tests.test_determinism import read_files
from tests.test_start_up import HEAVY, list_imported_modules

UP_TO_DATE = "site/ is up to date: "
BASE = MKDOCS.replace("site_name: Test book", "site_name: !ENV [STAMP_NAME, Test book]").replace(
    "theme: {", "theme: {custom_dir: overrides, "
)
SETTINGS = "{as_of: 2026-11-20, baseline: known.json, linked_folders: [../shared]}"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    return tmp_path / "cache/modelbook"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A small book."""
    return write_book(tmp_path / "book", {"t.yml": TEAM, "ryl.yml": MODEL})


def get_stamp(book: Path) -> Path:
    path = find_stamp(book, None)
    assert path is not None
    return path


def build(book: Path, *options: str, run: Callable[..., Ran] = run_forked) -> Ran:
    """Build a book some time after its last change, as users do."""
    time.sleep(0.02)  # a file that changes within the tick of the clock before a build leaves no stamp
    return run("build", "-C", book, "-q", *options)


def is_built(ran: Ran) -> bool:
    assert ran.code == 0, ran.out + ran.err
    has_built = "built " in ran.out or "updated " in ran.out
    assert has_built != (UP_TO_DATE in ran.out), ran.out
    return has_built


def test_an_unchanged_book_is_not_built_and_an_edited_one_is(book):
    (book / "cards/ryl.yml").write_text(MODEL.lstrip() + "aliases: [ryl]\n", "utf-8")
    first = build(book)
    assert is_built(first)
    before = {path: path.stat().st_ctime_ns for path in book.rglob("*")}
    second = build(book)
    *findings, done = first.out.splitlines()
    *again, last = second.out.splitlines()
    assert len(findings) > 1
    assert again == findings
    assert last == f"{book}/site/ is up to date: {done.split()[1]} pages"
    assert (second.code, second.err) == (first.code, first.err)
    assert {path: path.stat().st_ctime_ns for path in book.rglob("*")} == before

    used = os.times().children_user
    subprocess.run([sys.executable, "-m", "generator", "build"], cwd=book, check=True, capture_output=True)
    assert os.times().children_user - used < 0.5
    light = HEAVY | {"mkdocs", "markdown", "rich", "generator.schema", "generator.load", "ctypes"}
    assert list_imported_modules("build", cwd=book) & light == set()

    (book / "cards/ryl.yml").write_text(MODEL.lstrip().replace("Ranks restaurants.", "Sorts all."), "utf-8")
    assert is_built(build(book))
    assert not is_built(build(book))
    site = read_files(book / "site")
    assert is_built(build(book, "--force"))
    assert read_files(book / "site") == site


def test_a_build_that_fails_leaves_the_stamp_of_the_site_unless_it_is_forced(book, cache):
    assert is_built(build(book))
    (book / "cards/ryl.yml").write_text(MODEL.lstrip() + "colour: red\n", "utf-8")
    assert build(book).code == 1
    assert build(book).code == 1
    (book / "cards/ryl.yml").write_text(MODEL.lstrip(), "utf-8")
    assert is_built(build(book))
    (book / "cards/ryl.yml").write_text(MODEL.lstrip() + "colour: red\n", "utf-8")
    assert build(book, "--force").code == 1
    assert not list((cache / "builds").iterdir())


def test_warnings_fail_a_strict_build_also_after_an_ordinary_one(book):
    (book / "docs/own.md").write_text("# Own\n\n[nowhere](missing.md)\n", "utf-8")
    first, second = build(book), build(book)
    assert "missing.md" in first.err
    assert (is_built(first), is_built(second), second.err) == (True, False, first.err)
    assert build(book, "--strict").code == 1


def test_a_file_that_changes_during_the_build_leaves_no_stamp(book):
    path, ended = book / "cards/ryl.yml", threading.Event()

    def keep_changing() -> None:
        while not ended.wait(0.01):
            os.utime(path, (1, 1))  # the time of the content, which any program can set

    thread = threading.Thread(target=keep_changing)
    thread.start()
    try:
        assert is_built(build(book))
    finally:
        ended.set()
        thread.join()
    assert not get_stamp(book).exists()


def test_the_bytecode_that_the_first_build_writes_is_no_change(tmp_path, monkeypatch):
    package = tmp_path / "generator"
    package.mkdir()
    (package / "a.py").touch()
    monkeypatch.setattr(input_state, "__file__", str(package / "input_state.py"))
    monkeypatch.setattr(sys, "path", [])
    inputs = BuildInputs(str(tmp_path / "cards"), (), (), (), (), has_local_day=False, has_utc_day=False)
    before = read_input_state(inputs)
    assert before.changed > 0
    while package.stat().st_ctime_ns <= before.changed:
        (package / "__pycache__").mkdir()
        (package / "__pycache__").rmdir()
    (package / "__pycache__").mkdir()
    assert read_input_state(inputs) == before
    (package / "b.py").touch()
    assert read_input_state(inputs).rest != before.rest


def test_a_build_over_midnight_leaves_no_stamp(book, monkeypatch):
    days = iter([("2026-11-20", "2026-11-20"), ("2026-11-21", "2026-11-20")])
    monkeypatch.setattr("generator.cli.site_build.read_days", lambda: next(days))
    assert is_built(build(book, run=run))
    assert not get_stamp(book).exists()


def test_a_build_that_was_killed_while_it_wrote_its_stamp_is_repeated(book, cache):
    path = get_stamp(book)
    path.parent.mkdir(parents=True)
    for name in (path, path.with_name(f".new-{path.name}-abc")):
        name.write_text('{"state": "0', "utf-8")
    assert is_built(build(book))
    assert {file.suffix for file in (cache / "builds").iterdir()} == {".json", *(f".{name}" for name in NAMES)}
    assert path.stat().st_mode & 0o077 == 0
    shutil.rmtree(cache)
    cache.write_text("not a folder", "utf-8")
    assert is_built(build(book))


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, BuildStamp]]:
    """A book in git with everything that a build reads, and the stamp of its build."""
    folder = tmp_path_factory.mktemp("stamped")
    root = write_book(folder / "book", {"t.yml": TEAM, "ryl.yml": MODEL, "old.yml": MODEL.replace("ryl", "old")}, "")
    (root / "mkdocs.yml").write_text("INHERIT: ../base.yml\nsite_description: One\n", "utf-8")
    (folder / "base.yml").write_text(BASE.replace("{as_of: 2026-11-20}", SETTINGS), "utf-8")
    for name, text in {
        "docs/own.md": "# Own\n", "overrides/main.html": '{% extends "base.html" %}\n', "evidence/readme.txt": "x\n",
        "templates/pages/none.md.j2": "x\n", "../shared/note.txt": "x\n", "../notes/note.txt": "x\n",
    }.items():  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, "utf-8")
    repository = Repository(root)
    repository.git("init", "-q", "-b", "main")
    repository.git("add", "cards")
    repository.git("commit", "-q", "-m", "Add cards")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setenv("HOME", str(folder / "home"))
        assert run("check", "--write-baseline", root / "known.json", "-C", root).code == 0
        assert is_built(build(root))
        stamp = read_stamp(get_stamp(root))
        assert stamp is not None
        yield root, stamp


def write(name: str) -> Callable[[Path], object]:
    """Return a change that writes a file: of the same size and with the same time, if it is there."""

    def change(root: Path) -> None:
        path = root / name
        status = path.stat() if path.exists() else None
        path.write_bytes(bytes(reversed(path.read_bytes())) if status else b"new\n")
        if status:
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
            while path.stat().st_ctime_ns == status.st_ctime_ns:  # until the next tick of the clock of files
                os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    return change


def commit(root: Path) -> None:
    Repository(root).git("commit", "-q", "--allow-empty", "-m", "Change nothing")


def change_link(root: Path) -> None:
    (root / "cards/link.yml").unlink()
    (root / "cards/link.yml").symlink_to("ryl.yml")


CHANGES: dict[str, Callable[[Path], object]] = {
    "card edited": write("cards/ryl.yml"),
    "card added": write("cards/new.yml"),
    "collected card added": lambda root: shutil.copytree(root / "docs", root / "cards/collected/shop"),
    "card renamed": lambda root: (root / "cards/ryl.yml").rename(root / "cards/ranker.yml"),
    "card removed": lambda root: (root / "cards/old.yml").unlink(),
    "card unreadable": lambda root: (root / "cards/t.yml").chmod(0o200),
    "card a link": lambda root: (root / "cards/link.yml").symlink_to("missing"),
    "link of a card changed": change_link,
    "folder linked from the cards": lambda root: (root / "cards/all").symlink_to("/"),
    "folder linked from own pages": lambda root: (root / "docs/shared").symlink_to("../../notes"),
    "own page in a linked folder": write("../notes/page.md"),
    "linked folder": write("../shared/note.txt"),
    "own page edited": write("docs/own.md"),
    "own page added": write("docs/second.md"),
    "template": write("templates/pages/none.md.j2"),
    "theme": write("overrides/main.html"),
    "evidence": write("evidence/readme.txt"),
    "baseline": write("known.json"),
    "lock of collected cards": write("collect.lock"),
    "settings": write("mkdocs.yml"),
    "inherited settings": write("../base.yml"),
    "commit": commit,
    "packed refs": lambda root: Repository(root).git("pack-refs", "--all"),
    "branch": lambda root: Repository(root).git("switch", "-q", "-c", "other"),
    "shallow history": lambda root: shutil.copy(root / ".git/refs/heads/other", root / ".git/shallow"),
    "names of authors": write(".mailmap"),
    "settings of git": lambda root: Repository(root).git("config", "mailmap.file", "names"),
    "repository around": lambda root: (root.parent / ".git").mkdir(),
    "page of the site edited": write("site/models/ryl.html"),
    "page of the site removed": lambda root: (root / "site/models/ryl.html").unlink(),
    "file in the site": write("site/other.html"),
    "folder of the site removed": lambda root: shutil.rmtree(root / "site/teams"),
}


HISTORY = {
    "commit", "packed refs", "branch", "shallow history", "names of authors", "settings of git", "repository around",
}  # fmt: skip
"""The changes of files of git alone."""


def is_up_to_date(stamp: BuildStamp) -> bool:
    return stamp.has_site(list_site(Path(stamp.site))) and stamp.describes(read_input_state(stamp.inputs))


def restamp(stamp: BuildStamp) -> BuildStamp:
    """Return the stamp of a build of the book as it is."""
    state = read_input_state(stamp.inputs)
    listing = digest_states(list_site(Path(stamp.site)))
    return replace(stamp, state=state.rest, history=state.history, cards=state.cards_digest, listing=listing)


CHANGED_FILES = {
    "card edited": ("ryl.yml",),
    "card added": ("new.yml",),
    "card renamed": ("ranker.yml", "ryl.yml"),
    "card removed": ("old.yml",),
}


@pytest.mark.parametrize("change", CHANGES)
def test_each_change_leads_to_a_build(stamped, change):
    root, stamp = stamped
    stamp, before = restamp(stamp), read_input_state(stamp.inputs)
    assert is_up_to_date(stamp)
    assert before.find_changed_cards(before.cards) == ()
    CHANGES[change](root)
    assert not is_up_to_date(stamp)
    assert is_up_to_date(restamp(stamp))
    # The files of cards to read again are known if nothing else has changed, and no folder or link has come or gone.
    after, files = read_input_state(stamp.inputs), CHANGED_FILES.get(change, ())
    is_unusual = after.cards != before.cards and not files
    assert after.find_changed_cards(before.cards) == (None if is_unusual else files)
    assert bool(files) <= (after.rest == before.rest)
    assert (after.history != before.history) == (change in HISTORY)
    assert (change in HISTORY) <= (after.rest == before.rest)


def test_the_list_of_a_site_is_updated_for_replaced_files(tmp_path):
    site = tmp_path / "site"
    for name in ("a.html", "models/a.html", "models/a.html.gz", "models/b.html", "ü/a.html", ".hidden"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(name, "utf-8")
    before = list_site(site)
    assert update_site_list(before, site, ()) == before
    replaced = ["models/a.html", "ü/a.html"]
    for name in replaced:
        (tmp_path / "new").write_text("other", "utf-8")
        (tmp_path / "new").replace(site / name)
    assert update_site_list(before, site, replaced) == list_site(site) != before
    assert update_site_list(before, site, replaced[:1]) not in {before, list_site(site)}
    (site / "models/c.html").write_text("new", "utf-8")
    assert update_site_list(before, site, ["models/c.html"]) is None


def test_another_process_lists_a_site(tmp_path, monkeypatch):
    for number in range(2_000):  # more than a pipe holds
        (tmp_path / f"{number}.html").touch()
    monkeypatch.setattr("threading.active_count", lambda: 1)  # another test may have left a thread
    with patch("os.fork", wraps=os.fork) as fork:
        list_states = start_list_site(tmp_path)
    assert fork.call_count == 1
    assert list_states() == list_site(tmp_path)
    assert list_states() is list_states()
    monkeypatch.delattr(os, "fork")
    assert start_list_site(tmp_path)() == list_site(tmp_path)


def test_an_incomplete_list_does_not_describe_the_site(stamped, monkeypatch):
    stamp = restamp(stamped[1])
    monkeypatch.setattr("generator.input_state.list_site", lambda _site: 1 // 0)
    monkeypatch.setattr("threading.active_count", lambda: 1)  # another test may have left a thread
    assert not stamp.has_site(start_list_site(Path(stamp.site))())


def test_reading_the_book_and_hidden_files_of_the_site_lead_to_no_build(stamped):
    root, stamp = stamped
    stamp = restamp(stamp)
    read_files(root / "site")
    (root / "site/.gitignore").write_text("*\n", "utf-8")
    (root / "unrelated.txt").write_text("x", "utf-8")
    Repository(root).git("status")
    Repository(root).git("tag", "v1")
    assert is_up_to_date(stamp)


def test_another_version_or_variable_leads_to_a_build(stamped, tmp_path, monkeypatch):
    _, stamp = stamped
    monkeypatch.syspath_prepend(tmp_path)
    stamp = restamp(stamp)
    monkeypatch.setenv("STAMP_OTHER", "x")
    assert is_up_to_date(stamp)
    monkeypatch.setenv("STAMP_NAME", "Another name")
    assert not is_up_to_date(stamp)
    monkeypatch.delenv("STAMP_NAME")
    (tmp_path / "theme-2.0.dist-info").mkdir()
    assert not is_up_to_date(stamp)
    stamp = restamp(stamp)
    (tmp_path / "theme-2.0.dist-info/RECORD").write_text("installed again", "utf-8")
    assert not is_up_to_date(stamp)
    stamp = restamp(stamp)
    monkeypatch.setattr(sys, "version", "4.0")
    assert not is_up_to_date(stamp)


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="no time zones in this process")
def test_another_day_leads_to_a_build_unless_as_of_is_set(stamped, monkeypatch):
    _, stamp = stamped
    try:
        for has_day in (False, True):
            monkeypatch.setenv("TZ", "Etc/GMT+12")
            time.tzset()
            dated = restamp(replace(stamp, inputs=replace(stamp.inputs, has_local_day=has_day)))
            monkeypatch.setenv("TZ", "Etc/GMT-14")  # at any time, the day is another one there
            time.tzset()
            assert is_up_to_date(dated) != has_day
    finally:
        monkeypatch.delenv("TZ")
        time.tzset()


class Theme:
    """The theme in MkDocs' configuration."""

    name = "material"
    custom_dir = None


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"plugins": {"modelbook": 1, "git-revision-date": 1}}, ""),
        ({"hooks": {"hooks.py": 1}}, ""),
        ({"markdown_extensions": ["pymdownx.snippets"]}, ""),
        ({"markdown_extensions": ["mine"]}, ""),
        ({}, "x: !!python/name:mine.slugify"),
        ({}, "{INHERIT: base.yml}"),
    ],
)
def test_inputs_are_unknown_if_other_code_can_read_files(book, changes, text):
    path = book / "mkdocs.yml"
    config = {
        "config_file_path": str(path), "plugins": {"material/search": 1, "modelbook": 1}, "hooks": {}, "theme": Theme,
        "markdown_extensions": ["toc", "pymdownx.superfences"], "mdx_configs": {}, "docs_dir": "docs", "site_url": "",
    }  # fmt: skip
    assert list_inputs(Settings(), config, None) is not None
    path.write_text(f"{path.read_text('utf-8')}\n{text}\n", "utf-8")
    assert list_inputs(Settings(), config | changes, None) is None


def test_a_user_without_a_home_folder_has_no_stamp(book, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.delenv("HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)  # as for a user whom the system does not know
    assert find_stamp(book, None) is None


def test_a_stamp_is_read_as_it_was_written(stamped, tmp_path):
    _, stamp = stamped
    path = tmp_path / "stamps/one.json"
    write_stamp(path, stamp)
    assert read_stamp(path) == stamp
    content = read_cache_file(path)
    assert content is not None
    write_cache_file(path, content.replace(b'"pages"', b'"leaves"'))
    assert read_stamp(path) is None
    delete_stamp(path)
    assert not list(path.parent.iterdir())


@pytest.mark.parametrize("name", ["x\nold.yml", "x\n/old.yml"])
def test_a_change_of_a_file_with_a_line_break_in_its_name_is_not_taken_for_another_file(stamped, name: str):
    root, stamp = stamped
    card = root / "cards" / name
    card.parent.mkdir(exist_ok=True)
    card.write_text("kind: team\n", encoding="utf-8")
    before = read_input_state(stamp.inputs)
    card.write_text("kind: person\n", encoding="utf-8")
    try:
        assert read_input_state(stamp.inputs).find_changed_cards(before.cards) is None
    finally:
        card.unlink()
        if card.parent != root / "cards":
            card.parent.rmdir()
