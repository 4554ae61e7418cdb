"""The contacts of a model by function, on its page and on the page "Who to call"."""

from dataclasses import dataclass

from generator.answers.contacts import OWNER, FunctionContact, find_contacts
from generator.graph.edges import Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import LabelledLink, Value, resolve_owner
from generator.pages.markup import is_linkable
from generator.schema import Model


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A function of the company with its contact."""

    function: str
    person: Ref | None
    """The person or the team that the card names."""
    has_left: bool = False
    instead: Ref | None = None
    """The person to contact instead of one who has left, or where the card names no one."""
    email: Value = ""
    chat: Value = ""
    is_lead: bool = False
    """Whether the person leads a team."""
    deputy: Ref | None = None


def list_contacts(book: Book, model: Model) -> tuple[ContactRow, ...]:
    """Return each function of the company with its contact or a gap; further functions of the card follow."""
    found = find_contacts(book.graph, model.ref, book.settings.functions, book.today)
    return tuple(_build_contact(book, model, one) for one in found.calls if one.function != OWNER)


def _build_contact(book: Book, model: Model, found: FunctionContact) -> ContactRow:
    """Build the row of a function: the contact that the card names, or the one who replaces it."""
    written = model.contacts.get(found.function)
    named = resolve_contact(book, written) if written else None
    has_left = named is not None and book.has_left(named)
    reached = found.person or (found.team if found.name else None)
    is_other = reached is not None and (has_left or named is None)
    is_lead = reached is not None and bool(book.graph.list_incoming_edges(reached, Relation.LED_BY))
    chat: Value = found.chat or found.channel
    if is_linkable(found.chat):
        chat = LabelledLink(found.channel or "Chat", found.chat)
    return ContactRow(
        function=found.title,
        person=named,
        has_left=has_left,
        instead=reached if is_other else None,
        email=LabelledLink(found.email, f"mailto:{found.email}") if found.email else "",
        chat=chat,
        is_lead=is_lead,
        deputy=found.deputy,
    )


def resolve_contact(book: Book, contact: str) -> Ref:
    """Return the person or the team that a card gives as a contact."""
    person = Ref("person", contact)
    return person if ":" not in contact and person in book.graph else resolve_owner(book, contact)
