"""People and teams: departures, successors, teams, and available contacts."""

from collections.abc import Mapping
from datetime import date

from msgspec.structs import replace

from generator.errors import UserError
from generator.graph.edges import Graph, Relation
from generator.grouping import group_pairs
from generator.names import Ref, sort_refs, suggest_name
from generator.schema import Person, Team
from generator.values import FrozenValue

PARTIES = frozenset({"person", "team"})

OWNING_TEAMS = "owning teams"
"""The table of the first team that owns each node."""


class AvailableContact(FrozenValue):
    """A present person to contact for a person or a team."""

    person: Ref | None
    """None if there is no present person."""
    path: tuple[str, ...] = ()
    """One sentence for each step to the person; empty if it is the person that was asked for."""
    team: Ref | None = None
    """The team to contact if there is no person: one with a channel, a mailing list or a rota."""


def require_ref(graph: Graph, ref: Ref) -> Ref:
    """Return a reference that the book contains.

    Raises:
        UserError: The book does not contain it. The message suggests another reference.

    """
    if ref in graph:
        return ref
    ids = {other.id for other in graph.refs if other.kind == ref.kind}
    kinds = sorted({other.kind for other in graph.refs if other.id == ref.id})
    hint = f"there is {', '.join(f'{kind}:{ref.id}' for kind in kinds)}" if kinds else suggest_name(ref.id, ids)
    raise UserError(f"the book has no {ref}{f'; {hint}' if hint else ''}")


def get_person(graph: Graph, person_id: str | None) -> Person | None:
    """Return the card of a person; None if the person has no card."""
    loaded = graph.cards.get(Ref("person", person_id)) if person_id else None
    return loaded.card if loaded is not None and isinstance(loaded.card, Person) else None


def get_team(graph: Graph, team_id: str | None) -> Team | None:
    """Return the card of a team; None if the team has no card."""
    loaded = graph.cards.get(Ref("team", team_id)) if team_id else None
    return loaded.card if loaded is not None and isinstance(loaded.card, Team) else None


class TeamAddresses(FrozenValue):
    """The ways to reach a team; empty texts for those that its card does not name."""

    on_call: str = ""
    """The rota: a link or a phone number."""
    chat: str = ""
    """The link to the chat channel."""
    channel: str = ""
    email: str = ""
    hours: str = ""
    runbook: str = ""

    @property
    def is_reachable(self) -> bool:
        """Whether a reader can contact the team without knowing a member."""
        return bool(self.on_call or self.chat or self.channel or self.email)


def get_team_addresses(team: Team | None) -> TeamAddresses:
    """Return the ways to reach a team. `links.on-call` and `links.runbook` are the older spelling of the two keys."""
    if team is None:
        return TeamAddresses()
    links = {label.casefold().replace("_", "-"): target for label, target in team.links.items()}
    return TeamAddresses(
        on_call=team.on_call or links.get("on-call", ""),
        chat=team.chat or "",
        channel=team.channel or "",
        email=team.email or "",
        hours=team.hours or "",
        runbook=team.runbook or links.get("runbook", ""),
    )


def is_reachable(graph: Graph, team: Ref) -> bool:
    """Return whether a team has a channel, a mailing list or a rota."""
    return team.kind == "team" and get_team_addresses(get_team(graph, team.id)).is_reachable


def find_deputy(graph: Graph, person: Ref | None, today: date) -> Person | None:
    """Find the present deputy of a person."""
    card = get_person(graph, person.id) if person is not None else None
    deputy = get_person(graph, card.deputy) if card is not None else None
    return deputy if deputy is not None and not has_left(graph, deputy.ref, today) else None


def has_left(graph: Graph, person: Ref, today: date) -> bool:
    """Return whether the last day of a person is today or earlier."""
    card = get_person(graph, person.id) if person.kind == "person" else None
    return card is not None and card.left_on is not None and card.left_on <= today


def find_successor(graph: Graph, person: Ref, today: date) -> Person | None:
    """Find the first present successor; None if the chain of successors ends before."""
    chain = _follow_successors(graph, person.id)
    return next((one for one in chain if one.ref != person and not has_left(graph, one.ref, today)), None)


def find_present_lead(graph: Graph, team_id: str | None, today: date) -> Person | None:
    """Find the lead of a team; None if the team has no lead, or if the lead has left."""
    team = get_team(graph, team_id)
    lead = get_person(graph, team.lead) if team is not None else None
    return lead if lead is not None and not has_left(graph, lead.ref, today) else None


def resolve_owner(graph: Graph, owner: str) -> Ref:
    """Return the team or the person with the id that a card gives as owner."""
    if ":" in owner:
        return Ref.parse(owner)
    team = Ref("team", owner)
    return team if team in graph else Ref("person", owner)


def list_owners(graph: Graph, ref: Ref) -> tuple[Ref, ...]:
    """List the owners of a node as its card names them, without duplicates."""
    return tuple(dict.fromkeys(edge.target for edge in graph.list_outgoing_edges(ref, Relation.OWNED_BY)))


