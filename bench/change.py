"""The duration until the site is right after a change of one card, with `modelbook build` and `modelbook serve`."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.books import write_book
from bench.build import get_median
from bench.measure import BYTECODE, Measured, measure

CARD, PAGE = "cards/models/m5.yml", "models/m5.html"
ADDED, ADDED_PAGE = "cards/models/added.yml", "models/added.html"
GOALS = {
    1000: {"build: a note": 1.0, "build: a name": 1.0, "serve: a note": 0.4, "serve: a name": 0.4},
    10_000: {
        "build: a note": 2.0,
        "build: a name": 2.0,
        "serve: a note": 1.0,
        "serve: a name": 1.0,
        "build: nothing": 0.3,
    },
}
"""The goals in seconds."""
_PATIENCE = 600
_FEWER = 2
"""The cards that a book lacks of its number: the index of models is divided if a thousand cards get one more model."""
_PAUSE = 0.002


def measure_changes(root: Path, rounds: int) -> Iterator[tuple[str, Measured]]:
    """Yield the cost of a first build, of builds after a change, and of a check."""
    yield "build: first", _modelbook(root, "build", "--force")
    yield "build: nothing", get_median([_modelbook(root, "build") for _ in range(rounds)])
    for name, edit in (("note", edit_note), ("name", edit_name)):
        taken = []
        for number in range(rounds):
            text = edit(root, f"{name} {number}")
            taken.append(_modelbook(root, "build"))
            if text not in (root / "site" / PAGE).read_text("utf-8"):
                raise RuntimeError(f"the page of {CARD} does not show {text!r}")
        yield f"build: a {name}", get_median(taken)
    added, removed = [], []
    for _ in range(rounds):
        add_card(root)
        added.append(_modelbook(root, "build"))
        (root / ADDED).unlink()
        removed.append(_modelbook(root, "build"))
        if (root / "site" / ADDED_PAGE).exists():
            raise RuntimeError(f"the site still has {ADDED_PAGE}")
    yield "build: a card added", get_median(added)
    yield "build: a card removed", get_median(removed)
    yield "check", get_median([_modelbook(root, "check") for _ in range(rounds)])


def measure_server(root: Path, rounds: int) -> Iterator[tuple[str, float]]:
    """Yield the seconds from a change of a card until the server answers with the new page."""
    with start_server(root) as address:
        for name, edit in (("note", edit_note), ("name", edit_name)):
            taken = []
            for number in range(rounds):
                time.sleep(2)  # the server has finished the work of the last change
                text = edit(root, f"served {name} {number}")
                taken.append(_wait_for(address + PAGE, text))
            yield f"serve: a {name}", sorted(taken)[len(taken) // 2]
        taken = []
        for _ in range(rounds):
            time.sleep(2)
            taken.append(_wait_for(address + ADDED_PAGE, add_card(root)))
            (root / ADDED).unlink()
            _wait_until_missing(address + ADDED_PAGE)
        yield "serve: a card added", sorted(taken)[len(taken) // 2]


@contextmanager
def start_server(root: Path) -> Iterator[str]:
    """Start `modelbook serve`, and stop it at the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "generator", "serve", "--address", f"127.0.0.1:{port}"]
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    with (
        (root / "serve.log").open("w") as log,
        subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            address = f"http://127.0.0.1:{port}/"
            _wait_for(address, "<html")
            yield address
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(60)


def _wait_for(address: str, text: str) -> float:
    """Ask for a page until it contains a text, and return the seconds."""
    started = time.perf_counter()
    while (passed := time.perf_counter() - started) < _PATIENCE:
        try:
            with urllib.request.urlopen(address, timeout=_PATIENCE) as answer:
                if text in answer.read().decode():
                    return time.perf_counter() - started
        except OSError:
            pass
        time.sleep(_PAUSE)
    raise RuntimeError(f"{address} does not show {text!r} after {passed:.0f} s")


def _wait_until_missing(address: str) -> None:
    while True:
        try:
            urllib.request.urlopen(address, timeout=_PATIENCE).close()
        except urllib.error.HTTPError:
            return
        time.sleep(_PAUSE)


def _edit(root: Path, pattern: str, value: str) -> str:
    card = root / CARD
    text, count = re.subn(pattern, lambda found: f'{found[1]} "{value}"', card.read_text("utf-8"), flags=re.MULTILINE)
    assert count == 1, f"{CARD} has no {pattern}"
    card.write_text(text, "utf-8")
    return value


def edit_note(root: Path, value: str) -> str:
    """Change the notes of a model, and return their new text."""
    return _edit(root, "^(notes:).*$", f"Trained every night, {value}.")


def edit_name(root: Path, value: str) -> str:
    """Rename a model, and return its new name."""
    return _edit(root, "^(name:).*$", f"Model 5, {value}")


def add_card(root: Path) -> str:
    """Add a model like the one that is edited, and return its name."""
    text = (root / CARD).read_text("utf-8").replace("m5", "added").replace("Model 5", "Added model")
    (root / ADDED).write_text(text.replace("model_5_v1", "added_v1"), "utf-8")
    return "Added model"


def _modelbook(root: Path, *arguments: str) -> Measured:
    return measure("-m", "generator", *arguments, cwd=root)


def main(counts: tuple[int, ...], rounds: int) -> None:
    """Print the table."""
    print("| cards | work | goal s | wall s | CPU s | MB |")
    print("|---|---|---|---|---|---|")
    for count in counts:
        with tempfile.TemporaryDirectory(prefix="modelbook-bench-") as name:
            root = Path(name)
            write_book(root, count - _FEWER)
            goals = GOALS.get(count, {})
            for work, taken in measure_changes(root, rounds):
                goal = goals.get(work, "")
                print(
                    f"| {count:,} | {work} | {goal} | {taken.seconds:.2f} | {taken.cpu_seconds:.2f} "
                    f"| {taken.megabytes:.0f} |",
                    flush=True,
                )
            for work, seconds in measure_server(root, rounds):
                print(f"| {count:,} | {work} | {goals.get(work, '')} | {seconds:.2f} | | |", flush=True)
