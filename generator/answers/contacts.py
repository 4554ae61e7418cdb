"""The contacts for a card on a day, by function: a departed contact is replaced by a successor or a team lead."""

from collections.abc import Iterable, Mapping
from datetime import date

from generator.graph.edge_text import EdgeText
from generator.graph.edges import FLOWING, Graph, Relation
from generator.graph.people import (
    AvailableContact,
    find_available_contact,
    find_deputy,
    find_function_lead,
    find_present_lead,
    get_contacts,
    get_person,
    get_team,
    get_team_addresses,
    is_reachable,
    list_owners,
    require_ref,
)
from generator.names import Ref, sort_refs
from generator.schema import Model
from generator.values import FrozenValue

OWNER = "owner"
"""The value of `function` for owners."""


class FunctionContact(FrozenValue):
    """The contact for one function."""

    function: str
    title: str
    """The title of the function, or `Owner`."""
    person: Ref | None
    """None if no one is left."""
    name: str
    """The name of the person, else of the team that is reached without one; empty if neither is there."""
    email: str
    team: Ref | None
    channel: str
    answers_for: tuple[str, ...]
    """The roles of the person, for the card and in general."""
    path: tuple[str, ...]
    """The steps from the person named on the card to this one; empty if they are the same."""
    chat: str = ""
    """The chat handle of the person, else the link to the team's channel."""
    on_call: str = ""
    hours: str = ""
    deputy: Ref | None = None
    """The person who stands in."""

    @property
    def is_missing(self) -> bool:
        """Whether there is neither a person nor a team to contact."""
        return not self.name


class ContactList(FrozenValue):
    """The answer to `modelbook who REF`."""

    ref: Ref
    name: str
    note: str
    """The source of the owners, if the card itself has no owner."""
    calls: tuple[FunctionContact, ...]
    """Owners first, then the functions in the order of the configuration."""


def find_contacts(graph: Graph, ref: Ref, functions: Mapping[str, str], today: date) -> ContactList:
    """Find the contacts for a card, a team or a person; raise UserError if the book does not have it.

    A function that has no contact on a model's card falls to the lead of a team with that function.
    """
    text = EdgeText(graph, functions)
    require_ref(graph, ref)
    if ref.kind in {"person", "team"}:
        title, found = "Lead" if ref.kind == "team" else "Person", find_available_contact(graph, ref, today)
        contact = _build_contact(text, ref, OWNER, title, found, today, ref)
        return ContactList(ref, graph.get_name(ref), "", (contact,))
    owners, note = _find_owners(graph, ref)
    calls = []
    for owner in owners:
        title = f"Owner, {graph.get_name(owner)}" if owner.kind == "team" else "Owner"
        found = find_available_contact(graph, owner, today)
        calls.append(_build_contact(text, ref, OWNER, title, found, today, owner))
    if ref in graph.cards and isinstance(graph.cards[ref].card, Model):
        contacts = get_contacts(graph, ref)
        for function in dict.fromkeys((*functions, *contacts)):
            title, named = functions.get(function, function), contacts.get(function)
            if named is None:
                found = find_function_lead(graph, function, today, (f"the card names no contact for {title}",))
            elif is_reachable(graph, named) and find_present_lead(graph, named.id, today) is None:
                found = AvailableContact(None, (), named)  # rather than the lead of another team
            else:
                found = find_available_contact(graph, named, today, function)
            calls.append(_build_contact(text, ref, function, title, found, today, named))
    return ContactList(ref, graph.get_name(ref), note, tuple(calls))


def _find_owners(graph: Graph, ref: Ref) -> tuple[tuple[Ref, ...], str]:
    """Find the owners of a card; if it has none, those of a producer, then those of a user, with a note."""
    if owners := list_owners(graph, ref):
        return owners, ""
    producers = {edge.target for edge in graph.list_outgoing_edges(ref, *FLOWING)}
    users = {edge.source for edge in graph.list_incoming_edges(ref, *FLOWING)}
    neighbours: Iterable[tuple[Ref, str]] = (
        *((other, "fills it") for other in sort_refs(producers)),
        *((other, "uses it") for other in sort_refs(users)),
    )
    for other, role in neighbours:
        if owners := list_owners(graph, other):
            return owners, f"{ref} has no owner; {graph.get_name(other)} {role}"
    return (), f"{ref} has no owner, and neither have its producers and users"


def _build_contact(
    text: EdgeText,
    about: Ref,
    function: str,
    title: str,
    found: AvailableContact,
    today: date,
    named: Ref | None = None,
) -> FunctionContact:
    """Build a contact from the person or the team that was reached; a team that the card names stays the team."""
    graph = text.graph
    person = get_person(graph, found.person.id) if found.person else None
    team = get_team(graph, named.id if named is not None and named.kind == "team" else person.team if person else None)
    if person is None and found.team is not None:
        team = get_team(graph, found.team.id)
    ways = get_team_addresses(team)
    reached = person or (team if found.team is not None else None)
    deputy = find_deputy(graph, found.person, today)
    return FunctionContact(
        function=function,
        title=title,
        person=found.person,
        name=reached.name if reached else "",
        email=(reached.email or "") if reached else "",
        team=team.ref if team else None,
        channel=ways.channel,
        answers_for=describe_roles(text, found.person, about) if found.person else (),
        path=found.path,
        chat=(person.chat if person else None) or ways.chat,
        on_call=ways.on_call,
        hours=ways.hours,
        deputy=deputy.ref if deputy else None,
    )


def describe_roles(text: EdgeText, person: Ref, about: Ref) -> tuple[str, ...]:
    """Describe the roles of a person: for one card, as a team lead, and by the person's own card."""
    graph = text.graph
    card = get_person(graph, person.id)
    own = [
        edge for edge in graph.list_outgoing_edges(about, Relation.CONTACT, Relation.OWNED_BY) if edge.target == person
    ]
    roles = [text.describe_contact(edge.role) for edge in own if edge.relation is Relation.CONTACT]
    roles += ["owner" for edge in own if edge.relation is Relation.OWNED_BY]
    leads = [f"leads {graph.get_name(edge.source)}" for edge in graph.list_incoming_edges(person, Relation.LED_BY)]
    role = (card.role or "") if card is not None else ""
    leads = [one for one in leads if one.casefold() not in role.casefold()]
    return tuple(dict.fromkeys([*roles, *leads, *([role] if role else [])]))
