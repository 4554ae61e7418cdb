"""`modelbook check`: the findings in cards and templates."""

import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import click

from generator.checks.baseline import Comparison, compare_revisions, compare_with_baseline, to_baseline
from generator.cli.book_check import check_with_book
from generator.cli.command import Command
from generator.cli.console import print_line
from generator.cli.loading import load_book
from generator.cli.options import ANY_PATH, FILE, fail_on_option, output_option, project_option, today_option
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
@click.option("--book", metavar="URL|FILE", help="In a model's own repository: the address of the book or its catalog.")
@click.option("--cards", type=ANY_PATH, multiple=True, help="With --book: file or folder of the cards; repeatable.")
@click.option("--repository", metavar="NAME", help="With --book: name of the repository in the book.")
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
    book: str | None,
    cards: tuple[Path, ...],
    repository: str | None,
) -> None:
    r"""Check every card and template.

    All findings are reported in one run. Run `modelbook explain CODE` for the rule, the reason and the fix.

    \b
      modelbook check --fail-on warning
      modelbook check --changed-since origin/main --format github     in a pull request
      modelbook check --write-baseline known.json                     once, in an old book
      modelbook check --baseline known.json                           from then on

    In a repository whose cards a book collects, --book checks the cards of this repository before the merge: by the
    settings of the book, and together with its other cards. The findings are those in the cards of the repository, and
    those that a change of them causes on other cards. The catalog.json of the book is downloaded, and nothing else.

    \b
      modelbook check --book https://models.example.com --format github
      modelbook check --book ../book/site/catalog.json --cards services/ranking/modelbook.yml

    Exit status: 0 no findings at or above --fail-on, 1 findings, 2 usage error.
    """
    if book is not None:
        if revision is not None:
            message = "--book compares with the published book: --changed-since is for the repository of a book"
            raise UserError(message)
        with show_spinner("Checking with the published book"):
            checked = check_with_book(root, book, cards, repository, today.date() if today else None)
        if write_baseline is not None:
            _write_baseline(write_baseline, checked.findings, checked.texts)
            return
        compared = _compare_with_baseline(checked.findings, baseline, checked.texts)
        counts = len(compared.known), len(compared.fixed)
        result = CheckResult(tuple(compared.new), checked.texts, checked.suppressed, *counts)
        print_report(REPORTS[report](result), output)
        sys.exit(get_exit_status(result.findings, Severity(fail_on)))
    if cards or repository:
        message = "--cards and --repository need --book"
        raise UserError(message)
    project = load_book(root, today)
    with show_spinner("Checking"):
        findings = [*project.findings, *project.check_templates()]
        if write_baseline is not None:
            _write_baseline(write_baseline, findings, project.texts)
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
    compared = _compare_with_baseline(findings, baseline, project.texts)
    new, known, gone = compared.new, len(compared.known), len(compared.fixed)
    if revision is not None:
        compared = compare_revisions(new, _find_earlier_findings(project, revision))
        new, known = compared.new, known + len(compared.known)
    return CheckResult(
        tuple(new), project.texts, project.suppressed, known, gone, rules_url=project.get_page_url(RULES_PATH)
    )


def _write_baseline(path: Path, findings: Sequence[Finding], texts: Mapping[str, str]) -> None:
    with report_write_errors(path):
        path.write_text(to_baseline(findings, texts), encoding="utf-8")
    print_line(f"wrote {len(findings)} findings to {path}; next: modelbook check --baseline {path}")


def _compare_with_baseline(findings: Sequence[Finding], baseline: Path | None, texts: Mapping[str, str]) -> Comparison:
    """Separate new from known findings; without a baseline, all are new."""
    if baseline is None:
        return Comparison(list(findings), [], [])
    compared = compare_with_baseline(findings, _read_baseline(baseline), texts)
    if compared.is_old_format:
        notice = f"{baseline} has format 1: findings are compared by code and card only"
        print_line(f"{notice}; write it again with --write-baseline {baseline}", err=True)
    return compared


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
