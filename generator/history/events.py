"""The events of the history: each fact that a commit added, changed or removed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from msgspec import structs

from generator.grouping import overlay
from generator.history.facts import FactKind, HistoricalFact
from generator.history.git import Commit
from generator.names import Ref
from generator.values import FrozenValue


class ChangeKind(StrEnum):
    """The way in which a fact changed."""

    PRESENT = "present at the start of this clone"
    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    RENAMED = "renamed"


class FactChange(FrozenValue):
    """A fact that one commit added, changed or removed."""

    fact: HistoricalFact
    """The new fact; the old one if it was removed."""
    kind: ChangeKind
    before: str
    after: str


FactChanges = tuple[Mapping[Ref, Ref], tuple[FactChange, ...]]
"""The new name of each card that a commit renamed, and the changes that it made to the facts."""


class Event(FrozenValue):
    """A fact that was added, changed or removed."""

    subject: Ref
    kind: FactKind
    key: str
    change: ChangeKind
    before: str
    after: str
    declared_by: Ref
    commit: Commit
    """The commit whose message states the reason: on a merged branch the one there, not the merge."""
    landed_on: date
    """The day on which it became part of the main line."""

    @property
    def on(self) -> date:
        """The day on which its author wrote it."""
        return self.commit.written_at.date()


@dataclass(frozen=True)
class History:
    """The history of the cards from git, oldest first."""

    events: tuple[Event, ...] = ()
    is_shallow: bool = False
    """Whether the clone is shallow, so that older events are unknown."""
    problem: str = ""
    """The reason why there are no events, as a sentence."""
    changes: Mapping[bytes, FactChanges] = field(default_factory=dict, compare=False, repr=False)
    """What commits have changed in readable files, by the digest of their contents, if a later reading needs it."""

    @property
    def notes(self) -> tuple[str, ...]:
        """The limits of the history."""
        notes = [self.problem] if self.problem else []
        if self.is_shallow:
            notes.append("This is a shallow clone without the older commits: `git fetch --unshallow` adds them.")
        return tuple(notes)


class HistoryUpdate(NamedTuple):
    """A history as it differs from a former one."""

    kept: int
    """The number of events at the beginning that both have."""
    rest: History
    """The history without them, and without what the former one knows of its commits."""

    def apply(self, former: History) -> History:
        """Return the history."""
        events = former.events[: self.kept] + self.rest.events
        return replace(self.rest, events=events, changes=overlay(former.changes, self.rest.changes))


def compare_histories(former: History, history: History) -> HistoryUpdate:
    """Return how a history differs from a former one: after a commit, by its last events."""
    pairs = enumerate(zip(former.events, history.events, strict=False))
    shortest = min(len(former.events), len(history.events))
    kept = next((number for number, (old, new) in pairs if old != new), shortest)
    changes = {key: found for key, found in history.changes.items() if key not in former.changes}
    return HistoryUpdate(kept, replace(history, events=history.events[kept:], changes=changes))


def omit_cards(history: History, refs: Collection[Ref]) -> History:
    """Return a history without the facts that some cards declare."""
    return replace(history, events=tuple(event for event in history.events if event.declared_by not in refs))


def rename_fact(fact: HistoricalFact, names: Mapping[Ref, Ref]) -> HistoricalFact:
    """Replace the old names of cards in a fact by the new ones."""
    key = fact.key
    if fact.kind is FactKind.CONSUMER:
        key = next((str(new) for old, new in names.items() if str(old) == key), key)
    subject, declared_by = names.get(fact.subject, fact.subject), names.get(fact.declared_by, fact.declared_by)
    return structs.replace(fact, subject=subject, key=key, declared_by=declared_by)


def build_timeline(history: History, ref: Ref) -> tuple[Event, ...]:
    """Return the events of a card through its renames, oldest first, with those of the uses that it declares."""
    found: list[Event] = []
    for event in reversed(history.events):
        if event.subject == ref or (event.kind is FactKind.CONSUMER and event.key == str(ref)):
            found.append(event)
        if event.subject == ref and event.change is ChangeKind.RENAMED:
            ref = Ref.parse(event.before)
    return tuple(reversed(found))


def build_timelines(history: History) -> Mapping[Ref, tuple[Event, ...]]:
    """Return the timeline of every card; that of a reused name begins with the card that had it before."""
    found: dict[Ref, list[Event]] = {}
    for event in history.events:
        if event.change is ChangeKind.RENAMED:
            found[event.subject] = found.pop(Ref.parse(event.before), [])
        found.setdefault(event.subject, []).append(event)
    return {ref: tuple(events) for ref, events in found.items()}


def list_versions(history: History) -> Mapping[Ref, tuple[str, ...]]:
    """Return the versions of each model by its present name, in the order in which they reached the main line."""
    found = {
        ref: tuple(event.after for event in events if event.kind is FactKind.VERSION and event.after)
        for ref, events in sorted(build_timelines(history).items())
    }
    return {ref: versions for ref, versions in found.items() if versions}
