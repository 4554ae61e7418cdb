"""`modelbook check`: the findings in cards and templates."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from generator.checks.baseline import OLD_FORMAT, compare_revisions, to_baseline
from generator.checks.locations import FieldLocator
from generator.cli.command import Command
from generator.cli.console import print_line
from generator.cli.loading import load_book
from generator.cli.options import (
    ANY_PATH,
    baseline_option,
    fail_on_option,
    format_option,
    output_option,
    project_option,
    today_option,
)
from generator.cli.printing import print_report
from generator.cli.progress import show_spinner
from generator.cli.reports import REPORTS, CheckResult
from generator.errors import UserError, report_write_errors
from generator.findings import Finding, Severity
from generator.git import GitError
from generator.history.git import find_merge_base, resolve_commit
from generator.names import format_count
from generator.pages.paths import RULES_PATH
from generator.project import Project, replace_settings
from generator.revision import open_commit


@click.command(cls=Command)
@project_option
@today_option
@format_option(
    sorted(REPORTS),
    "Format of the report: github for annotations, sarif for code scanning, junit for other CI.",
)
@fail_on_option
@output_option
@baseline_option
@click.option("--no-baseline", "ignores_baseline", is_flag=True, help="Report known findings too.")
@click.option(
    "--write-baseline",
    metavar="[FILE]",
    is_flag=False,
    flag_value="",
    help="Write all findings to this file, and exit with 0.  [default: `baseline` in mkdocs.yml]",
)
@click.option("--changed-since", "revision", metavar="REF", help="Report only findings added since this git revision.")
@click.option("--book", metavar="URL|FILE", help="In a model's own repository: the address of the book or its catalog.")
@click.option("--cards", type=ANY_PATH, multiple=True, help="With --book: file or folder of the cards; repeatable.")
@click.option("--repository", metavar="NAME", help="With --book: name of the repository in the book.")
def check(  # noqa: PLR0913 - its options
    root: Path,
    today: datetime | None,
    *,
    form: str,
    fail_on: str,
    output: Path | None,
    baseline: Path | None,
    ignores_baseline: bool,
    write_baseline: str | None,
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

    The setting `baseline: known.json` in mkdocs.yml has the same effect as --baseline, and `build` and `serve` use it
    too.

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
            raise UserError("--book compares with the published book: --changed-since is for the repository of a book")
        from generator.cli.book_check import check_with_book, select_new  # noqa: PLC0415 - nothing else needs the network

        with show_spinner("Checking with the published book"):
            checked = check_with_book(root, book, cards, repository, today.date() if today else None)
        if write_baseline == "":
            raise UserError("--write-baseline needs a file with --book")
        if write_baseline is not None:
            _write_findings(Path(write_baseline), checked.findings, FieldLocator(checked.texts))
            return
        result = select_new(checked, baseline)
    elif cards or repository:
        raise UserError("--cards and --repository need --book")
    else:
        project = load_book(root, today, baseline)
        with show_spinner("Checking"):
            findings = [*project.findings, *project.check_templates()]
            if write_baseline is not None:
                _write_baseline(project, findings, Path(write_baseline) if write_baseline else None)
                return
            if ignores_baseline:
                configuration = replace_settings(project.configuration, baseline=None)
                project = replace(project, configuration=configuration, baseline=None)
            result = _select_new(project, findings, revision)
    print_report(REPORTS[form](result), output)
    sys.exit(get_exit_status(result.findings, Severity(fail_on)))


def get_exit_status(findings: Sequence[Finding], fail_on: Severity = Severity.ERROR) -> int:
    """Return 1 if a finding has at least the severity `fail_on`, else 0."""
    return int(any(finding.severity.rank <= fail_on.rank for finding in findings))


def _write_baseline(project: Project, findings: Sequence[Finding], file: Path | None) -> None:
    """Write a baseline to a file, or to the configured one."""
    configured = project.configuration.settings.baseline
    path = file or project.find_baseline()
    if path is None:
        raise UserError("no baseline configured: set `baseline: known.json` in mkdocs.yml, or name a file")
    place, root = path.resolve(), project.root.resolve()
    if configured and place == (root / configured).resolve():
        command = "modelbook check"
    elif not configured and place.is_relative_to(root):
        command = f"set `baseline: {place.relative_to(root).as_posix()}` in mkdocs.yml"
    else:
        command = f"modelbook check --baseline {path}"
    _write_findings(path, findings, project.fields, str(file or configured), command)


def _write_findings(
    path: Path, findings: Sequence[Finding], locator: FieldLocator, name: str = "", command: str = ""
) -> None:
    with report_write_errors(path):
        if path.is_file() and (old := path.read_bytes().strip()) and b'"findings"' not in old:
            raise UserError(f"{name or path} exists and is not a baseline: name a new file")
        path.write_text(to_baseline(findings, locator), encoding="utf-8")
    command = command or f"the same command with --baseline {path}"
    print_line(f"wrote {format_count(len(findings), 'finding')} to {name or path}; next: {command}")


def _select_new(project: Project, findings: Sequence[Finding], revision: str | None) -> CheckResult:
    """Return the findings that neither the baseline nor the revision has."""
    compared = project.compare_with_baseline(findings)
    new, known = compared.new, len(compared.known)
    if compared.is_old_format:
        print_line(OLD_FORMAT, err=True)
    if revision is not None:
        since = compare_revisions(new, _find_earlier_findings(project, revision))
        new, known = since.new, known + len(since.known)
    return CheckResult(
        tuple(new),
        project.texts,
        project.suppressed,
        known,
        len(compared.fixed),
        rules_url=project.get_page_url(RULES_PATH),
    )


def _find_earlier_findings(project: Project, revision: str) -> list[Finding]:
    """Return the findings at the commit where the current branch left a revision; none if there was no book.

    The day and the baseline are those of today, configuration and templates those of the commit. So a finding in an
    unchanged file is new if the change causes it. Raises UserError if git does not know the revision, or there is no
    git.
    """
    try:
        commit = resolve_commit(project.root, revision)
        if commit is None:
            message = f"unknown git revision {revision!r}: fetch it first, as with `git fetch --unshallow origin`"
            raise UserError(message)
        base = find_merge_base(project.root, commit) or commit
        return _list_findings_at(project, base)
    except GitError as error:
        raise UserError(f"--changed-since needs git: {error}") from None


def _list_findings_at(project: Project, commit: str) -> list[Finding]:
    try:
        with open_commit(project, commit) as before:
            found, baseline = [*before.findings, *before.check_templates()], project.find_baseline()
            # A known finding matches itself, and not a new one with the same message.
            return replace(before, baseline=baseline).compare_with_baseline(found).new if baseline else found
    except UserError:
        return []
