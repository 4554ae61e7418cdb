"""The duties of a book: overdue, missing, open or upcoming work in its cards on a given day."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain

from msgspec.structs import replace

from generator.findings import is_reason
from generator.graph.edges import FLOWING, Graph, Relation
from generator.graph.people import list_owners
from generator.graph.waves import describe_reversal, find_unrepeated_waves
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.nodes import Path
from generator.names import Ref
from generator.reads import keep_derived
from generator.schema import Card, Experiment, Migration, Model
from generator.schema.card import Lifecycle
from generator.schema.rollouts import CleanupItem, ExperimentStatus, MigrationStatus
from generator.settings import Settings
from generator.values import FrozenValue

STUCK_AFTER_DAYS = 28
"""If the next wave has no date, a migration is stuck this many days after the last wave."""


class DutyKind(StrEnum):
    """The kind of a duty; the value is its label once the duty is overdue."""

    CLEANUP = "clean-up overdue"
    REVIEW = "review overdue"
    CONSUMED = "retired, yet consumed"
    SUCCESSOR = "deprecated without successor"
    CONTACT = "contact missing"
    STUCK = "migration stuck half-way"
    WAVE = "wave overdue"
    REVERTED = "wave reverted"
    SUNSET = "announced end passed"
    LIMIT = "experiment over its limit"
    END = "experiment ended, yet running"
    VALIDATION = "validation overdue"
    APPROVAL = "use not approved"
    EXCEPTION = "exception expired"
    UNDOCUMENTED = "use not documented"
    ALIVE = "retired, yet alive"


_OPEN_LABELS = {
    DutyKind.CLEANUP: "clean-up",
    DutyKind.REVIEW: "review",
    DutyKind.STUCK: "wave",
    DutyKind.WAVE: "wave",
    DutyKind.SUNSET: "end of the model",
    DutyKind.LIMIT: "decision",
    DutyKind.END: "decision",
    DutyKind.VALIDATION: "validation",
    DutyKind.APPROVAL: "approval of a use",
    DutyKind.EXCEPTION: "exception",
    DutyKind.ALIVE: "retired string",
}


class DutyState(StrEnum):
    """The state of a duty on a day."""

    OVERDUE = "overdue"
    """Its day has passed."""
    MISSING = "missing"
    """It has no day: the card needs it now."""
    OPEN = "open"
    """It is not done, and it is still in time or has no date."""
    UPCOMING = "upcoming"
    """It requires no work yet: its day is far ahead, or the model is still experimental or its card a draft."""


class Duty(FrozenValue):
    """A task that follows from a card for its owners."""

    subject: Ref
    kind: DutyKind
    code: str
    """The code of the finding that reports it."""
    text: str
    path: Path
    """The path of its key in the card."""
    key: str = ""
    """What distinguishes duties of one kind: the thing to remove, the function, the consumer, the wave."""
    due: date | None = None
    """The last day on which it is in time, if the card names one."""
    state: DutyState = DutyState.OPEN
    since: date | None = None
    """The first day on which it is overdue; None if it is not, or if the card has no day for it."""
    declared_by: tuple[Ref, ...] = ()
    """The cards that declare it; each can accept it under `x-allow`."""
    owners: tuple[Ref, ...] = ()
    """The owner of a clean-up item, else the owners of the subject."""

    @property
    def is_overdue(self) -> bool:
        """Whether it should be done already."""
        return self.state in {DutyState.OVERDUE, DutyState.MISSING}

    @property
    def label(self) -> str:
        """The label of its kind in its state."""
        return self.kind.value if self.is_overdue else _OPEN_LABELS.get(self.kind, self.kind.value)


Consumers = Mapping[str, tuple[Ref, ...]]
"""The consumers of a card, each with the cards that name it."""


def list_duties(card: Card, consumers: Consumers, settings: Settings, today: date) -> Iterator[Duty]:
    """List the duties of one card on a day, without owners.

    The card may be of today or of any day in git: only its own fields and its consumers are read.
    """
    found: Iterator[Duty]
    match card:
        case Model():
            found = chain(
                _list_model_duties(card, consumers, settings, today),
                _list_inventory_duties(card, consumers, settings, today),
            )
        case Experiment():
            found = chain(_list_run_duties(card, settings), _list_cleanup_duties(card, today))
        case Migration():
            found = _list_wave_duties(card, today)
        case _:
            return
    for duty in found:
        since = duty.since or (_add_days(duty.due, 1) if duty.due is not None else None)
        declared_by = duty.declared_by or (card.ref,)
        if since is not None and since <= today:
            yield replace(duty, state=DutyState.OVERDUE, since=since, declared_by=declared_by)
        elif duty.state is DutyState.MISSING and card.is_draft and declared_by == (card.ref,):
            yield replace(duty, state=DutyState.UPCOMING, since=None, declared_by=declared_by)
        else:
            yield replace(duty, since=None, declared_by=declared_by)


def _list_model_duties(model: Model, consumers: Consumers, settings: Settings, today: date) -> Iterator[Duty]:
    ref, missing = model.ref, DutyState.MISSING
    if model.review_by is not None and not model.is_retired:
        state = _judge_day(model.review_by, today, settings.limits.review_soon_days)
        code, verb = ("MB403", "was") if model.review_by < today else ("MB404", "is")
        text = f"review {verb} due on {model.review_by}"
        yield Duty(ref, DutyKind.REVIEW, code, text, ("review_by",), due=model.review_by, state=state)
    if model.sunset_on is not None and not model.is_retired:
        state = _judge_day(model.sunset_on, today, settings.limits.review_soon_days)
        users = f", {len(consumers)} {'consumer' if len(consumers) == 1 else 'consumers'} left" if consumers else ""
        verb = "was" if model.sunset_on < today else "is"
        text = f"announced end {verb} on {model.sunset_on}, still {model.lifecycle}{users}"
        yield Duty(ref, DutyKind.SUNSET, "MB414", text, ("sunset_on",), due=model.sunset_on, state=state)
    if model.is_retired:
        for consumer, cards in sorted(consumers.items()):
            text = f"retired, but {consumer} still depends on it"
            yield Duty(ref, DutyKind.CONSUMED, "MB406", text, ("lifecycle",), consumer, None, missing, None, cards)
    if model.lifecycle is Lifecycle.DEPRECATED and model.successor is None:
        text = "deprecated, no successor"
        yield Duty(ref, DutyKind.SUCCESSOR, "MB407", text, ("lifecycle",), state=missing)
    if not model.is_retired:
        state = DutyState.UPCOMING if model.lifecycle is Lifecycle.EXPERIMENTAL else missing
        for function, title in settings.functions.items():
            if function not in model.contacts:
                text = f"no contact for {title}"
                yield Duty(ref, DutyKind.CONTACT, "MB203", text, ("contacts",), function, state=state)


def find_validation_day(model: Model, settings: Settings) -> date | None:
    """Find the day by which a model must be validated: that of the card, else the last one and the days of its tier."""
    validation, days = model.validation, settings.inventory.tiers.get(model.tier or "")
    if validation is None or validation.next is not None or validation.on is None or days is None:
        return validation.next if validation is not None else None
    return _add_days(validation.on, days)


def _list_inventory_duties(model: Model, consumers: Consumers, settings: Settings, today: date) -> Iterator[Duty]:
    """List the duties of the inventory: validation, the approval of each consumer, exceptions that end."""
    if model.is_retired:
        return
    ref, soon = model.ref, settings.limits.review_soon_days
    due, days = find_validation_day(model, settings), settings.inventory.tiers.get(model.tier or "")
    was_validated = model.validation is not None and model.validation.on is not None
    if due is not None:
        path: Path = ("validation", "next") if model.validation and model.validation.next else ("validation", "on")
        text, state = f"validation {'was' if due < today else 'is'} due on {due}", _judge_day(due, today, soon)
        yield Duty(ref, DutyKind.VALIDATION, "MB420", text, path, due=due, state=state)
    elif days is not None and model.lifecycle is Lifecycle.PRODUCTION and not was_validated:
        text = f"tier {model.tier} in production, never validated"
        yield Duty(ref, DutyKind.VALIDATION, "MB421", text, ("tier",), state=DutyState.MISSING)
    if model.approved_uses:
        yield from _list_approval_duties(model, consumers, today, soon)
    for index, exception in enumerate(model.exceptions):
        if exception.until is not None:
            until, path = exception.until, ("exceptions", index, "until")
            text = f"exception {'ended' if until < today else 'ends'} on {until}: {exception.what}"
            state = _judge_day(until, today, soon)
            yield Duty(ref, DutyKind.EXCEPTION, "MB424", text, path, exception.what, until, state)


def _list_approval_duties(model: Model, consumers: Consumers, today: date, soon: int) -> Iterator[Duty]:
    """List the uses by systems that need an approval: those that none covers, and those whose last one ends."""
    covering = group_pairs(
        (name, (entry.until or date.max, index))
        for index, entry in enumerate(model.approved_uses)
        for name in entry.systems
    )
    for consumer in sorted(consumers):
        kind, _, name = consumer.partition(":")
        until, index = max(covering.get(name, ()), default=(date.min, 0))
        if kind != "system" or until == date.max:
            continue
        if name not in covering:
            text, path = f"no approved use covers {consumer}", ("approved_uses",)
            yield Duty(model.ref, DutyKind.APPROVAL, "MB423", text, path, consumer, state=DutyState.MISSING)
        else:
            text = f"approval of {consumer} {'ended' if until < today else 'ends'} on {until}"
            place, state = ("approved_uses", index, "until"), _judge_day(until, today, soon)
            yield Duty(model.ref, DutyKind.APPROVAL, "MB423", text, place, consumer, until, state)


def _judge_day(day: date, today: date, soon: int) -> DutyState:
    """Return open if the day is near, else upcoming."""
    return DutyState.OPEN if (day - today).days <= soon else DutyState.UPCOMING


def _list_run_duties(experiment: Experiment, settings: Settings) -> Iterator[Duty]:
    """List the duties of a running experiment: an end within the limit, a decision once it has ended."""
    ref, started, ended, upcoming = experiment.ref, experiment.started_on, experiment.ended_on, DutyState.UPCOMING
    if experiment.status is not ExperimentStatus.RUNNING:
        return
    if started is not None:
        limit = settings.limits.experiment_days
        due, text = _add_days(started, limit), f"running since {started}, limit {limit} days"
        yield Duty(ref, DutyKind.LIMIT, "MB513", text, ("started_on",), due=due, state=upcoming)
    if ended is not None:
        text = f"ended on {ended}, but the status is running"
        yield Duty(ref, DutyKind.END, "MB515", text, ("status",), due=ended, state=upcoming)


def _list_cleanup_duties(experiment: Experiment, today: date) -> Iterator[Duty]:
    ref, status, cleanup = experiment.ref, experiment.status, experiment.cleanup
    if cleanup is None or (cleanup.due is None and not cleanup.items):
        if status is ExperimentStatus.CONCLUDED:
            yield Duty(ref, DutyKind.CLEANUP, "MB503", "concluded, no clean-up recorded", ("status",))
        return
    for index, item in enumerate(cleanup.items):
        if item.done_on is not None:
            continue
        due = item.due or cleanup.due
        if status is ExperimentStatus.CLEANED:
            code, text, state = "MB504", f"{item.remove} is still open, but the status is cleaned", DutyState.MISSING
        elif due is None:
            code, text, state = "MB503", f"{item.remove} must be removed, no date", DutyState.OPEN
        else:
            code, verb = ("MB501", "was") if due < today else ("MB502", "is")
            text, state = f"removal of {item.remove} {verb} due on {due}", DutyState.OPEN
        path: Path = ("cleanup", "items", index, "remove")
        yield Duty(ref, DutyKind.CLEANUP, code, text, path, item.remove, due, state)


def _list_wave_duties(migration: Migration, today: date) -> Iterator[Duty]:
    if migration.status is MigrationStatus.ROLLED_BACK:
        return
    ref, waves = migration.ref, migration.waves
    done = [wave.done_on for wave in waves if wave.is_done and wave.done_on is not None]
    waiting = [(index, wave) for index, wave in enumerate(waves) if wave.is_open]
    for index in find_unrepeated_waves(migration):
        text = f"wave {index + 1} of {len(waves)} {describe_reversal(waves[index])}, no wave repeats it"
        path: Path = ("waves", index, "outcome")
        state = DutyState.MISSING if migration.status is not MigrationStatus.PLANNED else DutyState.OPEN
        yield Duty(ref, DutyKind.REVERTED, "MB623", text, path, str(index + 1), state=state)
    kind = DutyKind.STUCK if done else DutyKind.WAVE
    for index, wave in waiting:
        key, name, planned = str(index + 1), f"wave {index + 1} of {len(waves)}", wave.planned_on
        path = ("waves", index, "planned_on")
        if migration.status is MigrationStatus.DONE:
            text = f"{name} is still open, but the status is done"
            yield Duty(ref, kind, "MB622", text, ("waves", index), key, planned, DutyState.MISSING)
        elif planned is not None:
            text = f"{name} {'was' if planned < today else 'is'} planned for {planned}"
            yield Duty(ref, kind, "MB615", text, path, key, planned)
        elif done and index == waiting[0][0]:
            text = f"{name} has no date, the last wave was done on {max(done)}"
            yield Duty(ref, kind, "MB615", text, path, key, since=_add_days(max(done), STUCK_AFTER_DAYS))
        else:
            yield Duty(ref, kind, "MB615", f"{name} has no date", path, key)


def _add_days(day: date, days: int) -> date:
    """Return the day that many days later, or the last day of the calendar."""
    return day + timedelta(days=min(days, (date.max - day).days))


def list_card_duties(graph: Graph, loaded: LoadedCard, settings: Settings, today: date) -> Iterator[Duty]:
    """List the duties of a card with their owners."""
    ref = loaded.ref
    edges = graph.list_incoming_edges(ref, *FLOWING) if ref.kind == "model" else ()
    consumers = group_pairs(dict.fromkeys((str(edge.source), edge.declared_by) for edge in edges))
    owned, removed_by = list_owners(graph, ref), None
    for duty in list_duties(loaded.card, consumers, settings, today):
        owners: tuple[Ref, ...] = ()
        if duty.kind is DutyKind.CLEANUP and duty.key:
            if removed_by is None:
                cleaners = graph.list_outgoing_edges(ref, Relation.REMOVED_BY)
                removed_by = group_pairs((edge.position, edge.target) for edge in cleaners)
            # Both positions move together: which it is does not matter.
            owners = removed_by.get(loaded.document.at(*duty.path[:-1], "owner"), ())
        yield replace(duty, owners=owners or owned)


@keep_derived("clean-up items")
def _group_cleanup_items(graph: Graph, experiment: Ref) -> Mapping[Ref, tuple[CleanupItem, ...]]:
    """Return the items of the clean-up of an experiment by what they remove."""
    card = graph.cards[experiment].card
    items = card.cleanup.items if isinstance(card, Experiment) and card.cleanup else ()
    return group_pairs((Ref.parse(item.remove), item) for item in items)


def find_cleanup(graph: Graph, target: Ref) -> tuple[Experiment, CleanupItem] | None:
    """Return the experiment whose clean-up removes a card or a resource, with the item; None if there is none.

    If there are several, one that is running comes first, since it uses what it will remove, and then a finished one.
    """
    found: list[tuple[Experiment, CleanupItem]] = []
    for edge in graph.list_incoming_edges(target, Relation.REMOVES):
        experiment = graph.cards[edge.source].card
        if isinstance(experiment, Experiment):
            found += ((experiment, item) for item in _group_cleanup_items(graph, edge.source).get(target, ()))
    return min(
        found, key=lambda one: (one[0].status is not ExperimentStatus.RUNNING, not one[0].is_finished), default=None
    )


Accepted = frozenset[tuple[Ref, str]]
"""The codes that cards accept under `x-allow` with a reason, each with its card."""


def find_accepted(graph: Graph, refs: Iterable[Ref]) -> Accepted:
    """Find the codes that some cards of a book accept."""
    return frozenset(
        (ref, code) for ref in refs for code, reason in graph.cards[ref].card.allow.items() if is_reason(reason)
    )


def drop_accepted(duties: Iterable[Duty], accepted: Accepted, settings: Settings) -> Iterator[Duty]:
    """Yield the duties without those that all their cards accept, and those whose code is switched off."""
    off = {code for code, severity in settings.get_severities().items() if severity is None}
    for duty in duties:
        if duty.code not in off and any((ref, duty.code) not in accepted for ref in duty.declared_by):
            yield duty
