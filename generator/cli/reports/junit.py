"""Findings as JUnit XML: a test suite a file, a failure an error or warning, so that any CI shows them."""

import re
from collections.abc import Sequence

from lxml import etree

from generator.cli.reports.checked import Checked
from generator.findings import Finding, Severity
from generator.printable import escape_line

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(checked: Checked) -> list[str]:
    """A suite for every file that was read; a file without findings is one passed case."""
    findings = checked.findings
    by_file: dict[str, list[Finding]] = {name: [] for name in sorted(checked.texts)}
    for finding in findings:
        by_file.setdefault(finding.position.file, []).append(finding)
    failures = sum(finding.severity is not Severity.INFO for finding in findings)
    cases = sum(max(1, len(found)) for found in by_file.values())
    root = etree.Element("testsuites", name="modelbook", tests=str(cases), failures=str(failures))
    for name, found in by_file.items():
        root.append(_suite(name, found))
    return etree.tostring(root, encoding="unicode", pretty_print=True).rstrip().split("\n")


def _suite(name: str, found: Sequence[Finding]) -> etree._Element:
    failures = sum(finding.severity is not Severity.INFO for finding in found)
    suite = etree.Element("testsuite", name=_xml(name), tests=str(max(1, len(found))), failures=str(failures))
    if not found:
        etree.SubElement(suite, "testcase", classname=_xml(name), name="no findings")
    for finding in found:
        title = f"{finding.code} {finding.name} at {finding.position.line}:{finding.position.column}"
        case = etree.SubElement(suite, "testcase", classname=_xml(name), name=_xml(title))
        tag = "system-out" if finding.severity is Severity.INFO else "failure"
        attributes = {} if tag == "system-out" else {"type": finding.severity.value, "message": _xml(finding.message)}
        etree.SubElement(case, tag, attributes).text = "\n".join(
            _xml(line) for line in (f"{finding.position} {finding.message}", finding.hint)
        )
    return suite


def _xml(text: str) -> str:
    """Return text as one line without what XML 1.0 cannot hold."""
    return _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", escape_line(text))
