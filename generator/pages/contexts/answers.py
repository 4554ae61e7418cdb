"""What every card's page may end with: what depends on it, what it holds, what git remembers of it."""

from dataclasses import dataclass

from generator.answers.handover import Handover
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.impact import ImpactView, impact_view
from generator.pages.contexts.trail import TrailView, trail_view


@dataclass(frozen=True, slots=True)
class Answers:
    """The sections of a page; None for those that it does not have."""

    impact: ImpactView | None = None
    """What depends on it, or counts on the person or the team."""
    handover: Handover | None = None
    """What is held; of people and teams that hold anything."""
    trail: TrailView | None = None
    """The trail of why; of models that git knows."""


NO_ANSWERS = Answers()


def answers_of(book: Book, ref: Ref) -> Answers:
    """The sections of a card's page."""
    handover = book.handovers.get(ref)
    held = handover if handover is not None and handover.held else None
    return Answers(impact_view(book, ref), held, trail_view(book, ref))
