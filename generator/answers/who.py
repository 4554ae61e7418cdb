"""Whom to call today: by function, past those who left, with how they were found and what they answer for."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from generator.graph.edges import FLOWING, Graph, Relation
from generator.graph.people import (
    AvailableContact,
    find_available_contact,
    find_function_lead,
    get_person,
    get_team,
    list_owners,
    require_ref,
)
from generator.names import Ref
from generator.schema import Model

OWNER = "owner"
"""The word in the place of a function for who owns a thing."""


@dataclass(frozen=True, slots=True)
class Call:
    """Somebody to call about a thing, for one function."""

    function: str
    title: str
    """The function's title, or `Owner`."""
    person: Ref | None
    """None when nobody is left to ask."""
    name: str
    email: str
    team: Ref | None
    channel: str
    answers_for: tuple[str, ...]
    """What the person does: here, and in general."""
    path: tuple[str, ...]
    """Why it is this person and not the one whom the card names; empty when it is the same."""


@dataclass(frozen=True, slots=True)
class Who:
    """The answer to `modelbook who REF`."""

    ref: Ref
    name: str
    calls: tuple[Call, ...]
    """Owners first, then the functions in the order of the configuration."""
    note: str = ""
    """Where the owners were taken from, when the thing has no card or no owner of its own."""


def who(graph: Graph, ref: Ref, functions: Mapping[str, str], today: date) -> Who:
    """Whom to call about a thing, a team or a person; raises UserError when the book does not have it.

    A function for which nobody stands on a model's card falls to the lead of a team of that function.
    """
    require_ref(graph, ref)
    if ref.kind in {"person", "team"}:
        call = _call(
            graph, ref, OWNER, "Lead" if ref.kind == "team" else "Person", find_available_contact(graph, ref, today)
        )
        return Who(ref, graph.get_name(ref), (call,))
    owners, note = _owners(graph, ref)
    calls = [
        _call(graph, ref, OWNER, _owner_title(graph, party), find_available_contact(graph, party, today), party)
        for party in owners
    ]
    calls += _by_function(graph, ref, functions, today)
    return Who(ref, graph.get_name(ref), tuple(calls), note)


def _owner_title(graph: Graph, party: Ref) -> str:
    return f"Owner, {graph.get_name(party)}" if party.kind == "team" else "Owner"


def _owners(graph: Graph, ref: Ref) -> tuple[tuple[Ref, ...], str]:
    """The owners of a thing; of what fills it, else of what reads it, where it has none."""
    own = list_owners(graph, ref)
    if own:
        return own, ""
    for edges, words in (
        ([edge.target for edge in graph.list_outgoing_edges(ref, *FLOWING)], "fills it"),
        ([edge.source for edge in graph.list_incoming_edges(ref, *FLOWING)], "uses it"),
    ):
        for other in sorted(set(edges)):
            found = list_owners(graph, other)
            if found:
                return found, f"{ref} names no owner; {graph.get_name(other)} {words}"
    return (), f"{ref} names no owner, and neither does anything around it"


def _by_function(graph: Graph, ref: Ref, functions: Mapping[str, str], today: date) -> Iterator[Call]:
    loaded = graph.cards.get(ref)
    if loaded is None or not isinstance(loaded.card, Model):
        return
    contacts = {edge.role: edge.target for edge in graph.list_outgoing_edges(ref, Relation.CONTACT)}
    for function in dict.fromkeys((*functions, *contacts)):
        title = functions.get(function, function)
        contact = contacts.get(function)
        if contact is not None:
            found = find_available_contact(graph, contact, today, function)
        else:
            found = find_function_lead(graph, function, today, (f"the card names no contact for {title}",))
        yield _call(graph, ref, function, title, found, contact)


def _call(
    graph: Graph, about: Ref, function: str, title: str, found: AvailableContact, named: Ref | None = None
) -> Call:
    person = get_person(graph, found.person.id) if found.person else None
    team = person.team if person is not None else None
    if named is not None and named.kind == "team":
        team = named.id
    card = get_team(graph, team)
    return Call(
        function, title, found.person, person.name if person else "", (person.email or "") if person else "",
        card.ref if card else None, (card.channel or "") if card else "",
        answers_for(graph, found.person, about) if found.person else (), found.path,
    )  # fmt: skip


def answers_for(graph: Graph, person: Ref, about: Ref) -> tuple[str, ...]:
    """What a person does: for the thing itself, for teams, and in the words of the person's own card."""
    words = [
        f"{edge.role} contact" for edge in graph.list_outgoing_edges(about, Relation.CONTACT) if edge.target == person
    ]
    words += ["owner" for edge in graph.list_outgoing_edges(about, Relation.OWNED_BY) if edge.target == person]
    words += [f"leads {graph.get_name(edge.source)}" for edge in graph.list_incoming_edges(person, Relation.LED_BY)]
    card = get_person(graph, person.id)
    return tuple(dict.fromkeys([*words, *([card.role] if card is not None and card.role else [])]))
