"""The folder of collected cards: changed in one step, also by runs that are killed, and always as a fresh one."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.load.collected import parse_lock
from generator.processes import acquire_lock
from tests.collect.books import RYL, TEAM, collect, make_book, read_collected
from tests.evidence.checkouts import commit_files, git, make_checkout
from tests.servers import PATIENCE, wait_until_found

OLD = {"a/modelbook/x.yml": TEAM, "b/modelbook/y.yml": TEAM, "c/modelbook/z.yml": TEAM}
NEW = {"a/modelbook/x.yml": RYL, "a/modelbook/more.yml": RYL, "c/modelbook/z.yml": TEAM, "d/modelbook/w.yml": TEAM}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Make a book in which one repository will change, one leave, one stay and one come."""
    for path, text in OLD.items():
        name, _, file = path.partition("/")
        make_checkout(tmp_path / name, {file: text})
    make_checkout(tmp_path / "d", {"modelbook/w.yml": TEAM})
    book = make_book(tmp_path / "book", "- ../a\n- ../b\n- ../c\n")
    assert collect(book).code == 0
    commit_files(tmp_path / "a", {"modelbook/x.yml": RYL, "modelbook/more.yml": RYL})
    (book / "collect.yml").write_text("- ../a\n- ../c\n- ../d\n", "utf-8")
    return book


def group(files: dict[str, str]) -> dict[str, dict[str, str]]:
    return {name: {path: text for path, text in files.items() if path.startswith(f"{name}/")} for name in "abcd"}


def collect_and_die(book: Path, steps: int) -> bool:
    """Collect in another process that ends at once before a step of writing; return whether it did."""
    child = os.fork()
    if child == 0:
        left = steps

        def count(function):
            def counted(*arguments, **options):
                nonlocal left
                left -= 1
                if left < 0:
                    os._exit(77)
                return function(*arguments, **options)

            return counted

        for name in ("replace", "unlink", "rmdir", "write_bytes", "mkdir"):
            setattr(Path, name, count(getattr(Path, name)))
        shutil.rmtree = count(shutil.rmtree)
        code = 99
        try:
            code = collect(book).code
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 77


def test_a_run_that_is_killed_at_any_step_leaves_each_repository_whole_and_is_completed_later(book: Path):
    before = (book / "collect.lock").read_bytes()
    steps = 0
    saved = book.parent / "saved"
    shutil.copytree(book, saved)
    while collect_and_die(book, steps):
        found, old, new = group(read_collected(book)), group(OLD), group(NEW)
        for name in "abcd":
            assert found[name] in ({}, old[name], new[name]), (steps, name)
        assert found["c"] == old["c"]
        is_old = (book / "collect.lock").read_bytes() == before
        assert is_old or found == new, steps
        assert collect(book).code == 0
        assert read_collected(book) == NEW
        lock = parse_lock((book / "collect.lock").read_bytes())
        assert [entry.name for entry in lock.repositories] == ["a", "c", "d"]
        assert collect(book, "--check").code == 0
        assert sorted(path.name for path in (book / "cards/collected/.modelbook").iterdir()) == [
            ".gitignore",
            "lock",
            "written",
        ]
        shutil.rmtree(book)
        shutil.copytree(saved, book)
        steps += 1
    assert steps > 20
    assert read_collected(book) == NEW


def test_two_runs_at_the_same_time_do_not_mix(book: Path):
    lock = acquire_lock(book / "cards/collected/.modelbook/lock")
    assert lock is not None
    try:
        ran = collect(book)
        assert (ran.code, ran.err) == (
            2,
            "modelbook: another `modelbook collect` changes cards/collected/: wait until it finishes\n",
        )
        assert read_collected(book) == OLD
    finally:
        lock.close()
    assert collect(book).code == 0


def _has_ended(pid: str) -> bool | None:
    return not Path(f"/proc/{pid}").exists() or None


def test_an_interrupted_run_ends_git_and_writes_nothing(tmp_path: Path):
    """A script takes the place of ssh, and never answers."""
    script = tmp_path / "ssh.sh"
    script.write_text(f"#!/bin/sh\necho $$ >> {tmp_path}/pids\nexec sleep 1000\n")
    script.chmod(0o700)
    book = make_book(tmp_path / "book", "- git@git.example.com:shop/web\n- git@git.example.com:shop/app\n")
    environment = {**os.environ, "GIT_SSH_COMMAND": str(script), "GIT_SSH_VARIANT": "simple"}
    command = [sys.executable, "-m", "generator", "collect", "-C", str(book), "--cache", str(tmp_path / "cache")]
    with subprocess.Popen(command, env=environment, start_new_session=True, stderr=subprocess.PIPE) as process:
        pids = tmp_path / "pids"
        wait_until_found(lambda: (pids.exists() and len(pids.read_text().split()) == 2) or None)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
    for pid in pids.read_text().split():
        assert wait_until_found(partial(_has_ended, pid))
    assert read_collected(book) == {}
    assert not (book / "collect.lock").exists()


