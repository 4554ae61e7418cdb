"""Findings as JSON: one object a finding, sorted, with a count."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from generator.findings import Finding, Severity, count


def json_report(findings: Sequence[Finding], texts: Mapping[str, str]) -> str:  # noqa: ARG001 - every report takes both
    """Version 1: `findings` in order, `counts` by severity."""
    counts = count(findings)
    report = {
        "version": 1,
        "findings": [as_data(finding) for finding in findings],
        "counts": {severity.value: counts[severity] for severity in Severity},
    }
    return json.dumps(report, ensure_ascii=False, indent=2)


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
