"""The cache of scans: never another result than without it, whatever happens to its files."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.evidence import cache, scan
from generator.evidence.cache import FileResults, read_results, remove_old_generations, write_results
from generator.evidence.matching import Hit, Matcher
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind, SkipReason
from generator.evidence.scan import NameSet, scan_repositories
from tests.evidence.checkouts import commit_files, git, make_checkout

RANKER = SearchName("home-ranker", "model:home-ranker", NameKind.ID)
SEARCH = SearchName("search-v2", "model:search-v2", NameKind.ID)
CONTENTS = ("home-ranker\n", "search-v2 home-ranker", "nothing", "\0binary", "", "# home-ranker\n")
FILES = ("a.py", "b/c.yaml", "b/test_d.py", "README.md", "model.lock")
CHANGE = st.dictionaries(st.sampled_from(FILES), st.one_of(st.none(), st.sampled_from(CONTENTS)), max_size=3)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the files that are searched."""
    paths: list[str] = []
    find: Callable[[Matcher, bytes, str], list[Hit]] = Matcher.find

    def record(matcher: Matcher, content: bytes, path: str) -> list[Hit]:
        paths.append(path)
        return find(matcher, content, path)

    monkeypatch.setattr(Matcher, "find", record)
    return paths


def run(root: Path, folder: Path | None, *names: SearchName, ref: str = "HEAD") -> list[object]:
    return list(scan_repositories([root], names or (RANKER, SEARCH), cache_folder=folder, ref=ref))


@settings(max_examples=8, deadline=None)
@given(changes=st.lists(CHANGE, min_size=1, max_size=4), data=st.data())
def test_any_sequence_of_changes_gives_the_result_of_a_cold_scan(
    changes: list[dict[str, str | None]], data: st.DataObject
) -> None:
    with tempfile.TemporaryDirectory() as name:
        root, folder = make_checkout(Path(name) / "app", {"a.py": "home-ranker"}), Path(name) / "cache"
        run(root, folder)
        for change in changes:
            known = git(root, "ls-files").split("\n")
            commit_files(root, {file: text for file, text in change.items() if text is not None or file in known})
            names = data.draw(st.sampled_from([(RANKER, SEARCH), (RANKER,)]))
            ref = data.draw(st.sampled_from(["HEAD", "HEAD~1"]))
            assert run(root, folder, *names, ref=ref) == run(root, None, *names, ref=ref)


def test_only_new_contents_and_paths_are_searched(tmp_path: Path, reads: list[str]) -> None:
    root = make_checkout(tmp_path / "app", {"a.py": "home-ranker", "b.py": "x", "c.png": b"\0"})
    run(root, tmp_path / "cache")
    assert sorted(reads) == ["a.py", "b.py"]
    reads.clear()
    run(root, tmp_path / "cache")
    assert reads == []
    commit_files(root, {"b.py": "y", "tests/a.py": "home-ranker"})
    run(root, tmp_path / "cache")
    assert sorted(reads) == ["b.py", "tests/a.py"]


