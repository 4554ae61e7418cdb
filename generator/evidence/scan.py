"""The search for the names of a book in repositories: a pure function of a repository, a commit and the names.

It runs on any `concurrent.futures.Executor`. A large repository is cut into shares of files, so that all workers help.
"""

import codecs
import hashlib
import zlib
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from generator.errors import UserError
from generator.evidence.cache import (
    FileResults,
    FoundName,
    ScannedFile,
    compute_version,
    make_key,
    read_results,
    remove_old_generations,
    reuse_results,
    write_results,
)
from generator.evidence.executors import InlineExecutor
from generator.evidence.matching import Hit, Matcher
from generator.evidence.names import SearchName
from generator.evidence.records import FileClass, NameKind, SkipReason
from generator.evidence.repositories import FoundRepository, find_repositories
from generator.evidence.repository_reader import OpenRepository, TreeFile, open_repository
from generator.git import GitError
from generator.values import FrozenValue

SHARE_SIZE = 1000
"""The number of files that a worker reads at once; a repository with more is shared."""
_MOST_PENDING = 100
"""The number of repositories that wait for a worker, or for an earlier repository."""
_SNIFFED = 8192
_WIDE_TEXT = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_LFS = b"version https://git-lfs.github.com/spec/"


class RepositoryScan(FrozenValue):
    """The names in a repository at a commit."""

    repo: str
    """`owner/name` of its remote, else its folder."""
    url: str
    """Its address for browsers; empty if there is no remote."""
    commit: str
    committed_on: date
    files: int
    """The number of files that were read."""
    skipped: dict[str, int]
    """The number of files that were not read, by the reason (`SkipReason`)."""
    hits: tuple[tuple[str, Hit], ...]
    """Each hit with the path of its file, sorted. A byte of a path that is not UTF-8 is written as `\\xe9`."""


class UnreadRepository(FrozenValue):
    """A repository that could not be read."""

    repo: str
    path: Path
    reason: str


class ScanProgress(NamedTuple):
    """The part of a scan that is done."""

    repositories: int
    all_repositories: int
    files: int


class NameSet:
    """The names that a scan searches for. Workers receive it with each task, and build its matcher once."""

    def __init__(self, names: Sequence[SearchName]) -> None:
        self.names = tuple(names)

    def __reduce__(self) -> tuple[Callable[[bytes], "NameSet"], tuple[bytes]]:
        return _restore_names, (self._compressed,)

    @cached_property
    def _encoded(self) -> bytes:
        return msgspec.msgpack.encode([(name.text, name.ref, name.kind) for name in self.names])

    @cached_property
    def _compressed(self) -> bytes:
        return zlib.compress(self._encoded, 1)

    @cached_property
    def digest(self) -> str:
        """The digest of the names and of the version of the search."""
        return hashlib.sha256(compute_version().encode() + self._encoded).hexdigest()[:32]

    @cached_property
    def matcher(self) -> Matcher:
        """The search for all of them."""
        return Matcher(self.names)

    @cached_property
    def numbers(self) -> dict[SearchName, int]:
        """The number of each name."""
        return {name: number for number, name in enumerate(self.names)}


@lru_cache(maxsize=2)
def _restore_names(compressed: bytes) -> NameSet:
    entries = msgspec.msgpack.decode(zlib.decompress(compressed), type=list[tuple[str, str, str]])
    return NameSet([SearchName(text, ref, NameKind(kind)) for text, ref, kind in entries])


@dataclass(slots=True)
class ScannedTree:
    """The results of a repository, and the shares of files that other workers may read."""

    repo: str
    url: str
    commit: str
    committed_on: date
    results: FileResults
    shares: list[list[TreeFile]] = field(default_factory=list)


def scan_repository(
    found: FoundRepository, ref: str, names: NameSet, cache_folder: Path | None, share_size: int
) -> ScannedTree:
    """Scan a repository at a commit; one with many new files is returned with shares for `scan_share`.

    Raises:
        GitError: It cannot be read.

    """
    with open_repository(found) as repository:
        commit, committed_on = repository.resolve_commit(ref)
        name, url = repository.read_remote()
        tree = ScannedTree(name or found.label, url, commit, committed_on, FileResults())
        known = None if cache_folder is None else read_results(cache_folder, names.digest, tree.repo)
        if known is not None and known.commit == commit and known.is_lasting:
            tree.results = known
            return tree
        tree.results, left = reuse_results(list(repository.list_files(commit)), known)
        if len(left) > share_size:
            tree.shares = [left[start : start + share_size] for start in range(0, len(left), share_size)]
            return tree
        tree.results.add(_scan_files(repository, left, names))
    keep_results(tree, names, cache_folder)
    return tree


def scan_share(found: FoundRepository, names: NameSet, files: Sequence[TreeFile]) -> FileResults:
    """Scan some files of a repository."""
    with open_repository(found) as repository:
        return _scan_files(repository, files, names)


def keep_results(tree: ScannedTree, names: NameSet, cache_folder: Path | None) -> None:
    """Write the complete results of a repository to the cache."""
    tree.results.commit = tree.commit
    if cache_folder is not None:
        write_results(cache_folder, names.digest, tree.repo, tree.results)


