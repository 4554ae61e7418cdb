"""What happened to a card, in words: for the terminal and for the page."""

from generator.history.events import Change, Event
from generator.history.facts import Aspect
from generator.names import Ref


def in_words(event: Event, *, of_user: bool = False) -> str:
    """`contact for ds changed: asha → farah`; only the name of what came or went where it has no value of its own.

    `of_user`: what is told of a thing that is used, in the words of the one who uses it.
    """
    if event.change is Change.RENAMED:
        return f"was called {event.before} before"
    if event.aspect is Aspect.CARD:
        return _of_card(event)
    subject = f"use of {event.subject}" if of_user else _subject(event)
    if event.change is Change.CHANGED:
        return f"{subject} changed: {event.before} → {event.after}"
    value = event.after or event.before
    return f"{subject} {event.change}{f': {value}' if value else ''}"


def _of_card(event: Event) -> str:
    match event.change:
        case Change.CHANGED:
            return f"the name changed: {event.before} → {event.after}"
        case _:
            return f"the card {event.change}"


def _subject(event: Event) -> str:
    """What the event is about, as people say it."""
    match event.aspect:
        case Aspect.CONTACT:
            return f"contact for {event.key}"
        case Aspect.ENDPOINT:
            return f"{event.key} endpoint"
        case Aspect.WAVE:
            return f"wave {event.key}"
        case Aspect.CONSUMER:
            return f"consumer {_bare(event.key)}"
        case aspect:
            return f"{aspect} {event.key}".rstrip()


def _bare(reference: str) -> str:
    try:
        ref = Ref.parse(reference)
    except ValueError:
        return reference
    return ref.id if ref.kind == "system" else reference
