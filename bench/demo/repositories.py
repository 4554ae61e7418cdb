"""Bare mirrors of the demo's repositories, with the same commit ids on every machine.

A file in `histories/` is one repository. `>>> DAY PERSON: SUBJECT` begins a commit, `=== PATH` the new content of a
file.
"""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path

HISTORIES = Path(__file__).parent / "histories"
_HOST = "https://git.example.com"
_COMMIT = re.compile(r">>> (?P<day>\S+) (?P<person>\S+): (?P<subject>.+)\n")
_FILE = re.compile(r"=== (?P<path>.+)\n")
_HOUR = time(5, 30, tzinfo=UTC)


@dataclass
class DemoCommit:
    """A commit, with the new content of some files."""

    day: date
    person: str
    subject: str
    files: dict[str, str] = field(default_factory=dict)


def read_history(path: Path) -> Iterator[DemoCommit]:
    """Read the commits of a repository, oldest first."""
    commit = None
    file = ""
    for line in path.read_text("utf-8").splitlines(keepends=True):
        if found := _COMMIT.fullmatch(line):
            if commit is not None:
                yield commit
            commit = DemoCommit(date.fromisoformat(found["day"]), found["person"], found["subject"])
            continue
        assert commit is not None, f"{path.name} does not begin with a commit"
        if found := _FILE.fullmatch(line):
            file = found["path"]
            commit.files[file] = ""
        else:
            commit.files[file] += line
    if commit is not None:
        yield commit


def write_mirrors(folder: Path, until: date = date.max) -> None:
    """Write bare mirrors of all repositories, as they were at the end of a day."""
    for path in sorted(HISTORIES.glob("*.txt")):
        stream = b"".join(_render_commit(commit) for commit in read_history(path) if commit.day <= until)
        if not stream:
            continue
        owner, _, name = path.stem.partition(".")
        mirror = folder / owner / f"{name}.git"
        _run_git("init", "--quiet", "--bare", "--object-format=sha1", "--initial-branch=main", str(mirror))
        _run_git("-C", str(mirror), "remote", "add", "origin", f"{_HOST}/{owner}/{name}")
        _run_git("-C", str(mirror), "fast-import", "--quiet", stream=stream)


def _render_commit(commit: DemoCommit) -> bytes:
    """Render a commit for `git fast-import`: https://git-scm.com/docs/git-fast-import."""
    seconds = int(datetime.combine(commit.day, _HOUR).timestamp())
    name = f"{commit.person.capitalize()} <{commit.person}@example.com>"
    parts = [f"commit refs/heads/main\ncommitter {name} {seconds} +0530\n".encode(), _render_data(commit.subject)]
    for file, text in commit.files.items():
        parts += [f"M 100644 inline {file}\n".encode(), _render_data(text)]
    return b"".join(parts)


def _render_data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%b\n" % (len(content), content)


def _run_git(*arguments: str, stream: bytes = b"") -> None:
    """Run git without the configuration of this machine."""
    nowhere = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TEMPLATE_DIR": ""}
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    subprocess.run(["git", *arguments], input=stream, env=environment | nowhere, check=True, capture_output=True)
