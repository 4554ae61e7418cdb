"""Fixtures of all tests: golden files, books that are built once, and samples of long series."""

import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.sites import SharedBooks

Golden = Callable[[Path, str], None]
Sample = Callable[[int], list[int]]
SAMPLE_SIZE = 6


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--golden", action="store_true", help="rewrite the expected outputs; the diff is the review")
    parser.addoption("--all", action="store_true", help="run every case of a long series instead of a sample")


@pytest.fixture(scope="session")
def shared_books(tmp_path_factory: pytest.TempPathFactory) -> SharedBooks:
    """Books that the first test to need them builds, for all workers of a run. Tests only read them."""
    folder = tmp_path_factory.getbasetemp()
    return SharedBooks(folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder)


@pytest.fixture
def sample(request: pytest.FixtureRequest) -> Sample:
    """Choose some of the numbers 1 to N, always with the first and the last; all of them under --all.

    SAMPLE_SEED=N repeats a choice. pytest shows the seed if the test fails.
    """
    seed = int(os.environ.get("SAMPLE_SEED", random.randrange(2**32)))

    def choose(count: int) -> list[int]:
        print(f"SAMPLE_SEED={seed}")  # noqa: T201
        numbers = range(1, count + 1)
        if request.config.getoption("--all") or count <= SAMPLE_SIZE:
            return list(numbers)
        return sorted({1, count, *random.Random(seed).sample(numbers, SAMPLE_SIZE - 2)})

    return choose


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compare a text with its golden file, or rewrite the file under --golden."""

    def compare(path: Path, text: str) -> None:
        if request.config.getoption("--golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            return
        assert path.exists(), f"{path.name} is missing: run `make golden` and read the diff"
        assert text == path.read_text(encoding="utf-8")

    return compare
