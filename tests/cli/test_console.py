"""Text of cards, files, contracts and git cannot control a terminal or a CI system."""

import ast
import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

import generator
from generator.cli.console import Line, WorkflowCommand, format_lines
from tests.books import MODEL, TEAM, write_book
from tests.cli.running import run
from tests.command_server import get_command_server, open_stream, read_text
from tests.history.repositories import new_repository
from tests.sites import run_modelbook

PACKAGE = Path(generator.__file__).parent
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
COMMAND = re.compile(r"^\s*::|##\w*\[")
OURS = re.compile(r"::(error|warning|notice) file=[^\s:]*,line=\d+,col=\d+,title=")

EVIL = r"A\n::error::stop\n##[error]x ##vso[task.complete]\e[2J\e]8;;https://login.example.net\aB\u202e\u2028\x9b"
"""As it stands in double quotes in YAML."""
CARD = (
    MODEL.replace("name: Restaurants", f'name: "{EVIL}"').replace("Ranks restaurants.", f'"Ranks {EVIL}"')
    + f"""
fallback: gone
contract:
  request:
    type: object
    properties:
      "{EVIL}": {{pattern: "["}}
  examples:
    - request: {{"{EVIL}": x}}
"""
)
FILE = "a\n::error::stop\n##[group]\x1b[2J\u202e.yml"


@pytest.fixture(scope="module")
def hostile(tmp_path_factory) -> Path:
    """A book in git whose cards, file names and commit messages try everything."""
    root = tmp_path_factory.mktemp("hostile")
    repository = new_repository(root)
    write_book(root, {"ryl.yml": MODEL})
    repository.git("add", "--all")
    repository.git("commit", "-q", "-m", "start")
    write_book(
        root, {"ryl.yml": CARD, FILE: "kind: model\nid: x\n", "t.yml": TEAM.replace("name: Person", f'name: "{EVIL}"')}
    )
    message = "why\x1b[2J\n\n::error::stop\n##[error]x\u202e"
    repository.git("add", "--all")
    repository.git("commit", "-q", "-m", message)
    return root


COMMANDS = [
    "check", "check --format github", "check --format json", "check --format sarif", "check --format junit",
    "show ryl", "show ryl --json", "show t", "impact ryl", "impact ryl --json", "who ryl", "order ryl", "debt",
    "debt --json",
    "handover t", "leave p --on 2026-11-30", "leave p --on 2026-11-30 --json", "history ryl", "history ryl --json",
    "diff HEAD~1", "diff HEAD~1 --format json", "diff HEAD~1 --format markdown",
    "export catalog", "export backstage", "export readme ryl", "export dot --people",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_printed_text_contains_no_commands(hostile, command):
    ran = run(*command.split(), "-C", hostile)
    assert ran.out
    for line in f"{ran.out}\n{ran.err}".split("\n"):
        assert not ACTING.search(line)
        ours = command.endswith("github") and re.match(
            r"::(error|warning|notice) file=[^\s:]*,line=\d+,col=\d+,title=", line
        )
        assert not COMMAND.search(line[2:] if ours else line)


def test_machine_formats_stay_valid(hostile):
    findings = json.loads(run("check", "-C", hostile, "--format", "json").out)["findings"]
    assert any(one["file"] == f"cards/{FILE}" for one in findings)
    catalog = run("export", "catalog", "-C", hostile).data
    evil = json.loads(f'"{EVIL}"'.replace(r"\e", r"\u001b").replace(r"\a", r"\u0007").replace(r"\x9b", r"\u009b"))
    assert evil in [node["name"] for node in catalog["nodes"]]
    etree.fromstring(run("check", "-C", hostile, "--format", "junit").out.encode())


def test_a_report_in_a_file_is_escaped_too(hostile, tmp_path):
    for form in ("text", "github", "sarif", "junit"):
        assert run("check", "-C", hostile, "--format", form, "-o", tmp_path / form).code == 1
        assert not ACTING.search((tmp_path / form).read_text("utf-8").replace("\n", ""))


@pytest.mark.parametrize(
    "arguments",
    [("show", "\x1b[2Jnope\n::error::x"), ("\x1b[2J\n::error::x",), ("check", "-C", "/no\x1b[2J\n::error::where"),
     ("check", "--format", "\x1b[2J\n::error::x"), ("explain", "MB\x1b[2J\n::error::x"),
     ("export", "readme", "\u202ex")],
)  # fmt: skip
def test_an_error_message_is_escaped(hostile, arguments):
    ran = run(
        *arguments, *(() if "-C" in arguments or len(arguments) == 1 or arguments[0] == "explain" else ("-C", hostile))
    )
    assert (ran.code, ran.out) == (2, "")
    assert all(not ACTING.search(line) and not COMMAND.search(line) for line in ran.err.split("\n"))


def test_a_terminal_gets_only_the_colours_of_modelbook(hostile):
    ours, theirs = pty.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    with open_stream(os.devnull) as nothing:
        streams = (nothing.fileno(), theirs, nothing.fileno())
        process = get_command_server().start("modelbook", ("show", "ryl"), hostile, environment, streams=streams)
        os.close(theirs)
        assert process.wait() == 0
    seen = os.read(ours, 65536).decode()
    os.close(ours)
    assert set(re.findall("\x1b.{0,3}", seen)) <= {"\x1b[1m", "\x1b[0m", "\x1b[31", "\x1b[0m\r"}
    assert "\x1b[1m" in seen
    assert r"\x1b[2J" in seen


def test_a_command_split_across_pieces_is_escaped():
    assert format_lines([(Line(":", bold=True), ":error::x"), ("##", Line("[x]"))]) == ":\\x3aerror::x\n#\\x23[x]"
    assert format_lines([WorkflowCommand("::error::ours")]) == "::error::ours"


def test_only_the_console_prints():
    """Ruff forbids it too (TID251); this also finds what is reached in another way."""
    forbidden = {"echo", "secho", "confirm", "prompt", "echo_via_pager", "stdout", "stderr", "__stdout__", "__stderr__"}
    for path in PACKAGE.rglob("*.py"):
        if path == PACKAGE / "cli/console.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id in {"click", "sys"}
            ):
                assert node.attr not in forbidden, f"{path}:{node.lineno}"
            assert not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"), (
                path
            )


