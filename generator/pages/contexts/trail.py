"""The section *History* of a model's page: the trail of why, from git."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from generator.answers.event_text import describe_event
from generator.history.events import Event
from generator.history.facts import FactKind
from generator.names import Ref
from generator.pages.book import Book
from generator.secrets.redaction import redact

_SHOWN = 20
"""How many commits a page shows, the latest first; `modelbook history` tells all of them."""
_IN_COMMIT = 15
"""How many things of one commit a page shows."""
_TOLD = frozenset(
    {
        FactKind.CARD, FactKind.CONSUMER, FactKind.CONTACT, FactKind.OWNER, FactKind.ENDPOINT, FactKind.FALLBACK,
        FactKind.SUCCESSOR, FactKind.LIFECYCLE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrailRow:
    """What came, went or changed with one commit."""

    day: date
    whats: tuple[str, ...]
    more: int
    """How many further things changed with it."""
    commit: str
    """As people write it: the first ten letters."""
    author: str
    message: str
    """Its first line."""


@dataclass(frozen=True, slots=True)
class TrailView:
    """All that the section shows."""

    ref: Ref
    rows: tuple[TrailRow, ...]
    """The latest first."""
    more: int
    """How many earlier commits there are."""
    notes: tuple[str, ...]
    """How far this reaches, where it does not reach all the way."""


def trail_view(book: Book, ref: Ref) -> TrailView | None:
    """The section of a model; None for anything else, and where git tells nothing about it."""
    if ref.kind != "model":
        return None
    told = [event for event in book.trails.get(ref, ()) if event.kind in _TOLD]
    if not told:
        return None
    commits = [list(events) for _, events in groupby(told, key=lambda event: event.commit.id)]
    rows = tuple(map(_row, reversed(commits[-_SHOWN:])))
    return TrailView(ref, rows, max(0, len(commits) - _SHOWN), book.history.notes)


def _row(events: Sequence[Event]) -> TrailRow:
    commit = events[0].commit
    whats = tuple(map(describe_event, events[:_IN_COMMIT]))
    more = max(0, len(events) - _IN_COMMIT)
    return TrailRow(events[0].on, whats, more, commit.short, redact(commit.author), commit.subject)
