"""Who has left, and whom to name instead."""

from collections.abc import Iterator

from generator.checks.rule import Facts
from generator.graph.edges import Edge, Relation
from generator.names import Ref
from generator.schema import Model, Person, Team
from generator.schema.model import Lifecycle


def has_left(facts: Facts, person: Person) -> bool:
    """Whether the person's last day is here or past."""
    return person.left_on is not None and person.left_on <= facts.today


def leavers(facts: Facts) -> Iterator[Person]:
    """Everybody who has left."""
    return (person for _, person in facts.of(Person) if has_left(facts, person))


def counted_on(facts: Facts, person: Person, relation: Relation) -> Iterator[Edge]:
    """Where cards still count on a person; a retired model counts on nobody."""
    for edge in facts.graph.into(person.ref, relation):
        model = facts.find(edge.declared_by, Model)
        if model is None or model.lifecycle is not Lifecycle.RETIRED:
            yield edge


def heir(facts: Facts, person: Person) -> Person | None:
    """Who took over and is still here: the successor, or whoever followed that one; None when nobody did."""
    seen = {person.id}
    following = facts.find(Ref("person", person.successor), Person) if person.successor else None
    while following is not None and has_left(facts, following) and following.id not in seen:
        seen.add(following.id)
        following = facts.find(Ref("person", following.successor), Person) if following.successor else None
    return following if following is not None and not has_left(facts, following) else None


def present_lead(facts: Facts, team_id: str | None) -> Person | None:
    """The lead of a team, unless there is none or the lead has left too."""
    team = facts.find(Ref("team", team_id), Team) if team_id else None
    lead = facts.find(Ref("person", team.lead), Person) if team is not None and team.lead else None
    return lead if lead is not None and not has_left(facts, lead) else None


def instead(facts: Facts, person: Person) -> str:
    """The hint: whom to name in the place of somebody who has left."""
    successor = heir(facts, person)
    if successor is not None:
        return f"{successor.id} ({successor.name}) took over"
    lead = present_lead(facts, person.team)
    if lead is not None:
        return f"nobody took over; ask {lead.id} ({lead.name}), who leads {person.team}"
    return "nobody took over; name somebody who is still here, and `successor:` on the person's card"


def departed(person: Person) -> str:
    """Who is gone and since when, for a message."""
    return f"{person.id!r} ({person.name}), left on {person.left_on}"