NAMES = ("a", "b", "c")
CHANGES = st.one_of(
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.sampled_from(["modelbook/x.yml", "modelbook/in/x.yml"]),
              st.sampled_from([RYL, TEAM, f"{RYL}contract: {{openapi: ../api.json}}\n"])),
    st.tuples(st.just("write"), st.sampled_from(NAMES), st.just("api.json"), st.sampled_from(["{}", "[]"])),
    st.tuples(st.just("remove"), st.sampled_from(NAMES), st.sampled_from(["modelbook/x.yml", "api.json"])),
    st.tuples(st.just("list"), st.sets(st.sampled_from(NAMES))),
    st.tuples(st.just("break"), st.sampled_from(NAMES)),
    st.tuples(st.just("lose"), st.sampled_from(NAMES)),
    st.tuples(st.just("collect"), st.sampled_from(["", "--force", "--update", "--check"])),
)  # fmt: skip


@given(st.lists(CHANGES, max_size=12))
@settings(max_examples=40)
def test_any_sequence_of_changes_and_runs_gives_the_folder_of_a_fresh_run(changes: list[tuple[Any, ...]]):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in NAMES:
            make_checkout(root / name, {"modelbook/first.yml": TEAM, "api.json": "{}"})
        book = make_book(root / "book", "- ../a\n")
        for change, *values in changes:
            _apply(root, book, change, values)
        for name in NAMES:  # all can be read again
            if (root / f"{name}-away").exists():
                (root / f"{name}-away").rename(root / name)
        assert collect(book).code == 0
        fresh = make_book(root / "fresh", (book / "collect.yml").read_text("utf-8"))
        assert collect(fresh).code == 0
        options = ["diff", "-r", "--exclude=.modelbook", "book/cards/collected", "fresh/cards/collected"]
        done = subprocess.run(options, cwd=root, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "")
        locks = [parse_lock((one / "collect.lock").read_bytes()).repositories for one in (book, fresh)]
        first, second = ([(one.name, one.files, one.cards, one.skipped) for one in lock] for lock in locks)
        assert first == second
        assert collect(book, "--locked", "--check").code == 0


def _apply(root: Path, book: Path, change: str, values: list[Any]) -> None:
    match change, values:
        case "write", (name, file, text) if (root / name).exists():
            commit_files(root / name, {file: text})
        case "remove", (name, file) if (root / name / file).exists():
            commit_files(root / name, {file: None})
        case "list", (names,):
            (book / "collect.yml").write_text("".join(f"- ../{name}\n" for name in sorted(names)) or "[]\n", "utf-8")
        case "break", (name,) if (root / name).exists():
            (root / name).rename(root / f"{name}-away")
        case "lose", (name,):
            shutil.rmtree(book / "cards/collected" / name, ignore_errors=True)
        case "collect", (option,):
            listed = (book / "collect.yml").read_text("utf-8").replace("- ../", "").split()
            names = [listed[0]] if option == "--update" and listed[0] != "[]" else []
            collect(book, *([option, *names] if option and (names or option != "--update") else []))


def test_the_folder_can_be_ignored_or_committed(book: Path):
    """The files of the command itself are never seen by git."""
    git(book, "init", "-q")
    collect(book)
    git(book, "add", "-A")
    files = git(book, "ls-files").split()
    assert files == ["cards/collected/" + path for path in sorted(NEW)] + ["collect.lock", "collect.yml", "mkdocs.yml"]


def test_a_merge_conflict_in_the_lock_is_resolved_by_the_next_run(tmp_path: Path, book: Path):
    """Two branches of the book have collected different commits."""
    git(book, "init", "-q", "-b", "main")
    commit_files(book, {})
    git(book, "checkout", "-q", "-b", "other")
    collect(book)
    commit_files(book, {})
    git(book, "checkout", "-q", "main")
    commit_files(tmp_path / "c", {"modelbook/z.yml": RYL})
    collect(book)
    commit_files(book, {})
    identity = ("-c", "user.name=Test", "-c", "user.email=test@example.com")  # a new machine has none
    merged = subprocess.run(["git", "-C", book, *identity, "merge", "-q", "other"], capture_output=True, check=False)
    assert merged.returncode == 1
    assert "<<<<<<<" in (book / "collect.lock").read_text("utf-8")
    shutil.rmtree(book / "cards/collected/.modelbook")  # as in a fresh clone
    assert collect(book, "--locked").code == 2
    assert collect(book).code == 0
    assert read_collected(book) == {**NEW, "c/modelbook/z.yml": RYL}
    assert collect(book, "--locked", "--check").code == 0


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe"])
def test_a_damaged_lock_is_written_again(book: Path, content: bytes):
    (book / "collect.lock").write_bytes(content)
    assert collect(book, "--locked").code == 2
    assert collect(book).code == 0
    assert read_collected(book) == NEW


def test_a_lock_of_a_newer_version_is_kept(book: Path):
    (book / "collect.lock").write_text('{"collect": 2}', "utf-8")
    assert collect(book).code == 2
    assert (book / "collect.lock").read_text("utf-8") == '{"collect": 2}'
