"""Opening a book for a command; apart from the options, because it brings everything that reads and checks cards."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from generator.answers.unreadable import find_unreadable
from generator.cli.console import print_line
from generator.cli.waiting import waiting
from generator.findings import Position
from generator.project import Project, open_project


def opened(root: Path, today: datetime | None = None) -> Project:
    """The book in a folder, read and checked; a spinner turns on a terminal while that takes long."""
    day: date | None = today.date() if today else None
    with waiting("reading the cards"):
        return open_project(root, day)


def opened_to_answer(root: Path, today: datetime | None = None) -> Project:
    """The book in a folder, for an answer from its graph: what the answer cannot know is told on the error stream."""
    project = opened(root, today)
    if missing := missing_from(project):
        print_line(_warning(missing), err=True)
    return project


def missing_from(project: Project) -> tuple[Position, ...]:
    """The places of the cards that could not be read: an answer from the graph leaves them out."""
    return find_unreadable(project.cards, project.findings)


_SHOWN = 5


def _warning(missing: Sequence[Position]) -> str:
    cards = "1 card could not be read, the answer leaves it out"
    if len(missing) > 1:
        cards = f"{len(missing)} cards could not be read, the answer leaves them out"
    places = [f"{place.file}:{place.line}" for place in missing[:_SHOWN]]
    more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
    return f"warning: {cards}: {', '.join(places)}{more}; run modelbook check"
