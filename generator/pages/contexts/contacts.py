"""The contacts of a model by function, on its page and on the page "Who to call"."""

from collections.abc import Iterator
from functools import partial

from generator.graph.edges import Relation
from generator.graph.people import (
    find_available_contact,
    find_deputy,
    get_person,
    get_team,
    get_team_addresses,
    resolve_owner,
)
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.parts import LabelledLink, Value, build_chat_link
from generator.schema import Model
from generator.values import FrozenValue


class ContactRow(FrozenValue):
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


def list_main_contacts(book: Book, model: Model) -> Iterator[ContactRow]:
    """Yield the functions of the company alone, each with its contact or a gap."""
    for function, title in book.settings.functions.items():
        written = model.contacts.get(function)
        if written:  # the contact may be that of many models
            build = partial(_build_contact, book, function, title, written)
            yield book.derived.get("contacts", f"{function} {written}", build)
        else:
            yield ContactRow(title, None)


def list_contacts(book: Book, model: Model) -> tuple[ContactRow, ...]:
    """Return each function of the company with its contact or a gap; further functions of the card follow."""
    titles = book.settings.functions
    rows = []
    for function in dict.fromkeys([*titles, *model.contacts]):
        title, written = titles.get(function, function), model.contacts.get(function)
        rows.append(_build_contact(book, function, title, written) if written else ContactRow(title, None))
    return tuple(rows)


def _build_contact(book: Book, function: str, title: str, written: str) -> ContactRow:
    """Build the row of the contact that a card names; the addresses are those of the successor of one who has left."""
    graph, named = book.graph, resolve_contact(book, written)
    has_left = book.has_left(named)
    instead = None
    if has_left:
        found = find_available_contact(graph, named, book.today, function)
        instead = found.person or found.team
    reached = instead if has_left else named
    person = get_person(graph, reached.id) if reached is not None and reached.kind == "person" else None
    team = get_team(graph, person.team if person else reached.id if reached else None)
    addresses = get_team_addresses(team)
    email = person.email if person else addresses.email
    deputy = find_deputy(graph, reached, book.today)
    return ContactRow(
        function=title,
        person=named,
        has_left=has_left,
        instead=instead,
        email=LabelledLink(email, f"mailto:{email}") if email else "",
        chat=(person.chat if person else None) or build_chat_link(addresses),
        is_lead=reached is not None and bool(graph.list_incoming_edges(reached, Relation.LED_BY)),
        deputy=deputy.ref if deputy else None,
    )


def resolve_contact(book: Book, contact: str) -> Ref:
    """Return the person or the team that a card gives as a contact."""
    person = Ref("person", contact)
    return person if ":" not in contact and person in book.graph else resolve_owner(book.graph, contact)