ANSWERS = ["check", "check --format json", "show ryl", "who ryl", "impact ryl", "order ryl", "debt", "handover t",
           "history ryl",
           "leave p --on 2026-11-30", "export catalog", "export dot"]  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    return write_book(tmp_path_factory.mktemp("book"), {"ryl.yml": MODEL, "t.yml": TEAM})


def execute(*arguments: str | Path, **streams) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "generator", *map(str, arguments)]
    return subprocess.run(
        command, check=False, text=True, **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | streams
    )


@pytest.mark.parametrize(
    "command",
    [
        *(f"{answer} -C" for answer in ANSWERS),
        "explain MB001",
        "explain",
        "schema",
        "--help",
        "check --help",
        "--version",
    ],
)
def test_a_full_disk_is_reported_in_one_line(book, command):
    words = [*command.split(), *([str(book)] if command.endswith("-C") else [])]
    ran = run_modelbook(*words, cwd=book, stdout="/dev/full")
    assert ran.returncode == 2
    assert re.fullmatch(r"modelbook: cannot write.*: No space left on device\n", ran.stderr.replace("warning: ", ""))


@pytest.mark.parametrize("command", ["show ryl -C", "export catalog -C", "check -C", "explain"])
def test_a_closed_output_prints_nothing_and_fails(book, command):
    reading, writing = os.pipe()
    os.close(reading)
    words = [*command.split(), *([str(book)] if command.endswith("-C") else [])]
    with open_stream(os.devnull) as nothing, open_stream("") as errors:
        streams = (nothing.fileno(), writing, errors.fileno())
        process = get_command_server().start("modelbook", words, book, os.environ, streams=streams)
        os.close(writing)
        assert (process.wait(), read_text(errors)) == (141, "")


def test_a_full_disk_for_stderr_does_not_change_the_exit_status(book):
    assert run_modelbook("show", "nope", cwd=book, stderr="/dev/full").returncode == 2
    assert run_modelbook("check", "--today", "2026-11-20", cwd=book, stderr="/dev/full").returncode == 0


@pytest.mark.parametrize("command", ["check -o", "export catalog -o", "export dot -o", "check --write-baseline"])
def test_a_full_disk_for_a_file_is_reported_in_one_line(book, command):
    ran = run_modelbook(*command.split(), "/dev/full", cwd=book)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr == "modelbook: /dev/full cannot be written: No space left on device\n"


def test_a_stream_without_a_character_gets_its_escape(tmp_path):
    root = write_book(tmp_path, {"ryl.yml": MODEL.replace("name: Restaurants", "name: Café 猫"), "t.yml": TEAM})
    latin = os.environ | {"PYTHONIOENCODING": "latin-1"}
    ran = execute("show", "ryl", "-C", root, env=latin, encoding="latin-1")
    assert ran.returncode == 0
    assert ran.stdout.startswith(r"Café \u732b  (model:ryl)")
    utf8 = {name: value for name, value in os.environ.items() if name != "PYTHONIOENCODING"} | {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PYTHONCOERCECLOCALE": "0",
    }
    shown = execute("show", "ryl", "-C", root, "--json", env=utf8, encoding="utf-8")
    assert json.loads(shown.stdout)["name"] == "Café 猫"
