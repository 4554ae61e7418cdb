"""`modelbook check`: the cards, checked like a compiler would."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from generator.cli.options import opened, project_option, today_option
from generator.cli.reports import REPORTS
from generator.findings import Finding, Severity


@click.command()
@project_option
@today_option
@click.option(
    "--format",
    "report",
    type=click.Choice(sorted(REPORTS)),
    default="text",
    show_default=True,
    help="text for people; json; github for annotations; sarif for code scanning; junit for other CI.",
)
@click.option(
    "--fail-on",
    type=click.Choice([severity.value for severity in Severity]),
    default=Severity.ERROR.value,
    show_default=True,
    help="The least severity that makes the exit status 1.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write the report to a file.")
def check(root: Path, today: datetime | None, report: str, fail_on: str, output: Path | None) -> None:
    """Check every card, and the templates, and report all that is wrong in one run.

    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 wrong use. `modelbook explain CODE` tells what a code
    asks, why, and how to mend it.
    """
    project = opened(root, today)
    findings = [*project.findings, *project.template_findings()]
    text = REPORTS[report](findings, project.texts)
    if output is not None:
        output.write_text(click.unstyle(text) + "\n", encoding="utf-8")
    else:
        click.echo(text)
    sys.exit(status(findings, Severity(fail_on)))


def status(findings: Sequence[Finding], fail_on: Severity = Severity.ERROR) -> int:
    """1 when any finding is as severe as asked or more, else 0."""
    return int(any(finding.severity.rank <= fail_on.rank for finding in findings))
