"""Findings as text: the position, the message, the source line with a caret, the fix."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from generator.cli.console import Line, PrintedLine
from generator.findings import DRAFT_TAG, MOST_OF_A_RULE, Finding, Severity, count_by_severity
from generator.names import format_count
from generator.printable import escape_unprintable

COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
"""The colour of each severity."""
_WIDTH = 110


def render_findings(findings: Sequence[Finding], texts: Mapping[str, str]) -> Iterator[PrintedLine]:
    """Yield the findings with their source lines, at most 100 of a rule in a file, then the counts."""
    for file, of_file in groupby(findings, key=lambda finding: finding.position.file):
        source = texts.get(file, "").split("\n")  # once for a file: each access redacts the whole text
        numbers = Counter[str]()
        for finding in of_file:
            numbers[finding.code] += 1
            if numbers[finding.code] <= MOST_OF_A_RULE:
                yield from _render_finding(finding, source)
        rest = {code: number - MOST_OF_A_RULE for code, number in sorted(numbers.items()) if number > MOST_OF_A_RULE}
        yield from (f"… and {number:,} more {code} in {file}" for code, number in rest.items())
        if rest:
            yield ""
    yield summarize_findings(findings)


def _render_finding(finding: Finding, source: Sequence[str]) -> Iterator[PrintedLine]:
    severity = Line(finding.severity.value, bold=True, colour=COLOURS[finding.severity])
    yield (Line(str(finding.position), bold=True), " ", severity, f" {finding.code} {finding.label}")
    yield from _render_excerpt(finding, source)
    if finding.source is not None:
        yield ("  ", Line("source:", colour="green"), f" {finding.source}")
    if finding.hint:
        yield ("  ", Line("fix:", colour="green"), f" {finding.hint}")
    yield ""


def _render_excerpt(finding: Finding, source: Sequence[str]) -> Iterable[PrintedLine]:
    """Return the source line with a caret below it; a long line is cut around the column."""
    if not 0 < finding.position.line <= len(source):
        return ()
    line = source[finding.position.line - 1].rstrip("\r")
    column = min(finding.position.column - 1, len(line))
    start = max(0, column - _WIDTH // 2) if len(line) > _WIDTH else 0
    before, after = (
        escape_unprintable(part.replace("\t", " ")) for part in (line[start:column], line[column : start + _WIDTH])
    )
    if not (before + after).strip():
        return ()
    number = str(finding.position.line)
    gutter = " " * len(number)
    return (
        f"  {number} | {before}{after}",
        (f"  {gutter} | {' ' * len(before)}", Line("^", bold=True, colour="red")),
    )


def describe_softened(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield the number of findings that are notes only because their cards are drafts, if there are any."""
    softened = [finding for finding in findings if finding.softened_from]
    if softened:
        drafts = format_count(len({finding.subject for finding in softened}), "draft")
        counted = f"{format_count(len(softened), 'finding')} on {drafts} {'is' if len(softened) == 1 else 'are'}"
        yield f"{counted} softened until the tag `{DRAFT_TAG}` is removed"


def summarize_findings(findings: Sequence[Finding]) -> Line:
    """Return the number of findings of each severity."""
    counts = count_by_severity(findings)
    if not counts:
        return Line("no findings", colour="green")
    names = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}
    parts = [
        f"{counts[severity]} {name}{'s' if counts[severity] > 1 and severity is not Severity.INFO else ''}"
        for severity, name in names.items()
        if counts[severity]
    ]
    return Line(", ".join(parts))
