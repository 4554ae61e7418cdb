"""Opening a book for a command; apart from the options, because it brings everything that reads and checks cards."""

from datetime import date, datetime
from pathlib import Path

from generator.cli.waiting import waiting
from generator.project import Project, open_project


def opened(root: Path, today: datetime | None = None) -> Project:
    """The book in a folder, read and checked; a spinner turns on a terminal while that takes long."""
    day: date | None = today.date() if today else None
    with waiting("reading the cards"):
        return open_project(root, day)
