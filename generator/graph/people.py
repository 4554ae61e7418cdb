"""Who has left, who succeeds them, which team they belong to, and who can be reached in their place."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from generator.errors import UserError
from generator.graph.edges import Graph, Relation
from generator.names import Ref, did_you_mean
from generator.schema import Person, Team

PARTIES = frozenset({"person", "team"})


@dataclass(frozen=True, slots=True)
class AvailableContact:
    """Somebody to call, with the way there."""

    person: Ref | None
    """None when nobody on the way is still here."""
    path: tuple[str, ...] = ()
    """One sentence for each step that was needed; empty when it is the person who was named."""


def require_ref(graph: Graph, ref: Ref) -> Ref:
    """The reference itself; raises UserError with the nearest right one when the book does not have it."""
    if ref in graph:
        return ref
    ids = {other.id for other in graph.refs if other.kind == ref.kind}
    kinds = sorted({other.kind for other in graph.refs if other.id == ref.id})
    hint = f"; there is {', '.join(f'{kind}:{ref.id}' for kind in kinds)}" if kinds else ""
    near = hint or f"; {did_you_mean(ref.id, ids)}".removesuffix("; ")
    message = f"the book has no {ref}{near}"
    raise UserError(message)


def get_person(graph: Graph, person_id: str | None) -> Person | None:
    """The card of a person, where there is one."""
    loaded = graph.cards.get(Ref("person", person_id)) if person_id else None
    return loaded.card if loaded is not None and isinstance(loaded.card, Person) else None


def get_team(graph: Graph, team_id: str | None) -> Team | None:
    """The card of a team, where there is one."""
    loaded = graph.cards.get(Ref("team", team_id)) if team_id else None
    return loaded.card if loaded is not None and isinstance(loaded.card, Team) else None


def has_left(graph: Graph, person: Ref, today: date) -> bool:
    """Return whether the last day of a person is today or earlier."""
    card = get_person(graph, person.id) if person.kind == "person" else None
    return card is not None and card.left_on is not None and card.left_on <= today


def list_departed(graph: Graph, today: date) -> Iterator[Person]:
    """List the people who have left, in the order of the cards."""
    for ref, loaded in graph.cards.items():
        if isinstance(loaded.card, Person) and has_left(graph, ref, today):
            yield loaded.card


def find_successor(graph: Graph, person: Ref, today: date) -> Person | None:
    """Find the first successor who is still here; None if the chain of successors ends before."""
    chain = _follow_successors(graph, person.id)
    return next((one for one in chain if one.ref != person and not has_left(graph, one.ref, today)), None)


def find_present_lead(graph: Graph, team_id: str | None, today: date) -> Person | None:
    """Find the lead of a team; None if there is none, or if the lead has left."""
    team = get_team(graph, team_id)
    lead = get_person(graph, team.lead) if team is not None else None
    return lead if lead is not None and not has_left(graph, lead.ref, today) else None


def list_owners(graph: Graph, ref: Ref) -> tuple[Ref, ...]:
    """List the owners of a node as its card names them, each once."""
    return tuple(dict.fromkeys(edge.target for edge in graph.list_outgoing_edges(ref, Relation.OWNED_BY)))


def find_team(graph: Graph, party: Ref) -> Ref:
    """Return the team of a person; the party itself if it is a team or a person without one."""
    return next((edge.target for edge in graph.list_outgoing_edges(party, Relation.MEMBER_OF)), party)


def list_owning_teams(graph: Graph, ref: Ref) -> tuple[Ref, ...]:
    """List the teams that own a node, directly or through one of their members."""
    owners = (ref,) if ref.kind in PARTIES else list_owners(graph, ref)
    return tuple(dict.fromkeys(find_team(graph, owner) for owner in owners))


def list_members(graph: Graph, team: Ref) -> tuple[Ref, ...]:
    """Everybody whose card names the team, those who left included."""
    return tuple(sorted(edge.source for edge in graph.list_incoming_edges(team, Relation.MEMBER_OF)))


def find_available_contact(graph: Graph, start: Ref, today: date, function: str | None = None) -> AvailableContact:
    """Whom to call for a person or a team: the successor, then the lead of the team, then one of the function.

    Never goes round in circles, whatever successors and leads say of one another.
    """
    if start.kind == "team":
        return _lead(graph, start, today, function, ())
    path: list[str] = []
    seen: set[str] = set()
    teams: list[str] = []
    current: str | None = start.id
    while current is not None and current not in seen:
        seen.add(current)
        card = get_person(graph, current)
        if card is None:
            path.append(f"{current} has no card")
            break
        if not has_left(graph, card.ref, today):
            return AvailableContact(card.ref, tuple(path))
        path.append(
            f"{card.name} left on {card.left_on}" + (f", followed by {card.successor}" if card.successor else "")
        )
        teams += [card.team] if card.team else []
        current = card.successor
    for team in dict.fromkeys(teams):
        found = _lead(graph, Ref("team", team), today, None, tuple(path))
        if found.person is not None:
            return found
    return find_function_lead(graph, function, today, tuple(path))


def _lead(graph: Graph, team: Ref, today: date, function: str | None, path: tuple[str, ...]) -> AvailableContact:
    """The lead of a team, or whoever followed the lead and is still here; else the lead of a team of its function."""
    card = get_team(graph, team.id)
    name = graph.get_name(team)
    led_by = _follow_successors(graph, card.lead if card is not None else None)
    if not led_by:
        path = (*path, f"{name} has no lead")
    before = ""
    for one in led_by:
        here = not has_left(graph, one.ref, today)
        role = f"took over from {before}" if before else ("leads" if here else "led") + f" {name}"
        if here:
            return AvailableContact(one.ref, (*path, f"{one.name} {role}"))
        path = (*path, f"{one.name}, who {role}, left on {one.left_on}")
        before = one.name
    return find_function_lead(graph, function or (card.function if card else None), today, path)


def _follow_successors(graph: Graph, start: str | None) -> tuple[Person, ...]:
    """Return a person, the successor, the successor's successor and so on, each once."""
    found: dict[str, Person] = {}
    card = get_person(graph, start)
    while card is not None and card.id not in found:
        found[card.id] = card
        card = get_person(graph, card.successor)
    return tuple(found.values())


def find_function_lead(graph: Graph, function: str | None, today: date, path: tuple[str, ...] = ()) -> AvailableContact:
    """The lead of any team of a function who is still here; the first by the team's id."""
    teams = sorted(ref for ref in graph.cards if ref.kind == "team") if function else []
    for ref in teams:
        card = get_team(graph, ref.id)
        lead = get_person(graph, card.lead) if card is not None and card.function == function else None
        if lead is not None and not has_left(graph, lead.ref, today):
            return AvailableContact(
                lead.ref, (*path, f"{lead.name} leads {graph.get_name(ref)}, a team of that function")
            )
    return AvailableContact(
        None, (*path, "nobody of that function is left to ask" if function else "nobody is left to ask")
    )
