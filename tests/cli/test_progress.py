"""Progress on a terminal, in a log, and of a build in its own process."""

import contextlib
import io
import itertools
import os
import pty
import re
from pathlib import Path

import pytest
from rich.console import Console

from generator.cli.progress import show_progress
from generator.events import EventLog, read_events
from generator.workers import MINIMUM_ITEMS
from tests.books import MODEL, TEAM, write_book
from tests.command_server import get_command_server
from tests.sites import run_modelbook

COUNT = re.compile(r"(\w+) pages\W.*?(\d+)/(\d+)")


def test_a_log_gets_a_line_of_progress_every_five_seconds(capsys):
    times = iter([0.0, 1.0, 5.0, 5.0, 9.0, 10.5, 10.5, 16.0, 16.0])
    with show_progress(clock=lambda: next(times)) as report:
        for done in (10, 60, 90, 120):
            report("Publishing pages", done, 300)
        report("Reading the wiki")
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.splitlines() == ["Publishing pages (60/300)", "Publishing pages (120/300)", "Reading the wiki"]


def test_nothing_is_shown_if_the_user_wants_no_progress(capsys):
    screen = io.StringIO()
    times = itertools.count(0, 60)
    with show_progress(
        is_quiet=True, console=Console(file=screen, force_terminal=True), clock=lambda: next(times)
    ) as report:
        report("Publishing pages", 1, 2)
    assert (screen.getvalue(), *capsys.readouterr()) == ("", "", "")


def test_a_dumb_terminal_gets_lines(monkeypatch, capsys):
    monkeypatch.setenv("TERM", "dumb")
    times = itertools.count(0, 60)
    with show_progress(console=Console(file=io.StringIO(), force_terminal=True), clock=lambda: next(times)) as report:
        report("Publishing pages", 1, 2)
    assert capsys.readouterr().err == "Publishing pages (1/2)\n"


def test_a_bar_moves_through_the_steps_without_a_thread():
    screen = io.StringIO()
    times = itertools.count()
    console = Console(file=screen, force_terminal=True, width=100)
    with show_progress(console=console, clock=lambda: float(next(times))) as report:
        report("Reading the wiki")
        for done in (1, 2):
            report("Comparing pages", done, 2)
    shown = re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", screen.getvalue())
    assert shown.index("Reading the wiki") < shown.index("Comparing pages") < shown.index("2/2")
    assert "1/2" in shown


def test_events_of_progress_are_the_start_the_end_and_some_between(tmp_path):
    now = 0.0
    log = EventLog(str(tmp_path / "events"), clock=lambda: now)
    for step in ("Making pages", "Writing pages"):
        for _ in range(100):
            now += 0.01
            log.report_next(step, 100)
    events, _ = read_events(tmp_path / "events", 0)
    for step in ("Making pages", "Writing pages"):
        found = [event["done"] for event in events if event["step"] == step]
        assert (found[0], found[-1]) == (1, 100)
        assert 5 < len(found) < 20
        assert found == sorted(found)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_book(tmp_path_factory.mktemp("small"), {"ryl.yml": MODEL, "t.yml": TEAM})


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a book whose pages several processes make."""
    models = {f"m{number}.yml": MODEL.replace("id: ryl", f"id: m{number}") for number in range(MINIMUM_ITEMS + 50)}
    return write_book(tmp_path_factory.mktemp("large"), models | {"t.yml": TEAM})


def run_on_terminal(book: Path, *arguments: str) -> tuple[str, str]:
    """Run a command with a terminal as error stream; return what the terminal gets, and the standard output."""
    ours, theirs = pty.openpty()
    out = book / "out.txt"
    environ = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with out.open("w+b") as stdout:
        streams = (stdout.fileno(), stdout.fileno(), theirs)
        process = get_command_server().start("modelbook", arguments, book, environ, streams=streams)
        os.close(theirs)
        seen = b""
        with contextlib.suppress(OSError):  # Linux reports the closed end so
            while piece := os.read(ours, 4096):
                seen += piece
    os.close(ours)
    assert process.wait() == 0, seen.decode()
    return seen.decode(), out.read_text("utf-8")


def list_counts(seen: str) -> dict[str, list[tuple[int, int]]]:
    """List the counts that a bar has shown, by the first word of its step."""
    found: dict[str, list[tuple[int, int]]] = {}
    for step, done, total in COUNT.findall(re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", seen)):
        found.setdefault(step, []).append((int(done), int(total)))
    return found


def test_the_bar_of_a_build_moves_while_pages_are_made_then_written(large):
    seen, out = run_on_terminal(large, "build")
    assert "built" in out
    counts = list_counts(seen)
    assert [step for step in counts if step != "Converting"] == ["Making", "Writing"]  # it can be too short to be seen
    for step, shown in counts.items():
        assert shown == sorted(shown), step
        assert len({total for _, total in shown}) == 1
    moving = {pair for shown in counts.values() for pair in shown if 0 < pair[0] < pair[1]}
    assert moving


def run_with_log(book: Path, log: Path, *arguments: str) -> list[str]:
    """Run a command with a file as error stream, as a CI system that wants colours; return the lines of the file."""
    done = run_modelbook(*arguments, cwd=book, stdout=os.devnull, stderr=str(log), FORCE_COLOR="1", CI="true")
    assert done.returncode == 0
    return log.read_text("utf-8").splitlines()


def test_a_build_prints_no_control_codes_into_a_file(large, tmp_path):
    lines = run_with_log(large, tmp_path / "log", "build", "--site-dir", str(tmp_path / "site"))
    wanted = re.compile(r"(Making|Converting|Writing) pages \(\d+/\d+\)|Reading cards")
    assert [line for line in lines if not wanted.fullmatch(line)] == []


def test_a_quiet_build_shows_no_progress(small, tmp_path):
    assert run_on_terminal(small, "build", "--quiet", "--site-dir", str(tmp_path / "site"))[0] == ""
    assert run_with_log(small, tmp_path / "log", "build", "-q", "--site-dir", str(tmp_path / "other")) == []


def test_render_shows_a_bar(small, tmp_path):
    seen, out = run_on_terminal(small, "render", "--out", str(tmp_path / "out"))
    assert list(list_counts(seen)) == ["Making"]
    assert "\x1b" not in out


def test_a_step_that_goes_on_during_the_next_one_is_not_shown_again(tmp_path):
    log = EventLog(str(tmp_path / "events"))
    log.report("Making pages", 1, 2)
    log.report("Writing pages", 1, 2)
    log.report("Making pages", 2, 2)
    log.report("Writing pages", 2, 2)
    events, _ = read_events(tmp_path / "events", 0)
    assert [(event["step"], event["done"]) for event in events] == [
        ("Making pages", 1), ("Writing pages", 1), ("Writing pages", 2),
    ]  # fmt: skip
