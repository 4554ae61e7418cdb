"""The repositories of the demo have the same commits on every machine, and its evidence is what the commands find."""

import subprocess
from datetime import date
from pathlib import Path

from bench.demo.__main__ import write_evidence
from bench.demo.repositories import HISTORIES, write_mirrors
from tests.books import REPOSITORY
from tests.cli.running import copy_of_own_book


def read_head(mirror: Path) -> str:
    command = ["git", "-C", str(mirror), "rev-parse", "main"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_the_mirrors_have_the_same_commits_on_every_machine(tmp_path: Path) -> None:
    write_mirrors(tmp_path)

    found = {path.relative_to(tmp_path).as_posix() for path in tmp_path.glob("*/*.git")}
    assert found == {path.stem.replace(".", "/", 1) + ".git" for path in HISTORIES.glob("*.txt")}
    assert read_head(tmp_path / "core/edge.git") == "e5539b6df829e4af6e1e0f97fbd5003ae84065ff"


def test_the_mirrors_can_be_those_of_an_earlier_day(tmp_path: Path) -> None:
    write_mirrors(tmp_path, date(2026, 6, 30))

    assert not (tmp_path / "core/edge.git").exists()
    command = ["git", "-C", str(tmp_path / "core/home-feed.git"), "log", "--format=%cs %s", "main"]
    log = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert log == "2026-06-22 Serve the home page from one service\n"


def test_the_evidence_in_the_repository_is_the_output_of_the_commands(tmp_path: Path) -> None:
    book = copy_of_own_book(tmp_path)

    write_evidence(book)

    for path in sorted((REPOSITORY / "evidence").iterdir()):
        assert (book / "evidence" / path.name).read_bytes() == path.read_bytes(), "run `make evidence`"
