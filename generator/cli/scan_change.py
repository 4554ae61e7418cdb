"""`modelbook scan --here`: the uses that a change of a consumer's repository adds."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from generator.checks.code_change import ChangeCheck
from generator.cli.console import PrintedLine
from generator.cli.published_book import read_book
from generator.cli.reports import REPORTS, CheckResult
from generator.cli.scan_reports import render_hit
from generator.errors import UserError
from generator.evidence.change import ChangedFile, find_added_hits
from generator.evidence.matching import Hit, Matcher
from generator.evidence.names import list_names
from generator.evidence.repositories import find_repositories
from generator.evidence.repository_reader import LARGEST_FILE, open_repository
from generator.evidence.scan import find_skip_reason
from generator.findings import Finding
from generator.git import GitError
from generator.history.git import (
    find_checkout,
    find_merge_base,
    list_changed_files,
    open_blob_reader,
    read_head,
    resolve_commit,
)
from generator.values import FrozenValue

_BASE_VARIABLES = (
    ("CI_MERGE_REQUEST_DIFF_BASE_SHA", ""),  # GitLab
    ("GITHUB_BASE_REF", "origin/"),
    ("BITBUCKET_PR_DESTINATION_BRANCH", "origin/"),
    ("SYSTEM_PULLREQUEST_TARGETBRANCH", "origin/"),  # Azure Pipelines, as refs/heads/main
    ("CHANGE_TARGET", "origin/"),  # Jenkins
)
"""The variables of CI systems that name the commit or the branch that a change is compared with."""


class ChangeResult(FrozenValue):
    """The names that a change adds, and the findings about them."""

    repo: str
    added: tuple[tuple[str, Hit], ...]
    findings: tuple[Finding, ...]


def scan_change(folder: Path, book: str, base: str | None, *, staged: bool) -> ChangeResult:
    """Find what a change adds to the repository around a folder.

    `book` is the address of catalog.json, or its file. The change is that since the commit where HEAD branched off
    `base`, or that in the index if it is `staged`.

    Raises:
        UserError: The book or the change cannot be read.

    """
    try:
        root = find_checkout(folder)
    except GitError:
        message = f"no git repository around {str(folder)!r}: run `modelbook scan --here` in a checkout"
        raise UserError(message) from None
    published = read_book(book)
    try:
        (found, *_) = find_repositories([root])
        with open_repository(found) as repository:
            repo = repository.read_remote()[0] or found.label  # `owner/name` by the remote
        check = ChangeCheck(published, repo)
        matcher = Matcher(list_names(published.cards, published.named, date.min))
        added = find_added_hits(_read_changes(root, base, staged=staged), matcher, check.is_counted)
    except GitError as error:
        raise UserError(f"cannot compare the change: {error}") from None
    return ChangeResult(repo, tuple(added), tuple(check.check(added)))


def _read_changes(root: Path, base: str | None, *, staged: bool) -> Iterator[ChangedFile]:
    """Read the changed files; those that are not text, or too large, have no content."""
    commit = resolve_base(root, base, os.environ, staged=staged)
    changes = list(list_changed_files(root, commit, staged=staged))
    with open_blob_reader(root, LARGEST_FILE) as read_blob:
        for change in changes:
            before, after = (read_blob(blob) if blob else None for blob in (change.old_blob, change.new_blob))
            texts = (None if content is None or find_skip_reason(content) else content for content in (before, after))
            yield ChangedFile(change.path, *texts)


def resolve_base(root: Path, base: str | None, environ: Mapping[str, str], *, staged: bool) -> str | None:
    """Resolve the commit that a change is compared with; None before the first commit.

    Raises:
        UserError: Git does not know the revision.
        GitError: There is no repository.

    """
    if staged and base is None:
        with suppress(GitError):
            return read_head(root)
        return None
    revision, is_exact = base or "origin/HEAD", False
    for key, prefix in _BASE_VARIABLES if base is None else ():
        if environ.get(key):
            revision, is_exact = f"{prefix}{environ[key].removeprefix('refs/heads/')}", not prefix
            break
    commit = resolve_commit(root, revision)
    if commit is None:
        raise UserError(f"unknown git revision {revision!r}: fetch it, or name another one with --base")
    branched = commit if is_exact else find_merge_base(root, commit)
    if branched is None:
        # Compared with the tip of the other branch, what it has removed since would seem to be added here.
        message = f"HEAD and {revision!r} have no common commit: clone the whole history, as with `fetch-depth: 0`"
        raise UserError(message)
    return branched


def render_change(result: ChangeResult, form: str) -> Iterable[PrintedLine]:
    """Return the lines of a report in a format of `modelbook scan`."""
    if form == "jsonl":
        return (render_hit(result.repo, file, hit) for file, hit in result.added)
    return REPORTS[form](CheckResult(result.findings))
