"""Scanning real repositories: what is found, in which order, by how many workers, and what is not read."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import date
from pathlib import Path

import pytest

from generator.errors import UserError
from generator.evidence.executors import connect_cluster, open_process_executor
from generator.evidence.names import SearchName
from generator.evidence.records import HARMLESS_SKIPS, FileClass, NameKind, SkipReason
from generator.evidence.scan import NameSet, RepositoryScan, ScanProgress, UnreadRepository, scan_repositories
from tests.evidence.checkouts import commit_files, git, make_checkout

RANKER = SearchName("home-ranker", "model:home-ranker", NameKind.ID)
HOST = SearchName("ml.example.com", "model:home-ranker", NameKind.HOST)
NAMES = (RANKER, HOST)
CALL = "import requests\nURL = 'https://ml.example.com/models/home-ranker'\n"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Three repositories; one is cut into shares."""
    folder = tmp_path / "work"
    for name in ("app", "web", "zoo"):
        files: dict[str, str | bytes] = {
            "client.py": CALL,
            "values.yaml": "model: home-ranker\n",
            "logo.png": b"\x89\0",
        }
        files |= {
            f"many/{number:03}.py": CALL if number % 7 == 0 else "x = 1\n" for number in range(40 * (name == "zoo"))
        }
        make_checkout(folder / name, files, f"git@git.example.com:shop/{name}.git")
    return folder


def run(*paths: Path, **options: object) -> list[RepositoryScan | UnreadRepository]:
    return list(scan_repositories(paths, NAMES, **options))  # type: ignore[arg-type]


def test_each_hit_has_path_line_column_and_class(work: Path) -> None:
    app, web, zoo = run(work)
    assert isinstance(app, RepositoryScan)
    assert isinstance(zoo, RepositoryScan)
    assert (app.repo, app.url, app.committed_on) == ("shop/app", "https://git.example.com/shop/app", date(2026, 1, 1))
    assert app.commit == git(work / "app", "rev-parse", "HEAD")
    assert (app.files, app.skipped) == (2, {"binary": 1})
    assert [(path, hit.name, hit.line, hit.column, hit.cls) for path, hit in app.hits] == [
        ("client.py", HOST, 2, 16, FileClass.CODE),
        ("client.py", RANKER, 2, 38, FileClass.CODE),
        ("values.yaml", RANKER, 1, 8, FileClass.CONFIG),
    ]
    assert (web.repo, zoo.repo, zoo.files, len(zoo.hits)) == ("shop/web", "shop/zoo", 42, 15)


@pytest.mark.parametrize("share_size", [1, 7, 1000])
def test_processes_shares_and_caches_do_not_change_the_result(work: Path, tmp_path: Path, share_size: int) -> None:
    expected = run(work)
    assert run(work, share_size=share_size) == expected
    options = {"share_size": share_size, "cache_folder": tmp_path / "cache"}
    with open_process_executor(2) as executor:
        for _ in ("cold", "warm"):
            assert pickle.dumps(run(work, executor=executor, **options)) == pickle.dumps(expected)


def test_another_commit_can_be_scanned(work: Path) -> None:
    git(work / "app", "tag", "before")
    commit_files(work / "app", {"client.py": "x = 1\n"}, "2026-05-05")
    (new,), (old,) = run(work / "app"), run(work / "app", ref="before")
    assert isinstance(new, RepositoryScan)
    assert isinstance(old, RepositoryScan)
    assert [path for path, _ in new.hits] == ["values.yaml"]
    assert [path for path, _ in old.hits] == ["client.py", "client.py", "values.yaml"]
    assert (new.committed_on, old.committed_on) == (date(2026, 5, 5), date(2026, 1, 1))


def test_a_repository_that_cannot_be_read_is_named_and_the_others_are_scanned(work: Path) -> None:
    empty = work / "empty"
    empty.mkdir()
    git(empty, "init", "-q")
    (work / "web/.git/HEAD").write_bytes(b"\0\xff")
    results = run(work)
    assert [result.repo for result in results] == ["shop/app", "empty", "web", "shop/zoo"]
    assert isinstance(results[1], UnreadRepository)
    assert results[1].reason == "it has no such commit"
    assert isinstance(results[2], UnreadRepository)


def test_a_repository_without_a_remote_has_the_name_of_its_folder(tmp_path: Path) -> None:
    make_checkout(tmp_path / "group/app", {"a.py": CALL})
    assert [result.repo for result in run(tmp_path)] == ["group/app"]
    assert [result.repo for result in run(tmp_path / "group/app")] == ["app"]


def test_two_checkouts_of_a_repository_count_once(work: Path) -> None:
    git(work, "clone", "-q", "app", "another")
    git(work / "another", "remote", "set-url", "origin", "https://git.example.com/shop/app")
    first, second, *_ = run(work)
    assert isinstance(first, RepositoryScan)
    assert second == UnreadRepository("shop/app", work / "app", f"{work / 'another'} is the same repository")


def test_progress_counts_repositories_and_files(work: Path) -> None:
    seen: list[ScanProgress] = []
    run(work, report=seen.append)
    assert seen[-1] == (3, 3, 46)
    assert seen == sorted(seen)


