"""A book at a git revision, read without a checkout so that no hook and no filter runs, and the comparison with it."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from generator.answers.data import Data, diff_to_data
from generator.answers.deletions import find_accepted_deletions
from generator.answers.diff import BookDiff, BookState, compare_books
from generator.errors import UserError
from generator.git import GitError
from generator.history.events import History
from generator.history.git import (
    find_merge_base,
    list_files_at,
    list_main_line,
    list_messages,
    open_blob_reader,
    read_shallow_boundary,
    resolve_commit,
)
from generator.history.read import read_history
from generator.load.collected import COLLECTED_FOLDER, LOCK_FILE, CollectLock, is_blob, read_lock
from generator.load.configuration import read_configuration
from generator.load.configuration_file import FILE as CONFIGURATION
from generator.names import Ref
from generator.project import Project, open_project, replace_settings
from generator.values import FrozenValue

_LARGEST = 64 * 2**20
"""The size of the largest file in git that can be a card, in bytes."""


class Base(FrozenValue):
    """The book that another one is compared with."""

    name: str
    """The revision or the folder as the user writes it."""
    project: Project
    commit: str = ""
    """The commit at which HEAD branched off the revision; empty for a folder."""
    accepted: frozenset[Ref] = frozenset()
    """The cards whose deletion a commit message since then accepts."""


def read_base(project: Project, revision: str) -> Base:
    """Read the book at the commit where HEAD branched off a revision.

    Raises:
        UserError: Git does not know the revision, the clone is too shallow, or there is no readable book.

    """
    try:
        commit = _find_base(project.root, revision)
        accepted = find_accepted_deletions(list_messages(project.root, commit))
    except GitError as error:
        message = f"cannot compare with {revision!r}: {error}; BASE is a git revision or the folder of a book"
        raise UserError(message) from None
    try:
        with open_commit(project, commit, History()) as before:
            return Base(revision, before, commit, accepted)
    except (GitError, UserError) as error:
        fix = "; clone the repository without `--filter`" if isinstance(error, GitError) else ""
        raise UserError(f"cannot read the book at {revision!r}, commit {commit[:10]}: {error}{fix}") from None


def compare_with_base(project: Project, base: Base) -> BookDiff:
    """Compare a book with its base."""
    days = project.configuration.settings.limits.evidence_days
    return compare_books(
        BookState(base.project.cards, base.project.graph, base.project.evidence, days),
        BookState(project.cards, project.graph, project.evidence, days),
        project.configuration.settings.functions,
        project.today,
        base.accepted,
    )


def comparison_to_data(base: Base, found: BookDiff) -> Data:
    """Return the comparison of a book with its base as data."""
    return {
        "base": base.name,
        "commit": base.commit,
        **diff_to_data(found),
        "base_left_out": [f"{place.file}:{place.line}" for place in base.project.unreadable],
    }


def _find_base(root: Path, revision: str) -> str:
    is_shallow = bool(read_shallow_boundary(root))
    fix = "fetch the whole history, with `git fetch --unshallow` or in CI with `fetch-depth: 0` or `GIT_DEPTH: 0`"
    commit = resolve_commit(root, revision)
    if commit is None:
        other = "fetch it first, as with `git fetch origin main`, or give the folder of a book"
        message = f"unknown git revision {revision!r}{' in this shallow clone' if is_shallow else ''}"
        raise UserError(f"{message}: {fix if is_shallow else other}")
    base = find_merge_base(root, commit)
    if base is None and is_shallow:
        raise UserError(f"this shallow clone does not reach the commit at which HEAD branched off {revision!r}: {fix}")
    return base or commit


@contextmanager
def open_day(project: Project, day: date) -> Iterator[tuple[Project, str]]:
    """Open the book as it was on the main line at the end of a day, and checked for that day, with its commit.

    Raises:
        UserError: The cards are not in git, or git has no readable book of that day.

    """
    commit = find_commit_on(project.root, day)
    try:
        with open_commit(replace(project, today=day), commit) as before:
            yield before, commit
    except GitError as error:
        raise UserError(f"cannot read the book of {day}, commit {commit[:10]}: {error}") from None


def find_commit_on(root: Path, day: date) -> str:
    """Find the last commit of the main line that had landed by the end of a day.

    Raises:
        UserError: The cards are not in git, or the main line begins later.

    """
    try:
        line = list(list_main_line(root))
        is_shallow = bool(read_shallow_boundary(root))
    except GitError as error:
        message = f"no book as of {day}: {error}; only the state of today can be read without `--as-of`"
        raise UserError(message) from None
    found = next((commit for commit, landed_on in line if landed_on <= day), None)
    if found is None:
        more = ": this clone is shallow, add the older ones with `git fetch --unshallow`" if is_shallow else ""
        raise UserError(f"no book as of {day}: the first commit is of {line[-1][1]}{more}")
    return found


@contextmanager
def open_commit(project: Project, commit: str, history: History | None = None) -> Iterator[Project]:
    """Open the book of a project as it is at a commit; its files are in a temporary folder until the end.

    The day is that of the project, configuration and templates are those of the commit. If git ignores the collected
    cards, those that have not changed since are copied from the project, and the others are missing.

    `history` is that up to the commit, instead of reading it from git.

    Raises:
        UserError: The commit has no book, or one that cannot be read.
        GitError: Git fails.

    """
    with tempfile.TemporaryDirectory(prefix="modelbook-") as name:
        folder = Path(name)
        _write_files(project.root, commit, folder, CONFIGURATION)
        if not (folder / CONFIGURATION).is_file():
            raise UserError(f"it has no {CONFIGURATION} in this folder; choose a commit that contains the book")
        configuration, _ = read_configuration(folder)
        settings = configuration.settings
        _write_files(project.root, commit, folder, settings.cards, settings.templates, settings.evidence, LOCK_FILE)
        _copy_collected_files(project, folder / settings.cards, read_lock(folder)[0])
        configuration = replace_settings(configuration, as_of=project.today)
        if history is None:
            skipped = f"{settings.cards}/{COLLECTED_FOLDER}" if project.cards.lock.repositories else ""
            history = read_history(project.root, settings.cards, commit, skipped=skipped)
        yield open_project(folder, configuration=configuration, history=history)


def _copy_collected_files(project: Project, cards: Path, lock: CollectLock) -> None:
    """Copy the collected files that git ignores, as far as they are those of another lock file."""
    if (cards / COLLECTED_FOLDER).exists():
        return
    now = project.root / project.configuration.settings.cards
    for path, origin in lock.origins.items():
        source, target = now / path, cards / path
        if source.is_file() and is_blob(content := source.read_bytes(), origin.repository.files[origin.path]):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)


def _write_files(root: Path, commit: str, folder: Path, *paths: str) -> None:
    """Write the files of a commit below some paths of the book to a folder, byte for byte."""
    with open_blob_reader(root, _LARGEST) as read_blob:
        for name, blob in list_files_at(root, commit, *paths):
            content = read_blob(blob)
            if content is not None:
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
