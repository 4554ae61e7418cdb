"""The history of a card: its events and their text."""

from collections import Counter
from collections.abc import Iterable
from datetime import date

from generator.answers.fact_changes import FactText
from generator.evidence.source_links import build_origin_links
from generator.history.events import ChangeKind, Event, History, build_timeline
from generator.history.facts import FactKind
from generator.load.collected import CardOrigin
from generator.names import Ref
from generator.values import FrozenValue

_COUNTED = frozenset({FactKind.CONTACT, FactKind.ENDPOINT, FactKind.CONSUMER, FactKind.FALLBACK})
"""The facts that the sentence about a new card counts."""


class CardEvent(FrozenValue):
    """An event of a card with its text."""

    event: Event
    text: str


class CardHistory(FrozenValue):
    """The answer to `modelbook history REF`."""

    ref: Ref
    name: str
    notes: tuple[str, ...]
    """The limits of the history."""
    events: tuple[CardEvent, ...]
    """The oldest first, including the events of its uses."""
    origin: CardOrigin | None = None
    """The repository that has the history of a collected card; the events are those of the cards that use it."""


def build_card_history(
    history: History, ref: Ref, name: str, origin: CardOrigin | None = None, source_url: str | None = None
) -> CardHistory:
    """Build the history of a card, which may be deleted.

    `origin` is its place in another repository, if it was collected from there, and `source_url` the address of a line
    at hosts that Modelbook does not know.
    """
    timeline = build_timeline(history, ref)
    own = {ref, *(Ref.parse(event.before) for event in timeline if event.change is ChangeKind.RENAMED)}
    events = (CardEvent(event, describe_event(event, of_user=event.subject not in own)) for event in timeline)
    notes = history.notes
    if origin is not None:
        address = build_origin_links(origin, pattern=source_url).history
        notes = (f"The history of this card is in its repository: {address or f'git log -- {origin}'}",)
    return CardHistory(ref, name, notes, tuple(events), origin)


def find_last_review(timeline: Iterable[Event]) -> date | None:
    """Find the day of the last review of a card: the day on which its `review_by` became a later one."""
    put_off = (
        event.on
        for event in timeline
        if event.kind is FactKind.REVIEW and event.change is ChangeKind.CHANGED and event.after > event.before
    )
    return max(put_off, default=None)


def describe_commit(events: Iterable[Event], text: FactText) -> tuple[str, ...]:
    """Describe the events of one commit for readers, as in `Added consumer Home feed`.

    The commit that adds the card is one sentence with the number of the facts of each kind.
    """
    events = tuple(events)
    is_new = any(event.kind is FactKind.CARD and event.change is ChangeKind.ADDED for event in events)
    first: set[tuple[FactKind, str]] = set()
    found: dict[str, None] = {}
    for event in events:
        if event.change is ChangeKind.PRESENT or (is_new and event.change is ChangeKind.ADDED):
            first.add((event.kind, event.key))
        elif event.change is ChangeKind.RENAMED:
            found[f"Renamed from {event.before}"] = None
        else:
            # Both ends of a use can declare it, with different reasons.
            is_brief = event.kind is FactKind.CONSUMER and event.change is not ChangeKind.CHANGED
            before, after = ("", "") if is_brief else (event.before, event.after)
            found[text.describe(event.kind, event.key, event.change, before, after)] = None
    counts = Counter(kind for kind, _ in sorted(first) if kind in _COUNTED)
    words = [f"{count} {kind}{'s' if count != 1 else ''}" for kind, count in counts.items()]
    start = "Created the card" if is_new else "First commit of this clone"
    created = [f"{start}, with {', '.join(words)}" if words else start] if first else []
    return (*created, *found)


def describe_event(event: Event, *, of_user: bool = False) -> str:
    """Return `contact for ds changed: asha → farah`, or only the subject of an event that has no values.

    `of_user` describes the event from the side of the card that uses the subject.
    """
    if event.change is ChangeKind.RENAMED:
        return f"renamed from {event.before}"
    subject = f"use of {event.subject}" if of_user else _describe_subject(event)
    if event.change is ChangeKind.CHANGED:
        return f"{subject} changed: {event.before} → {event.after}"
    value = "" if event.kind is FactKind.CARD else event.after or event.before
    return f"{subject} {event.change}{f': {value}' if value else ''}"


def _describe_subject(event: Event) -> str:
    match event.kind:
        case FactKind.CARD:
            return "name" if event.change is ChangeKind.CHANGED else "card"
        case FactKind.CONTACT:
            return f"contact for {event.key}"
        case FactKind.ENDPOINT:
            return f"{event.key} endpoint"
        case FactKind.WAVE:
            return f"wave {event.key}"
        case FactKind.CONSUMER:
            try:
                consumer = Ref.parse(event.key)
            except ValueError:
                return f"consumer {event.key}"
            return f"consumer {consumer.id if consumer.kind == 'system' else consumer}"
        case kind:
            return f"{kind} {event.key}".rstrip()
