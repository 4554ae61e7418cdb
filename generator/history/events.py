"""What came, went or changed, with the commit that did it; values only."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from generator.history.facts import Aspect, Fact
from generator.history.git import Commit
from generator.names import Ref


class Change(StrEnum):
    """What happened to a fact."""

    PRESENT = "was there when this clone begins"
    ADDED = "came"
    CHANGED = "changed"
    REMOVED = "went"
    RENAMED = "was renamed"


@dataclass(frozen=True, slots=True)
class Event:
    """One fact that came, went or changed."""

    subject: Ref
    aspect: Aspect
    key: str
    change: Change
    before: str
    after: str
    said_by: Ref
    commit: Commit
    """The commit whose message tells why: on a merged branch the one there, not the merge."""
    landed_on: date
    """The day on which it became part of the main line."""

    @property
    def on(self) -> date:
        """The day on which its author wrote it."""
        return self.commit.written_at.date()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A card that was broken for a while: what it said before is taken to have held on."""

    commit: Commit
    file: str


@dataclass(frozen=True)
class History:
    """What git tells about the cards, oldest first; without events when it tells nothing."""

    events: tuple[Event, ...] = ()
    commits: int = 0
    """How many commits touched the cards."""
    shallow: bool = False
    """Whether the clone is cut off: what is older is not known here."""
    problem: str = ""
    """Why there is nothing, as a sentence."""
    unreadable: tuple[Unreadable, ...] = field(default=(), repr=False)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about how far this reaches."""
        notes = [self.problem] if self.problem else []
        if self.shallow:
            notes.append("This is a shallow clone: what is older is missing; `git fetch --unshallow` brings it.")
        return tuple(notes)


@dataclass(frozen=True, slots=True)
class Delta:
    """The difference that one commit made to the facts."""

    before: frozenset[Fact]
    """What went."""
    after: frozenset[Fact]
    """What came."""
    renamed: tuple[tuple[Ref, Ref], ...] = ()
    """Cards that are called otherwise since: (old, new)."""

    @classmethod
    def between(
        cls, before: Iterable[Fact], after: Iterable[Fact], renamed: tuple[tuple[Ref, Ref], ...] = ()
    ) -> "Delta":
        """What differs; a card's new name alone is no difference in its facts."""
        names = dict(renamed)
        old = frozenset(renamed_fact(fact, names) for fact in before) if names else frozenset(before)
        new = frozenset(after)
        return cls(old - new, new - old, renamed)


def renamed_fact(fact: Fact, names: Mapping[Ref, Ref]) -> Fact:
    """The fact with every card in it called as it is now."""
    subject, said_by = names.get(fact.subject, fact.subject), names.get(fact.said_by, fact.said_by)
    key = fact.key
    if fact.aspect is Aspect.CONSUMER:
        key = next((str(new) for old, new in names.items() if str(old) == key), key)
    return Fact(subject, fact.aspect, key, fact.value, said_by)


def pairs(delta: Delta) -> Iterator[tuple[Fact | None, Fact | None]]:
    """What went with what came in its place, sorted; None where nothing did."""
    gone, come = _by_place(delta.before), _by_place(delta.after)
    for place in sorted({*gone, *come}):
        old, new = gone.get(place, []), come.get(place, [])
        for index in range(max(len(old), len(new))):
            yield (old[index] if index < len(old) else None, new[index] if index < len(new) else None)


def _by_place(facts: frozenset[Fact]) -> dict[tuple[Ref, Aspect, str, Ref], list[Fact]]:
    found: dict[tuple[Ref, Aspect, str, Ref], list[Fact]] = {}
    for fact in sorted(facts):
        found.setdefault(fact.place, []).append(fact)
    return found
