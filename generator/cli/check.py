"""`modelbook check`: the findings in cards and templates."""

import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from generator.checks.baseline import compare_revisions, compare_with_baseline, to_baseline
from generator.cli.command import Command
from generator.cli.console import print_line
from generator.cli.loading import load_book
from generator.cli.options import FILE, fail_on_option, output_option, project_option, today_option
from generator.cli.printing import print_report, report_write_errors
from generator.cli.progress import show_spinner
from generator.cli.reports import REPORTS, CheckResult
from generator.errors import UserError
from generator.findings import Finding, Severity
from generator.git import GitError
from generator.history.git import find_merge_base, resolve_commit
from generator.pages.paths import RULES_PATH
from generator.project import Project
from generator.revision import open_commit


@click.command(cls=Command)
@project_option
@today_option
@click.option(
    "--format",
    "report",
    type=click.Choice(sorted(REPORTS)),
    default="text",
    show_default=True,
    help="Format of the report: github for annotations, sarif for code scanning, junit for other CI.",
)
@fail_on_option
@output_option
@click.option("--baseline", type=FILE, help="Report only findings that this file does not list.")
@click.option("--write-baseline", type=FILE, help="Write all findings to this file for --baseline, and exit with 0.")
@click.option("--changed-since", "revision", metavar="REF", help="Report only findings added since this git revision.")
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
    r"""Check every card and template.

    All findings are reported in one run. Run `modelbook explain CODE` for the rule, the reason and the fix.

    \b
      modelbook check --fail-on warning
      modelbook check --changed-since origin/main --format github     in a pull request
      modelbook check --write-baseline known.json                     once, in an old book
      modelbook check --baseline known.json                           from then on

    Exit status: 0 no findings at or above --fail-on, 1 findings, 2 usage error.
    """
    project = load_book(root, today)
    with show_spinner("Checking"):
        findings = [*project.findings, *project.check_templates()]
        if write_baseline is not None:
            with report_write_errors(write_baseline):
                write_baseline.write_text(to_baseline(findings, project.texts), encoding="utf-8")
            print_line(
                f"wrote {len(findings)} findings to {write_baseline}; next: modelbook check --baseline {write_baseline}"
            )
            return
        result = _select_new(project, findings, baseline, revision)
    print_report(REPORTS[report](result), output)
    sys.exit(get_exit_status(result.findings, Severity(fail_on)))


def get_exit_status(findings: Sequence[Finding], fail_on: Severity = Severity.ERROR) -> int:
    """Return 1 if a finding has at least the severity `fail_on`, else 0."""
    return int(any(finding.severity.rank <= fail_on.rank for finding in findings))


def _select_new(
    project: Project, findings: Sequence[Finding], baseline: Path | None, revision: str | None
) -> CheckResult:
    """Return the findings that neither the baseline nor the revision has."""
    new, known, gone = list(findings), 0, 0
    if baseline is not None:
        compared = compare_with_baseline(new, _read_baseline(baseline), project.texts)
        new, known, gone = compared.new, len(compared.known), len(compared.fixed)
        if compared.is_old_format:
            notice = f"{baseline} has format 1: findings are compared by code and card only"
            print_line(f"{notice}; write it again with --write-baseline {baseline}", err=True)
    if revision is not None:
        compared = compare_revisions(new, _find_earlier_findings(project, revision))
        new, known = compared.new, known + len(compared.known)
    return CheckResult(
        tuple(new), project.texts, project.suppressed, known, gone, rules_url=project.get_page_url(RULES_PATH)
    )


def _read_baseline(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        message = f"cannot read the baseline {path}: {why}; write it with --write-baseline {path}"
        raise UserError(message) from None


def _find_earlier_findings(project: Project, revision: str) -> list[Finding]:
    """Return the findings at the commit where the current branch left a revision; none if there was no book.

    The day is the same, configuration and templates are those of the commit. So a finding in an unchanged file is new
    if the change causes it. Raises UserError if git does not know the revision, or there is no git.
    """
    try:
        commit = resolve_commit(project.root, revision)
        if commit is None:
            message = f"unknown git revision {revision!r}: fetch it first, as with `git fetch --unshallow origin`"
            raise UserError(message)
        base = find_merge_base(project.root, commit) or commit
        return _list_findings_at(project, base)
    except GitError as error:
        message = f"--changed-since needs git: {error}"
        raise UserError(message) from None


def _list_findings_at(project: Project, commit: str) -> list[Finding]:
    try:
        with open_commit(project, commit) as before:
            return [*before.findings, *before.check_templates()]
    except UserError:
        return []