def test_contents_that_are_no_text_are_counted_and_wide_text_is_searched(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "late-nul.txt": b"x" * 9000 + b"\0 home-ranker",
        "early-nul.txt": b"\0 home-ranker",
        "windows.txt": "home-ranker — café".encode("utf-16"),
        "windows-be.txt": b"\xfe\xff" + "home-ranker".encode("utf-16-be"),
        "model.bin": b"version https://git-lfs.github.com/spec/v1\noid sha256:home-ranker\nsize 1\n",
        "odd.txt": b"\xff\xfe\x00",
        "latin.txt": b"caf\xe9 home-ranker",
        "empty.txt": b"",
        b"caf\xe9.txt".decode("utf-8", "surrogateescape"): "home-ranker",
    }
    (result,) = run(make_checkout(tmp_path / "app", files))
    assert isinstance(result, RepositoryScan)
    assert [(path, hit.line, hit.column) for path, hit in result.hits] == [
        ("caf\\xe9.txt", 1, 1),
        ("late-nul.txt", 1, 9003),
        ("latin.txt", 1, 6),
        ("windows-be.txt", 1, 1),
        ("windows.txt", 1, 1),
    ]
    assert result.skipped == {"Git LFS pointer": 1, "binary": 1}


MEMORY = """
import re, sys
from pathlib import Path
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind
from generator.evidence.scan import RepositoryScan, scan_repositories
names = [SearchName("home-ranker", "model:home-ranker", NameKind.ID), SearchName("eta", "model:eta", NameKind.ID)]
(scan,) = scan_repositories([Path(sys.argv[1])], names)
assert isinstance(scan, RepositoryScan) and scan.files == int(sys.argv[2]), scan
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of the memory from /proc")
@pytest.mark.sample(1)
@pytest.mark.parametrize("name", ["wide.txt", "comments.yaml", "escapes.js"])
def test_a_file_needs_at_most_200_megabytes(tmp_path: Path, name: str) -> None:
    size = 9_900_000
    content = {
        "wide.txt": ("home-ranker " + "ranker é " * (size // 18)).encode("utf-16"),
        "comments.yaml": b"#\n" * (size // 2) + b"a: home-ranker",
        "escapes.js": b"\\/" * (size // 2) + b"home-ranker",
    }[name]
    base, peak = (
        int(subprocess.run([sys.executable, "-c", MEMORY, root, "1"], capture_output=True, check=True).stdout)
        for root in (
            str(make_checkout(tmp_path / "small", {"a": "1"})),
            str(make_checkout(tmp_path / "app", {name: content})),
        )
    )
    assert (peak - base) / 1024 < 200


def test_reasons_that_hide_text_make_a_scan_incomplete() -> None:
    hiding = {SkipReason.TOO_LARGE, SkipReason.MISSING, SkipReason.DAMAGED}
    assert set(SkipReason) - HARMLESS_SKIPS == hiding


def test_names_are_sent_to_a_worker_once() -> None:
    first, second = (pickle.loads(pickle.dumps(NameSet(NAMES))) for _ in range(2))
    assert first is second
    assert (first.names, first.digest) == (NAMES, NameSet(NAMES).digest)
    assert NameSet(NAMES[:1]).digest != NameSet(NAMES).digest


@pytest.fixture(scope="module")
def cluster() -> Iterator[Executor]:
    distributed = pytest.importorskip("distributed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, processes=True) as local,
        connect_cluster(local.scheduler_address) as executor,
    ):
        yield executor


def test_a_dask_cluster_gives_the_same_bytes(work: Path, tmp_path: Path, cluster: Executor) -> None:
    with open_process_executor(2) as processes:
        expected = pickle.dumps(run(work, executor=processes))
    for cache_folder in (None, tmp_path / "cache", tmp_path / "cache"):
        assert pickle.dumps(run(work, executor=cluster, share_size=7, cache_folder=cache_folder)) == expected


def test_a_cluster_that_does_not_answer_is_a_usage_error() -> None:
    pytest.importorskip("distributed")
    with pytest.raises(UserError, match="not-a-scheme"), connect_cluster("not-a-scheme://x"):
        pass


def test_a_missing_dask_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UserError, match=r"modelbook\[cluster\]"), connect_cluster("tcp://127.0.0.1:1"):
        pass


SCAN = """
import sys, time
from pathlib import Path
from generator.evidence import scan
from generator.evidence.executors import open_process_executor
from generator.evidence.matching import Matcher
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind

class Slow(Matcher):
    def find(self, content, path):
        Path(sys.argv[2]).touch()
        time.sleep(600)

scan.Matcher = Slow
names = [SearchName("home-ranker", "model:home-ranker", NameKind.ID)]
with open_process_executor(2) as executor:
    list(scan.scan_repositories([Path(sys.argv[1])], names, executor=executor))
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_the_processes_end_with_an_interrupted_scan(work: Path, tmp_path: Path, number: signal.Signals) -> None:
    started = tmp_path / "started"
    process = subprocess.Popen(
        [sys.executable, "-c", SCAN, str(work), str(started)], stderr=subprocess.DEVNULL, start_new_session=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    while not started.exists():
        assert process.poll() is None
        time.sleep(0.05)
    process.send_signal(number)
    process.wait(600)
    while True:  # the kernel ends the others a moment later
        try:
            os.killpg(process.pid, 0)
        except ProcessLookupError:
            break
        time.sleep(0.05)
    if number is signal.SIGINT:
        assert not list(tmp_path.glob("modelbook-*"))
