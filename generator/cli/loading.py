"""Loading a book for a command, and resolving the references that the user types.

Separate from the options, because it imports everything that reads and checks cards.
"""

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from generator.answers.unreadable import find_unreadable
from generator.cli.console import print_line
from generator.cli.progress import show_spinner
from generator.errors import UserError
from generator.findings import Position
from generator.graph.edges import Graph
from generator.names import Ref, suggest_name
from generator.project import Project, open_project

_SHOWN = 5
"""The most unreadable cards that the warning lists."""


def load_book(root: Path, today: datetime | None = None) -> Project:
    """Read and check the book in a folder."""
    with show_spinner("Reading cards"):
        return open_project(root, today.date() if today else None)


def load_for_query(root: Path, today: datetime | None = None) -> Project:
    """Read and check the book in a folder, and warn on stderr about cards that an answer must skip."""
    project = load_book(root, today)
    missing = list_unreadable(project)
    if missing:
        cards = "1 card" if len(missing) == 1 else f"{len(missing)} cards"
        places = ", ".join(f"{place.file}:{place.line}" for place in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        print_line(f"warning: skipped {cards} that cannot be read: {places}{more}; run `modelbook check`", err=True)
    return project


def list_unreadable(project: Project) -> tuple[Position, ...]:
    """Return the positions of the cards that cannot be read, so that the graph does not contain them."""
    return find_unreadable(project.cards, project.findings)


def resolve_reference(graph: Graph, text: str, kinds: Collection[str] = ()) -> Ref:
    """Return the node for a reference, an id, a name or an alias.

    `kinds` limits the search for text without a kind. Raises UserError if no node matches, or several do.
    """
    if ":" in text:
        kinds = ()
        try:
            ref = Ref.parse(text)
        except ValueError as error:
            raise UserError(str(error)) from None
        if ref in graph:
            return ref
    labels = {ref: graph.list_labels(ref) for ref in graph.refs if not kinds or ref.kind in kinds}
    matches = [ref for ref, names in labels.items() if text.casefold() in names]
    if len(matches) == 1:
        return matches[0]
    if matches:
        message = f"ambiguous reference {text!r}: expected one of {', '.join(map(str, matches))}"
        raise UserError(message)
    known = [*map(str, labels), *(name for names in labels.values() for name in names)]
    hint = suggest_name(text.casefold(), known) or "check the id, name or alias"
    message = f"no {' or '.join(kinds) or 'card'} matches {text!r}: {hint}"
    raise UserError(message)
