"""The reports of `modelbook check`: text, JSON, and the formats of CI systems and code hosts."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import Any
from urllib.parse import quote

from lxml import etree
from msgspec import field

from generator.answers.data import finding_to_data, suppressed_to_data
from generator.book_findings import ALL_RULES
from generator.checks.suppressions import Suppressed
from generator.cli.console import PrintedLine, WorkflowCommand
from generator.cli.finding_text import describe_softened, render_findings, summarize_findings
from generator.cli.printing import render_json
from generator.findings import Finding, Rule, Severity, count_by_severity, sort_findings
from generator.names import format_count
from generator.printable import NOT_XML, escape_line
from generator.values import FrozenValue


class CheckResult(FrozenValue):
    """The findings of a check, and the numbers of those that it does not report."""

    findings: tuple[Finding, ...]
    """Sorted; only the new ones if a baseline or a revision is given."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """The text of every file that was read, secrets redacted."""
    suppressed: tuple[Suppressed, ...] = ()
    known: int = 0
    """The number of findings that the baseline or the revision has too."""
    gone: int = 0
    """The number of findings of the baseline that no longer occur."""
    rules_url: str = ""
    """The address of the page of rules; empty if the site has no address."""


def render_text(result: CheckResult) -> Iterator[PrintedLine]:
    """Yield the findings with their source lines, then the counts."""
    yield from render_findings(result.findings, result.texts)
    yield from list_unreported(result)


def list_unreported(result: CheckResult) -> Iterator[str]:
    """Yield the numbers of the findings that a report omits or shows as notes."""
    yield from describe_softened(result.findings)
    if result.suppressed:
        yield f"{len(result.suppressed)} suppressed by x-allow; `modelbook debt` lists the reasons"
    if result.known:
        yield f"{format_count(result.known, 'known finding')}, not reported"
    if result.gone:
        yield f"{result.gone} fixed since; `modelbook check --write-baseline` removes them from the baseline"


def render_json_report(result: CheckResult) -> Iterator[str]:
    """Yield version 1 of the JSON report."""
    counts = count_by_severity(result.findings)
    report = {
        "version": 1,
        "findings": [finding_to_data(finding) for finding in result.findings],
        "counts": {severity.value: counts[severity] for severity in Severity},
        "suppressed": [suppressed_to_data(one) for one in result.suppressed],
        "known": result.known,
        "gone": result.gone,
    }
    yield from render_json(report).split("\n")


_GITHUB_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render_github(result: CheckResult) -> Iterator[PrintedLine]:
    """Yield an annotation for each finding, as a workflow command of GitHub Actions, then the counts."""
    for finding in result.findings:
        place = finding.position
        title = _escape_property(f"{finding.code} {finding.name}")
        parts = (finding.label, finding.hint, f"source: {finding.source}" if finding.source else "")
        message = _escape_data(" — ".join(part for part in parts if part))
        yield WorkflowCommand(
            f"::{_GITHUB_COMMANDS[finding.severity]} file={_escape_property(place.file)},line={place.line},"
            f"col={place.column},title={title}::{message}"
        )
    yield summarize_findings(result.findings)
    yield from list_unreported(result)


# https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
def _escape_data(value: str) -> str:
    return escape_line(value).replace("%", "%25")


def _escape_property(value: str) -> str:
    return _escape_data(value).replace(":", "%3A").replace(",", "%2C")


def render_junit(result: CheckResult) -> Iterator[str]:
    """Yield JUnit XML: a suite for each file, a failure for each error or warning; a clean file is a passed case."""
    by_file: dict[str, list[Finding]] = {name: [] for name in sorted(result.texts)}
    for finding in result.findings:
        by_file.setdefault(finding.position.file, []).append(finding)
    root = etree.Element("testsuites", {"name": "modelbook", **_count_cases(*by_file.values())})
    for file, findings in by_file.items():
        name = _to_xml_line(file)
        suite = etree.SubElement(root, "testsuite", {"name": name, **_count_cases(findings)})
        if not findings:
            etree.SubElement(suite, "testcase", classname=name, name="no findings")
        for finding in findings:
            title = f"{finding.code} {finding.name} at {finding.position.line}:{finding.position.column}"
            case = etree.SubElement(suite, "testcase", classname=name, name=_to_xml_line(title))
            if finding.severity is Severity.INFO:
                detail = etree.SubElement(case, "system-out")
            else:
                message = _to_xml_line(finding.message)
                detail = etree.SubElement(case, "failure", type=finding.severity.value, message=message)
            lines = [f"{finding.position} {finding.label}", finding.hint]
            lines += [f"source: {finding.source}"] if finding.source is not None else []
            detail.text = "\n".join(map(_to_xml_line, lines))
    yield from etree.tostring(root, encoding="unicode", pretty_print=True).rstrip().split("\n")


def _count_cases(*files: list[Finding]) -> dict[str, str]:
    failures = sum(finding.severity is not Severity.INFO for findings in files for finding in findings)
    return {"tests": str(sum(max(1, len(findings)) for findings in files)), "failures": str(failures)}


def _to_xml_line(text: str) -> str:
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", escape_line(text))


_SARIF_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
SARIF_SHOWN, SARIF_LIMIT = 5_000, 25_000
"""The results that GitHub shows, and those from which it refuses a file: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning."""
_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render_sarif(result: CheckResult) -> Iterator[str]:
    """Yield SARIF 2.1.0: one run with the rules that have results; suppressed findings come last, as accepted.

    GitHub refuses a file with more than 25,000 results: the least severe findings are left out, and a notification
    counts them.
    """
    findings: Sequence[Finding] = result.findings
    if len(findings) > SARIF_LIMIT:
        findings = sort_findings(sorted(findings, key=lambda finding: finding.severity.rank)[:SARIF_LIMIT])
    suppressed = result.suppressed[: SARIF_LIMIT - len(findings)]
    reported = {finding.code for finding in (*findings, *(one.finding for one in suppressed))}
    rules = [rule for rule in ALL_RULES if rule.code in reported]
    index = {rule.code: number for number, rule in enumerate(rules)}
    driver = {
        "name": "modelbook",
        "semanticVersion": version("modelbook"),
        "rules": [_to_sarif_rule(rule, result.rules_url) for rule in rules],
    }
    results = [_to_sarif_result(finding, index) for finding in findings]
    for one in suppressed:
        suppression = {"kind": "inSource", "status": "accepted", "justification": one.reason}
        results.append({**_to_sarif_result(one.finding, index), "suppressions": [suppression]})
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    if notice := describe_sarif_limits(len(result.findings)):
        notification = {"level": "warning", "message": {"text": notice}}
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": [notification]}]
    yield from render_json({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}).split("\n")


def describe_sarif_limits(findings: int) -> str:
    """Return what GitHub does not show of so many findings; empty if it shows all."""
    if findings > SARIF_LIMIT:
        return f"{findings - SARIF_LIMIT:,} of {findings:,} findings are left out: GitHub accepts {SARIF_LIMIT:,}"
    return f"GitHub shows {SARIF_SHOWN:,} of {findings:,} findings" if findings > SARIF_SHOWN else ""


def _to_sarif_rule(rule: Rule, rules_url: str) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": rule.summary},
        "help": {"text": rule.explanation, "markdown": rule.explanation},
        **({"helpUri": f"{rules_url}#{rule.code}"} if rules_url else {}),
        "defaultConfiguration": {"level": _SARIF_LEVELS[rule.severity]},
    }


def _to_sarif_result(finding: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    place = finding.position
    text = f"{finding.label}; fix: {finding.hint}" if finding.hint else finding.label
    location = {
        "artifactLocation": {"uri": quote(place.file, errors="surrogateescape")},
        "region": {"startLine": place.line, "startColumn": place.column},
    }
    related = []
    if (source := finding.source) is not None:
        region = {"startLine": source.position.line, "startColumn": source.position.column}
        artifact = {"uri": source.url.partition("#")[0] or quote(source.position.file)}
        related = [
            {"message": {"text": str(source)}, "physicalLocation": {"artifactLocation": artifact, "region": region}}
        ]
    return {
        "ruleId": finding.code,
        **({"ruleIndex": index[finding.code]} if finding.code in index else {}),
        "level": _SARIF_LEVELS[finding.severity],
        "message": {"text": text},
        "locations": [{"physicalLocation": location}],
        **({"relatedLocations": related} if related else {}),
    }


REPORTS: dict[str, Callable[[CheckResult], Iterable[PrintedLine]]] = {
    "text": render_text,
    "json": render_json_report,
    "github": render_github,
    "sarif": render_sarif,
    "junit": render_junit,
}
