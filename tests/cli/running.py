"""The command line, run in this process."""

import contextlib
import io
import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.cli import main
from tests.books import REPOSITORY
from tests.sites import run_modelbook

GOLDENS = Path(__file__).parent / "goldens"


@dataclass(frozen=True)
class Ran:
    """The exit status and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


def run(*arguments: str | Path) -> Ran:
    """Run a command; exceptions other than SystemExit are raised."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = left.code if isinstance(left.code, int) else 0
    return Ran(code, out.getvalue(), err.getvalue())


def run_forked(*arguments: str | Path) -> Ran:
    """Run a command in a process of its own, which does not start MkDocs anew."""
    done = run_modelbook(*map(str, arguments), cwd=Path.cwd())
    return Ran(done.returncode, done.stdout, done.stderr)


def copy_of_own_book(root: Path, day: str = "2026-11-20") -> Path:
    """Copy the cards of the repository to a folder without git, with another day as `as_of`."""
    shutil.copytree(REPOSITORY / "cards", root / "cards")
    text = (REPOSITORY / "mkdocs.yml").read_text("utf-8")
    (root / "mkdocs.yml").write_text(text.replace("as_of: 2026-11-20", f"as_of: {day}"), "utf-8")
    (root / "docs").mkdir()
    return root
