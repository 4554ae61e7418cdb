"""The history of the cards, read from a git repository: every commit once.

The events are those of the main line, from first parent to first parent. The author and the reason of an event on a
merged branch are those of the commit on the branch that made the same change.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path, PurePosixPath

from generator.git import GitError
from generator.history.events import ChangeKind, Event, FactChange, FactChanges, History, rename_fact
from generator.history.facts import FactKind, HistoricalFact, parse_facts
from generator.history.git import (
    BlobChange,
    Commit,
    list_commits,
    open_blob_reader,
    read_shallow_boundary,
)
from generator.load.files import ENDINGS, SIZE_LIMIT
from generator.names import Ref
from generator.reads import are_reads_omitted
from generator.secrets.redaction import redact
from generator.values import FrozenValue

_CACHED_FILES = 4_096
"""Enough for a busy branch, a bound for a long history."""


def read_history(
    root: Path,
    folder: str,
    revision: str = "HEAD",
    *,
    skipped: str = "",
    known: Mapping[bytes, FactChanges] | None = None,
) -> History:
    """Read the history of the cards in a folder under `root` up to a revision; empty with the reason if git fails.

    The files in the folder `skipped` are left out. `known` are the changes of an earlier reading: files with the same
    contents are not read again.
    """
    prefix = f"{PurePosixPath(skipped)}/" if skipped else "\0"
    steps: dict[str, _Step] = {}
    try:
        boundary = read_shallow_boundary(root)
        with open_blob_reader(root, SIZE_LIMIT) as read_blob:
            reader = _FactReader(read_blob, known or {})
            for commit, files in list_commits(root, folder, revision):
                own = [change for change in files if not change.path.startswith(prefix)]
                steps[commit.id] = _Step(commit, *reader.compare(own))
    except GitError as error:
        return History(problem=str(error))
    return History(tuple(_list_events(steps, boundary)), bool(boundary), changes=reader.changes)


class _Step(FrozenValue):
    """A commit with the changes that it made to the facts."""

    commit: Commit
    renamed: Mapping[Ref, Ref]
    """The new name of each card that the commit renamed."""
    changes: tuple[FactChange, ...]


class _FactReader:
    """Reads the facts of files; a broken file keeps the facts that it had before."""

    def __init__(self, read_blob: Callable[[str], bytes | None], known: Mapping[bytes, FactChanges]) -> None:
        self.changes: dict[bytes, FactChanges] = {}
        """Those of commits without unreadable files or secrets, for a later reading.

        They depend on the contents of the files alone.
        """
        self._read_blob, self._known = read_blob, known
        self._read = lru_cache(_CACHED_FILES)(self._read_file)
        self._broken: dict[tuple[str, str], frozenset[HistoricalFact]] = {}

    def compare(self, files: Sequence[BlobChange]) -> FactChanges:
        """Compare the facts before and after a commit; a new name of a card alone is no change."""
        names = (name for each in files for name in (each.old_blob, each.new_blob, each.old_path, each.path))
        key = hashlib.blake2b("\0".join(names).encode("utf-8", "surrogateescape"), digest_size=16).digest()
        is_readable = True
        if key in self._known:
            return self.changes.setdefault(key, self._known[key])
        before: set[HistoricalFact] = set()
        after: set[HistoricalFact] = set()
        renamed: dict[Ref, Ref] = {}
        for change in files:
            path = PurePosixPath(change.path)
            if path.suffix not in ENDINGS or any(part.startswith(".") for part in path.parts):
                continue
            old_key = (change.old_blob, change.old_path)
            old, was_complete = self._read(*old_key)
            old = self._broken.get(old_key, old)
            new, is_complete = self._read(change.new_blob, change.path)
            is_readable = is_readable and was_complete and is_complete
            if not is_complete:
                readable = {fact.declared_by for fact in new}
                new |= {fact for fact in old if fact.declared_by not in readable}
                self._broken[(change.new_blob, change.path)] = new
            renamed |= _find_renamed(change, old, new)
            before |= old
            after |= new
        if renamed:
            before = {rename_fact(fact, renamed) for fact in before}
        found = renamed, tuple(_pair_facts(before - after, after - before))
        if is_readable and not are_reads_omitted() and not any(map(_has_secret, found[1])):
            self.changes[key] = found
        return found

    def _read_file(self, blob: str, path: str) -> tuple[frozenset[HistoricalFact], bool]:
        """Return the facts in a file, none for an empty blob, and whether all of the file could be read."""
        content = self._read_blob(blob) if blob else b""
        try:
            text = content.decode("utf-8-sig") if content is not None else None
        except UnicodeDecodeError:
            text = None
        return parse_facts(text.replace("\r\n", "\n"), path) if text is not None else (frozenset(), False)


def _has_secret(change: FactChange) -> bool:
    return any(redact(text) != text for text in (change.before, change.after))


def _find_renamed(
    change: BlobChange, old: Iterable[HistoricalFact], new: Iterable[HistoricalFact]
) -> Mapping[Ref, Ref]:
    """Find the card that a changed file renames: the only one that it removes and the only one that it adds."""
    before = {fact.subject for fact in old if fact.kind is FactKind.CARD}
    after = {fact.subject for fact in new if fact.kind is FactKind.CARD}
    match [*(before - after)], [*(after - before)]:
        case [first], [second] if first.kind == second.kind and change.old_blob and change.new_blob:
            return {first: second}
        case _:
            return {}


def _pair_facts(removed: Iterable[HistoricalFact], added: Iterable[HistoricalFact]) -> Iterator[FactChange]:
    """Pair the removed facts with the added ones of the same identity, sorted."""
    pairs: dict[tuple[Ref, FactKind, str, Ref], tuple[list[HistoricalFact], list[HistoricalFact]]] = {}
    for side, facts in enumerate((removed, added)):
        for fact in sorted(facts):
            pairs.setdefault(fact.identity, ([], []))[side].append(fact)
    for _, (olds, news) in sorted(pairs.items()):
        for old, new in zip_longest(olds, news):
            if old is None:
                yield FactChange(new, ChangeKind.ADDED, "", new.value)
            elif new is None:
                yield FactChange(old, ChangeKind.REMOVED, old.value, "")
            else:
                yield FactChange(new, ChangeKind.CHANGED, old.value, new.value)


def _list_events(steps: dict[str, _Step], boundary: frozenset[str]) -> Iterator[Event]:
    """List the events of the main line, oldest first; every commit is visited once, however many merges there are."""
    main_line: list[_Step] = []
    tip = next(reversed(steps), "")  # parents precede children, so that the last one is the tip
    while tip in steps:
        main_line.append(steps[tip])
        tip = next(iter(steps[tip].commit.parents), "")
    order = {commit_id: number for number, commit_id in enumerate(steps)}
    visited: set[str] = set()
    for step in reversed(main_line):
        merged = _find_merged(step.commit, steps, visited)
        visited |= merged | {step.commit.id}
        origins: dict[FactChange | HistoricalFact, Commit] = {}  # a change, else the last change of the same fact
        for branch in (steps[commit_id] for commit_id in sorted(merged, key=order.__getitem__)):
            for change in branch.changes:
                if len(branch.commit.parents) > 1 and change in origins:
                    continue  # a merge repeats the changes of what it merges
                origins[change] = origins[change.fact] = branch.commit
        landed_on = step.commit.landed_at.date()
        for old, new in step.renamed.items():
            yield Event(
                new, FactKind.CARD, "", ChangeKind.RENAMED, str(old), str(new), new, step.commit, landed_on
            )  # fmt: skip
        for change in step.changes:
            fact = change.fact
            yield Event(
                fact.subject, fact.kind, fact.key,
                ChangeKind.PRESENT if step.commit.id in boundary else change.kind,
                # A secret stays in git for good: it is redacted here.
                redact(change.before), redact(change.after), fact.declared_by,
                origins.get(change) or origins.get(fact, step.commit), landed_on,
            )  # fmt: skip


def _find_merged(merge: Commit, steps: Mapping[str, _Step], visited: set[str]) -> set[str]:
    """Find the commits that a merge added: those that its other parents reach and the main line has not visited."""
    found: set[str] = set()
    work = list(merge.parents[1:])
    while work:
        commit_id = work.pop()
        if commit_id in steps and commit_id not in found and commit_id not in visited:
            found.add(commit_id)
            work += steps[commit_id].commit.parents
    return found
