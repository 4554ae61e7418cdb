"""`modelbook scan`: the uses of models in the code of many repositories."""

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import click
from msgspec.structs import replace

from generator.checks import RULES, RuleContext
from generator.checks.code import DIFFERENCES, CodeDifference
from generator.cli.check import get_exit_status
from generator.cli.command import Command
from generator.cli.console import print_lines
from generator.cli.leave import write_patches
from generator.cli.loading import load_book, load_for_query
from generator.cli.options import (
    FOLDER,
    fail_on_option,
    format_option,
    get_cache_folder,
    output_option,
    project_option,
    quiet_option,
    today_option,
)
from generator.cli.printing import print_report
from generator.cli.progress import show_progress, show_spinner
from generator.cli.reports import CheckResult, describe_sarif_limits
from generator.cli.scan_change import render_change, scan_change
from generator.cli.scan_fixes import plan_fixes
from generator.cli.scan_reports import SCAN_REPORTS, ScanResult
from generator.errors import UserError
from generator.evidence.code import build_code_records
from generator.evidence.executors import connect_cluster, open_process_executor
from generator.evidence.files import CODE_FILE, write_records
from generator.evidence.names import SearchName, list_names
from generator.evidence.records import CodeRecord, Evidence
from generator.evidence.repositories import find_repositories
from generator.evidence.repository_reader import open_repository
from generator.evidence.scan import RepositoryScan, UnreadRepository, scan_repositories
from generator.findings import Severity
from generator.git import GitError
from generator.load.configuration_file import FILE as CONFIGURATION
from generator.pages.paths import RULES_PATH
from generator.project import Project
from generator.secrets.redaction import redact

_CODE_RULES = tuple(checked for checked in RULES if checked.rule.code.startswith("MB70"))


