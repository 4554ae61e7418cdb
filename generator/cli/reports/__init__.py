"""Findings as text for people, and as data for machines."""

from collections.abc import Callable, Iterable

from generator.cli.console import PrintedLine
from generator.cli.reports.checked import Checked
from generator.cli.reports.github import github
from generator.cli.reports.json_report import json_report
from generator.cli.reports.junit import junit
from generator.cli.reports.sarif import sarif
from generator.cli.reports.text import text_report

Report = Callable[[Checked], Iterable[PrintedLine]]
"""From what a check found to the lines that are printed."""

REPORTS: dict[str, Report] = {
    "text": text_report,
    "json": json_report,
    "github": github,
    "sarif": sarif,
    "junit": junit,
}

__all__ = ["REPORTS", "Checked", "Report"]
