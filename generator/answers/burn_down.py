"""The number of overdue duties week by week, from the history of the cards: one pass over its events."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from msgspec.structs import replace

from generator.findings import is_reason
from generator.graph.duties import Duty, DutyKind, drop_accepted, list_duties
from generator.grouping import group_pairs
from generator.history.events import ChangeKind, Event, History, rename_fact
from generator.history.facts import FactKind, HistoricalFact
from generator.names import Ref
from generator.schema import Card, Experiment, Migration, Model
from generator.schema.card import Lifecycle
from generator.schema.days import find_day
from generator.schema.inventory import ApprovedUse, PolicyException, Validation
from generator.schema.model import Serving
from generator.schema.rollouts import Cleanup, CleanupItem, ExperimentStatus, MigrationStatus, Wave, WaveOutcome
from generator.settings import Settings
from generator.values import FrozenValue

WEEKS = 104
"""How far back the diagram reaches from the last change: two years of weeks, however old the book is."""
_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_MOST_DAYS = 3653
"""How long after its last change the diagram still begins in the same week: ten years."""


class OpenPeriod(FrozenValue):
    """A duty that was overdue from one day up to another."""

    duty: Duty
    start: date
    end: date | None
    """The first day on which it was not overdue any more; None if it still is."""

    @property
    def identity(self) -> tuple[Ref, DutyKind, str]:
        """The part that stays the same when only the text changes."""
        return (self.duty.subject, self.duty.kind, self.duty.key)

    def has_day(self, day: date) -> bool:
        """Return whether the duty was overdue on a day."""
        return self.start <= day and (self.end is None or day < self.end)


class WeeklyCount(FrozenValue):
    """The number of overdue duties at the end of a week."""

    on: date
    by_kind: tuple[tuple[DutyKind, int], ...]

    @property
    def total(self) -> int:
        """All kinds together."""
        return sum(count for _, count in self.by_kind)


def count_overdue_by_week(
    history: History, settings: Settings, today: date, weeks: int = WEEKS
) -> tuple[WeeklyCount, ...]:
    """Count the overdue duties at the end of each week, on Sunday, up to the last week in which they changed.

    The week of today is counted as it is today. A week later, the counts are the same if nothing has changed: the page
    with them must not change merely because time has passed.
    """
    if not history.events:
        return ()
    begun = min(event.landed_on for event in history.events)
    last = min(today.toordinal() + 6 - today.weekday(), date.max.toordinal())
    first = max(begun.toordinal(), last - _MOST_DAYS, 1)
    periods = list_open_periods(history, settings, today)
    counts: list[WeeklyCount] = []
    for ordinal in reversed(range(last, first - 1, -_WEEK_DAYS)):
        day = date.fromordinal(ordinal)
        still_open = Counter(period.duty.kind for period in periods if period.has_day(min(day, today)))
        counts.append(WeeklyCount(day, tuple((kind, still_open[kind]) for kind in DutyKind)))
    while len(counts) > 1 and counts[-1].by_kind == counts[-2].by_kind:
        counts.pop()
    return tuple(counts[-weeks:])


def list_open_periods(history: History, settings: Settings, today: date) -> tuple[OpenPeriod, ...]:
    """List the periods in which duties were overdue, judged by the settings of today."""
    found = [
        period
        for subject, states in _list_states(history.events).items()
        for period in _list_periods(subject, states, settings, today)
    ]
    joined: list[OpenPeriod] = []
    for period in sorted(found, key=lambda period: (period.identity, period.start)):
        if joined and joined[-1].identity == period.identity and joined[-1].end == period.start:
            joined[-1] = replace(period, start=joined[-1].start)
        else:
            joined.append(period)
    return tuple(joined)


_State = tuple[date, frozenset[HistoricalFact]]


def _list_states(events: Iterable[Event]) -> dict[Ref, list[_State]]:
    """Return the facts of each card after every day on which they changed, oldest first, by its present name."""
    facts: dict[Ref, set[HistoricalFact]] = {}
    states: dict[Ref, list[_State]] = {}
    day = date.min
    for event in events:
        day = max(day, event.landed_on)  # the clock of a committer can be wrong: periods must not be negative
        if event.change is ChangeKind.RENAMED:
            names = {Ref.parse(event.before): event.subject}
            facts = {names.get(ref, ref): {rename_fact(fact, names) for fact in own} for ref, own in facts.items()}
            states = {names.get(ref, ref): own for ref, own in states.items()}
            continue
        own = facts.setdefault(event.subject, set())
        fact = HistoricalFact(event.subject, event.kind, event.key, event.after, event.declared_by)
        if event.change in {ChangeKind.CHANGED, ChangeKind.REMOVED}:
            own.discard(replace(fact, value=event.before))
        if event.change is not ChangeKind.REMOVED:
            own.add(fact)
        known = states.setdefault(event.subject, [])
        if known and known[-1][0] == day:
            known.pop()
        known.append((day, frozenset(own)))
    return states


def _list_periods(subject: Ref, states: list[_State], settings: Settings, today: date) -> Iterator[OpenPeriod]:
    """List the periods of one card: each state is judged on its first and on its last day."""
    ends = [start for start, _ in states[1:]]
    for (start, facts), end in zip(states, [*ends, None], strict=True):
        card = build_past_card(subject, facts)
        if card is None or start > today:
            continue
        uses = sorted(fact for fact in facts if fact.kind is FactKind.CONSUMER)
        consumers = group_pairs((fact.key, fact.declared_by) for fact in uses)
        accepted = frozenset(
            (fact.declared_by, fact.key) for fact in facts if fact.kind is FactKind.ACCEPTED and is_reason(fact.value)
        )
        first = drop_accepted(list_duties(card, consumers, settings, start), accepted, settings)
        begun = {(duty.kind, duty.key) for duty in first if duty.is_overdue}
        last = list_duties(card, consumers, settings, min(end - _DAY, today) if end else today)
        for duty in drop_accepted(last, accepted, settings):
            if duty.is_overdue:
                since = start if (duty.kind, duty.key) in begun else duty.since or start
                yield OpenPeriod(duty, since, end)


def build_past_card(ref: Ref, facts: Iterable[HistoricalFact]) -> Card | None:
    """Build the card that stated some facts; None if the card was deleted, or if its kind has no duties.

    The card is not validated, since a card of three years ago need not conform to the schema of today. Fields that
    affect no duty have any value.
    """
    values: dict[FactKind, dict[str, str]] = {}
    for fact in facts:
        values.setdefault(fact.kind, {})[fact.key] = fact.value
    if FactKind.CARD not in values:
        return None
    single = {kind: several.get("", "") for kind, several in values.items()}
    days = {kind: find_day(text) for kind, text in single.items()}
    try:
        match ref.kind:
            case "model":
                return Model.model_construct(
                    id=ref.id, name=ref.id, summary="", serving=Serving.OFFLINE,
                    lifecycle=Lifecycle(single.get(FactKind.LIFECYCLE, "")), review_by=days.get(FactKind.REVIEW),
                    sunset_on=days.get(FactKind.SUNSET),
                    successor=single.get(FactKind.SUCCESSOR), contacts=values.get(FactKind.CONTACT, {}),
                    tier=single.get(FactKind.TIER),
                    validation=Validation.model_construct(
                        on=days.get(FactKind.VALIDATED), next=days.get(FactKind.VALIDATION_DUE)
                    ),
                    approved_uses=tuple(
                        _build_approved_use(text) for text in values.get(FactKind.APPROVED_USE, {}).values()
                    ),
                    exceptions=tuple(
                        PolicyException.model_construct(
                            what=what, why="", until=find_day(text.removeprefix("until "))
                        )
                        for what, text in values.get(FactKind.EXCEPTION, {}).items()
                    ),
                )  # fmt: skip
            case "experiment":
                dues = {thing: find_day(day) for thing, day in values.get(FactKind.CLEANUP_ITEM_DUE, {}).items()}
                items = tuple(
                    CleanupItem.model_construct(remove=thing, done_on=_parse_done_day(state), due=dues.get(thing))
                    for thing, state in sorted(values.get(FactKind.CLEANUP_ITEM, {}).items())
                )
                return Experiment.model_construct(
                    id=ref.id, name=ref.id, status=ExperimentStatus(single.get(FactKind.STATUS, "")),
                    started_on=days.get(FactKind.STARTED), ended_on=days.get(FactKind.ENDED),
                    cleanup=Cleanup.model_construct(due=days.get(FactKind.CLEANUP_DUE), items=items),
                )  # fmt: skip
            case "migration":
                waves = sorted(values.get(FactKind.WAVE, {}).items(), key=lambda item: int(item[0]))
                return Migration.model_construct(
                    id=ref.id, name=ref.id, moves=(), status=MigrationStatus(single.get(FactKind.STATUS, "")),
                    waves=tuple(_build_wave(*text.partition(" ")[::2]) for _, text in waves),
                )  # fmt: skip
            case _:
                return None
    except ValueError:  # a lifecycle or a status that today's schema does not know
        return None


def _build_approved_use(text: str) -> ApprovedUse:
    """Build the approved use of `home-feed, search until 2027-09-15`."""
    systems, _, until = text.partition("until ")
    names = tuple(name for part in systems.split(",") if (name := part.strip()))
    return ApprovedUse.model_construct(use="", systems=names, until=find_day(until))


def _build_wave(state: str, day: str) -> Wave:
    is_done = state == "done"
    if state in {"reverted", "failed"}:
        return Wave.model_construct(traffic=0, done_on=find_day(day), outcome=WaveOutcome(state))
    return Wave.model_construct(
        traffic=0,
        planned_on=None if is_done else find_day(day),
        done_on=_parse_done_day(day) if is_done else None,
    )


def _parse_done_day(text: str) -> date | None:
    """Return the day on which something was done; the first day of the calendar if the day cannot be read."""
    return None if text == "open" else find_day(text) or date.min
