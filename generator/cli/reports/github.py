"""Findings as workflow commands of GitHub Actions: annotations on the pull request's lines."""

from generator.cli.reports.checked import Checked
from generator.cli.reports.text import known, summary
from generator.findings import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(checked: Checked) -> str:
    """One annotation a finding, then the counts."""
    annotations = (_annotation(finding) for finding in checked.findings)
    return "\n".join([*annotations, summary(checked.findings), *known(checked)])


def _annotation(finding: Finding) -> str:
    place = finding.position
    title = _property(f"{finding.code} {finding.name}")
    message = _data(f"{finding.message}{f' — {finding.hint}' if finding.hint else ''}")
    return (
        f"::{_COMMANDS[finding.severity]} file={_property(place.file)},line={place.line},col={place.column},"
        f"title={title}::{message}"
    )


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")
