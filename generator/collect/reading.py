"""A repository to its cards: a pure function of the repository, the wanted commit and the cache.

It runs on any `concurrent.futures.Executor`.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from generator.collect.card_files import FetchFunction, read_card_files
from generator.collect.mirrors import Mirrors, list_ref_names
from generator.collect.sources import RepositorySource
from generator.evidence.repositories import FoundRepository, parse_remote
from generator.evidence.repository_reader import NO_COMMIT, OpenRepository, find_branch_commit, open_repository
from generator.git import GitError
from generator.load.collected import CollectedRepository
from generator.values import FrozenValue


class FailedRepository(NamedTuple):
    """A repository that could not be read."""

    reason: str


class UnchangedRepository(NamedTuple):
    """A repository whose commit is known."""

    commit: str


@dataclass(frozen=True, slots=True)
class ReadRepository:
    """The cards of a repository at a commit."""

    entry: CollectedRepository
    contents: dict[str, bytes] = field(repr=False)


ReadResult = ReadRepository | UnchangedRepository | FailedRepository


class ReadTask(FrozenValue):
    """A repository to read."""

    source: RepositorySource
    known: frozenset[str] = frozenset()
    """The commits whose files are in the book."""
    commit: str = ""
    """The wanted commit; empty for the last one of the branch."""


def read_repository(
    task: ReadTask, root: Path, cache_folder: Path, stopped: threading.Event | None = None
) -> ReadResult:
    """Read the cards of a repository, unless the files of its commit are known."""
    source = task.source
    try:
        if source.is_remote:
            mirrors = Mirrors(cache_folder, stopped)
            commit = task.commit or mirrors.find_commit(source.repository, source.ref)
            if commit in task.known:
                return UnchangedRepository(commit)
            with mirrors.open_commit(source.repository, commit) as fetched:
                url = parse_remote(source.repository)[1]
                return _read_commit(fetched.repository, source, commit, url, fetched.fetch_files)
        path = root / source.repository
        if not path.is_dir():
            return FailedRepository(f"there is no folder {source.repository!r}")
        found = FoundRepository(path, source.name)
        commit = task.commit or find_branch_commit(found, source.ref)
        if commit and commit in task.known:
            return UnchangedRepository(commit)
        with open_repository(found) as repository:
            commit = task.commit or _resolve_ref(repository, source.ref)
            if commit in task.known:
                return UnchangedRepository(commit)
            return _read_commit(repository, source, commit, repository.read_remote()[1])
    except GitError as error:
        if task.commit:  # lost by a forced push, but the last commit may have the same files
            return read_repository(replace(task, commit=""), root, cache_folder, stopped)
        return FailedRepository(str(error))
    except OSError as error:
        return FailedRepository(f"it cannot be read: {error.strerror or error}")


def _resolve_ref(repository: OpenRepository, ref: str) -> str:
    for name in list_ref_names(ref):
        try:
            return repository.resolve_commit(name)[0]
        except GitError as error:
            if str(error) != NO_COMMIT:
                raise
    raise GitError(f"it has no branch or tag {ref!r}" if ref else "it has no commit")


def _read_commit(
    repository: OpenRepository,
    source: RepositorySource,
    wanted: str,
    url: str,
    fetch: FetchFunction = lambda _: None,
) -> ReadRepository:
    commit, committed_on = repository.resolve_commit(wanted)
    files = read_card_files(repository, commit, source.paths, fetch)
    entry = CollectedRepository(
        name=source.name, repository=source.repository, commit=commit, committed_on=committed_on.isoformat(),
        ref=source.ref, url=url, files=files.blobs, paths=source.paths, cards=files.cards, skipped=files.skipped,
    )  # fmt: skip
    return ReadRepository(entry, files.contents)


def read_repositories(
    tasks: Sequence[ReadTask],
    root: Path,
    cache_folder: Path,
    executor: Executor,
    *,
    stopped: threading.Event | None = None,
    report: Callable[[int], None] = lambda _: None,
) -> Iterator[tuple[RepositorySource, ReadResult]]:
    """Read repositories with some workers, and yield them as they are ready.

    All workers need the cache folder at the same path. `stopped` is set to end the work early; it is None for workers
    in other processes. `report` receives the number of repositories that are ready.
    """
    waiting: dict[Future[ReadResult], RepositorySource] = {
        executor.submit(read_repository, task, root, cache_folder, stopped): task.source for task in tasks
    }
    for number, future in enumerate(as_completed(waiting), 1):
        yield waiting.pop(future), future.result()
        report(number)
