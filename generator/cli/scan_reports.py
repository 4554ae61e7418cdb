"""The reports of `modelbook scan`: grouped by what to do, as data, and one line for each place."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from generator.answers.data import build_answer_data, finding_to_data, suppressed_to_data
from generator.checks.code import CodeDifference
from generator.cli.console import Line, PrintedLine
from generator.cli.finding_text import COLOURS, summarize_findings
from generator.cli.printing import format_section, redact_line, render_json
from generator.cli.reports import CheckResult, list_unreported, render_github, render_sarif
from generator.evidence.matching import Hit
from generator.evidence.names import SearchName
from generator.evidence.records import CodeUse, Evidence
from generator.evidence.scan import RepositoryScan, UnreadRepository
from generator.findings import MOST_OF_A_RULE, Finding, Severity, count_by_severity
from generator.grouping import group_pairs
from generator.names import format_count
from generator.printable import escape_json
from generator.values import FrozenValue

_GROUPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Document these uses", ("MB701",)),
    ("Remove these names", ("MB703", "MB708")),
    ("Confirm or remove these uses", ("MB702",)),
    ("Move these addresses to the configuration", ("MB704",)),
    ("Scan again", ("MB706",)),
    ("Too common to search for alone", ("MB705",)),
    ("Could not be scanned", ("MB707",)),
)

_MOST_SYSTEMS = 6
"""The systems that are named of those whose repository was not scanned."""


class ScanResult(FrozenValue):
    """The findings of a scan with all their places."""

    check: CheckResult
    differences: Mapping[tuple[str, str], CodeDifference]
    """The difference of each finding that has places, by its code and message."""
    evidence: Evidence
    """The records of this scan, merged with those of the previous file."""
    scans: tuple[RepositoryScan, ...]
    """The repositories, with all places only for the report that lists them."""
    unread: tuple[UnreadRepository, ...]

    def get_difference(self, finding: Finding) -> CodeDifference | None:
        """Return the difference that a finding reports."""
        return self.differences.get((finding.code, finding.message))


def render_scan_text(result: ScanResult) -> Iterator[PrintedLine]:
    """Yield the findings by what to do, each with its places, then the counts."""
    for heading, codes in _GROUPS:
        findings = [finding for finding in result.check.findings if finding.code in codes]
        lines = [line for one in findings[:MOST_OF_A_RULE] for line in _render_finding(one, result.get_difference(one))]
        if codes == ("MB705",):  # the fix of all is the same
            lines = [line for line in lines if line not in lines[-1:]] + lines[-1:]
        if len(findings) > MOST_OF_A_RULE:
            lines.append(f"  … and {len(findings) - MOST_OF_A_RULE:,} more")
        if codes == ("MB707",):
            lines = [*_render_unscanned(findings), *(f"  {one.repo}: {one.reason}" for one in result.unread)]
        yield from format_section(heading, lines)
    files = sum(scan.files for scan in result.scans)
    repos = {scan.repo for scan in result.scans}
    uses = (use for use in result.evidence.code if isinstance(use, CodeUse) and use.repo in repos)
    places = sum(use.count for use in uses)
    yield ""
    repositories = format_count(len(result.scans), "repository", "repositories")
    yield f"{repositories}, {format_count(files, 'file')}, {format_count(places, 'place')}"
    yield summarize_findings(result.check.findings)
    yield from list_unreported(result.check)


def _render_unscanned(findings: Iterable[Finding]) -> Iterator[PrintedLine]:
    """Yield the findings about repositories: one for all systems that share a repository."""
    groups = group_pairs(((one.message.replace(str(one.subject), "{}", 1), one.hint), one) for one in findings)
    for (text, hint), several in groups.items():
        if len(several) == 1:
            yield from _render_finding(several[0], None)
            continue
        severity = Line(several[0].severity.value, bold=True, colour=COLOURS[several[0].severity])
        shown = ", ".join(str(one.subject) for one in several[:_MOST_SYSTEMS])
        more = f" and {len(several) - _MOST_SYSTEMS:,} more" if len(several) > _MOST_SYSTEMS else ""
        yield ("  ", severity, f" {several[0].code} {text.replace('{}', f'{len(several):,} systems', 1)}")
        yield f"      {shown}{more}"
        yield ("      ", Line("fix:", colour="green"), f" {hint}")


def _render_finding(finding: Finding, difference: CodeDifference | None) -> Iterator[PrintedLine]:
    severity = Line(finding.severity.value, bold=True, colour=COLOURS[finding.severity])
    text = finding.message if difference is None else difference.text
    yield ("  ", Line(str(finding.position), bold=True), " ", severity, f" {finding.code} {text}")
    if difference is not None:
        yield from (f"      {place}" for place in difference.places)
        if difference.more:
            yield f"      and {difference.more:,} more"
    if finding.hint:
        yield ("      ", Line("fix:", colour="green"), f" {finding.hint}")


def render_scan_json(result: ScanResult) -> Iterator[str]:
    """Yield version 1 of the JSON report."""
    counts = count_by_severity(result.check.findings)
    findings: list[dict[str, Any]] = []
    for finding in result.check.findings:
        difference = result.get_difference(finding)
        places = {"places": [*difference.places], "more": difference.more} if difference is not None else {}
        findings.append({**finding_to_data(finding), **places})
    report = {
        "findings": findings,
        "counts": {severity.value: counts[severity] for severity in Severity},
        "suppressed": [suppressed_to_data(one) for one in result.check.suppressed],
        "repositories": [
            {"repo": one.repo, "commit": one.commit, "committed_on": one.committed_on, "files": one.files,
             "skipped": dict(one.skipped)}
            for one in result.scans
        ],
        "unread": [{"repo": one.repo, "reason": one.reason} for one in result.unread],
    }  # fmt: skip
    yield from render_json(build_answer_data(report)).split("\n")


def render_scan_lines(result: ScanResult) -> Iterator[str]:
    """Yield each place as a JSON object; of a common word only those in strong positions."""
    weak = {SearchName(one.name, one.ref, one.kind) for one in result.evidence.weak_names}
    for scan in result.scans:
        for file, hit in scan.hits:
            if hit.is_strong or not (hit.name.weakness or hit.name in weak):
                yield render_hit(scan.repo, file, hit)


def render_hit(repo: str, file: str, hit: Hit) -> str:
    """Return a place as a JSON object on one line."""
    data = {
        "ref": hit.name.ref, "kind": hit.name.kind, "repo": repo, "file": file, "line": hit.line,
        "column": hit.column, "match": hit.match, "class": hit.cls,
    }  # fmt: skip
    return escape_json(json.dumps(data, ensure_ascii=False))


SCAN_REPORTS: dict[str, Callable[[ScanResult], Iterable[PrintedLine]]] = {
    "text": lambda result: map(redact_line, render_scan_text(result)),
    "json": render_scan_json,
    "jsonl": render_scan_lines,
    "github": lambda result: render_github(result.check),
    "sarif": lambda result: render_sarif(result.check),
}