def _scan_files(repository: OpenRepository, files: Sequence[TreeFile], names: NameSet) -> FileResults:
    clean: list[bytes] = []
    skipped: dict[SkipReason, list[bytes]] = {}
    named = []
    regular = []
    for file in files:
        if (reason := file.skip_reason) is None:
            regular.append(file)
        else:
            skipped.setdefault(reason, []).append(make_key(file))
    for file, read in repository.read_files(regular):
        key = make_key(file)
        content, reason = (b"", read) if isinstance(read, SkipReason) else (read, find_skip_reason(read))
        if reason is not None:
            skipped.setdefault(reason, []).append(key)
            continue
        path = file.path.decode("utf-8", "backslashreplace")
        hits = names.matcher.find(content, path)
        if hits:
            found = (
                FoundName(names.numbers[hit.name], hit.line, hit.column, hit.match, str(hit.cls), hit.is_strong)
                for hit in hits
            )
            named.append(ScannedFile(key, path, tuple(sorted(found))))
        else:
            clean.append(key)
    return FileResults("", b"".join(clean), {reason: b"".join(keys) for reason, keys in skipped.items()}, named)


def find_skip_reason(content: bytes) -> SkipReason | None:
    """Return the reason for not searching in a content; None for text. A byte-order mark of UTF-16 or 32 is text."""
    if b"\0" in content[:_SNIFFED] and not content.startswith(_WIDE_TEXT):
        return SkipReason.BINARY
    return SkipReason.LFS_POINTER if content.startswith(_LFS) and len(content) < 1024 else None


def scan_repositories(
    paths: Sequence[Path],
    names: Sequence[SearchName],
    *,
    executor: Executor | None = None,
    cache_folder: Path | None = None,
    ref: str = "HEAD",
    share_size: int = SHARE_SIZE,
    report: Callable[[ScanProgress], None] = lambda _: None,
) -> Iterator[RepositoryScan | UnreadRepository]:
    """Scan the repositories in some folders, and yield them in the order of the folders.

    `paths` are folders that are repositories, or have some below them, and `ref` is their branch or tag. Without an
    `executor`, this process scans. All workers need the cache at the same path. A repository with `share_size` new
    files is read by several workers. `report` is called after each task.
    """
    name_set = NameSet(names)
    repositories = find_repositories(paths)
    if cache_folder is not None:
        remove_old_generations(cache_folder, name_set.digest)
    runner = executor or InlineExecutor()
    most_pending = _MOST_PENDING if executor else 1
    waiting, pending = deque(repositories), deque[_Task]()
    first_paths: dict[str, Path] = {}
    done = files = 0
    try:
        while waiting or pending:
            while waiting and len(pending) < most_pending:
                found = waiting.popleft()
                tree = runner.submit(scan_repository, found, ref, name_set, cache_folder, share_size)
                pending.append(_Task(found, tree))
            for task in pending:
                task.submit_shares(runner, name_set)
            while pending and pending[0].is_done:
                task = pending.popleft()
                result = task.finish(name_set, cache_folder)
                done += 1
                if isinstance(result, RepositoryScan):
                    files += result.files
                    first = first_paths.setdefault(result.repo, task.found.path)
                    if first != task.found.path:
                        result = UnreadRepository(result.repo, task.found.path, f"{first} is the same repository")
                yield result
            report(ScanProgress(done, len(repositories), files + sum(task.files for task in pending)))
            if unfinished := [future for task in pending for future in task.futures if not future.done()]:
                wait(unfinished, return_when=FIRST_COMPLETED)
    except BrokenProcessPool as error:
        message = "a process of the scan has ended: it needs more memory, or fewer processes (`--jobs 1`)"
        raise UserError(message) from error


@dataclass(slots=True)
class _Task:
    """A repository that workers scan."""

    found: FoundRepository
    tree: Future[ScannedTree]
    shares: list[Future[FileResults]] | None = None
    """None until the tree is known."""

    @property
    def futures(self) -> list[Future[Any]]:
        return [self.tree, *(self.shares or ())]

    @property
    def is_done(self) -> bool:
        return self.shares is not None and all(future.done() for future in self.futures)

    @property
    def files(self) -> int:
        """The number of files that were read so far."""
        return sum(future.result().files for future in self.shares or () if future.done() and not future.exception())

    def submit_shares(self, executor: Executor, names: NameSet) -> None:
        if self.shares is not None or not self.tree.done():
            return
        shares = [] if self.tree.exception() else self.tree.result().shares
        self.shares = [executor.submit(scan_share, self.found, names, share) for share in shares]

    def finish(self, names: NameSet, cache_folder: Path | None) -> RepositoryScan | UnreadRepository:
        """Return the result; it does not depend on the order in which the workers were ready."""
        try:
            tree = self.tree.result()
            for share in self.shares or ():
                tree.results.add(share.result())
        except GitError as error:
            return UnreadRepository(self.found.label, self.found.path, str(error))
        except OSError as error:
            return UnreadRepository(self.found.label, self.found.path, f"it cannot be read: {error.strerror}")
        if self.shares:
            keep_results(tree, names, cache_folder)
        results = tree.results
        hits = [
            (file.path, Hit(names.names[number], line, column, match, FileClass(cls), is_strong))
            for file in results.named
            for number, line, column, match, cls, is_strong in file.found
        ]
        hits.sort(key=lambda hit: (hit[0], hit[1].line, hit[1].column, hit[1].name))
        return RepositoryScan(
            tree.repo, tree.url, tree.commit, tree.committed_on, results.files, results.skips, tuple(hits)
        )
