"""Findings as SARIF 2.1.0, which code hosts show beside the code."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from generator.checks.suppressions import Suppressed
from generator.cli.printing import json_text
from generator.cli.reports.checked import Checked
from generator.findings import Finding, Rule, Severity
from generator.project import ALL_RULES

_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(checked: Checked) -> list[str]:
    """One run with every rule that has a result: the findings in order, then those that their cards accept."""
    accepted = [one.finding for one in checked.suppressed]
    reported = {finding.code for finding in (*checked.findings, *accepted)}
    rules = [rule for rule in ALL_RULES if rule.code in reported]
    index = {rule.code: number for number, rule in enumerate(rules)}
    driver = {"name": "modelbook", "semanticVersion": version("modelbook"), "rules": [_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [
            *(_result(finding, index) for finding in checked.findings),
            *(_result(one.finding, index) | _suppression(one) for one in checked.suppressed),
        ],
    }
    return json_text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}).split("\n")


def _suppression(one: Suppressed) -> dict[str, Any]:
    """Its card accepts it: hosts then show it as closed, with the reason."""
    return {"suppressions": [{"kind": "inSource", "status": "accepted", "justification": one.reason}]}


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.explanation, "markdown": rule.explanation},
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
    }


def _result(finding: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    place = finding.position
    text = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    return {
        "ruleId": finding.code,
        **({"ruleIndex": index[finding.code]} if finding.code in index else {}),
        "level": _LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(place.file, errors="surrogateescape")},
                    "region": {"startLine": place.line, "startColumn": place.column},
                }
            }
        ],
    }
