"""Findings as text for people, and as data for machines."""

from collections.abc import Callable, Mapping, Sequence

from generator.cli.reports.github import github
from generator.cli.reports.json_report import json_report
from generator.cli.reports.junit import junit
from generator.cli.reports.sarif import sarif
from generator.cli.reports.text import text
from generator.findings import Finding

Report = Callable[[Sequence[Finding], Mapping[str, str]], str]
"""From findings and the texts of the files to what is printed."""

REPORTS: dict[str, Report] = {"text": text, "json": json_report, "github": github, "sarif": sarif, "junit": junit}

__all__ = ["REPORTS", "Report"]
