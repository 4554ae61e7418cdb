"""Findings as JSON: one object a finding, sorted, with a count."""

from typing import Any

from generator.checks.suppressions import Suppressed
from generator.cli.printing import json_text
from generator.cli.reports.checked import Checked
from generator.findings import Finding, Severity, count_by_severity


def json_report(checked: Checked) -> list[str]:
    """Version 1: `findings` in order, `counts` by severity, `suppressed` with reasons, how many `known` and `gone`."""
    counts = count_by_severity(checked.findings)
    report = {
        "version": 1,
        "findings": [as_data(finding) for finding in checked.findings],
        "counts": {severity.value: counts[severity] for severity in Severity},
        "suppressed": [suppressed_data(one) for one in checked.suppressed],
        "known": checked.known,
        "gone": checked.gone,
    }
    return json_text(report).split("\n")


def as_data(finding: Finding) -> dict[str, Any]:
    """A finding as plain data."""
    return {
        "code": finding.code,
        "name": finding.name,
        "severity": finding.severity.value,
        "file": finding.position.file,
        "line": finding.position.line,
        "column": finding.position.column,
        "message": finding.message,
        "hint": finding.hint,
        "card": str(finding.subject) if finding.subject else None,
    }


def suppressed_data(one: Suppressed) -> dict[str, Any]:
    """A finding that its card accepts, with the reason."""
    return {**as_data(one.finding), "reason": one.reason}