@click.command(cls=Command)
@click.argument("folders", metavar="[DIR]…", nargs=-1, type=FOLDER)
@click.option("--ref", default="HEAD", show_default=True, help="Branch or tag to scan in each repository.")
@click.option(
    "--all", "is_complete", is_flag=True, help="Remove the records of repositories that are not in the folders."
)
@click.option("--dry-run", is_flag=True, help="Write nothing.")
@click.option("--fix", "fixes", is_flag=True, help="Add undocumented uses to the cards of their systems.")
@click.option("--here", is_flag=True, help="Report only what a change adds to this repository of a consumer.")
@click.option("--book", metavar="URL|FILE", help="With --here: the address of the book, or its catalog.json.")
@click.option("--base", metavar="REV", help="With --here: base of the change.  [default: that of CI, else origin/HEAD]")
@click.option("--staged", is_flag=True, help="With --here: compare what is staged for the next commit.")
@click.option("--jobs", type=click.IntRange(1), help="Number of processes.  [default: one for each processor]")
@click.option("--cluster", metavar="ADDRESS", help="Dask scheduler whose workers scan, as tcp://scheduler:8786.")
@click.option("--cache", type=FOLDER, help="Folder of the cache.  [default: ~/.cache/modelbook]")
@click.option("--no-cache", is_flag=True, help="Read every file again.")
@format_option(
    sorted(SCAN_REPORTS),
    "Format of the report: jsonl has a line for each place, sarif is for code scanning.",
)
@fail_on_option
@output_option
@quiet_option
@project_option
@today_option
def scan(  # noqa: PLR0913 - its options
    folders: Sequence[Path],
    root: Path,
    today: datetime | None,
    *,
    ref: str,
    jobs: int | None,
    cluster: str | None,
    cache: Path | None,
    form: str,
    fail_on: str,
    output: Path | None,
    here: bool,
    book: str | None,
    base: str | None,
    staged: bool,
    is_complete: bool,
    dry_run: bool,
    fixes: bool,
    no_cache: bool,
    is_quiet: bool,
) -> None:
    r"""Find the uses of models in code.

    The command searches the code of many repositories for the names of the book: ids, aliases, addresses, topics,
    features, retired strings, and people who have left. It compares the places with the cards, and writes them to
    evidence/code.jsonl, which `check`, `build` and `publish` read. Commit this file. It contains no line of code.

    DIR is a checkout or a bare mirror, or a folder of them. The default is the setting `repositories` in mkdocs.yml,
    else the repository of the book. Repositories are read through git at their last commit, without the network.
    The records of repositories that were not scanned stay, unless --all is given.

    \b
      modelbook scan ~/mirrors --all              all repositories of the company
      modelbook scan ../home-feed --dry-run       only look at one system
      modelbook scan ~/mirrors --fix              add the missing uses to the cards
      modelbook scan ~/mirrors --format jsonl | jq -r 'select(.ref == "model:ryl") | .file'

    In the repository of a consumer, --here searches the change of a pull request for the names of the published book,
    whose catalog.json is the only thing that is downloaded. It reports new uses at their lines, and fails on a new
    use of a retired string. It writes nothing.

    \b
      modelbook scan --here --book https://models.example.com --format github
      modelbook scan --here --book catalog.json --staged

    Exit status: 0 no findings at or above --fail-on, 1 findings, 2 usage error.
    """
    if here:
        if not book or folders or fixes or is_complete:
            raise UserError("--here needs --book, and takes no DIR, --fix or --all")
        with show_spinner("Scanning the change"):
            change = scan_change(root, book, base, staged=staged)
        print_report(render_change(change, form), output)
        sys.exit(get_exit_status(change.findings, Severity(fail_on)))
    if book or base or staged:
        raise UserError("--book, --base and --staged need --here")
    project = load_for_query(root, today)
    paths = [*folders] or [project.root / folder for folder in project.configuration.settings.repositories]
    cache_folder = None if no_cache else cache or get_cache_folder()
    names = list_names((loaded.card for loaded in project.cards.items), project.graph.named, project.today)
    found = RepositoryReader(
        project, names, paths or [project.root], ref, cluster, jobs, cache_folder, keeps_places=form == "jsonl",
        is_quiet=is_quiet,
    )  # fmt: skip
    records = build_code_records(
        found.read(),
        project.graph,
        project.evidence.code,
        names,
        kept=lambda repo: not is_complete or found.is_unread(repo),
        today=project.today,
    )
    result = _compare(project, records, found)
    notices: list[str] = []
    if fixes:
        undocumented = (one for (code, _), one in result.differences.items() if code == "MB701")
        patches, notices = plan_fixes(project, undocumented)
        if not dry_run:
            write_patches(project.root, patches)
        notices += (f"{'would change' if dry_run else 'changed'} {patch.file}" for patch in patches)
        result = _compare(load_book(root, today), records, found)
    file = project.root / project.configuration.settings.evidence / CODE_FILE
    if not dry_run:
        write_records(file, project.root, records)
        notices.append(f"wrote {file.relative_to(project.root).as_posix()}")
    print_report(SCAN_REPORTS[form](result), output)
    notices += filter(None, [describe_sarif_limits(len(result.check.findings)) if form == "sarif" else ""])
    print_lines(notices, err=True)
    sys.exit(get_exit_status(result.check.findings, Severity(fail_on)))


