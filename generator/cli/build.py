"""`modelbook build`: MkDocs with the book's plugin builds beside the old site, then the folders are swapped."""

import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import click
from rich.progress import Progress, TaskID

from generator.checks.redaction import redact_files
from generator.cli.console import print_line, print_lines
from generator.cli.mkdocs_process import require_book, run_mkdocs
from generator.cli.options import project_option
from generator.cli.progress import bar
from generator.cli.reports.text import finding_lines
from generator.cli.staging import StagedSite, stage_site
from generator.cli.writing import writing
from generator.events import IN_THE_CARDS, STAGING, VARIABLE, Event, read_events
from generator.findings import Finding, Position, Severity
from generator.load.configuration import read_site_dir
from generator.load.files import Folder, read_text
from generator.names import Ref

_LOOK_EVERY = 0.1
"""Seconds between two looks at what the build tells."""


@click.command()
@project_option
@click.option("--site-dir", type=click.Path(path_type=Path, file_okay=False), help="Where to build to.")
@click.option("--strict", is_flag=True, help="Let warnings fail the build too.")
def build(root: Path, site_dir: Path | None, *, strict: bool) -> None:
    """Build the site.

    The new site replaces the old one when it is complete. A build that fails or is stopped leaves the old one as it is.

    Every finding is shown; errors stop the build. Exit status: 0 built, 1 findings or a failed build, 2 usage error.
    """
    require_book(root)
    started = time.monotonic()
    options = ["--site-dir", str(site_dir.resolve())] if site_dir else []
    expected = site_dir or root / read_site_dir(root)
    with writing(expected), stage_site(expected) as staged:
        events = staged.workspace / "events"
        events.touch()
        environment = {VARIABLE: str(events), STAGING: str(staged.folder)}
        with run_mkdocs("build", options, root, environment, capture=True) as process:
            progress = _BuildProgress()
            output = progress.follow(process, events)
        findings = progress.findings
        if findings:
            print_lines(finding_lines(findings, _texts(root, findings)))
        noise = [line for line in output if _is_news(line) and not (findings and line.endswith(IN_THE_CARDS))]
        if noise:
            print_lines(noise, err=True)
        failed = process.returncode != 0
        if failed and not findings and not noise:
            print_lines(output, err=True)
        warned = strict and (any(f.severity is not Severity.INFO for f in findings) or bool(noise))
        if failed or warned:
            sys.exit(1)
        site = Path(progress.site_dir or expected)
        if progress.site_dir:
            _replace(site, staged)
    seconds = time.monotonic() - started
    shown = site_dir or (root / os.path.relpath(site, root.resolve()))
    print_line(f"built {progress.pages} pages in {seconds:.1f} s; open {shown / 'index.html'}")


def _replace(site: Path, staged: StagedSite) -> None:
    """Put the staged site in place; MkDocs knows best where, as mkdocs.yml can inherit from another file."""
    if site.resolve() == staged.site:
        staged.replace_site()
    else:
        with stage_site(site) as other:
            shutil.copytree(staged.folder, other.folder, dirs_exist_ok=True)
            other.replace_site()


class _BuildProgress:
    """The findings and figures that a build has reported so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.pages = 0
        self.site_dir = ""
        """The folder for the site, as MkDocs understands the configuration."""

    def follow(self, process: subprocess.Popen[bytes], events: Path) -> list[str]:
        """Show the progress until the process ends; return the lines of its output."""
        output: list[bytes] = []
        reader = threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True)
        reader.start()
        offset = 0
        with bar() as progress:
            task = progress.add_task("reading cards", total=None)
            while process.poll() is None:
                found, offset = read_events(events, offset)
                self._take(found, progress, task)
                time.sleep(_LOOK_EVERY)
            self._take(read_events(events, offset)[0], progress, task)
        reader.join()
        return b"".join(output).decode("utf-8", "replace").splitlines()

    def _take(self, events: list[Event], progress: Progress, task: TaskID) -> None:
        for event in events:
            self.findings += [_finding(data) for data in event.get("findings", ())]
            self.site_dir = str(event.get("site_dir", self.site_dir))
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


def _is_news(line: str) -> bool:
    """Whether a line of MkDocs' output is more than its usual talk."""
    return line.startswith(("WARNING", "ERROR", "Traceback", "  File", "Config value"))


def _texts(root: Path, findings: list[Finding]) -> dict[str, str]:
    """The texts of the files with findings, secrets blacked out, for the excerpts; none of a link to another folder."""
    paths = {name: root / name for name in {finding.position.file for finding in findings}}
    return redact_files({name: read_text(path, Folder(path.parent, root))[0] for name, path in paths.items()})
