"""`python -m bench.demo`: write the evidence of the demo with the commands that users run."""

import contextlib
import io
import tempfile
from datetime import date
from pathlib import Path

from bench.demo.repositories import write_mirrors
from bench.demo.traffic import write_traffic
from generator.cli import main as run_modelbook

ROOT = Path(__file__).parents[2]
NIGHTS = tuple(map(date.fromisoformat, ("2026-10-04", "2026-10-12", "2026-10-27", "2026-11-13", "2026-11-19")))
"""The nights of the scans, so that the counts of retired strings have a course."""


def write_evidence(book: Path) -> None:
    """Write the evidence of the demo into a book with its cards."""
    folder = book / "evidence"
    folder.mkdir(exist_ok=True)
    for name in ("code.jsonl", "traffic.jsonl"):
        (folder / name).unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as name:
        work = Path(name)
        for night in NIGHTS:
            write_mirrors(work / f"{night}", night)
            run("scan", work / f"{night}", "--all", "--jobs", "1", "--no-cache", "--quiet", "-C", book)
        run("reconcile", *write_traffic(work / "traffic"), "--quiet", "-C", book)


def run(*arguments: str | Path) -> None:
    """Run a command; status 1 is that of findings, which the cards accept or the pages show."""
    output = io.StringIO()
    try:
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            run_modelbook([str(argument) for argument in arguments])
    except SystemExit as ended:
        if ended.code not in (None, 0, 1):
            print(output.getvalue())
            raise


if __name__ == "__main__":
    write_evidence(ROOT)
