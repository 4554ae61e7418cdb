"""Findings for people: the place, what is wrong, the line with a caret, the fix."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from generator.cli.console import Line, PrintedLine
from generator.cli.reports.checked import Checked
from generator.findings import MOST_OF_A_RULE, Finding, Severity, count_by_severity
from generator.printable import escape_unprintable

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_WIDTH = 110


def text_report(checked: Checked) -> Iterator[PrintedLine]:
    """Return the findings with their source lines, then the counts, then how many are known or accepted."""
    yield from finding_lines(checked.findings, checked.texts)
    yield from known(checked)


def finding_lines(findings: Sequence[Finding], texts: Mapping[str, str]) -> Iterator[PrintedLine]:
    """Return the findings with their source lines, then the counts; of one rule at most 100 for each file."""
    for file, of_file in groupby(findings, key=lambda finding: finding.position.file):
        source = texts.get(file, "").split("\n")  # once for a file: a text is redacted whenever it is asked for
        met = Counter[str]()
        for finding in of_file:
            met[finding.code] += 1
            if met[finding.code] <= MOST_OF_A_RULE:
                yield from _finding(finding, source)
        yield from _not_shown(met, file)
    yield summary(findings)


def _not_shown(met: Mapping[str, int], file: str) -> Iterator[PrintedLine]:
    rest = {code: number - MOST_OF_A_RULE for code, number in sorted(met.items()) if number > MOST_OF_A_RULE}
    yield from (f"… and {number:,} more {code} in {file}" for code, number in rest.items())
    if rest:
        yield ""


def known(checked: Checked) -> list[str]:
    """Return what the counts omit, a line each."""
    lines = []
    if checked.suppressed:
        lines.append(f"{len(checked.suppressed)} suppressed by x-allow; `modelbook debt` lists the reasons")
    if checked.known:
        lines.append(f"{checked.known} known before, not reported")
    if checked.gone:
        lines.append(f"{checked.gone} of the baseline are gone; write it anew to keep them gone")
    return lines


def _finding(finding: Finding, source: Sequence[str]) -> Iterator[PrintedLine]:
    severity = Line(finding.severity.value, bold=True, colour=_COLOURS[finding.severity])
    yield (Line(str(finding.position), bold=True), " ", severity, f" {finding.code} {finding.message}")
    yield from _excerpt(finding, source)
    if finding.hint:
        yield ("  ", Line("fix:", colour="green"), f" {finding.hint}")
    yield ""


def _excerpt(finding: Finding, source: Sequence[str]) -> Iterable[PrintedLine]:
    """Return the line at fault with a caret below it; a long line is cut around the place."""
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


def summary(findings: Sequence[Finding]) -> Line:
    """Return how many findings there are of each severity."""
    counts = count_by_severity(findings)
    if not counts:
        return Line("no findings", colour="green")
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}
    parts = [
        f"{counts[severity]} {word}{'s' if counts[severity] > 1 and severity is not Severity.INFO else ''}"
        for severity, word in words.items()
        if counts[severity]
    ]
    return Line(", ".join(parts))
