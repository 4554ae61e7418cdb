"""Text for events of the history, for the command line and for pages."""

from generator.history.events import ChangeKind, Event
from generator.history.facts import FactKind
from generator.names import Ref


def describe_event(event: Event, *, of_user: bool = False) -> str:
    """Return `contact for ds changed: asha → farah`, or only the subject of an event that has no values.

    `of_user` describes the event from the side of the card that uses the subject.
    """
    match event.change, event.kind:
        case ChangeKind.RENAMED, _:
            return f"renamed from {event.before}"
        case ChangeKind.CHANGED, FactKind.CARD:
            return f"name changed: {event.before} → {event.after}"
        case change, FactKind.CARD:
            return f"card {change}"
    subject = f"use of {event.subject}" if of_user else _describe_subject(event)
    if event.change is ChangeKind.CHANGED:
        return f"{subject} changed: {event.before} → {event.after}"
    value = event.after or event.before
    return f"{subject} {event.change}{f': {value}' if value else ''}"


def _describe_subject(event: Event) -> str:
    match event.kind:
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
        case aspect:
            return f"{aspect} {event.key}".rstrip()
