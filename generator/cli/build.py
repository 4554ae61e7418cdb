"""`modelbook build` and `modelbook serve`: MkDocs with the book's plugin, as a child process."""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import click
from rich.progress import Progress, TaskID

from generator.checks.blackout import masked
from generator.cli.options import project_option
from generator.cli.progress import bar
from generator.cli.reports.text import text
from generator.errors import UserError
from generator.events import IN_THE_CARDS, VARIABLE, Event, read_events
from generator.findings import Finding, Position, Severity
from generator.load.configuration import FILE
from generator.names import Ref

_LOOK_EVERY = 0.1
"""Seconds between two looks at what the build tells."""


@click.command()
@project_option
@click.option("--site-dir", type=click.Path(path_type=Path, file_okay=False), help="Where to build to.")
@click.option("--strict", is_flag=True, help="Let warnings fail the build too.")
def build(root: Path, site_dir: Path | None, *, strict: bool) -> None:
    """Build the site.

    Every finding is shown; errors stop the build. Exit status: 0 built, 1 findings or a failed build, 2 wrong use.
    """
    _require_book(root)
    started = time.monotonic()
    command = [*_mkdocs("build"), *(["--site-dir", str(site_dir.resolve())] if site_dir else [])]
    with tempfile.TemporaryDirectory(prefix="modelbook-") as folder:
        events = Path(folder) / "events"
        events.touch()
        log = (Path(folder) / "log").open("w+", encoding="utf-8", errors="replace")
        with log:
            process = subprocess.Popen(
                command, cwd=root, env=_environment({VARIABLE: str(events)}), stdout=log, stderr=subprocess.STDOUT
            )
            told = _Told()
            with _stopped_with_us(process):
                told.follow(process, events)
            log.seek(0)
            output = log.read().splitlines()
    findings = told.findings
    if findings:
        click.echo(text(findings, _texts(root, findings)))
    noise = [line for line in output if _is_news(line) and not (findings and line.endswith(IN_THE_CARDS))]
    if noise:
        click.echo("\n".join(noise), err=True)
    failed = process.returncode != 0
    if failed and not findings and not noise:
        click.echo("\n".join(output), err=True)
    if not failed:
        seconds = time.monotonic() - started
        click.echo(f"built {told.pages} pages in {seconds:.1f} s; open {_home(root, site_dir)}")
    warned = strict and (any(f.severity is not Severity.INFO for f in findings) or bool(noise))
    sys.exit(1 if failed or warned else 0)


@click.command()
@project_option
@click.option("-a", "--address", default="127.0.0.1:8000", show_default=True, help="Where to listen.")
def serve(root: Path, address: str) -> None:
    """Build, serve on loopback, and rebuild when a card or a template changes."""
    _require_book(root)
    command = [*_mkdocs("serve"), "--dev-addr", address]
    process = subprocess.Popen(command, cwd=root, env=_environment({}))
    with _stopped_with_us(process):
        sys.exit(1 if process.wait() else 0)


class _Told:
    """What the build has told so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.pages = 0

    def follow(self, process: subprocess.Popen[bytes], events: Path) -> None:
        """Show the progress until the process ends."""
        offset = 0
        with bar() as progress:
            task = progress.add_task("reading cards", total=None)
            while process.poll() is None:
                found, offset = read_events(events, offset)
                self._take(found, progress, task)
                time.sleep(_LOOK_EVERY)
            self._take(read_events(events, offset)[0], progress, task)

    def _take(self, events: list[Event], progress: Progress, task: TaskID) -> None:
        for event in events:
            self.findings += [_finding(data) for data in event.get("findings", ())]
            if "pages" in event:
                self.pages = int(event["pages"])
                progress.update(task, description="building pages", total=self.pages)
            if "done" in event:
                progress.update(task, completed=int(event["done"]))


def _finding(data: Mapping[str, object]) -> Finding:
    position, subject = data["position"], data["subject"]
    assert isinstance(position, dict)
    return Finding(
        Position(position["file"], position["line"], position["column"]),
        str(data["code"]),
        str(data["name"]),
        Severity(str(data["severity"])),
        str(data["message"]),
        str(data["hint"]),
        Ref(subject["kind"], subject["id"]) if isinstance(subject, dict) else None,
    )


def _mkdocs(command: str) -> list[str]:
    return [sys.executable, "-m", "mkdocs", command, "--config-file", FILE]


def _environment(more: Mapping[str, str]) -> dict[str, str]:
    """The environment without the theme's notice about its own future, which is no news to a card's author."""
    return {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONIOENCODING": "utf-8", **more}


def _is_news(line: str) -> bool:
    """Whether a line of MkDocs' output is more than its usual talk."""
    return line.startswith(("WARNING", "ERROR", "Traceback", "  File", "Config value"))


@contextlib.contextmanager
def _stopped_with_us(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """End the child when we are ended."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait()


def _require_book(root: Path) -> None:
    if not (root / FILE).is_file():
        message = f"there is no {FILE} in {root}; run this in a book's folder, or make one: modelbook init DIR"
        raise UserError(message)


def _texts(root: Path, findings: list[Finding]) -> dict[str, str]:
    """The texts of the files with findings, secrets blacked out, for the excerpts."""
    texts: dict[str, str] = {}
    for name in {finding.position.file for finding in findings}:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            texts[name] = (root / name).read_text(encoding="utf-8-sig")
    return masked(texts)


def _home(root: Path, site_dir: Path | None) -> Path:
    return (site_dir or root / "site") / "index.html"
