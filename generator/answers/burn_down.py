"""How much was overdue week by week, from the history of the cards: one pass over its events."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from generator.answers.past_cards import build_past_card, find_past_accepted, find_past_consumers
from generator.graph.duties import Duty, DutyKind, drop_accepted, list_duties
from generator.history.events import Change, Event, History, renamed_fact
from generator.history.facts import Fact
from generator.names import Ref
from generator.settings import Settings

WEEKS = 104
"""How far back the diagram reaches: two years of weeks, however old the book is."""
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class OpenPeriod:
    """A duty that was overdue from one day up to another."""

    duty: Duty
    start: date
    end: date | None
    """The first day on which it was not overdue any more; None if it still is."""

    @property
    def identity(self) -> tuple[Ref, DutyKind, str]:
        """What stays the same when only the text changes."""
        return (self.duty.subject, self.duty.kind, self.duty.key)


@dataclass(frozen=True, slots=True)
class WeeklyCount:
    """The number of overdue duties at the end of a week."""

    on: date
    by_kind: tuple[tuple[DutyKind, int], ...]

    @property
    def total(self) -> int:
        """All kinds together."""
        return sum(count for _, count in self.by_kind)


def list_open_periods(history: History, settings: Settings, today: date) -> tuple[OpenPeriod, ...]:
    """List the periods in which duties were overdue, judged by the settings of today."""
    found = [
        period
        for subject, states in _list_states(history.events).items()
        for period in _list_periods(subject, states, settings, today)
    ]
    return tuple(_join_periods(found))


def burn_down(history: History, settings: Settings, today: date, weeks: int = WEEKS) -> tuple[WeeklyCount, ...]:
    """Count what was overdue at the end of each of the last weeks, this one up to today.

    Nothing is counted before the history begins.
    """
    if not history.events:
        return ()
    begun = min(event.landed_on for event in history.events)
    days = [today - _WEEK * number for number in range(weeks)]
    days = [day for day in reversed(days) if day >= begun] or [today]
    changes = Counter[tuple[int, DutyKind]]()
    for period in list_open_periods(history, settings, today):
        changes[(_first_at_or_after(days, period.start), period.duty.kind)] += 1
        if period.end is not None:
            changes[(_first_at_or_after(days, period.end), period.duty.kind)] -= 1
    return tuple(_count_weeks(days, changes))


def _count_weeks(days: list[date], changes: Counter[tuple[int, DutyKind]]) -> Iterator[WeeklyCount]:
    open_now = dict.fromkeys(DutyKind, 0)
    for index, day in enumerate(days):
        for kind in DutyKind:
            open_now[kind] += changes[(index, kind)]
        yield WeeklyCount(day, tuple(open_now.items()))


def _first_at_or_after(days: list[date], day: date) -> int:
    """Return the index of the first day that is not before another, past the end if all are; days are a week apart."""
    if day <= days[0]:
        return 0
    return -((days[0] - day).days // 7)


_State = tuple[date, frozenset[Fact]]


def _list_states(events: Iterable[Event]) -> dict[Ref, list[_State]]:
    """Each subject's facts after every day on which they changed, oldest first, by the name it has now."""
    facts: dict[Ref, set[Fact]] = {}
    states: dict[Ref, list[_State]] = {}
    day = date.min
    for event in events:
        day = max(day, event.landed_on)  # a clock that went backwards must not turn periods around
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


def _list_periods(subject: Ref, states: list[_State], settings: Settings, today: date) -> Iterator[OpenPeriod]:
    """List the periods of one card: each state is judged on its first and on its last day."""
    ends = [start for start, _ in states[1:]]
    for (start, facts), end in zip(states, [*ends, None], strict=True):
        card = build_past_card(subject, facts)
        if card is None or start > today:
            continue
        consumers, accepted = find_past_consumers(facts), find_past_accepted(facts)
        first = list_duties(card, consumers, settings, start)
        begun = {(duty.kind, duty.key) for duty in drop_accepted(first, accepted, settings) if duty.is_overdue}
        last = list_duties(card, consumers, settings, min(end - _DAY, today) if end else today)
        for duty in drop_accepted(last, accepted, settings):
            if duty.is_overdue:
                since = start if (duty.kind, duty.key) in begun else duty.since or start
                yield OpenPeriod(duty, since, end)


def _join_periods(found: Iterable[OpenPeriod]) -> Iterator[OpenPeriod]:
    """Yield periods that follow one another without a gap as one."""
    last: OpenPeriod | None = None
    for period in sorted(found, key=lambda period: (period.identity, period.start)):
        if last is not None and last.identity == period.identity and last.end == period.start:
            last = OpenPeriod(period.duty, last.start, period.end)
            continue
        if last is not None:
            yield last
        last = period
    if last is not None:
        yield last
