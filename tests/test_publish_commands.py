"""`modelbook publish` and `modelbook confluence` as users and CI call them: what they say, and how they end."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from generator.confluence.standin import ADMIN, Fault, Mishap
from generator.confluence.wiki import Flavour
from tests.books import MKDOCS, write_book
from tests.confluence.publishing import library, write_site
from tests.publishing import NOBODY, Place, running
from tests.sites import modelbook

SHEETS = library(10)
TITLE = "Model 5"


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    """A small site by hand, and the same with one sentence changed."""
    root = write_book(tmp_path_factory.mktemp("small"), {}, MKDOCS.replace("{as_of: 2026-11-20}", "{}"))
    write_site(root / "site", SHEETS)
    edited = [replace(sheet, html=sheet.html.replace("Ranks things", "Ranks dishes")) for sheet in SHEETS]
    write_site(root / "changed", [new if old.title == TITLE else old for old, new in zip(SHEETS, edited, strict=True)])
    return root


@pytest.fixture(params=[*Flavour], ids=str)
def place(request) -> Iterator[Place]:
    with running(Flavour(request.param)) as place:
        yield place


@pytest.fixture
def cloud() -> Iterator[Place]:
    with running(Flavour.CLOUD) as place:
        yield place


def test_plan_apply_and_a_saved_plan(place, book, tmp_path):
    first = place.run(book, "plan")
    assert (first.returncode, first.stderr) == (0, "")
    assert "10 to create" in first.stdout
    assert place.pages() == {}
    done = place.run(book, "apply")
    assert done.returncode == 0, done.stderr
    assert "10 created" in done.stdout
    assert re.search(r"\d+ requests, \d", done.stderr)
    assert "Nothing to do" in place.run(book, "plan").stdout
    saved = tmp_path / "plan.json"
    comment = place.run(book, "plan", "--site-dir", "changed", "--markdown", "-o", str(saved))
    assert comment.returncode == 0
    assert comment.stdout.startswith("<!-- modelbook publish plan -->\n### Confluence: 1 to update")
    told = place.run(book, "apply", "--site-dir", "changed", "--plan", str(saved), "--json")
    assert told.returncode == 0, told.stderr
    assert [change["title"] for change in json.loads(told.stdout)["result"]["done"]] == [TITLE]
    assert "Ranks dishes" in (place.titled(TITLE).body or "")
    again = place.run(book, "apply", "--site-dir", "changed", "--plan", str(saved))
    assert (again.returncode, "make the plan again" in again.stdout) == (1, True)


def test_a_plan_that_was_changed_or_made_elsewhere_is_refused(cloud, book, tmp_path):
    saved = tmp_path / "plan.json"
    assert cloud.run(book, "plan", "-o", str(saved)).returncode == 0
    with running(Flavour.DATACENTER) as other:
        elsewhere = other.run(book, "apply", "--plan", str(saved))
        assert (elsewhere.returncode, "another wiki" in elsewhere.stderr) == (2, True)
    both = cloud.run(book, "apply", "--plan", str(saved), "--space", "BOOK")
    assert (both.returncode, "--plan cannot be combined with --space or --parent" in both.stderr) == (2, True)
    saved.write_text(saved.read_text("utf-8").replace(TITLE, "Something else"), "utf-8")
    changed = cloud.run(book, "apply", "--plan", str(saved))
    assert (changed.returncode, "was changed after it was made" in changed.stderr) == (2, True)
    assert cloud.pages() == {}


def test_many_removals_need_a_yes(cloud, book, tmp_path):
    assert cloud.run(book, "apply").returncode == 0
    few = tmp_path / "few"
    write_site(few, SHEETS[:5])
    refused = cloud.run(book, "apply", "--site-dir", str(few))
    assert (refused.returncode, "which needs a yes" in refused.stderr) == (1, True)
    assert len(cloud.pages()) == 10
    agreed = cloud.run(book, "apply", "--site-dir", str(few), "--yes", "removals")
    assert agreed.returncode == 0, agreed.stdout + agreed.stderr
    assert "5 archived" in agreed.stdout


@pytest.mark.parametrize(("answer", "left"), [("n", 10), ("y", 5)])
def test_somebody_at_a_terminal_is_asked(cloud, book, tmp_path, answer, left):
    assert cloud.run(book, "apply").returncode == 0
    few = tmp_path / "few"
    write_site(few, SHEETS[:5])
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "generator", "publish", "apply", "--site-dir", str(few)]
    environ = {**os.environ, **cloud.environ}
    with subprocess.Popen(
        command, cwd=book, env=environ, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE
    ) as process:
        os.close(theirs)
        said = read_until(ours, "Continue? [y/N]")
        os.write(ours, f"{answer}\n".encode())
        read_until(ours, "requests,")
        process.communicate(timeout=60)
    os.close(ours)
    assert "it would remove 5 of 10 pages" in said
    assert process.returncode == (0 if answer == "y" else 1)
    assert len(cloud.pages()) == left


def read_until(terminal: int, words: str) -> str:
    said = ""
    while words not in said:
        said += os.read(terminal, 4096).decode()
    return said


def test_the_doctor_finds_everything_in_order(place, book):
    told = place.run(book, "doctor")
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"signed in as {ADMIN.name}" in told.stdout
    lost = place.run(book, "doctor", "--space", "NOWHERE")
    assert (lost.returncode, "fix: correct `space`" in lost.stdout) == (1, True)


@pytest.mark.parametrize(("command", "status"), [("doctor", 1), ("plan", 2), ("apply", 2)])
def test_a_wrong_token_is_said_and_never_shown(cloud, book, command, status):
    secret = "wrong-token-4711"
    told = cloud.run(book, command, CONFLUENCE_TOKEN=secret)
    assert told.returncode == status
    assert "nauthorized" in told.stdout + told.stderr
    assert secret not in told.stdout + told.stderr
    assert "Traceback" not in told.stderr


def test_a_space_that_is_not_there_is_wrong_use(cloud, book):
    told = cloud.run(book, "plan", "--space", "NOWHERE")
    assert (told.returncode, "there is no space 'NOWHERE'" in told.stderr) == (2, True)


def test_a_wiki_that_fails_is_no_wrong_use(cloud, book):
    cloud.standin.faults.replace([Fault(Mishap.SERVER_ERROR, status=418, count=0)])
    told = cloud.run(book, "plan")
    assert (told.returncode, "modelbook publish doctor" in told.stderr) == (1, True)


def run(book: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return modelbook("publish", *arguments, cwd=book, **environ)


def test_parity_is_proven_without_any_wiki(book):
    told = run(book, "parity", **NOBODY)
    assert told.returncode == 0, told.stdout
    assert "10 of 10 pages complete" in told.stdout
    one = run(book, "parity", "--page", "model:m5", **NOBODY)
    assert one.returncode == 0
    assert re.search(r"heading +2\n", one.stdout)
    wrong = run(book, "parity", "--page", "model:m55", **NOBODY)
    assert (wrong.returncode, "did you mean 'model:m5'?" in wrong.stderr) == (2, True)


def test_parity_that_does_not_hold_is_said_and_fails(book, tmp_path):
    site = tmp_path / "site"
    shutil.copytree(book / "site", site)
    page = site / "model/m5.html"
    html = page.read_text("utf-8")
    lost = html.replace("<h2", "<canvas>lost words</canvas><img src='gone.png' alt='A plot'><h2", 1)
    page.write_text(lost, "utf-8")
    told = run(book, "parity", "--site-dir", str(site), "--json", **NOBODY)
    assert told.returncode == 1, told.stdout
    broken = [each for each in json.loads(told.stdout)["pages"] if not each["holds"]]
    assert [each["ref"] for each in broken] == ["model:m5"]
    assert broken[0]["missing"]


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "CONFLUENCE_URL is not set"),
        ({"CONFLUENCE_URL": "http://wiki.example.com", "CONFLUENCE_TOKEN": "t-4711"}, "without encryption: use https"),
        ({"CONFLUENCE_URL": "https://wiki.example.com"}, "CONFLUENCE_TOKEN is not set"),
        ({"CONFLUENCE_URL": "https://u:t-4711@wiki.example.com", "CONFLUENCE_TOKEN": "t"}, "contains credentials"),
    ],
)
def test_wrong_credentials_are_refused_before_anything_is_sent(book, environ, words):
    for command in ("plan", "apply", "doctor"):
        told = run(book, command, **{**NOBODY, **environ})
        assert (told.returncode, words in told.stderr) == (2, True), told.stderr
        assert "t-4711" not in told.stdout + told.stderr


def test_without_a_site_the_command_to_build_it_is_named(tmp_path):
    root = write_book(tmp_path / "book", {})
    environ = {"CONFLUENCE_URL": "http://127.0.0.1:1", "CONFLUENCE_TOKEN": "t", "CONFLUENCE_SPACE": "BOOK"}
    told = run(root, "plan", **{**NOBODY, **environ})
    assert (told.returncode, "run `modelbook build`" in told.stderr) == (2, True)
    assert run(root, "parity", **NOBODY).returncode == 2


def test_without_a_space_the_places_to_name_it_are_told(tmp_path, book):
    root = write_book(tmp_path / "book", {})
    environ = {"CONFLUENCE_URL": "http://127.0.0.1:1", "CONFLUENCE_TOKEN": "t"}
    told = run(root, "plan", "--site-dir", str(book / "site"), **{**NOBODY, **environ})
    assert (told.returncode, "no Confluence space configured" in told.stderr) == (2, True)


def test_a_mistake_in_the_settings_is_shown_at_its_line(tmp_path):
    mkdocs = MKDOCS.replace("{as_of: 2026-11-20}", "{confluence: {spaec: BOOK}}")
    root = write_book(tmp_path / "book", {}, mkdocs)
    told = run(root, "parity", **NOBODY)
    assert told.returncode == 1
    assert re.search(r"mkdocs\.yml:\d+:\d+ error .*`confluence\.spaec`", told.stderr)
    assert "did you mean 'space'?" in told.stderr


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """Processes to be ended whatever happens."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def start(started, cwd: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "generator", "confluence", *arguments, "--port", "0"]
    pipe = subprocess.PIPE
    started.append(subprocess.Popen(command, cwd=cwd, stdout=pipe, stderr=subprocess.DEVNULL, text=True))
    return started[-1]


def stop(process: subprocess.Popen[str]) -> int:
    process.send_signal(signal.SIGINT)
    return process.wait(timeout=20)


@pytest.mark.parametrize("flavour", [*Flavour], ids=str)
def test_what_the_stand_in_prints_is_enough_to_publish_to_it(started, book, tmp_path, flavour):
    file = tmp_path / "standin.sqlite"
    process = start(started, book, "serve", "--flavour", flavour, "--file", str(file))
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(5)]
    environ = dict(line.removeprefix("export ").split("=", 1) for line in lines[:4])
    assert lines[4].startswith("# open in a browser: http://127.0.0.1:")
    assert run(book, "doctor", **environ).returncode == 0
    assert stop(process) == 0
    assert file.stat().st_size > 0


def test_the_demo_publishes_the_book_and_says_where_to_look(started, book):
    process = start(started, book, "demo", "--flavour", "datacenter")
    assert process.stdout is not None
    assert "created" in process.stdout.readline()
    assert process.stdout.readline().startswith("Open in a browser: http://127.0.0.1:")
    assert stop(process) == 0
