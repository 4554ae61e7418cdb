"""`modelbook check`: the cards, checked like a compiler would."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from generator.checks.baseline import compare_revisions, compare_with_baseline, to_baseline
from generator.cli.command import Command
from generator.cli.console import format_lines, print_line, print_lines
from generator.cli.opening import opened
from generator.cli.options import project_option, today_option
from generator.cli.reports import REPORTS, Checked
from generator.cli.since import findings_before
from generator.cli.waiting import waiting
from generator.cli.writing import writing
from generator.errors import UserError
from generator.findings import Finding, Severity
from generator.project import Project

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command)
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
@click.option("-o", "--output", type=_FILE, help="Write the report to a file.")
@click.option("--baseline", type=_FILE, help="Report only what this file does not list.")
@click.option("--write-baseline", type=_FILE, help="Write all findings to this file, for --baseline, and exit with 0.")
@click.option("--changed-since", "revision", metavar="REF", help="Report only what the change since this git REF adds.")
def check(  # noqa: PLR0913 - its options
    root: Path,
    today: datetime | None,
    *,
    report: str,
    fail_on: str,
    output: Path | None,
    baseline: Path | None,
    write_baseline: Path | None,
    revision: str | None,
) -> None:
    r"""Check every card, and the templates, and report all that is wrong in one run.

    \b
      modelbook check --fail-on warning
      modelbook check --changed-since origin/main --format github     in a pull request
      modelbook check --write-baseline known.json                     once, in an old book
      modelbook check --baseline known.json                           from then on

    Exit status: 0 nothing at or above --fail-on, 1 findings, 2 usage error. Run `modelbook explain CODE` for
    the rule, the reason and the fix.
    """
    project = opened(root, today)
    with waiting("checking"):
        findings = [*project.findings, *project.check_templates()]
        if write_baseline is not None:
            _write_baseline(write_baseline, findings, project.texts)
            return
        checked = judged(project, findings, baseline, revision)
    lines = REPORTS[report](checked)
    if output is not None:
        with writing(output):
            output.write_text(click.unstyle(format_lines(lines)) + "\n", encoding="utf-8")
    else:
        print_lines(lines)
    sys.exit(status(checked.findings, Severity(fail_on)))


def judged(project: Project, findings: Sequence[Finding], baseline: Path | None, revision: str | None) -> Checked:
    """The findings that are new to a baseline and to a revision, where these are given."""
    new, known, gone = list(findings), 0, 0
    if baseline is not None:
        compared = compare_with_baseline(new, _baseline_text(baseline), project.texts)
        new, known, gone = compared.new, len(compared.known), len(compared.fixed)
        if compared.is_old_format:
            notice = f"{baseline} has format 1: findings are compared by code and card only"
            print_line(f"{notice}; write it again with --write-baseline {baseline}", err=True)
    if revision is not None:
        compared = compare_revisions(new, findings_before(project, revision))
        new, known = compared.new, known + len(compared.known)
    return Checked(tuple(new), project.texts, project.suppressed, known, gone)


def _baseline_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        message = f"the baseline {path} cannot be read: {why}; write it with --write-baseline {path}"
        raise UserError(message) from None


def _write_baseline(path: Path, findings: Sequence[Finding], texts: Mapping[str, str]) -> None:
    with writing(path):
        path.write_text(to_baseline(findings, texts), encoding="utf-8")
    print_line(f"wrote {len(findings)} findings to {path}; next: modelbook check --baseline {path}")


def status(findings: Sequence[Finding], fail_on: Severity = Severity.ERROR) -> int:
    """1 when any finding is as severe as asked or more, else 0."""
    return int(any(finding.severity.rank <= fail_on.rank for finding in findings))
