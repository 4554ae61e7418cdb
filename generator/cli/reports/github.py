"""Findings as workflow commands of GitHub Actions: annotations on the pull request's lines."""

from collections.abc import Mapping, Sequence

from generator.cli.reports.text import summary
from generator.findings import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def github(findings: Sequence[Finding], texts: Mapping[str, str]) -> str:  # noqa: ARG001 - every report takes both
    """One annotation a finding, then the count."""
    return "\n".join([*(_annotation(finding) for finding in findings), summary(findings)])


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
