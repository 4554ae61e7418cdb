"""People who have left: where cards still name them, and the hint whom to name instead."""

from collections.abc import Iterator

from generator.checks.rule import Facts
from generator.graph.edges import Edge, Relation
from generator.graph.people import find_present_lead, find_successor
from generator.schema import Model, Person
from generator.schema.model import Lifecycle


def counted_on(facts: Facts, person: Person, relation: Relation) -> Iterator[Edge]:
    """List the edges to a person from the cards that still need them; a retired model needs nobody."""
    for edge in facts.graph.list_incoming_edges(person.ref, relation):
        model = facts.find(edge.declared_by, Model)
        if model is None or model.lifecycle is not Lifecycle.RETIRED:
            yield edge


def instead(facts: Facts, person: Person) -> str:
    """Return the hint whom to name in the place of a person who has left."""
    successor = find_successor(facts.graph, person.ref, facts.today)
    if successor is not None:
        return f"{successor.id} ({successor.name}) took over"
    lead = find_present_lead(facts.graph, person.team, facts.today)
    if lead is not None:
        return f"nobody took over; ask {lead.id} ({lead.name}), who leads {person.team}"
    return "nobody took over; name somebody who is still here, and `successor:` on the person's card"


def departed(person: Person) -> str:
    """Describe a person who has left, with the day."""
    return f"{person.id!r} ({person.name}), left on {person.left_on}"
