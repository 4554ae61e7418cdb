"""Tasks: what to do with which card, why and by when. The missing contacts of one card are one task."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec.structs import replace

from generator.answers.card_history import find_last_review
from generator.answers.debt import DebtItem
from generator.graph.duties import Duty, DutyKind
from generator.graph.edges import FLOWING, Graph, Relation
from generator.graph.waves import ALL, describe_reversal, describe_scope, get_wave_moves
from generator.history.events import ChangeKind, Event
from generator.history.facts import FactKind
from generator.names import Ref
from generator.schema import KINDS, Card, Experiment, Migration, Model, System
from generator.schema.days import find_day, format_day
from generator.schema.rollouts import ExperimentStatus
from generator.values import FrozenValue

_MOST_MOVED = 3
"""The most cards that the task of a wave names."""
_WHOLE = 100
"""All traffic, in percent."""
_NOUNS = {
    DutyKind.CLEANUP: ("clean-up", "clean-ups"),
    DutyKind.REVIEW: ("review", "reviews"),
    DutyKind.CONSUMED: ("use of a retired model", "uses of retired models"),
    DutyKind.SUCCESSOR: ("missing successor", "missing successors"),
    DutyKind.CONTACT: ("missing contact", "missing contacts"),
    DutyKind.STUCK: ("migration wave", "migration waves"),
    DutyKind.WAVE: ("migration wave", "migration waves"),
    DutyKind.REVERTED: ("reverted wave", "reverted waves"),
    DutyKind.SUNSET: ("announced end", "announced ends"),
    DutyKind.LIMIT: ("experiment without a decision", "experiments without a decision"),
    DutyKind.END: ("experiment without a decision", "experiments without a decision"),
    DutyKind.VALIDATION: ("validation", "validations"),
    DutyKind.APPROVAL: ("use without approval", "uses without approval"),
    DutyKind.EXCEPTION: ("exception", "exceptions"),
    DutyKind.UNDOCUMENTED: ("undocumented use", "undocumented uses"),
    DutyKind.ALIVE: ("retired name still in use", "retired names still in use"),
}


class Task(FrozenValue):
    """Something to do: one item of the ledger, or the missing contacts of one card."""

    items: tuple[DebtItem, ...]
    action: str
    """The beginning of the sentence, as in `Remove the collection`."""
    objects: tuple[Ref, ...]
    """The cards that follow the action."""
    ending: str = ""
    """The rest of the sentence, as in `for Product`."""
    reason: Ref | None = None
    """The card that it follows from, if it is not among the objects."""
    because: str = ""
    """The reason; the text continues the name of `reason`, if there is one."""
    note: str = ""
    """What the author of the card says about it."""
    days_left: int | None = None
    """The number of days up to its day; None if it is overdue or has no day."""
    moves: int = 0
    """How often its day was put off."""
    first_due: date | None = None
    """Its day before it was first put off."""

    @property
    def subject(self) -> Ref:
        """The card that declares it."""
        return self.items[0].subject

    @property
    def kind(self) -> DutyKind:
        """The kind of its duties."""
        return self.items[0].duty.kind

    @property
    def is_overdue(self) -> bool:
        """Whether its day has passed, or it has no day and the card needs it now."""
        return self.items[0].duty.is_overdue

    @property
    def due(self) -> date | None:
        """The last day on which it is in time."""
        return self.items[0].due

    @property
    def since(self) -> date | None:
        """The first day on which it was overdue."""
        return min((item.since for item in self.items if item.since), default=None)

    @property
    def days(self) -> int | None:
        """The number of days since then."""
        return max((item.days for item in self.items if item.days is not None), default=None)

    @property
    def owners(self) -> tuple[Ref, ...]:
        """The teams and people who have to do it."""
        return self.items[0].owners


def build_tasks(
    graph: Graph,
    items: Iterable[DebtItem],
    functions: Mapping[str, str],
    timelines: Mapping[Ref, Sequence[Event]],
    today: date,
) -> tuple[Task, ...]:
    """Build the tasks for items of the ledger, in their order.

    `timelines` has the events of each card in git, for reviews and for days that were put off.
    """
    groups: dict[tuple[Ref, DutyKind, str], list[DebtItem]] = {}
    for item in items:
        key = "" if item.duty.kind is DutyKind.CONTACT else f"{item.duty.path} {item.duty.key}"
        groups.setdefault((item.subject, item.duty.kind, key), []).append(item)
    tasks: list[Task] = []
    for (subject, _, _), several in groups.items():
        timeline = timelines.get(subject, ())
        if several[0].duty.kind in {DutyKind.UNDOCUMENTED, DutyKind.ALIVE}:
            task = _describe_evidence(tuple(several), graph.cards[subject].card)
        else:
            task = _describe(graph, tuple(several), functions, timeline)
        moves = list(_list_moves(task.items[0].duty, timeline))
        left = (task.due - today).days if task.due is not None and not task.is_overdue else None
        tasks.append(replace(task, days_left=left, moves=len(moves), first_due=moves[0] if moves else None))
    return tuple(tasks)


def describe_counts(items: Iterable[DebtItem]) -> str:
    """Return `3 clean-ups, 1 review`, in the order of the kinds."""
    counts = Counter(_NOUNS[item.duty.kind] for item in items)
    ordered = dict.fromkeys(_NOUNS.values())
    return ", ".join(f"{counts[noun]} {noun[counts[noun] != 1]}" for noun in ordered if counts[noun])


def _describe(
    graph: Graph, items: tuple[DebtItem, ...], functions: Mapping[str, str], timeline: Sequence[Event]
) -> Task:
    duty = items[0].duty
    subject, card = duty.subject, graph.cards[duty.subject].card
    match duty.kind, card:
        case DutyKind.CONTACT, _:
            missing = {item.duty.key for item in items}
            titles = [title for function, title in functions.items() if function in missing]
            action = "Name contacts of" if len(items) > 1 else "Name a contact of"
            joined = " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles)
            return Task(items, action, (subject,), f"for {joined}", None, "Its card names none")
        case DutyKind.REVIEW, _:
            reviewed = find_last_review(timeline)
            because = f"Last reviewed on {format_day(reviewed)}" if reviewed else "Planned review"
            return Task(items, "Review", (subject,), because=because)
        case _, Model():
            return _describe_model_duty(graph, items, card)
        case DutyKind.CLEANUP, Experiment():
            return _describe_cleanup(graph, items, card)
        case _, Experiment() if duty.kind is DutyKind.END and card.ended_on is not None:
            because = f"It ended on {format_day(card.ended_on)}, but its status is running"
            return Task(items, "Decide on", (subject,), because=because)
        case _, Experiment() if card.started_on is not None:
            return Task(items, "Decide on", (subject,), because=f"Running since {format_day(card.started_on)}")
        case _, Migration():
            return _describe_wave(items, card)
        case _:
            return Task(items, "Look at", (subject,), because=duty.text)


def _describe_model_duty(graph: Graph, items: tuple[DebtItem, ...], model: Model) -> Task:
    duty, subject = items[0].duty, model.ref
    match duty.kind:
        case DutyKind.SUNSET:
            users = len({edge.source for edge in graph.list_incoming_edges(subject, *FLOWING)})
            left = f"; {users} {'card still uses' if users == 1 else 'cards still use'} it" if users else ""
            return Task(items, "Switch off", (subject,), because=f"Its announced end{left}")
        case DutyKind.SUCCESSOR:
            return Task(items, "Name a successor of", (subject,), because="It is deprecated")
        case DutyKind.CONSUMED:
            return Task(items, "Move", (Ref.parse(duty.key),), "to another model", subject, "is retired")
        case DutyKind.VALIDATION:
            last = model.validation.on if model.validation else None
            because = f"Last validated on {format_day(last)}" if last else "It was never validated"
            return Task(items, "Validate", (subject,), because=because)
        case DutyKind.APPROVAL:
            ending = f"by {graph.get_name(Ref.parse(duty.key))}"
            because = f"The approval is up to {format_day(duty.due)}" if duty.due else "No approved use covers it"
            return Task(items, "Approve the use of", (subject,), ending, because=because)
        case DutyKind.EXCEPTION:
            return Task(items, "End or renew an exception of", (subject,), because=duty.key)
        case _:
            return Task(items, "Look at", (subject,), because=duty.text)


def _describe_evidence(items: tuple[DebtItem, ...], card: Card) -> Task:
    duty = items[0].duty
    text = duty.text[:1].upper() + duty.text[1:]
    if duty.kind is DutyKind.ALIVE:
        action = "Remove a retired string of" if isinstance(card, Migration) else "Remove the last use of"
        return Task(items, action, (duty.subject,), because=text)
    reference, _, by = duty.key.partition(" ")
    target, evidence = Ref.parse(reference), duty.text.partition(": ")[2]
    if isinstance(card, System) and card.ref != target:
        return Task(items, "Document the use of", (target,), "", card.ref, f"uses it, {evidence}")
    because = evidence[:1].upper() + evidence[1:]
    return Task(items, "Document the use of", (target,), by, because=because)


def _describe_cleanup(graph: Graph, items: tuple[DebtItem, ...], experiment: Experiment) -> Task:
    duty = items[0].duty
    if not duty.key:
        because = "It is concluded, and its card lists nothing to remove"
        return Task(items, "Record the clean-up of", (experiment.ref,), because=because)
    match duty.path:
        case ("cleanup", "items", int(index), "remove") if experiment.cleanup:
            note = experiment.cleanup.items[index].note or ""
        case _:
            note = ""
    removed = Ref.parse(duty.key)
    word = removed.kind.replace("_", " ")
    has_card = removed in graph.cards and removed.kind in KINDS
    if experiment.status is ExperimentStatus.CLEANED:
        because = "is marked as cleaned, but this is still there"
    elif experiment.ended_on is not None:
        because = f"ended on {format_day(experiment.ended_on)}"
    else:
        because = "still runs" if experiment.status is ExperimentStatus.RUNNING else f"is {experiment.status}"
    action = "Remove" if has_card else f"Remove the {word}"
    return Task(items, action, (removed,), "", experiment.ref, because, note)


def _describe_wave(items: tuple[DebtItem, ...], migration: Migration) -> Task:
    duty = items[0].duty
    number = int(duty.key)
    wave = migration.waves[number - 1]
    name = f"wave {number} of {len(migration.waves)}"
    if duty.code == "MB622":
        because = "Its status is done, but the wave is open"
        return Task(items, f"Complete {name} of", (migration.ref,), because=because, note=wave.note or "")
    moved = [Ref.parse(text) for text in get_wave_moves(migration, wave)]
    more = f"and {len(moved) - _MOST_MOVED} more " if len(moved) > _MOST_MOVED else ""
    scope = {name: values for name, values in wave.scope.items() if ALL not in values}
    part = f" ({describe_scope(scope)})" if scope else ""
    share = f"{wave.traffic:g} % of the traffic{part}"
    if wave.traffic == _WHOLE:
        share = f"all of the traffic{part}" if part else "all traffic"
    share = f"{more}to {share}"
    if duty.kind is DutyKind.REVERTED:
        because = f"({name}, which {describe_reversal(wave)})"
        return Task(items, "Move again", tuple(moved[:_MOST_MOVED]), share, migration.ref, because, wave.note or "")
    action = "Move" if wave.planned_on else "Plan a day to move"
    return Task(items, action, tuple(moved[:_MOST_MOVED]), share, migration.ref, f"({name})", wave.note or "")


_DUE_FACTS = {
    DutyKind.REVIEW: (FactKind.REVIEW,),
    DutyKind.SUNSET: (FactKind.SUNSET,),
    DutyKind.CLEANUP: (FactKind.CLEANUP_DUE, FactKind.CLEANUP_ITEM_DUE),
    DutyKind.WAVE: (FactKind.WAVE,),
    DutyKind.STUCK: (FactKind.WAVE,),
}
"""The facts that date a duty."""


def _list_moves(duty: Duty, timeline: Iterable[Event]) -> Iterator[date]:
    """List the days of a duty that were put off, since its last review."""
    if duty.kind is DutyKind.REVIEW:
        return  # each review puts off the next one
    for event in timeline:
        if event.kind in _DUE_FACTS.get(duty.kind, ()) and event.change is ChangeKind.CHANGED:
            before, after = (find_day(text.removeprefix("planned ")) for text in (event.before, event.after))
            if event.key in {"", duty.key} and before is not None and after is not None and after > before:
                yield before


class NextChange(FrozenValue):
    """The next dated change of a model: a review, a wave, a clean-up, its announced end."""

    word: str
    on: date
    by: Ref
    """The card that plans it."""
    is_overdue: bool


_CHANGE_WORDS = {
    DutyKind.REVIEW: "Review",
    DutyKind.SUNSET: "Announced end",
    DutyKind.VALIDATION: "Validation",
    DutyKind.WAVE: "Migration",
    DutyKind.STUCK: "Migration",
    DutyKind.CLEANUP: "Clean-up",
}


def find_next_change(graph: Graph, ref: Ref, duties: Mapping[Ref, tuple[Duty, ...]]) -> NextChange | None:
    """Find the earliest dated change of a card by the duties of each card: its own, and what moves or tests it."""
    edges = graph.list_incoming_edges(ref, Relation.MOVES, Relation.TESTS, Relation.REMOVES)
    cards = {*(edge.declared_by for edge in edges), *((ref,) if ref in graph.cards else ())}
    found: NextChange | None = None
    for subject in sorted(cards, key=graph.order.__getitem__):
        for duty in duties.get(subject, ()):
            if duty.due is None or duty.kind not in _CHANGE_WORDS or (found is not None and duty.due >= found.on):
                continue
            if str(ref) in _list_changed(graph.cards[subject].card, duty):
                found = NextChange(_CHANGE_WORDS[duty.kind], duty.due, subject, duty.is_overdue)
    return found


def _list_changed(card: Card, duty: Duty) -> Iterable[str]:
    """List the cards and resources that a dated duty changes."""
    if isinstance(card, Migration):
        return get_wave_moves(card, card.waves[int(duty.key) - 1])
    if isinstance(card, Experiment):
        tested = (f"model:{variant.model}" for variant in card.variants.values() if variant.model)
        return (*tested, *([duty.key] if duty.key else []))
    return (str(card.ref),)
