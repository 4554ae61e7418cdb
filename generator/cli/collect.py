"""`modelbook collect`: the cards of other repositories."""

import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import click

from generator.answers.data import build_answer_data, finding_to_data
from generator.cli.command import Command
from generator.cli.console import Line, PrintedLine
from generator.cli.finding_text import render_findings
from generator.cli.options import FOLDER, format_option, get_cache_folder, output_option, project_option, quiet_option
from generator.cli.printing import print_report, redact_line, render_json
from generator.cli.progress import show_progress
from generator.collect.collecting import CollectPlan, CollectStatus, RepositoryChange, apply_plan, plan_collect
from generator.collect.folder import CollectedFolder
from generator.collect.reading import ReadResult, ReadTask, read_repositories
from generator.collect.sources import RepositorySource, check_update_names, read_sources
from generator.errors import UserError, report_write_errors
from generator.evidence.executors import connect_cluster
from generator.load.collected import COLLECTED_FOLDER
from generator.load.configuration import find_cards_folder, read_configuration
from generator.names import format_count
from generator.processes import exit_on_sigterm

_JOBS = 16
"""The number of repositories that are read at the same time: most of the time is spent waiting for servers."""
_SHOWN_COMMIT = 7
"""The number of digits of a commit."""
_FILE_CHANGES = {CollectStatus.CHANGED: "changed", CollectStatus.ADDED: "new", CollectStatus.REMOVED: "removed"}


@click.command(cls=Command)
@click.option("--locked", is_flag=True, help="Collect exactly the commits of collect.lock, as in CI.")
@click.option("--check", "is_check", is_flag=True, help="Write nothing; exit with 1 if something would change.")
@click.option("--update", "updated", metavar="NAME", multiple=True, help="Collect only this repository; repeatable.")
@click.option("--force", is_flag=True, help="Read known commits again, and replace files that were edited in the book.")
@click.option("--jobs", type=click.IntRange(1), default=_JOBS, show_default=True, help="Repositories read at once.")
@click.option("--cluster", metavar="ADDRESS", help="Dask scheduler whose workers read, as tcp://scheduler:8786.")
@click.option("--cache", type=FOLDER, help="Folder of fetched repositories.  [default: ~/.cache/modelbook]")
@format_option(["text", "json"], "Format of the report.")
@output_option
@quiet_option
@project_option
def collect(  # noqa: PLR0913 - its options
    root: Path,
    updated: tuple[str, ...],
    jobs: int,
    cluster: str | None,
    cache: Path | None,
    form: str,
    output: Path | None,
    *,
    locked: bool,
    is_check: bool,
    force: bool,
    is_quiet: bool,
) -> None:
    r"""Take cards from other repositories.

    The command reads the list of repositories in collect.yml, takes the cards of each (modelbook.yml, or the folder
    modelbook/) with the contract files that they refer to, and writes them to cards/collected/. The file collect.lock
    has the commit of each repository; commit it. All other commands read only these files.

    \b
      - https://git.example.com/shop/web          its name in the book is shop/web
      - repository: git@git.example.com:ml/ranking
        ref: production                           branch or tag
        name: ranking
        path: [docs/cards, serving/cards.yml]
      - ../checkouts/payments                     a checkout or a mirror
      - folder: ../mirrors                        all repositories in a folder

    Git fetches over https and ssh, with your credential helpers and keys. Settings, hooks, filters, submodules and
    templates of the repositories are never used. A repository that cannot be read keeps its former cards.

    \b
      modelbook collect                           the last commit of each branch
      modelbook collect --locked                  in CI: the commits of collect.lock
      modelbook collect --check                   would something change?
      modelbook collect --update shop/web         only this repository

    Exit status: 0 success, 1 a repository was not collected or, with --check, something would change, 2 usage error.
    """
    if locked and updated:
        raise UserError("--locked and --update exclude each other")
    configuration, findings = read_configuration(root)
    settings = configuration.settings
    sources, mistakes = read_sources(root, settings.collect)
    if findings := [*findings, *mistakes]:
        data = {"findings": [finding_to_data(finding) for finding in findings]}
        _print_report(data, render_findings(findings, {}), form, output)
        sys.exit(1)
    check_update_names(updated, sources)
    folder = CollectedFolder(root, find_cards_folder(root, settings.cards) / COLLECTED_FOLDER)
    exit_on_sigterm()
    cache_folder = (cache or get_cache_folder()).resolve()
    stopped = threading.Event()
    with report_write_errors(folder.path), show_progress(is_quiet=is_quiet) as show:

        def read(tasks: Sequence[ReadTask]) -> list[tuple[RepositorySource, ReadResult]]:
            workers = connect_cluster(cluster) if cluster else _open_threads(min(jobs, len(tasks) or 1), stopped)
            with workers as executor:
                read = read_repositories(
                    tasks, root.resolve(), cache_folder, executor, stopped=None if cluster else stopped,
                    report=lambda done: show("Reading repositories", done, len(tasks)),
                )  # fmt: skip
                return list(read)

        with nullcontext() if is_check else folder.open_for_changes():
            planned = plan_collect(folder, sources, read, updated=updated, is_locked=locked, is_forced=force)
            if not is_check:
                apply_plan(folder, planned)
    lines = map(redact_line, _render_text(planned, is_check=is_check))
    _print_report(_to_data(planned), lines, form, output)
    unchanged = planned.count(CollectStatus.UNCHANGED)
    sys.exit(1 if planned.count(CollectStatus.FAILED) or (is_check and unchanged < len(planned.changes)) else 0)