def get_contacts(graph: Graph, model: Ref) -> Mapping[str, Ref]:
    """Return the contact that a model names for each function: a person or a team."""
    return {edge.role: edge.target for edge in graph.list_outgoing_edges(model, Relation.CONTACT)}


def find_team(graph: Graph, party: Ref) -> Ref:
    """Return the team of a person; the party itself if it is a team or a person without one."""
    return next((edge.target for edge in graph.list_outgoing_edges(party, Relation.MEMBER_OF)), party)


def list_owning_teams(graph: Graph, ref: Ref) -> tuple[Ref, ...]:
    """List the teams that own a node, directly or through one of their members."""
    owners = (ref,) if ref.kind in PARTIES else list_owners(graph, ref)
    return tuple(dict.fromkeys(find_team(graph, owner) for owner in owners))


def find_owning_team(graph: Graph, ref: Ref) -> Ref | None:
    """Find the first team that owns a node."""
    teams = (team for team in list_owning_teams(graph, ref) if team.kind == "team")
    return graph.derived.get(OWNING_TEAMS, ref, lambda: next(teams, None))


def list_members(graph: Graph, team: Ref) -> tuple[Ref, ...]:
    """List the people whose cards name the team, including those who have left."""
    return tuple(sort_refs(edge.source for edge in graph.list_incoming_edges(team, Relation.MEMBER_OF)))


def find_available_contact(graph: Graph, start: Ref, today: date, function: str | None = None) -> AvailableContact:
    """Find a present person for a person or a team, or a team that can be reached without one.

    The candidates are the person, the successors, the leads of their teams, the leads of teams of the function, and
    then the first of these teams with a channel, a mailing list or a rota.
    """
    if start.kind == "team":
        return _find_lead(graph, start, today, function)
    path: tuple[str, ...] = ()
    teams: list[str] = []
    last: str | None = start.id
    for person in _follow_successors(graph, start.id):
        if not has_left(graph, person.ref, today):
            return AvailableContact(person.ref, path)
        followed = f", followed by {person.successor}" if person.successor else ""
        path = (*path, f"{person.name} left on {person.left_on}{followed}")
        teams += [person.team] if person.team else []
        last = person.successor
    if last is not None and get_person(graph, last) is None:
        path = (*path, f"{last} has no card")
    for team in dict.fromkeys(teams):
        found = _find_lead(graph, Ref("team", team), today, None, path)
        if found.person is not None:
            return found
    found = find_function_lead(graph, function, today, path)
    reachable = (Ref("team", team) for team in dict.fromkeys(teams) if is_reachable(graph, Ref("team", team)))
    return found if found.person is not None else replace(found, team=next(reachable, found.team))


def _find_lead(
    graph: Graph, team: Ref, today: date, function: str | None, path: tuple[str, ...] = ()
) -> AvailableContact:
    """Find the lead of a team or a successor of the lead; else the lead of another team of its function."""
    card = get_team(graph, team.id)
    name = graph.get_name(team)
    leads = _follow_successors(graph, card.lead if card is not None else None)
    if not leads:
        path = (*path, f"{name} has no lead")
    previous = ""
    for lead in leads:
        is_present = not has_left(graph, lead.ref, today)
        role = f"took over from {previous}" if previous else f"{'leads' if is_present else 'led'} {name}"
        if is_present:
            return AvailableContact(lead.ref, (*path, f"{lead.name} {role}"))
        path = (*path, f"{lead.name}, who {role}, left on {lead.left_on}")
        previous = lead.name
    found = find_function_lead(graph, function or (card.function if card else None), today, path)
    return replace(found, team=team) if found.person is None and is_reachable(graph, team) else found


def _follow_successors(graph: Graph, start: str | None) -> tuple[Person, ...]:
    """Return a person, the successor, the successor of the successor and so on, without a repetition."""
    found: dict[str, Person] = {}
    card = get_person(graph, start)
    while card is not None and card.id not in found:
        found[card.id] = card
        card = get_person(graph, card.successor)
    return tuple(found.values())


def list_function_teams(graph: Graph, function: str) -> tuple[Ref, ...]:
    """List the teams of a function, sorted by their ids."""
    return graph.cache_result(_index_teams).get(function, ())


def _index_teams(graph: Graph) -> Mapping[str | None, tuple[Ref, ...]]:
    teams = [get_team(graph, ref.id) for ref in sorted(graph.list_kind("team"))]
    return group_pairs((team.function, team.ref) for team in teams if team is not None)


def find_function_lead(graph: Graph, function: str | None, today: date, path: tuple[str, ...] = ()) -> AvailableContact:
    """Find a present lead of a team of a function, else a reachable team; the first one by the id of the team."""
    reachable: Ref | None = None
    for ref in list_function_teams(graph, function) if function else ():
        lead = find_present_lead(graph, ref.id, today)
        if lead is not None:
            step = f"{lead.name} leads {graph.get_name(ref)}, a team of that function"
            return AvailableContact(lead.ref, (*path, step))
        if reachable is None and is_reachable(graph, ref):
            reachable = ref
    reason = "no lead of that function is left" if function else "no contact is left"
    return AvailableContact(None, (*path, reason), reachable)
