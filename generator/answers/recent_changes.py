"""The latest changes of the cards in git, by card and commit, as text."""

import re
from collections.abc import Iterator, Mapping
from datetime import date

from generator.answers.fact_changes import FactText
from generator.graph.edges import Graph
from generator.history.events import ChangeKind, Event, History
from generator.history.facts import FactKind
from generator.history.git import Commit
from generator.names import Ref
from generator.schema.days import find_day, format_day
from generator.secrets.redaction import redact
from generator.values import FrozenValue

_DAY = re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b")


class RecentChange(FrozenValue):
    """What one commit changed on one card."""

    ref: Ref
    """The card by its present name."""
    name: str
    exists: bool
    """Whether the book still has it."""
    on: date
    """The day on which the change reached the main line."""
    commit: Commit
    author: str
    texts: tuple[str, ...]
    """Each change as a sentence without a full stop."""


def list_recent_changes(
    history: History, graph: Graph, functions: Mapping[str, str], most: int
) -> Iterator[RecentChange]:
    """List the changes of at most that many cards and commits, the latest first.

    The first version of a card is one change, whatever it states. What a shallow clone begins with is none.
    """
    text = FactText((graph,), functions)
    renamed: dict[Ref, Ref] = {}
    groups: dict[tuple[str, Ref], list[Event]] = {}
    for event in reversed(history.events):
        ref = renamed.get(event.subject, event.subject)
        if event.change is ChangeKind.RENAMED:
            renamed[Ref.parse(event.before)] = ref
        if event.change is not ChangeKind.PRESENT:
            key = (event.commit.id, ref)
            if key not in groups and len(groups) == most:
                break
            groups.setdefault(key, []).append(event)
    for (_, ref), events in groups.items():
        commit = events[0].commit
        sentences = tuple(dict.fromkeys(_describe(events[::-1], text)))
        name = graph.get_name(ref) if ref in graph else ref.id
        yield RecentChange(ref, name, ref in graph, events[0].landed_on, commit, redact(commit.author), sentences)


def _describe(events: list[Event], text: FactText) -> Iterator[str]:
    of_card = {event.change for event in events if event.kind is FactKind.CARD}
    if ChangeKind.ADDED in of_card or ChangeKind.REMOVED in of_card:
        yield "Added the card" if ChangeKind.ADDED in of_card else "Deleted the card"
        return
    for event in events:
        if event.change is ChangeKind.RENAMED:
            yield f"Renamed from {event.before.partition(':')[2]}"
        else:
            sentence = text.describe(event.kind, event.key, event.change, event.before, event.after)
            yield _DAY.sub(_format_day, sentence)


def _format_day(match: re.Match[str]) -> str:
    day = find_day(match[0])
    return format_day(day) if day else match[0]
