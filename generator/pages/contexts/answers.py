"""The sections at the end of a card's page: its impact, its handover, its history in git."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from generator.answers.card_history import describe_event
from generator.answers.handover import Handover
from generator.history.facts import FactKind
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.impact import ImpactView, build_impact_view
from generator.secrets.redaction import redact

_MOST_COMMITS = 20
"""The most commits on a page, the latest first; `modelbook history` lists all of them."""
_MOST_EVENTS = 15
"""The most events of one commit on a page."""
_SHOWN_KINDS = frozenset(
    {
        FactKind.CARD, FactKind.CONSUMER, FactKind.CONTACT, FactKind.OWNER, FactKind.ENDPOINT, FactKind.FALLBACK,
        FactKind.SUCCESSOR, FactKind.LIFECYCLE,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TrailRow:
    """The events of one commit."""

    day: date
    whats: tuple[str, ...]
    more: int
    """The number of its other events."""
    commit: str
    """The first ten digits of its id."""
    author: str
    message: str
    """The first line of its message."""


@dataclass(frozen=True, slots=True)
class TrailView:
    """The section *History* of a model's page."""

    ref: Ref
    rows: tuple[TrailRow, ...]
    """The latest first."""
    more: int
    """The number of earlier commits."""
    notes: tuple[str, ...]
    """Why the history is incomplete, if it is."""


@dataclass(frozen=True, slots=True)
class Answers:
    """The sections of a page; None for those that it does not have."""

    impact: ImpactView | None = None
    handover: Handover | None = None
    """The responsibilities of a person or a team."""
    trail: TrailView | None = None


NO_ANSWERS = Answers()


def build_answers(book: Book, ref: Ref) -> Answers:
    """Build the sections of a card's page."""
    handover = book.handovers.get(ref)
    has_handover = handover is not None and bool(handover.held)
    return Answers(build_impact_view(book, ref), handover if has_handover else None, build_trail_view(book, ref))


def build_trail_view(book: Book, ref: Ref) -> TrailView | None:
    """Build the section *History*; None if the card is no model or git has no events of it."""
    events = [event for event in book.trails.get(ref, ()) if event.kind in _SHOWN_KINDS]
    if ref.kind != "model" or not events:
        return None
    commits = [(commit, list(several)) for commit, several in groupby(events, key=lambda event: event.commit)]
    rows = tuple(
        TrailRow(
            day=several[0].on,
            whats=tuple(map(describe_event, several[:_MOST_EVENTS])),
            more=max(0, len(several) - _MOST_EVENTS),
            commit=commit.short,
            author=redact(commit.author),
            message=commit.subject,
        )
        for commit, several in reversed(commits[-_MOST_COMMITS:])
    )
    return TrailView(ref, rows, max(0, len(commits) - _MOST_COMMITS), book.history.notes)
