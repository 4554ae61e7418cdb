"""How much was owed week by week, from the history of the cards: one pass over its events."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from generator.answers.owed import DebtKind, Owed, owed
from generator.history.events import Change, Event, History, renamed_fact
from generator.history.facts import Aspect, Fact
from generator.names import Ref

WEEKS = 104
"""How far back the drawing reaches: two years of weeks, however old the book is."""
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Span:
    """Something that was owed from a day on, up to the day on which it was not any more."""

    owed: Owed
    start: date
    end: date | None
    """None: it still is."""

    @property
    def identity(self) -> tuple[Ref, DebtKind, str]:
        """What stays the same when only the words change."""
        return (self.owed.subject, self.owed.kind, self.owed.key)


@dataclass(frozen=True, slots=True)
class Point:
    """What was owed at the end of a week."""

    on: date
    by_kind: tuple[tuple[DebtKind, int], ...]

    @property
    def total(self) -> int:
        """All kinds together."""
        return sum(count for _, count in self.by_kind)


def spans(history: History, functions: Sequence[str], today: date) -> tuple[Span, ...]:
    """Everything that was ever owed, by the functions as they are configured now."""
    found = [span for subject, states in _states(history.events).items() for span in _of(subject, states, functions)]
    return tuple(span for span in _joined(found) if span.start <= today)


def burn_down(history: History, functions: Sequence[str], today: date, weeks: int = WEEKS) -> tuple[Point, ...]:
    """What was owed at the end of each of the last weeks, this one up to today; nothing before the history begins."""
    if not history.events:
        return ()
    begun = min(event.landed_on for event in history.events)
    days = [today - _WEEK * number for number in range(weeks)]
    days = [day for day in reversed(days) if day >= begun] or [today]
    changes = Counter[tuple[int, DebtKind]]()
    for span in spans(history, functions, today):
        changes[(_first_at_or_after(days, span.start), span.owed.kind)] += 1
        if span.end is not None:
            changes[(_first_at_or_after(days, span.end), span.owed.kind)] -= 1
    return tuple(_points(days, changes))


def _points(days: list[date], changes: Counter[tuple[int, DebtKind]]) -> Iterator[Point]:
    open_now = dict.fromkeys(DebtKind, 0)
    for index, day in enumerate(days):
        for kind in DebtKind:
            open_now[kind] += changes[(index, kind)]
        yield Point(day, tuple(open_now.items()))


def _first_at_or_after(days: list[date], day: date) -> int:
    """The index of the first day that is not before another; past the end when all are. The days are weeks apart."""
    if day <= days[0]:
        return 0
    return -((days[0] - day).days // 7)


_State = tuple[date, frozenset[Fact]]


def _states(events: Iterable[Event]) -> dict[Ref, list[_State]]:
    """Each subject's facts after every day on which they changed, oldest first, by the name it has now."""
    facts: dict[Ref, set[Fact]] = {}
    states: dict[Ref, list[_State]] = {}
    day = date.min
    for event in events:
        day = max(day, event.landed_on)  # a clock that went backwards must not turn spans around
        if event.change is Change.RENAMED:
            names = {Ref.parse(event.before): event.subject}
            facts = {names.get(ref, ref): {renamed_fact(fact, names) for fact in own} for ref, own in facts.items()}
            states = {names.get(ref, ref): own for ref, own in states.items()}
            continue
        own = facts.setdefault(event.subject, set())
        own -= {_fact(event, event.before)} if event.change in {Change.CHANGED, Change.REMOVED} else set()
        own |= {_fact(event, event.after)} if event.change is not Change.REMOVED else set()
        known = states.setdefault(event.subject, [])
        if known and known[-1][0] == day:
            known.pop()
        known.append((day, frozenset(own)))
    return states


def _fact(event: Event, value: str) -> Fact:
    return Fact(event.subject, event.aspect, event.key, value, event.said_by)


def _of(subject: Ref, states: list[_State], functions: Sequence[str]) -> Iterator[Span]:
    ends = [start for start, _ in states[1:]]
    for (start, facts), end in zip(states, [*ends, None], strict=True):
        if not any(fact.aspect is Aspect.CARD for fact in facts):
            continue  # the card is gone; what others say of it is no debt of its own
        for one in owed(subject, facts, functions):
            begins = max(start, one.since or start)
            if end is None or begins < end:
                yield Span(one, begins, end)


def _joined(found: Iterable[Span]) -> Iterator[Span]:
    """Spans that follow one another without a gap as one."""
    last: Span | None = None
    for span in sorted(found, key=lambda span: (span.identity, span.start)):
        if last is not None and last.identity == span.identity and last.end == span.start:
            last = Span(span.owed, last.start, span.end)
            continue
        if last is not None:
            yield last
        last = span
    if last is not None:
        yield last
