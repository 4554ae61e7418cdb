"""Output and exit status of `modelbook publish` and `modelbook confluence`."""

import json
import os
import pty
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.confluence.demo import ADMIN, Fault, FaultKind
from generator.confluence.wiki import Flavour, PageUpdate
from tests.books import MKDOCS, write_book
from tests.command_server import PATIENCE, get_command_server, open_stream
from tests.confluence.publishing import build_library, write_site
from tests.publishing import NO_CREDENTIALS, RunningWiki, run_demo_server
from tests.sites import run_modelbook

SHEETS = build_library(10)
TITLE = "Model 5"


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    """Write a small site, and the same site with one sentence changed."""
    root = write_book(tmp_path_factory.mktemp("small"), {}, MKDOCS.replace("{as_of: 2026-11-20}", "{}"))
    write_site(root / "site", SHEETS)
    edited = [replace(sheet, html=sheet.html.replace("Ranks things", "Ranks dishes")) for sheet in SHEETS]
    write_site(root / "changed", [new if old.title == TITLE else old for old, new in zip(SHEETS, edited, strict=True)])
    return root


@pytest.fixture(params=[*Flavour], ids=str)
def place(request) -> Iterator[RunningWiki]:
    with run_demo_server(Flavour(request.param)) as place:
        yield place


@pytest.fixture
def cloud() -> Iterator[RunningWiki]:
    with run_demo_server(Flavour.CLOUD) as place:
        yield place


def test_a_plan_is_printed_applied_and_saved(place, book, tmp_path):
    first = place.run(book, "plan", "--quiet")
    assert (first.returncode, first.stderr) == (0, "")
    assert "10 to create" in first.stdout
    assert place.list_pages() == {}
    done = place.run(book, "apply")
    assert done.returncode == 0, done.stderr
    assert "10 created" in done.stdout
    assert "create: " not in done.stdout + done.stderr, "what a page becomes is the plan's to say"
    assert re.search(r"\d+ requests, \d", done.stderr)
    assert "Nothing to do" in place.run(book, "plan").stdout
    saved = tmp_path / "plan.json"
    comment = place.run(book, "plan", "--site-dir", "changed", "--markdown", "-o", str(saved))
    assert comment.returncode == 0
    assert comment.stdout.startswith("<!-- modelbook publish plan -->\n### Confluence: 1 to update")
    done = place.run(book, "apply", "--site-dir", "changed", "--plan", str(saved), "--json")
    assert done.returncode == 0, done.stderr
    assert [change["title"] for change in json.loads(done.stdout)["result"]["done"]] == [TITLE]
    assert "Ranks dishes" in (place.get_page(TITLE).body or "")
    again = place.run(book, "apply", "--site-dir", "changed", "--plan", str(saved))
    assert (again.returncode, "make it again" in again.stdout) == (1, True)


def test_an_edited_plan_or_one_for_another_wiki_is_refused(cloud, book, tmp_path):
    saved = tmp_path / "plan.json"
    assert cloud.run(book, "plan", "-o", str(saved)).returncode == 0
    with run_demo_server(Flavour.DATACENTER) as other:
        elsewhere = other.run(book, "apply", "--plan", str(saved))
        assert (elsewhere.returncode, "another wiki" in elsewhere.stderr) == (2, True)
    both = cloud.run(book, "apply", "--plan", str(saved), "--space", "BOOK")
    assert (both.returncode, "--plan cannot be combined with --space or --parent" in both.stderr) == (2, True)
    saved.write_text(saved.read_text("utf-8").replace(TITLE, "Something else"), "utf-8")
    changed = cloud.run(book, "apply", "--plan", str(saved))
    assert (changed.returncode, "was changed after it was made" in changed.stderr) == (2, True)
    assert cloud.list_pages() == {}


def test_many_pages_stay_until_their_removal_is_confirmed(cloud, book, tmp_path):
    assert cloud.run(book, "apply").returncode == 0
    few = tmp_path / "few"
    write_site(few, SHEETS[:5])
    kept = cloud.run(book, "apply", "--site-dir", str(few))
    assert kept.returncode == 0
    assert "5 pages no longer in the book or in `pages` stay in the wiki: Model 1, " in kept.stdout
    assert "`modelbook publish apply --yes removals`" in kept.stdout
    assert len(cloud.list_pages()) == 10
    agreed = cloud.run(book, "apply", "--site-dir", str(few), "--yes", "removals")
    assert agreed.returncode == 0, agreed.stdout + agreed.stderr
    assert "5 archived" in agreed.stdout


