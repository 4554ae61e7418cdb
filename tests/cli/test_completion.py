"""Completion as a shell requests it: ids, codes and people, quickly and never with an error."""

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest

from generator.cli import modelbook
from generator.cli.completion import ARGUMENTS, FLAGS, OPTIONS, find_refs
from tests.books import MKDOCS, MODEL, REPOSITORY, TEAM, open_book, write_book
from tests.cli.running import copy_of_own_book, run
from tests.sites import run_modelbook

SYSTEM = "kind: system\nid: tips\nname: Tips\ntype: job\nowners: [t]\nneeds: ['topic:orders.v1']\n"
CARDS = {
    "tips.yml": MODEL.replace("id: ryl", "id: tips"),
    "tips-system.yml": SYSTEM,
    "tipping.yml": MODEL.replace("id: ryl", "id: tipping"),
    "t.yml": TEAM,
    "flow.yml": "{kind: person, id: ola, name: Ola, team: t}\n---\n{kind: person, id: olga, name: Olga, team: t}\n",
    "by-name.md": "---\nkind: person\nname: By name\n---\nkind: model\nid: not-this\n",
}


@pytest.fixture(scope="module")
def book(tmp_path_factory) -> Path:
    return write_book(tmp_path_factory.mktemp("book"), CARDS)


def complete(line: str, cwd: Path) -> list[str]:
    """Complete the last word of a line, as the script for Bash requests it."""
    words = line.split(" ")
    request = {
        "COMP_WORDS": "\n".join(words),
        "COMP_CWORD": str(len(words) - 1),
        "_MODELBOOK_COMPLETE": "bash_complete",
    }
    done = run_modelbook(cwd=cwd, **request)
    assert (done.returncode, done.stderr) == (0, "")
    return [answer.partition(",")[2] for answer in done.stdout.split()]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("modelbook show ti", ["model:tips", "system:tips", "tipping"]),
        ("modelbook show TIPP", ["tipping"]),
        ("modelbook show model:ti", ["model:tipping", "model:tips"]),
        ("modelbook show model : ti", ["tipping", "tips"]),
        ("modelbook show model :", ["tipping", "tips"]),
        ("modelbook impact orders", ["orders.v1"]),
        ("modelbook who topic:", ["topic:orders.v1"]),
        ("modelbook who syst", ["system:tips"]),
        ("modelbook order tipping ol", ["ola", "olga"]),
        ("modelbook history --json ola", ["ola"]),
        ("modelbook leave ", ["by-name", "ola", "olga", "p"]),
        ("modelbook leave ola --successor olg", ["olga"]),
        ("modelbook handover ", ["by-name", "ola", "olga", "p", "t"]),
        ("modelbook export readme t", ["tipping", "tips"]),
        ("modelbook explain MB20", ["MB201", "MB202", "MB203", "MB204", "MB205", "MB206", "MB207", "MB208", "MB209"]),
        ("modelbook explain mb201", ["MB201"]),
        ("modelbook explain no-own", ["no-owner"]),
        ("modelbook sh", ["show"]),
        ("modelbook publish pl", ["plan"]),
        ("modelbook leave ola --suc", ["--successor"]),
        ("modelbook check --format js", ["json"]),
        ("modelbook new per", ["person"]),
        ("modelbook completion z", ["zsh"]),
        ("modelbook nonsense x", []),
    ],
)
def test_words(book, line, words):
    found = complete(line, book)
    assert found == words if not line.startswith("modelbook explain MB20") else set(words) <= {*found}


def test_completion_reads_the_folder_given_with_project(book, tmp_path):
    assert complete("modelbook show tipp", tmp_path) == []
    assert complete(f"modelbook show -C {book} tipp", tmp_path) == ["tipping"]
    assert complete(f"modelbook show --project={book} tipp", tmp_path) == ["tipping"]


def test_completion_reads_a_configured_cards_folder(tmp_path):
    root = write_book(tmp_path, CARDS, MKDOCS.replace("as_of: 2026-11-20", "as_of: 2026-11-20, cards: entries"))
    (root / "cards").rename(root / "entries")
    assert complete("modelbook show tipp", root) == ["tipping"]


@pytest.mark.parametrize(
    "text", ["kind: model\nid: [", "\x00\xff", "kind: model\nid: 'a\nb'", "kind: model\nid: ../x", "{", "a: &a [*a]"]
)
def test_a_broken_book_prints_no_error(tmp_path, text):
    root = write_book(tmp_path, {"x.yml": MODEL})
    (root / "cards/broken.yml").write_bytes(text.encode("latin-1"))
    (root / "cards/folder.yml").mkdir()
    (root / "cards/gone.yml").symlink_to("nowhere.yml")
    (root / "mkdocs.yml").write_text(": [", "utf-8")
    assert "ryl" in complete("modelbook show ", root)


@pytest.mark.parametrize(
    "words", [{"COMP_WORDS": "modelbook show 'ti", "COMP_CWORD": "2"}, {"COMP_WORDS": "x", "COMP_CWORD": "y"}, {}]
)
def test_an_invalid_completion_request_prints_nothing(book, words):
    done = run_modelbook(cwd=book, _MODELBOOK_COMPLETE="bash_complete", **words)
    assert done.stderr == ""
    assert "Traceback" not in done.stdout


