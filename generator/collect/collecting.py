"""The steps of `modelbook collect`: compare the folder with the lock, read the repositories, and plan the change."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from generator.collect.folder import CollectedFolder, split_path
from generator.collect.reading import FailedRepository, ReadRepository, ReadResult, ReadTask, UnchangedRepository
from generator.collect.sources import RepositorySource
from generator.errors import UserError
from generator.load.collected import LOCK_FILE, CollectedRepository, CollectLock, FormerCard, render_lock
from generator.values import FrozenValue

_MOST_FORMER = 1000
"""The number of former cards that the lock keeps, the latest ones."""
_NAMED = 3
"""The number of files that a message names."""

ReadFunction = Callable[[Sequence[ReadTask]], Iterable[tuple[RepositorySource, ReadResult]]]


class CollectStatus(StrEnum):
    """The result of collecting a repository."""

    ADDED = "added"
    CHANGED = "changed"
    RESTORED = "restored"
    """Its files were missing or edited in the book."""
    REMOVED = "removed"
    FAILED = "failed"
    UNCHANGED = "unchanged"


class RepositoryChange(FrozenValue):
    """The change of a repository."""

    name: str
    status: CollectStatus
    before: CollectedRepository | None = None
    after: CollectedRepository | None = None
    reason: str = ""
    """The reason for a failure."""

    def list_files(self, kind: CollectStatus) -> list[str]:
        """List the paths of the added, changed or removed files."""
        old = {} if self.before is None else self.before.files
        new = {} if self.after is None else self.after.files
        if kind is CollectStatus.CHANGED:
            return sorted(path for path in old.keys() & new.keys() if old[path] != new[path])
        return sorted(new.keys() - old.keys() if kind is CollectStatus.ADDED else old.keys() - new.keys())


@dataclass(frozen=True)
class CollectPlan:
    """The change of the folder and of the lock."""

    changes: tuple[RepositoryChange, ...]
    lock: CollectLock
    seen: CollectLock
    """The lock with the last commit of each repository, also if no card changed since the one in the lock."""
    contents: dict[str, dict[str, bytes]] = field(repr=False)
    """The files of each repository whose folder changes."""
    removed: tuple[str, ...]
    """The repositories whose folders are removed."""

    def count(self, status: CollectStatus) -> int:
        """Count the repositories with a status."""
        return sum(change.status is status for change in self.changes)


@dataclass
class _FolderState:
    """The files on disk, compared with the locks that an earlier run may have written them from."""

    folder: CollectedFolder
    lock: CollectLock
    written: tuple[CollectLock, ...]
    files: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """The paths of each repository."""
    edited: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    _blobs: dict[str, str] = field(default_factory=dict)
    """The blob of each file, or an empty text if it was edited, so that each is read once."""

    def __post_init__(self) -> None:
        locks = (self.lock, *self.written)
        names = {name: None for one in locks for name in one.by_name}
        unknown = []
        for path in sorted(self.folder.list_files()):
            place = split_path(path, names)
            entries = [one.by_name[place[0]] for one in locks if place[0] in one.by_name] if place else []
            blobs = dict.fromkeys(entry.files[place[1]] for entry in entries if place and place[1] in entry.files)
            if place is None or not blobs:
                unknown.append(path)
                continue
            name, inner = place
            self.files[name].add(inner)
            self._blobs[path] = next((blob for blob in blobs if self.folder.has_blob(path, blob)), "")
            if not self._blobs[path]:
                self.edited[name].append(inner)
        if unknown:
            place_text = self.folder.path.relative_to(self.folder.root).as_posix()
            message = (
                f"{_list_some([f'{place_text}/{path}' for path in unknown])} is from no repository of {LOCK_FILE}: "
                f"move it to another folder of the cards, or remove {place_text} to collect everything again"
            )
            raise UserError(message)

    def is_intact(self, entry: CollectedRepository) -> bool:
        """Return whether the folder of a repository has the files of the lock."""
        return self.files[entry.name] == entry.files.keys() and all(
            self._blobs[f"{entry.name}/{path}"] == blob for path, blob in entry.files.items()
        )

    def list_conflicts(self, name: str, files: dict[str, str]) -> list[str]:
        """List the edited files of a repository that its new files would replace by something else."""
        return [
            path
            for path in self.edited[name]
            if path not in files or not self.folder.has_blob(f"{name}/{path}", files[path])
        ]


def plan_collect(
    folder: CollectedFolder,
    sources: Sequence[RepositorySource],
    read: ReadFunction,
    *,
    updated: Collection[str] = (),
    is_locked: bool = False,
    is_forced: bool = False,
) -> CollectPlan:
    """Read the repositories, and plan the change of the folder and of the lock. This writes nothing.

    The repositories in `updated` are collected, by default all: exactly at the commits of the lock if `is_locked`. With
    `is_forced`, known commits are read again, and files that were edited in the book are replaced.

    Raises:
        UserError: A file in the folder is from no repository, or the lock does not fit the list.

    """
    if is_locked:
        _require_fit(sources, folder.read_lock())
    lock, *other_sides = folder.read_locks()
    lock = CollectLock(lock.repositories, tuple({*lock.former, *(card for one in other_sides for card in one.former)}))
    state = _FolderState(folder, lock, (*other_sides, *folder.read_written()))
    chosen = [source for source in sources if not updated or source.name in updated]
    intact = {entry.name for entry in lock.repositories if state.is_intact(entry)}
    tasks = []
    for source in chosen:
        entry = lock.by_name.get(source.name)
        known = frozenset[str]()
        if entry is not None and source.name in intact and _is_same(source, entry) and not is_forced:
            known = frozenset({entry.commit, *_list_seen_commits(entry, state.written)})
        tasks.append(ReadTask(source, known, entry.commit if is_locked and entry is not None else ""))
    changes, contents = [], {}
    kept = {entry.name: entry for entry in lock.repositories}
    seen = {}
    for source, result in sorted(read(tasks), key=lambda pair: pair[0].name):
        change = _decide(source.name, result, state, is_locked=is_locked, is_forced=is_forced)
        changes.append(change)
        if isinstance(result, FailedRepository) or change.status is CollectStatus.FAILED or change.after is None:
            continue
        kept[source.name] = change.after
        commit = result.entry.commit if isinstance(result, ReadRepository) else result.commit
        seen[source.name] = msgspec.structs.replace(change.after, commit=commit)
        if isinstance(result, ReadRepository) and (
            source.name not in intact or change.after.files != lock.by_name[source.name].files
        ):
            contents[source.name] = result.contents
    removed = []
    for change in () if updated else _list_removals(sources, state, is_forced=is_forced):
        if change.status is CollectStatus.REMOVED:
            removed.append(change.name)
            if kept.pop(change.name, None) is None:  # files of a killed run, of which the lock has nothing
                continue
        changes.append(change)
    entries = tuple(entry for _, entry in sorted(kept.items()))
    former = lock.former if is_locked else _list_former(lock, kept)
    return CollectPlan(
        tuple(sorted(changes, key=lambda change: change.name)),
        CollectLock(entries, former),
        CollectLock(tuple(seen.get(entry.name, entry) for entry in entries)),
        contents,
        tuple(removed),
    )


def _list_removals(
    sources: Sequence[RepositorySource], state: _FolderState, *, is_forced: bool
) -> Iterator[RepositoryChange]:
    """List the repositories that have left the list: each is removed, unless its files were edited in the book."""
    for name in sorted({*state.lock.by_name, *state.files} - {source.name for source in sources}):
        before = state.lock.by_name.get(name)
        if state.edited[name] and not is_forced:
            reason = f"it left the list, but {_explain_edits(state.edited[name])}"
            yield RepositoryChange(name, CollectStatus.FAILED, before, before, reason)
        else:
            yield RepositoryChange(name, CollectStatus.REMOVED, before)


def _decide(
    name: str, result: ReadResult, state: _FolderState, *, is_locked: bool, is_forced: bool
) -> RepositoryChange:
    before = state.lock.by_name.get(name)
    if isinstance(result, FailedRepository):
        return RepositoryChange(name, CollectStatus.FAILED, before, before, result.reason)
    if isinstance(result, UnchangedRepository):
        return RepositoryChange(name, CollectStatus.UNCHANGED, before, before)
    after = result.entry
    reason = ""
    if is_locked and before is not None and after.files != before.files:
        reason = f"its files are not those of {LOCK_FILE}: run `modelbook collect`, and commit {LOCK_FILE}"
    elif not is_forced and (conflicts := state.list_conflicts(name, after.files)):
        reason = _explain_edits(conflicts)
    if reason:
        return RepositoryChange(name, CollectStatus.FAILED, before, before, reason)
    if before is None:
        return RepositoryChange(name, CollectStatus.ADDED, None, after)
    # The commit in the lock is the one that changed a card last, so that pages and pull requests show only that.
    undated = msgspec.structs.replace(after, commit=before.commit, committed_on=before.committed_on)
    if is_locked or undated == before:
        status = CollectStatus.UNCHANGED if state.is_intact(before) else CollectStatus.RESTORED
        return RepositoryChange(name, status, before, before)
    return RepositoryChange(name, CollectStatus.CHANGED, before, after)


def apply_plan(folder: CollectedFolder, plan: CollectPlan) -> None:
    """Write the folders that change, and the lock."""
    content = render_lock(plan.lock)
    if plan.contents or plan.removed or not folder.lock_file.exists() or folder.lock_file.read_bytes() != content:
        folder.replace(plan.lock, plan.contents, plan.removed)
    folder.write_seen(plan.seen)


def _is_same(source: RepositorySource, entry: CollectedRepository) -> bool:
    """Return whether an entry of the lock is about the same repository, branch and paths."""
    return (source.repository, source.ref, source.paths) == (entry.repository, entry.ref, entry.paths)


def _list_seen_commits(entry: CollectedRepository, written: Iterable[CollectLock]) -> Iterator[str]:
    """Yield the commits that an earlier run has read, and that have the same files as the lock."""
    for one in written:
        seen = one.by_name.get(entry.name)
        if seen is not None and msgspec.structs.replace(seen, commit=entry.commit) == entry:
            yield seen.commit


def _require_fit(sources: Sequence[RepositorySource], lock: CollectLock) -> None:
    names = {source.name for source in sources}
    wrong = [
        source.name for source in sources if not (known := lock.by_name.get(source.name)) or not _is_same(source, known)
    ]
    wrong += [entry.name for entry in lock.repositories if entry.name not in names]
    if wrong:
        message = (
            f"{LOCK_FILE} does not fit the list of repositories: {_list_some(wrong)} differs; "
            f"run `modelbook collect`, and commit {LOCK_FILE}"
        )
        raise UserError(message)


def _list_former(lock: CollectLock, kept: dict[str, CollectedRepository]) -> tuple[FormerCard, ...]:
    """List the cards that a repository had, without those that it has again; the latest of too many."""
    former = {(one.name, one.card): one for one in lock.former}
    for entry in lock.repositories:
        for card, path in entry.cards.items():
            former[entry.name, card] = FormerCard(card, entry.name, path, entry.commit, entry.committed_on)
    for name, entry in kept.items():
        for card in entry.cards:
            former.pop((name, card), None)
    latest = sorted(former.values(), key=lambda one: (one.committed_on, one), reverse=True)[:_MOST_FORMER]
    return tuple(sorted(latest))


def _explain_edits(paths: Sequence[str]) -> str:
    return f"{_list_some(paths)} was edited in the book: edit it in the repository, or replace it with --force"


def _list_some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
