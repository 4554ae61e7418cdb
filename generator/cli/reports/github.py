"""Findings as workflow commands of GitHub Actions: annotations on the pull request's lines."""

from collections.abc import Iterator

from generator.cli.console import PrintedLine, WorkflowCommand
from generator.cli.reports.checked import Checked
from generator.cli.reports.text import known, summary
from generator.findings import Finding, Severity
from generator.printable import escape_line

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(checked: Checked) -> Iterator[PrintedLine]:
    """Return an annotation for each finding, then the counts."""
    yield from map(_annotation, checked.findings)
    yield summary(checked.findings)
    yield from known(checked)


def _annotation(finding: Finding) -> WorkflowCommand:
    place = finding.position
    title = _property(f"{finding.code} {finding.name}")
    message = _data(f"{finding.message}{f' — {finding.hint}' if finding.hint else ''}")
    return WorkflowCommand(
        f"::{_COMMANDS[finding.severity]} file={_property(place.file)},line={place.line},col={place.column},"
        f"title={title}::{message}"
    )


def _data(value: str) -> str:
    return escape_line(value).replace("%", "%25")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
