"""What the page of a card tells lists of pages: its labels, its state, and how many depend on the card."""

from generator.graph.duties import DutyKind
from generator.names import Ref
from generator.pages.book import Book
from generator.schema import Card, Model
from generator.schema.card import Lifecycle

_LONGEST_ABBREVIATION = 12


def count_dependents(book: Book, ref: Ref) -> int:
    """Count the nodes that refer to a card, and the other users by the evidence."""
    declared = {edge.source for edge in book.graph.list_incoming_edges(ref)}
    return len(declared | {one.user or one.name for one in book.sightings.list_undocumented(ref)})


def list_labels(book: Book, ref: Ref) -> tuple[str, ...]:
    """List the kind, the state and the tags of a card."""
    card = book.get_card(ref)
    state = getattr(card, "lifecycle", None) or getattr(card, "status", None) or ""
    stated = [ref.kind.replace("_", "-"), str(state).replace("_", "-"), *(card.tags if card else ())]
    return tuple(dict.fromkeys(label for label in stated if label))


def find_unusual_state(book: Book, ref: Ref) -> str:
    """Find the state of a card if it is not the ordinary one: see `SitePage.state`; else return an empty text."""
    card = book.get_card(ref)
    if isinstance(card, Model) and card.lifecycle in {Lifecycle.DEPRECATED, Lifecycle.RETIRED}:
        return card.lifecycle
    duties = book.duties.get(ref, ())
    is_overdue = any(duty.kind is DutyKind.REVIEW and duty.is_overdue for duty in duties)
    return DutyKind.REVIEW.value if is_overdue else ""


def find_abbreviation(card: Card) -> str:
    """Find the first alias in capital letters that the name does not contain, as `RYL`; else an empty text.

    Other aliases are former names and identifiers, which would make a title longer and not clearer.
    """
    known = card.name.casefold()
    abbreviations = (alias for alias in card.aliases if alias.isupper() and len(alias) <= _LONGEST_ABBREVIATION)
    return next((alias for alias in abbreviations if " " not in alias and alias.casefold() not in known), "")
