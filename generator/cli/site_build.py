"""A build of the site with MkDocs in a staging folder, which then replaces the old site."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import msgspec

from generator.cache_files import write_cache_file
from generator.cli.build_report import describe_stop, render_report, serialise_line
from generator.cli.build_stamp import BuildStamp, delete_stamp, write_stamp
from generator.cli.console import print_line, print_lines
from generator.cli.progress import show_progress
from generator.cli.serve import run_mkdocs
from generator.cli.staging import StagedSite, read_site_dir, stage_site
from generator.errors import UserError, report_write_errors
from generator.events import BASELINE, ERRORS_IN_CARDS, STAGING, VARIABLE, Event, read_events
from generator.findings import Finding, Severity
from generator.incremental.kept_files import CARDS, take_kept_files
from generator.input_state import BuildInputs, digest_states, list_site, read_days, read_input_state

_POLL_INTERVAL = 0.1
"""The seconds between two reads of the build's events."""
_PROBLEMS = ("WARNING", "ERROR", "Traceback", "  File", "Config value")
"""The beginnings of lines in MkDocs' output that the user has to see."""


def build_site(
    root: Path,
    site_dir: Path | None,
    baseline: Path | None,
    stamp: Path | None,
    options: tuple[str, ...],
    *,
    strict: bool,
    is_quiet: bool,
) -> None:
    """Build the site, put it in place, and write the stamp of the build with the options that it depends on."""
    started, days = time.monotonic(), read_days()
    arguments = ["--site-dir", str(site_dir.resolve())] if site_dir else []
    expected = site_dir or root / read_site_dir(root)
    with report_write_errors(expected), stage_site(expected) as staged:
        events = staged.workspace / "events"
        events.touch()
        begun = events.stat().st_mtime_ns  # by the clock of the file system, which can be coarse
        environment = {VARIABLE: str(events), STAGING: str(staged.folder)}
        environment |= {BASELINE: str(baseline.absolute())} if baseline is not None else {}
        with run_mkdocs("build", arguments, root, environment, capture=True) as process:
            progress = _BuildProgress()
            output = progress.follow(process, events, is_quiet=is_quiet)
        findings = progress.findings
        if progress.usage_error:
            raise UserError(progress.usage_error)
        lines = render_report(findings, progress.texts, progress.known)
        print_lines(lines)
        problems = [line for line in output if line.startswith(_PROBLEMS)]
        if findings:
            problems = [line for line in problems if not line.endswith(ERRORS_IN_CARDS)]
        has_failed = process.returncode != 0
        print_lines(output if has_failed and not findings and not problems else problems, err=True)
        has_warnings = bool(problems) or any(finding.severity is not Severity.INFO for finding in findings)
        if has_failed or (strict and has_warnings):
            has_errors = any(finding.severity is Severity.ERROR for finding in findings)
            if has_errors or not has_failed:
                print_line(describe_stop(has_errors=has_errors), err=True)
            sys.exit(1)
        site, listing = Path(progress.site_dir or expected), ""
        if stamp is not None:
            delete_stamp(stamp)  # until here, it describes the site
        if progress.site_dir:
            listing = _replace_site(site, staged)
        if stamp is not None and progress.inputs is not None and days == read_days():
            state = read_input_state(progress.inputs)
            if state.changed < begun:  # else the build can have read a file before its last change
                write_cache_file(staged.workspace / CARDS, state.cards)
                done = BuildStamp(
                    options,
                    progress.inputs,
                    state.rest,
                    state.history,
                    state.cards_digest,
                    take_kept_files(stamp, staged.workspace),
                    str(site.resolve()),
                    listing,
                    progress.pages,
                    tuple(map(serialise_line, lines)),
                    tuple(problems),
                )
                write_stamp(stamp, done)
    seconds = time.monotonic() - started
    shown = site_dir or (root / os.path.relpath(site, root.resolve()))
    print_line(f"built {progress.pages} pages in {seconds:.1f} s; open {shown / 'index.html'}")


def _replace_site(site: Path, staged: StagedSite) -> str:
    """Replace the site at the path that MkDocs reports: mkdocs.yml can inherit `site_dir` from another file.

    Returns the digest of the list of its files, from before another build can replace it.
    """
    if site.resolve() == staged.site:
        listing = digest_states(list_site(staged.folder))
        staged.replace_site()
        return listing
    with stage_site(site) as other:
        shutil.copytree(staged.folder, other.folder, dirs_exist_ok=True)
        listing = digest_states(list_site(other.folder))
        other.replace_site()
    return listing


class _BuildProgress:
    """The findings and counts that a build has reported so far."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        """The findings that the baseline does not list."""
        self.texts: dict[str, str] = {}
        """The redacted texts of the files with findings."""
        self.known = ""
        """The sentence about the findings that it lists."""
        self.usage_error = ""
        self.pages = 0
        self.site_dir = ""
        """The folder for the site, as MkDocs understands the configuration."""
        self.inputs: BuildInputs | None = None
        """What the site depends on; None if that is not known."""
        self._progress: tuple[str, int, int | None] = ("Reading cards", 0, None)
        """The step, with its number of finished pages and of all pages."""

    def follow(self, process: subprocess.Popen[bytes], events: Path, *, is_quiet: bool) -> list[str]:
        """Show the progress until the process ends; return the lines of its output."""
        output: list[bytes] = []
        reader = threading.Thread(target=lambda: output.extend(process.stdout or ()), daemon=True)
        reader.start()
        offset = 0
        with show_progress(is_quiet=is_quiet) as report:
            while reader.is_alive():
                found, offset = read_events(events, offset)
                self._update(found)
                report(*self._progress)
                reader.join(_POLL_INTERVAL)
        process.wait()
        self._update(read_events(events, offset)[0])
        return b"".join(output).decode("utf-8", "replace").splitlines()

    def _update(self, events: list[Event]) -> None:
        for event in events:
            self.findings += msgspec.convert(event.get("findings", []), list[Finding])
            self.texts |= event.get("texts", {})
            self.known = str(event.get("known", self.known))
            self.usage_error = str(event.get("usage_error", self.usage_error))
            self.site_dir = str(event.get("site_dir", self.site_dir))
            self.pages = int(event.get("pages", self.pages))
            if event.get("inputs"):
                self.inputs = msgspec.convert(event["inputs"], BuildInputs)
            if "step" in event:
                self._progress = (str(event["step"]), int(event["done"]), int(event["total"]))