@pytest.mark.parametrize(("answer", "left"), [("n", 10), ("y", 5)])
def test_a_terminal_gets_a_confirmation_prompt(cloud, book, tmp_path, answer, left):
    assert cloud.run(book, "apply").returncode == 0
    few = tmp_path / "few"
    write_site(few, SHEETS[:5])
    answers = {"Remove 5 pages? [y/N]": f"{answer}\n"}
    status, seen = run_on_terminal(cloud, book, "apply", "--site-dir", str(few), answers=answers)
    assert "5 pages no longer in the book or in `pages` stay in the wiki" in seen
    assert status == 0
    assert len(cloud.list_pages()) == left


@pytest.mark.parametrize("quiet", [(), ("--quiet",)], ids=["", "quiet"])
def test_a_terminal_sees_the_pages_that_are_compared_and_published(cloud, book, quiet):
    for command, steps in {"apply": ["Comparing", "Publishing"], "verify": ["Comparing"]}.items():
        status, seen = run_on_terminal(cloud, book, command, *quiet)
        assert status == 0, seen
        shown = re.findall(r"(\w+) pages\W.*?\d+/10", re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", seen))
        assert list(dict.fromkeys(shown)) == ([] if quiet else steps), seen


def test_a_log_gets_no_bar_and_no_control_codes(cloud, book, tmp_path):
    done = run_modelbook("publish", "apply", cwd=book, stderr=str(tmp_path / "log"), **cloud.environ, FORCE_COLOR="1")
    assert done.returncode == 0
    lines = (tmp_path / "log").read_text("utf-8").splitlines()
    assert "\x1b" not in "".join(lines)
    assert "requests," in lines[-1]


def run_on_terminal(
    place: RunningWiki, book: Path, *arguments: str, answers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Return the exit status and the text on the terminal; `answers` has the input for each prompt."""
    ours, theirs = pty.openpty()
    seen = ""
    environ = {**os.environ, **place.environ, "TERM": "xterm", "COLUMNS": "100"}
    with open_stream("") as output:
        streams = (theirs, output.fileno(), theirs)
        process = get_command_server().start("modelbook", ("publish", *arguments), book, environ, streams=streams)
        os.close(theirs)
        for words, answer in {**(answers or {}), "requests,": ""}.items():
            while words not in seen:
                seen += os.read(ours, 4096).decode()
            os.write(ours, answer.encode())
        status = process.wait()
    os.close(ours)
    return status, seen


def test_the_doctor_passes_on_a_working_wiki_and_reports_a_missing_space(place, book):
    done = place.run(book, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"signed in as {ADMIN.name}" in done.stdout
    lost = place.run(book, "doctor", "--space", "NOWHERE")
    assert (lost.returncode, "fix: correct `space`" in lost.stdout) == (1, True)


@pytest.mark.parametrize(("command", "status"), [("doctor", 1), ("plan", 2), ("apply", 2)])
def test_an_invalid_token_is_reported_without_its_value(cloud, book, command, status):
    secret = "wrong-token-4711"
    done = cloud.run(book, command, CONFLUENCE_TOKEN=secret)
    assert done.returncode == status
    assert "nauthorized" in done.stdout + done.stderr
    assert secret not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_missing_space_is_a_usage_error(cloud, book):
    done = cloud.run(book, "plan", "--space", "NOWHERE")
    assert (done.returncode, "there is no space 'NOWHERE'" in done.stderr) == (2, True)


def test_a_failing_wiki_is_not_a_usage_error(cloud, book):
    cloud.demo.inject([Fault(FaultKind.SERVER_ERROR, status=418, count=0)])
    done = cloud.run(book, "plan")
    assert (done.returncode, "modelbook publish doctor" in done.stderr) == (1, True)


def run(book: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return run_modelbook("publish", *arguments, cwd=book, **environ)


def test_verify_reports_what_a_person_changed(cloud, book):
    assert cloud.run(book, "apply").returncode == 0
    done = cloud.run(book, "verify")
    assert (done.returncode, done.stdout) == (0, "10 pages compared, no differences\n"), done.stdout
    page = cloud.get_page("Model 5")
    cloud.wiki.update_page(PageUpdate(page.id, page.title, "<p>Mine</p>", page.version.number + 1))
    done = cloud.run(book, "verify", "--json")
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["pages"] == 10
    [difference] = answer["differences"]
    assert (difference["ref"], difference["kind"], difference["url"]) == ("model:m5", "text", page.url)
    one = cloud.run(book, "verify", "--page", "model:m4")
    assert (one.returncode, one.stdout) == (0, "1 page compared, no differences\n")
    wrong = cloud.run(book, "verify", "--page", "model:m55")
    assert (wrong.returncode, "did you mean 'model:m5'?" in wrong.stderr) == (2, True)


def test_parity_is_a_deprecated_name_of_verify(cloud, book):
    done = cloud.run(book, "parity", "--page", "model:m5")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "1 page compared, 1 difference")
    assert "The command 'parity' is deprecated. Use `publish verify`." in done.stderr


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "CONFLUENCE_URL is not set"),
        ({"CONFLUENCE_URL": "http://wiki.example.com", "CONFLUENCE_TOKEN": "t-4711"}, "without encryption: use https"),
        ({"CONFLUENCE_URL": "https://wiki.example.com"}, "CONFLUENCE_TOKEN is not set"),
        ({"CONFLUENCE_URL": "https://u:t-4711@wiki.example.com", "CONFLUENCE_TOKEN": "t"}, "contains credentials"),
    ],
)
def test_invalid_credentials_are_refused_before_any_request(book, environ, words):
    for command in ("plan", "apply", "doctor"):
        done = run(book, command, **{**NO_CREDENTIALS, **environ})
        assert (done.returncode, words in done.stderr) == (2, True), done.stderr
        assert "t-4711" not in done.stdout + done.stderr


def test_a_missing_site_suggests_the_build_command(tmp_path):
    root = write_book(tmp_path / "book", {})
    environ = {"CONFLUENCE_URL": "http://127.0.0.1:1", "CONFLUENCE_TOKEN": "t", "CONFLUENCE_SPACE": "BOOK"}
    done = run(root, "plan", **{**NO_CREDENTIALS, **environ})
    assert (done.returncode, "run `modelbook build`" in done.stderr) == (2, True)
    assert run(root, "verify", **{**NO_CREDENTIALS, **environ}).returncode == 2


def test_a_missing_space_setting_lists_where_to_set_it(tmp_path, book):
    root = write_book(tmp_path / "book", {})
    environ = {"CONFLUENCE_URL": "http://127.0.0.1:1", "CONFLUENCE_TOKEN": "t"}
    done = run(root, "plan", "--site-dir", str(book / "site"), **{**NO_CREDENTIALS, **environ})
    assert (done.returncode, "no Confluence space configured" in done.stderr) == (2, True)


def test_an_invalid_setting_is_reported_at_its_line(tmp_path):
    mkdocs = MKDOCS.replace("{as_of: 2026-11-20}", "{confluence: {spaec: BOOK}}")
    root = write_book(tmp_path / "book", {}, mkdocs)
    environ = {"CONFLUENCE_URL": "http://127.0.0.1:1", "CONFLUENCE_TOKEN": "t"}
    done = run(root, "verify", **{**NO_CREDENTIALS, **environ})
    assert done.returncode == 1
    assert re.search(r"mkdocs\.yml:\d+:\d+ error .*`confluence\.spaec`", done.stderr)
    assert "did you mean 'space'?" in done.stderr


@pytest.fixture
def started() -> Iterator[list[subprocess.Popen[str]]]:
    """List processes to kill after the test."""
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


def stop(process: subprocess.Popen[str], how: signal.Signals = signal.SIGINT) -> int:
    process.send_signal(how)
    return process.wait(timeout=PATIENCE)


def test_without_its_extra_the_demo_server_names_it(tmp_path):
    (tmp_path / "werkzeug.py").write_text("raise ModuleNotFoundError(name='werkzeug')\n")
    done = run_modelbook("confluence", "serve", cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == "modelbook: the demo server needs werkzeug: install modelbook[demo]\n"


@pytest.mark.parametrize(("flavour", "how"), [(Flavour.CLOUD, signal.SIGINT), (Flavour.DATACENTER, signal.SIGTERM)])
def test_the_printed_environment_of_the_demo_server_is_enough_to_publish(started, book, tmp_path, flavour, how):
    file = tmp_path / "demo.json"
    process = start(started, book, "serve", "--flavour", flavour, "--file", str(file))
    assert process.stdout is not None
    lines = [process.stdout.readline().strip() for _ in range(6)]
    environ = dict(line.removeprefix("export ").split("=", 1) for line in lines[:5])
    assert lines[5].startswith("# open in a browser: http://127.0.0.1:")
    assert run(book, "doctor", **environ).returncode == 0
    assert stop(process, how) == 0
    assert file.stat().st_size > 0


def test_the_demo_publishes_the_book_and_prints_its_address(started, book):
    process = start(started, book, "demo", "--flavour", "datacenter")
    assert process.stdout is not None
    assert "created" in process.stdout.readline()
    assert process.stdout.readline().startswith("Open in a browser: http://127.0.0.1:")
    assert stop(process) == 0
