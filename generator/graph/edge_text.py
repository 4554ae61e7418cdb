"""Text for edges: why one thing depends on another, and the role that a person or a team has."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

import msgspec

from generator.graph.edges import FLOWING, Edge, Graph, Relation
from generator.names import Ref
from generator.values import FrozenValue

INVERSE_LABELS = {
    Relation.USES: "used by",
    Relation.CALLS: "called by",
    Relation.READS: "read by",
    Relation.CONSUMES: "consumed by",
    Relation.PUBLISHED_BY: "publishes",
    Relation.WRITTEN_BY: "writes",
    Relation.FEATURE_OF: "features for",
    Relation.FALLS_BACK_TO: "fallback of",
    Relation.DEPENDS_ON: "needed by",
}
"""The text of a relation from the side of its target."""
RESPONSIBILITY_LABELS = {
    Relation.OWNED_BY: "owner",
    Relation.CONTACT: "contact",
    Relation.STAKEHOLDER: "stakeholder",
    Relation.LED_BY: "lead",
    Relation.REMOVED_BY: "clean-up",
    Relation.DECIDED_BY: "decided",
    Relation.CHECKED_BY: "operations",
    Relation.CONFIRMED_BY: "confirmed unused",
    Relation.RATED_BY: "risk rating",
    Relation.VALIDATED_BY: "validation",
    Relation.APPROVED_BY: "approval",
}
"""The relations that make a person or a team responsible, with the role."""


def describe_declaration(edge: Edge) -> str:
    """Return the place that declares an edge: `flow home-ranking, step 6` or `model:ryl, uses`."""
    if edge.step:
        return f"flow {edge.declared_by.id}, step {edge.step}"
    return f"{edge.declared_by}, {edge.relation}"


class EdgeText(FrozenValue):
    """Text with the ids of cards and the titles of functions, for the command line."""

    kind: ClassVar[str] = "id"
    """The kind of text, in the names of the tables of texts that are computed once."""
    graph: Graph
    functions: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The title of each function."""

    def get_name(self, ref: Ref) -> str:
        """Return the text for a card."""
        return ref.id

    def describe_edge(self, edge: Edge) -> str:
        """Return `home-feed calls ryl in flow home-ranking, step 6`."""
        source, target = self.get_name(edge.source), self.get_name(edge.target)
        if edge.relation is Relation.CONTACT:
            sentence = f"{source} has {target} as contact for {self.get_function(edge.role)}"
        else:
            sentence = f"{source} {edge.relation} {target}"
        return f"{sentence} in flow {self.get_name(edge.declared_by)}, step {edge.step}" if edge.step else sentence

    def get_function(self, function: str) -> str:
        """Return the title of a function."""
        return self.functions.get(function, function)

    def describe_edges(self, edges: Iterable[Edge]) -> tuple[str, ...]:
        """Describe each dependency once, with all that declare it, as in `(declared by model:ryl, system:feed)`.

        A step of a flow has a sentence only if no card declares a dependency between the same two nodes.
        """
        described = [(edge, self.describe_edge(edge)) for edge in edges]
        declared: dict[tuple[Ref, Ref], str] = {}
        for edge, sentence in described:
            if not edge.step and edge.relation in FLOWING:
                declared.setdefault((edge.source, edge.target), sentence)
        cards: dict[str, dict[str, None]] = {}
        steps: dict[str, dict[str, None]] = {}
        for edge, sentence in described:
            use = declared.get((edge.source, edge.target)) if edge.step else None
            of_cards, of_steps = cards.setdefault(use or sentence, {}), steps.setdefault(use or sentence, {})
            if use:
                of_steps[f"step {edge.step} of {edge.declared_by}"] = None
            elif not edge.step:
                of_cards[str(edge.declared_by)] = None
        return tuple(
            f"{sentence} (declared by {', '.join((*names, *steps[sentence]))})" if names else sentence
            for sentence, names in cards.items()
        )

    def describe_contact(self, function: str) -> str:
        """Return `contact for Data Science`."""
        return f"contact for {self.get_function(function)}"

    def describe_removal(self, reference: str) -> str:
        """Return `removes feature_view:profile`."""
        return f"removes {reference}"

    def describe_role(self, edge: Edge) -> str:
        """Return the role of a person or a team, as in `owns Churn` or `contact for Data Science on Churn`."""
        return " ".join(self.split_role(edge))

    def split_role(self, edge: Edge) -> tuple[str, str]:
        """Return the role of a person or a team and the name of the card, as in `owns` and `Churn`."""
        name = self.graph.get_name(edge.source)
        if edge.relation is Relation.CONTACT:
            return f"{self.describe_contact(edge.role)} on", name
        return "owns" if edge.relation is Relation.OWNED_BY else "is a stakeholder of", name


class NamedEdgeText(EdgeText):
    """Text with the names of cards and the titles of functions, for pages."""

    kind: ClassVar[str] = "name"

    def get_name(self, ref: Ref) -> str:
        """Return the name of a card."""
        return self.graph.get_name(ref)

    def describe_edges(self, edges: Iterable[Edge]) -> tuple[str, ...]:
        """Describe edges without duplicates; the cards that declare one are named, unless its source does so."""
        declared_by: dict[str, dict[Ref, None]] = {}
        by_source: set[str] = set()
        for edge in edges:
            sentence = self.describe_edge(edge)
            cards = declared_by.setdefault(sentence, {})
            if edge.step or edge.declared_by == edge.source:
                by_source.add(sentence)
            else:
                cards[edge.declared_by] = None
        return tuple(
            sentence if sentence in by_source else f"{sentence} (declared by {' and '.join(map(self.get_name, cards))})"
            for sentence, cards in declared_by.items()
        )

    def describe_removal(self, reference: str) -> str:
        """Return `removes Customer profile`."""
        return f"removes {self.get_name(Ref.parse(reference))}"

    def describe_responsibility(self, edge: Edge) -> str:
        """Return the role that a card gives a person or a team, as in `owner` or `contact for Data Science`."""
        if edge.relation is Relation.CONTACT:
            return self.describe_contact(edge.role)
        return RESPONSIBILITY_LABELS[edge.relation]

    def describe_neighbour(self, edge: Edge, *, from_source: bool) -> str:
        """Return `reads Customer profile, step 2 of Home page ranking`, or `Home feed reads it` from the target."""
        source, target = self.get_name(edge.source), self.get_name(edge.target)
        sentence = f"{edge.relation} {target}" if from_source else f"{source} {edge.relation} it"
        role = f": {edge.role}" if edge.role else ""
        step = f", step {edge.step} of {self.get_name(edge.declared_by)}" if edge.step else ""
        return f"{sentence}{role}{step}{f'; {edge.why}' if edge.why else ''}"