def test_quick_references_equal_those_of_the_graph(tmp_path):
    root = copy_of_own_book(tmp_path)
    graph = open_book(root).graph
    assert find_refs(root) == set(graph.refs)


def test_completion_of_ids_imports_no_checks(book):
    script = """
import os, sys
from generator.cli.completion import complete_word
assert complete_word(["show"], "tipp") == ["tipping"]
assert not {"pydantic", "yaml", "generator.project", "generator.schema"} & set(sys.modules), sorted(sys.modules)
"""
    subprocess.run(
        [sys.executable, "-c", script], cwd=book, env=os.environ | {"PYTHONPATH": str(REPOSITORY)}, check=True
    )


def test_completion_tables_match_the_commands():
    parameters: list[click.Parameter] = []
    for path in ARGUMENTS:
        command: click.Command = modelbook
        for name in path:
            assert isinstance(command, click.Group)
            found = command.get_command(click.Context(command), name)
            assert found is not None
            command = found
        assert any(isinstance(parameter, click.Argument) for parameter in command.params)
        parameters += command.params
    flags = {option for one in parameters if isinstance(one, click.Option) and one.is_flag for option in one.opts}
    assert flags <= FLAGS | {"--help", "-h"}
    assert set(OPTIONS) - {"--page"} <= {option for one in parameters for option in one.opts}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_has_a_completion_script(shell):
    ran = run("completion", shell)
    assert (ran.code, ran.err) == (0, "")
    assert f"_MODELBOOK_COMPLETE={shell}_complete" in ran.out
    done = run_modelbook(cwd=REPOSITORY, _MODELBOOK_COMPLETE=f"{shell}_source")
    assert done.stdout.rstrip("\n") == ran.out.rstrip("\n")


@pytest.mark.parametrize(
    ("shell", "words", "current", "answer"),
    [
        ("zsh", "modelbook show ol", "2", "plain\nola\n_\nplain\nolga\n_\n"),
        ("fish", "modelbook show ol", "ol", "plain,ola\nplain,olga\n"),
    ],
)
def test_zsh_and_fish_get_completions_in_their_formats(book, shell, words, current, answer):
    request = {"COMP_WORDS": words, "COMP_CWORD": current, "_MODELBOOK_COMPLETE": f"{shell}_complete"}
    done = run_modelbook(cwd=book, **request)
    assert (done.stdout, done.stderr) == (answer, "")


@pytest.mark.skipif(shutil.which("bash") is None, reason="drives a real Bash")
@pytest.mark.parametrize(
    ("typed", "line"),
    [
        ("modelbook show tipp\t", "modelbook show tipping "),
        ("modelbook show model:tipp\t", "modelbook show model:tipping "),
        ("modelbook explain no-own\t", "modelbook explain no-owner "),
        (
            "modelbook leave olg\t--on 2026-11-30 --successor ol\ta",
            "modelbook leave olga --on 2026-11-30 --successor ola",
        ),
    ],
)
def test_a_real_bash_completes(book, tmp_path, typed, line):
    """The line that Bash ends up with is seen in its history, as nothing is run: the line becomes a comment."""
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/modelbook"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m generator "$@"\n', "utf-8")
    program.chmod(0o755)
    setup = tmp_path / "setup.sh"
    settings = ('PS1="> "', "source <(modelbook completion bash)", 'bind "set bell-style audible"')
    setup.write_text("; ".join([*settings, "bind '\"\\C-g\": insert-comment'\n"]), "utf-8")
    environment = os.environ | {
        "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        "TERM": "dumb",
        "PYTHONPATH": str(REPOSITORY),
    }
    ours, theirs = pty.openpty()
    command = ["bash", "--noprofile", "--rcfile", str(setup), "-i"]
    process = subprocess.Popen(
        command, cwd=book, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    )
    os.close(theirs)
    try:
        seen = read_until(ours, "> ")
        for text in re.split("(\t)", typed):
            os.write(ours, text.encode())
            seen += read_until(ours, text) if text != "\t" else read_until_quiet(ours)
        os.write(ours, b"\x07")
        seen += read_until(ours, "\n")
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert f"#{line}" in seen.replace("\r", "\n").replace("\x07", ""), seen
    assert "Traceback" not in seen


def read_until(terminal: int, end: str, seconds: float = 60) -> str:
    """Return the output up to a text; give up after some time."""
    seen, until = "", time.monotonic() + seconds
    while end not in seen and time.monotonic() < until:
        if select.select([terminal], [], [], 0.2)[0]:
            seen += os.read(terminal, 4096).decode(errors="replace")
    return seen


def read_until_quiet(terminal: int) -> str:
    """Return the output up to a pause; a completion without a result rings the bell."""
    seen, patience = "", 60.0
    while select.select([terminal], [], [], patience)[0]:
        seen += os.read(terminal, 4096).decode(errors="replace")
        patience = 0.3
    return seen
