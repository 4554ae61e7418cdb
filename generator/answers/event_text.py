"""Text for events of the history, for the command line and for pages."""

from generator.history.events import Change, Event
from generator.history.facts import Aspect
from generator.names import Ref


def describe_event(event: Event, *, of_user: bool = False) -> str:
    """Return `contact for ds changed: asha → farah`, or only the subject of an event that has no values.

    `of_user` describes the event from the side of the card that uses the subject.
    """
    match event.change, event.aspect:
        case Change.RENAMED, _:
            return f"was called {event.before} before"
        case Change.CHANGED, Aspect.CARD:
            return f"the name changed: {event.before} → {event.after}"
        case change, Aspect.CARD:
            return f"the card {change}"
    subject = f"use of {event.subject}" if of_user else _describe_subject(event)
    if event.change is Change.CHANGED:
        return f"{subject} changed: {event.before} → {event.after}"
    value = event.after or event.before
    return f"{subject} {event.change}{f': {value}' if value else ''}"


def _describe_subject(event: Event) -> str:
    match event.aspect:
        case Aspect.CONTACT:
            return f"contact for {event.key}"
        case Aspect.ENDPOINT:
            return f"{event.key} endpoint"
        case Aspect.WAVE:
            return f"wave {event.key}"
        case Aspect.CONSUMER:
            try:
                consumer = Ref.parse(event.key)
            except ValueError:
                return f"consumer {event.key}"
            return f"consumer {consumer.id if consumer.kind == 'system' else consumer}"
        case aspect:
            return f"{aspect} {event.key}".rstrip()
