"""Findings for people: the place, what is wrong, the line with a caret, the fix."""

from collections.abc import Mapping, Sequence

import click

from generator.cli.reports.checked import Checked
from generator.findings import Finding, Severity, count

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFO: "blue"}
_WIDTH = 110


def text(findings: Sequence[Finding], texts: Mapping[str, str]) -> str:
    """Every finding with its source line, then how many there are."""
    shown = [_finding(finding, texts.get(finding.position.file, "")) for finding in findings]
    return "\n".join([*shown, summary(findings)])


def text_report(checked: Checked) -> str:
    """Every finding with its source line, then how many there are, and how many are known or accepted."""
    return "\n".join([text(checked.findings, checked.texts), *known(checked)])


def known(checked: Checked) -> list[str]:
    """What the summary leaves out, in words: a line each."""
    lines = []
    if checked.suppressed:
        lines.append(f"{len(checked.suppressed)} suppressed by x-allow; `modelbook debt` lists the reasons")
    if checked.known:
        lines.append(f"{checked.known} known before, not reported")
    if checked.gone:
        lines.append(f"{checked.gone} of the baseline are gone; write it anew to keep them gone")
    return lines


def _finding(finding: Finding, source: str) -> str:
    word = click.style(finding.severity.value, fg=_COLOURS[finding.severity], bold=True)
    head = f"{click.style(str(finding.position), bold=True)} {word} {finding.code} {finding.message}"
    hint = [f"  {click.style('fix:', fg='green')} {finding.hint}"] if finding.hint else []
    return "\n".join([head, *_excerpt(finding, source), *hint, ""])


def _excerpt(finding: Finding, source: str) -> list[str]:
    """The line at fault with a caret below it; a long line is cut around the place."""
    lines = source.split("\n")
    if not 0 < finding.position.line <= len(lines):
        return []
    line = lines[finding.position.line - 1].replace("\t", " ")
    column = min(finding.position.column - 1, len(line))
    start = max(0, column - _WIDTH // 2) if len(line) > _WIDTH else 0
    cut = "".join(
        letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line[start : start + _WIDTH]
    )
    if not cut.strip():
        return []
    number = str(finding.position.line)
    gutter = " " * len(number)
    return [f"  {number} | {cut}", f"  {gutter} | {' ' * (column - start)}{click.style('^', fg='red', bold=True)}"]


def summary(findings: Sequence[Finding]) -> str:
    """How many findings of each severity, in words."""
    counts = count(findings)
    if not counts:
        return click.style("no findings", fg="green")
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}
    parts = [
        f"{counts[severity]} {word}{'s' if counts[severity] > 1 and severity is not Severity.INFO else ''}"
        for severity, word in words.items()
        if counts[severity]
    ]
    return ", ".join(parts)
