"""From a repository to its history: every commit once, every content at most once while it is remembered.

The truth is the main line, from first parent to first parent: what a commit there changed against the one before
it. Who did it and why is told by the commit on the branch that a merge brought in, where one made the same change.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from generator.history.events import Change, Delta, Event, History, Unreadable, pairs
from generator.history.facts import Aspect, Fact, Reading, read_facts
from generator.history.git import Blobs, Commit, FileChange, GitProblem, Touch, has_commits, shallow_boundary, touches
from generator.load.files import ENDINGS, SIZE_LIMIT
from generator.names import Ref
from generator.secrets.redaction import redact

_REMEMBERED = 4_096
"""How many contents are kept while reading: enough for a busy branch, a bound for a long history."""


def read_history(root: Path, folder: str, revision: str = "HEAD") -> History:
    """What git tells up to a revision about the cards in a folder under `root`; a sentence where it cannot."""
    try:
        boundary = shallow_boundary(root)
        if not has_commits(root):
            return History(problem="nothing is committed yet")
        return _read(root, folder, boundary, revision)
    except GitProblem as problem:
        return History(problem=str(problem))


@dataclass(frozen=True, slots=True)
class _Step:
    """A commit with the difference that it made to the facts."""

    commit: Commit
    delta: Delta


def _read(root: Path, folder: str, boundary: frozenset[str], revision: str) -> History:
    steps: dict[str, _Step] = {}
    with Blobs(root, SIZE_LIMIT) as blobs:
        reader = _Reader(blobs)
        for touch in touches(root, folder, revision):
            steps[touch.commit.id] = _Step(touch.commit, reader.delta(touch))
    return History(tuple(_told(steps, boundary)), len(steps), bool(boundary), "", tuple(reader.unreadable))


class _Reader:
    """Turns contents into facts, and remembers what a broken card said before it broke."""

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs
        self._readings: OrderedDict[tuple[str, str], Reading] = OrderedDict()
        self._broken: dict[tuple[str, str], frozenset[Fact]] = {}
        self.unreadable: list[Unreadable] = []

    def delta(self, touch: Touch) -> Delta:
        """The difference that a commit made."""
        before: set[Fact] = set()
        after: set[Fact] = set()
        renamed: list[tuple[Ref, Ref]] = []
        for change in filter(_may_hold_cards, touch.files):
            old = self._facts(change.old_blob, change.old_path)
            new = self._after(change, old, touch.commit)
            before |= old
            after |= new
            renamed += _rename(change, old, new)
        return Delta.between(before, after, tuple(renamed))

    def _after(self, change: FileChange, old: frozenset[Fact], commit: Commit) -> frozenset[Fact]:
        """What the file says now; where it is broken, what it said before holds on."""
        reading = self._reading(change.new_blob, change.path)
        if reading.whole:
            return reading.facts
        self.unreadable.append(Unreadable(commit, change.path))
        speakers = {fact.said_by for fact in reading.facts}
        facts = reading.facts | {fact for fact in old if fact.said_by not in speakers}
        self._broken[(change.new_blob, change.path)] = facts
        return facts

    def _facts(self, blob: str, path: str) -> frozenset[Fact]:
        kept = self._broken.get((blob, path))
        return kept if kept is not None else self._reading(blob, path).facts

    def _reading(self, blob: str, path: str) -> Reading:
        key = (blob, path)
        found = self._readings.pop(key, None) or self._read(blob, path)
        self._readings[key] = found
        if len(self._readings) > _REMEMBERED:
            self._readings.popitem(last=False)
        return found

    def _read(self, blob: str, path: str) -> Reading:
        if not blob:
            return Reading(frozenset())
        content = self._blobs.read(blob)
        try:
            text = content.decode("utf-8-sig") if content is not None else None
        except UnicodeDecodeError:
            text = None
        return read_facts(text.replace("\r\n", "\n"), path) if text is not None else Reading(frozenset(), whole=False)


def _may_hold_cards(change: FileChange) -> bool:
    path = PurePosixPath(change.path)
    return path.suffix in ENDINGS and not any(part.startswith(".") for part in path.parts)


def _rename(change: FileChange, old: frozenset[Fact], new: frozenset[Fact]) -> list[tuple[Ref, Ref]]:
    """The card that goes by another name since its file does; only where there is no doubt which."""
    went = {fact.subject for fact in old if fact.aspect is Aspect.CARD}
    came = {fact.subject for fact in new if fact.aspect is Aspect.CARD}
    gone, fresh = went - came, came - went
    if len(gone) == len(fresh) == 1 and change.old_blob and change.new_blob:
        first, second = gone.pop(), fresh.pop()
        return [(first, second)] if first.kind == second.kind else []
    return []


def _main_line(steps: dict[str, _Step]) -> list[_Step]:
    """From the tip back along first parents; returned oldest first."""
    line: list[_Step] = []
    tip = next(reversed(steps), "")  # parents come before children, so that the last one is the tip
    while tip in steps:
        line.append(steps[tip])
        tip = next(iter(steps[tip].commit.parents), "")
    return line[::-1]


def _told(steps: dict[str, _Step], boundary: frozenset[str]) -> Iterator[Event]:
    """The events of the main line, oldest first; every commit is looked at once, however many merges there are."""
    order = {commit_id: number for number, commit_id in enumerate(steps)}
    told: set[str] = set()
    for step in _main_line(steps):
        brought = _brought(step.commit, steps, told)
        told |= brought | {step.commit.id}
        tellers = _tellers(steps[commit_id] for commit_id in sorted(brought, key=order.__getitem__))
        yield from _events(step, tellers, at_boundary=step.commit.id in boundary)


def _brought(merge: Commit, steps: Mapping[str, _Step], told: set[str]) -> set[str]:
    """The commits that a merge brought in: what its other parents reach and the main line has not told."""
    found: set[str] = set()
    work = list(merge.parents[1:])
    while work:
        commit_id = work.pop()
        if commit_id in steps and commit_id not in found and commit_id not in told:
            found.add(commit_id)
            work += steps[commit_id].commit.parents
    return found


_Changed = tuple[Fact | None, Fact | None]


def _tellers(branch: Iterable[_Step]) -> dict[_Changed | Fact | None, Commit]:
    """Which commit of a merged branch made a change: by the change itself, else by what came or went last."""
    found: dict[_Changed | Fact | None, Commit] = {}
    for step in branch:
        for old, new in pairs(step.delta):
            found[(old, new)] = found[new or old] = step.commit
    return found


def _events(step: _Step, tellers: Mapping[_Changed | Fact | None, Commit], *, at_boundary: bool) -> Iterator[Event]:
    commit, landed_on = step.commit, step.commit.landed_at.date()
    for earlier, later in step.delta.renamed:
        yield Event(
            later, Aspect.CARD, "", Change.RENAMED, str(earlier), str(later), later, commit, landed_on
        )  # fmt: skip
    for old, new in pairs(step.delta):
        fact = new or old
        assert fact is not None
        yield Event(
            fact.subject, fact.aspect, fact.key, Change.PRESENT if at_boundary else _change(old, new),
            _shown(old), _shown(new), fact.said_by,
            tellers.get((old, new)) or tellers.get(fact, commit), landed_on,
        )  # fmt: skip


def _shown(fact: Fact | None) -> str:
    """A value as it may be shown: git keeps a secret for good, the trail does not tell it."""
    return redact(fact.value) if fact is not None else ""


def _change(old: Fact | None, new: Fact | None) -> Change:
    if old is None:
        return Change.ADDED
    return Change.REMOVED if new is None else Change.CHANGED
