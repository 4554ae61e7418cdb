"""Loading a book for a command, and resolving the references that the user types.

Separate from the options, because it imports everything that reads and checks cards.
"""

from datetime import datetime
from pathlib import Path

from generator.cli.console import print_line
from generator.cli.progress import show_spinner
from generator.names import format_count
from generator.project import Project, open_project
from generator.reads import omit_reads

_SHOWN = 5
"""The most unreadable cards that the warning lists."""


def load_book(root: Path, today: datetime | None = None, baseline: Path | None = None) -> Project:
    """Read and check the book in a folder; `baseline` replaces the configured file of known findings."""
    with show_spinner("Reading cards"), omit_reads():
        return open_project(root, today.date() if today else None, baseline=baseline)


def load_for_query(root: Path, today: datetime | None = None) -> Project:
    """Read and check the book in a folder, and warn on stderr about cards that an answer must skip."""
    project = load_book(root, today)
    missing = project.unreadable
    if missing:
        cards = format_count(len(missing), "card")
        places = ", ".join(f"{place.file}:{place.line}" for place in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        print_line(f"warning: skipped {cards} that cannot be read: {places}{more}; run `modelbook check`", err=True)
    return project