@dataclass
class RepositoryReader:
    """The repositories of a scan: read one after the other, and then without their places."""

    project: Project
    names: Sequence[SearchName]
    folders: Sequence[Path]
    ref: str
    cluster: str | None
    jobs: int | None
    cache_folder: Path | None
    keeps_places: bool
    """Whether the report needs every place."""
    is_quiet: bool
    scans: list[RepositoryScan] = field(default_factory=list)
    unread: list[UnreadRepository] = field(default_factory=list)

    def read(self) -> Iterator[RepositoryScan]:
        """Scan all repositories in the folders; the files of the book itself have no uses.

        Raises:
            UserError: A folder does not exist, or no repository can be read.

        """
        for folder in self.folders:
            if not folder.is_dir():
                raise UserError(f"no folder {str(folder)!r}: expected a checkout, a mirror, or a folder of them")
        is_own = _find_own_files(self.project, self.folders)
        for one in self._scan():
            if isinstance(one, UnreadRepository):
                self.unread.append(one)
                continue
            scan = replace(one, hits=tuple(hit for hit in one.hits if not is_own(one.repo, hit[0])))
            # All places of thousands of repositories would need gigabytes.
            self.scans.append(scan if self.keeps_places else replace(scan, hits=()))
            yield scan
        if not self.scans:
            message = f"no repository in {', '.join(map(str, self.folders))}: expected a checkout or a mirror"
            if self.unread:
                message = f"no repository can be read, such as {self.unread[0].repo}: {self.unread[0].reason}"
            raise UserError(message)

    def is_unread(self, repo: str) -> bool:
        """Return whether a repository may be one that could not be read, which has the name of its folder."""
        name = repo.rpartition("/")[2]
        return any(one.repo.rpartition("/")[2] == name for one in self.unread)

    def _scan(self) -> Iterator[RepositoryScan | UnreadRepository]:
        workers: AbstractContextManager[Executor | None] = nullcontext()
        if self.cluster:
            workers = connect_cluster(self.cluster)
        elif self.jobs != 1:
            workers = open_process_executor(self.jobs)
        with workers as executor, show_progress(is_quiet=self.is_quiet) as show:
            yield from scan_repositories(
                self.folders, self.names, executor=executor, cache_folder=self.cache_folder, ref=self.ref,
                report=lambda step: show(
                    f"Scanning repositories, {step.files:,} files", step.repositories, step.all_repositories
                ),
            )  # fmt: skip


def _find_own_files(project: Project, folders: Sequence[Path]) -> Callable[[str, str], bool]:
    """Return a predicate for the files of the book itself, which name its cards but do not use them."""
    around = [one for one in find_repositories([project.root]) if project.root.is_relative_to(one.path)]
    scanned = [one for one in find_repositories(folders) if project.root.is_relative_to(one.path)]
    if not around:
        return lambda _repo, _file: False
    names = {one.label for one in scanned}
    with suppress(GitError), open_repository(around[0]) as repository:
        names.add(repository.read_remote()[0])
    prefix = project.root.relative_to(around[0].path).as_posix()
    settings = project.configuration.settings
    parts = (
        settings.cards,
        settings.evidence,
        settings.templates,
        "docs",
        project.configuration.site_dir,
        CONFIGURATION,
    )
    paths = tuple(f"{prefix}/{part}".removeprefix("./").rstrip("/") for part in parts)
    return lambda repo, file: repo in names and any(file == path or file.startswith(f"{path}/") for path in paths)


def _compare(project: Project, records: Sequence[CodeRecord], found: RepositoryReader) -> ScanResult:
    """Compare the records with the cards."""
    evidence = Evidence(tuple(records), project.evidence.traffic, project.evidence.verifications)
    findings, suppressed = project.check_evidence(evidence, _CODE_RULES)
    reported = {(finding.code, finding.message) for finding in findings}
    context = RuleContext(
        project.cards, project.graph, project.today, project.configuration.settings, evidence=evidence
    )
    differences: dict[tuple[str, str], CodeDifference] = {}
    for checked in DIFFERENCES:
        for difference in checked.check(context):
            # The message of a finding has no secrets, although the name of a file can look like one.
            keys = ((checked.rule.code, message) for message in (difference.message, redact(difference.message)))
            key = next((key for key in keys if key in reported), None)
            if key is not None and isinstance(difference, CodeDifference):
                differences[key] = difference
    check = CheckResult(tuple(findings), project.texts, tuple(suppressed), rules_url=project.get_page_url(RULES_PATH))
    return ScanResult(check, differences, evidence, tuple(found.scans), tuple(found.unread))
