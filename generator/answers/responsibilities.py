"""The responsibilities of people and teams: every place where a card names them in a role."""

from collections.abc import Iterator, Mapping

from generator.findings import Position
from generator.graph.edge_text import EdgeText, NamedEdgeText
from generator.graph.edges import Graph, Relation
from generator.graph.people import PARTIES, list_members, require_ref
from generator.graph.reference_lookup import Reference, list_references, resolve_target
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.nodes import Document, Path
from generator.names import Ref
from generator.schema import Experiment, Model
from generator.schema.card import OwnedCard
from generator.values import FrozenValue

_LASTING = frozenset({Relation.OWNED_BY, Relation.CONTACT, Relation.LED_BY, Relation.CHECKED_BY})
"""The relations to a party that are never a record of the past."""


class Responsibility(FrozenValue):
    """A place where a card names a person or a team in a role."""

    card: Ref
    name: str
    role: str
    path: Path
    """The place in the card."""
    text: str
    """The reference as it is written there."""
    sole: bool
    """Whether no one else has the role; for a contact, whether the card has no other contact."""
    document: Document

    @property
    def position(self) -> Position:
        """The position of the reference, for commands that edit the card: a page does not show it."""
        return self.document.at(*self.path)


def list_responsibilities(graph: Graph, party: Ref, functions: Mapping[str, str]) -> tuple[Responsibility, ...]:
    """List the responsibilities of a person or a team, by file and line; raise UserError if the book has no such.

    `functions` are the functions of the company with their titles.
    """
    found = find_responsibilities(graph, require_ref(graph, party), NamedEdgeText(graph, functions))
    return tuple(sorted(found, key=lambda one: one.position))


def find_responsibilities(graph: Graph, party: Ref, text: EdgeText) -> tuple[Responsibility, ...]:
    """Return the responsibilities of a person or a team, in the order of the cards and of the schema.

    Records of the past are omitted, since they stay true after a departure: who decided on an experiment, who removed
    an item, who confirmed that nothing uses a model, who rated, validated or approved it.
    """
    edges = (*graph.list_incoming_edges(party), *graph.list_outgoing_edges(party))  # the latter have steps of flows
    cards = {edge.declared_by for edge in edges}
    found: list[Responsibility] = []
    for ref in sorted(cards, key=graph.order.__getitem__):
        loaded = graph.cards[ref]
        for reference in _get_party_references(graph, ref).get(party, ()):
            role, sole = _get_role(loaded, reference, text)
            name = graph.get_name(ref)
            found.append(Responsibility(ref, name, role, reference.path, reference.text, sole, loaded.document))
    return tuple(found)


def find_responsible_cards(graph: Graph, party: Ref) -> frozenset[Ref]:
    """Find the cards that a person or a team is responsible for: those of its handover.

    They name it in a role, stakes and records of the past excluded, or have a member of the team as owner. The text of
    a role is not needed, so a card is read only if its edges do not decide.
    """
    owned = (edge for one in list_members(graph, party) for edge in graph.list_incoming_edges(one, Relation.OWNED_BY))
    found, undecided = {edge.declared_by for edge in owned}, set[Ref]()
    for edge in (*graph.list_incoming_edges(party), *graph.list_outgoing_edges(party)):
        if edge.declared_by.kind != "person" and edge.declared_by != party:
            (found if edge.relation in _LASTING else undecided).add(edge.declared_by)
    found.update(
        ref
        for ref in undecided - found
        if any(one.path[0] != "stakeholders" for one in _get_party_references(graph, ref).get(party, ()))
    )
    return frozenset(found)


def _get_party_references(graph: Graph, ref: Ref) -> Mapping[Ref, tuple[Reference, ...]]:
    """Return the references of a card to each person and each team, without records."""

    def index() -> Mapping[Ref, tuple[Reference, ...]]:
        loaded = graph.cards[ref]
        found = _list_party_references(graph, loaded)
        return group_pairs(pair for pair in found if not is_record(loaded, pair[1].path))

    return graph.derived.get("references to parties", ref, index)


def list_records(graph: Graph, person: Ref) -> tuple[Position, ...]:
    """List the places where cards record what a person did."""
    return tuple(
        loaded.at(*reference.path)
        for loaded in graph.cards.values()
        for party, reference in _list_party_references(graph, loaded)
        if party == person and is_record(loaded, reference.path)
    )


def is_record(loaded: LoadedCard, path: Path) -> bool:
    """Return whether a reference records the past."""
    match path:
        case ("decision" | "confirmed_unused" | "risk", "by") | ("approved_uses" | "exceptions", int(), "by"):
            return True
        case ("validation", "by"):
            # The validator of a planned first validation has still to do it.
            return isinstance(loaded.card, Model) and bool(loaded.card.validation and loaded.card.validation.on)
        case ("cleanup", "items", int(index), "owner"):
            cleanup = loaded.card.cleanup if isinstance(loaded.card, Experiment) else None
            return cleanup is not None and cleanup.items[index].done_on is not None
        case _:
            return False


def _list_party_references(graph: Graph, loaded: LoadedCard) -> Iterator[tuple[Ref, Reference]]:
    for reference in list_references(loaded):
        party = resolve_target(reference, graph.cards)
        if party in graph and party.kind in PARTIES:
            yield party, reference


def _get_role(loaded: LoadedCard, reference: Reference, text: EdgeText) -> tuple[str, bool]:
    """Return the role, and whether no one else has it."""
    card = loaded.card
    match reference.path:
        case ("owners", int()):
            return "owner", isinstance(card, OwnedCard) and len(set(card.owners)) == 1
        case ("contacts", str(function)):
            return text.describe_contact(function), isinstance(card, Model) and len(set(card.contacts.values())) == 1
        case ("stakeholders", int()):
            return "stakeholder", False
        case ("lead" | "successor" as role,):
            return str(role), True
        case ("deputy",):
            return "deputy", False
        case ("operations", str(name), "by"):
            return name.replace("_", " "), False
        case ("cleanup", "items", int(index), "owner") if isinstance(card, Experiment) and card.cleanup:
            return text.describe_removal(card.cleanup.items[index].remove), True
        case path:
            return f"named under `{'.'.join(map(str, path))}`", False