def test_other_names_or_another_version_of_the_search_are_another_cache(
    tmp_path: Path, reads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make_checkout(tmp_path / "app", {"a.py": "home-ranker"})
    run(root, tmp_path / "cache")
    run(root, tmp_path / "cache", RANKER)
    assert reads == ["a.py"] * 2
    monkeypatch.setattr(scan, "compute_version", lambda: "another")
    run(root, tmp_path / "cache", RANKER)
    assert reads == ["a.py"] * 3


def test_the_version_is_that_of_the_sources(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first = cache.compute_version()
    for name in ("matching.py", "file_classes.toml"):
        (tmp_path / name).write_text("x")
    monkeypatch.setattr(cache, "files", lambda _: tmp_path)
    second = cache.compute_version()
    (tmp_path / "matching.py").write_text("y")
    assert len({first, second, cache.compute_version()}) == 3


def test_a_file_that_was_missing_is_read_when_it_has_arrived(tmp_path: Path) -> None:
    root = make_checkout(tmp_path / "app", {"a.py": "home-ranker"})
    blob = git(root, "rev-parse", "HEAD:a.py")
    (root / "a.py").unlink()
    stored = root / ".git/objects" / blob[:2] / blob[2:]
    stored.rename(tmp_path / "away")
    (before,) = run(root, tmp_path / "cache")
    (tmp_path / "away").rename(stored)
    (after,) = run(root, tmp_path / "cache")
    assert isinstance(before, scan.RepositoryScan)
    assert isinstance(after, scan.RepositoryScan)
    assert (before.skipped, len(before.hits)) == ({"missing object": 1}, 0)
    assert (after.skipped, len(after.hits)) == ({}, 1)


@given(position=st.floats(0, 1), noise=st.binary(min_size=1, max_size=4), keep=st.booleans())
def test_a_damaged_file_is_no_cache(position: float, noise: bytes, keep: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, results = Path(name), FileResults("c" * 40, b"k" * 24, {SkipReason.BINARY: b"b" * 12}, [])
        write_results(folder, "generation", "shop/app", results)
        assert read_results(folder, "generation", "shop/app") == results
        (file,) = (path for path in folder.rglob("*") if path.is_file())
        content = file.read_bytes()
        cut = int(position * len(content))
        damaged = content[:cut] + noise + (content[cut + len(noise) :] if keep else b"")
        file.write_bytes(damaged)
        assert damaged == content or read_results(folder, "generation", "shop/app") is None


def test_a_folder_that_cannot_be_written_is_no_cache(tmp_path: Path) -> None:
    root = make_checkout(tmp_path / "app", {"a.py": "home-ranker"})
    (tmp_path / "file").write_text("")
    assert run(root, tmp_path / "file") == run(root, None)


def test_the_generations_that_were_used_last_are_kept(tmp_path: Path) -> None:
    for number, generation in enumerate(("old", "first", "second", "third")):
        write_results(tmp_path, generation, "shop/app", FileResults())
        os.utime(tmp_path / "scan" / generation, (number, number))
    remove_old_generations(tmp_path, "first")
    assert sorted(path.name for path in (tmp_path / "scan").iterdir()) == ["first", "second", "third"]
    assert read_results(tmp_path, "first", "shop/app") == FileResults()


def write_often(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    while True:
        size = chance.randint(1, 20_000)
        write_results(folder, "generation", "shop/app", FileResults(str(size), bytes(12 * size)))


def test_writers_that_are_killed_leave_a_whole_file(tmp_path: Path) -> None:
    write_results(tmp_path, "generation", "shop/app", FileResults("1", bytes(12)))
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=write_often, args=(tmp_path, seed)) for seed in range(2)]
    for writer in writers:
        writer.start()
    seen: set[str] = set()
    try:
        while len(seen) < 20:
            results = read_results(tmp_path, "generation", "shop/app")
            assert results is not None
            assert len(results.clean) == 12 * int(results.commit)
            seen.add(results.commit)
    finally:
        for writer in writers:
            writer.kill()
            writer.join()
    assert read_results(tmp_path, "generation", "shop/app") is not None


SCAN = """
import sys
from pathlib import Path
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind
from generator.evidence.scan import scan_repositories
names = [SearchName(name, f"model:{name}", NameKind.ID) for name in ("home-ranker", "search-v2")]
print("ready", flush=True)
while True:
    list(scan_repositories([Path(sys.argv[1])], names, cache_folder=Path(sys.argv[2])))
    print("again", flush=True)
"""


def test_a_scan_that_is_killed_does_not_change_the_next_one(tmp_path: Path) -> None:
    root = make_checkout(tmp_path / "app", {f"{number}.py": "home-ranker\n" * number for number in range(60)})
    expected = run(root, None)
    for pause in (0, 0.01, 0.03):
        command = [sys.executable, "-c", SCAN, str(root), str(tmp_path / "cache")]
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        time.sleep(pause)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert run(root, tmp_path / "cache") == expected


def test_the_names_decide_on_the_folder(tmp_path: Path) -> None:
    root = make_checkout(tmp_path / "app", {"a.py": "home-ranker"})
    run(root, tmp_path / "cache", RANKER)
    assert [path.name for path in (tmp_path / "cache/scan").iterdir()] == [NameSet([RANKER]).digest]