@contextmanager
def _open_threads(jobs: int, stopped: threading.Event) -> Iterator[Executor]:
    """Start threads; an interrupted command ends the processes of git that they wait for."""
    executor = ThreadPoolExecutor(jobs)
    try:
        yield executor
    except BaseException:
        stopped.set()
        raise
    finally:
        executor.shutdown(cancel_futures=True)


def _render_text(plan: CollectPlan, *, is_check: bool) -> Iterator[PrintedLine]:
    for change in plan.changes:
        yield from _render_change(change)
    words = {CollectStatus.FAILED: "not collected"}
    counted = ((status, plan.count(status)) for status in CollectStatus)
    counts = [f"{count:,} {words.get(status, status.value)}" for status, count in counted if count]
    repositories = format_count(len(plan.changes), "repository", "repositories")
    note = " (nothing was written)" if is_check else ""
    yield f"{repositories}: {', '.join(counts) or 'nothing to collect'}{note}"


def _render_change(change: RepositoryChange) -> Iterator[PrintedLine]:
    name = Line(change.name, bold=True)
    if change.status is CollectStatus.FAILED:
        kept = "" if change.before is None else "; its former cards stay"
        yield (name, "  ", Line("not collected", colour="red"), f": {change.reason}{kept}")
    elif change.status is not CollectStatus.UNCHANGED:
        yield (name, _describe_change(change))
    entry = change.after
    if entry is not None and change.status is not CollectStatus.FAILED:
        for path, reason in entry.skipped.items():
            yield (name, "  ", Line("skipped", colour="yellow"), f": {path} ({reason})")
        if not entry.files:
            paths = ", ".join(entry.paths) or "modelbook.yml or modelbook/"
            yield (name, "  ", Line("no cards", colour="yellow"), f" in {paths} at {entry.commit[:_SHOWN_COMMIT]}")


def _describe_change(change: RepositoryChange) -> str:
    """Describe the change of the commit, then of the files."""
    is_changed = change.status is CollectStatus.CHANGED
    before = "" if change.before is None else change.before.commit[:_SHOWN_COMMIT]
    after = "" if change.after is None else change.after.commit[:_SHOWN_COMMIT]
    word = "new address, branch or paths" if is_changed else change.status.value
    commits = f"{word} {'at ' if after else ''}{after}".strip()
    if is_changed and before != after:
        commits = f"{before} → {after}"
    counts = [(count, word) for kind, word in _FILE_CHANGES.items() if (count := len(change.list_files(kind)))]
    files = ", ".join(
        f"{count if at else format_count(count, 'file')} {word}" for at, (count, word) in enumerate(counts)
    )
    return f"  {commits}  {files or ('no card changed' if is_changed else '')}".rstrip()


def _print_report(data: dict[str, Any], lines: Iterable[PrintedLine], form: str, output: Path | None) -> None:
    print_report(render_json(build_answer_data(data)).split("\n") if form == "json" else lines, output)


def _to_data(plan: CollectPlan) -> dict[str, Any]:
    repositories = [
        {
            "name": change.name,
            "status": change.status.value,
            "repository": "" if (entry := change.after or change.before) is None else entry.repository,
            "before": "" if change.before is None else change.before.commit,
            "commit": "" if change.after is None else change.after.commit,
            "files": {kind.value: change.list_files(kind) for kind in _FILE_CHANGES},
            "skipped": {} if change.after is None else change.after.skipped,
            "reason": change.reason,
        }
        for change in plan.changes
    ]
    counts = {status.value: plan.count(status) for status in CollectStatus}
    return {"repositories": repositories, "counts": counts}
