"""The trails of cards through the history, and the versions that each model has had."""

from collections.abc import Iterable, Iterator, Mapping

from generator.history.events import Change, Event, History
from generator.history.facts import Aspect
from generator.names import Ref


def trail(history: History, ref: Ref) -> tuple[Event, ...]:
    """When each consumer, contact, owner, endpoint, fallback, version of a card came and went, oldest first.

    A card that was called otherwise before is followed through its renames.
    """
    return tuple(reversed(list(_backwards(history, ref))))


def trail_with_uses(history: History, ref: Ref) -> tuple[Event, ...]:
    """The trail of a card with what it began and ceased to use: events that are told of what it uses."""
    return tuple(reversed(list(_backwards(history, ref, with_uses=True))))


def names(found: Iterable[Event], ref: Ref) -> frozenset[Ref]:
    """What a card was called in the course of its trail."""
    return frozenset({ref, *(Ref.parse(event.before) for event in found if event.change is Change.RENAMED)})


def _backwards(history: History, ref: Ref, *, with_uses: bool = False) -> Iterator[Event]:
    name = ref
    for event in reversed(history.events):
        if with_uses and event.subject != name and event.aspect is Aspect.CONSUMER and event.key == str(name):
            yield event
        if event.subject == name:
            yield event
            if event.change is Change.RENAMED:
                name = Ref.parse(event.before)


def trails(history: History) -> Mapping[Ref, tuple[Event, ...]]:
    """The trail of every card, in one pass; that of a name which was given to another card begins with the other."""
    found: dict[Ref, list[Event]] = {}
    for event in history.events:
        if event.change is Change.RENAMED:
            found[event.subject] = found.pop(Ref.parse(event.before), [])
        found.setdefault(event.subject, []).append(event)
    return {ref: tuple(several) for ref, several in found.items()}


def versions(history: History) -> Mapping[Ref, tuple[str, ...]]:
    """The versions of each model in the order in which they reached the main line, by the name it has now."""
    found: dict[Ref, list[str]] = {}
    for event in history.events:
        if event.change is Change.RENAMED:
            found[event.subject] = found.pop(Ref.parse(event.before), [])
        elif event.aspect is Aspect.VERSION and event.after:
            found.setdefault(event.subject, []).append(event.after)
    return {ref: tuple(several) for ref, several in sorted(found.items()) if several}
