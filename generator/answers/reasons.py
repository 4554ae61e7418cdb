"""An edge in words: who counts on what, and where the book says so."""

from collections.abc import Iterable

from generator.graph.edges import Edge, Relation


def because(edge: Edge) -> str:
    """`home-feed calls ryl in flow home-ranking, step 6`; the card that says it where no flow does."""
    said = f"{edge.source.id} {edge.relation} {edge.target.id}"
    if edge.relation is Relation.CONTACT:
        said = f"{edge.source.id} has {edge.target.id} as contact for {edge.role}"
    if edge.step:
        return f"{said} in flow {edge.declared_by.id}, step {edge.step}"
    return f"{said} (says {edge.declared_by})"


def chain(edges: Iterable[Edge]) -> str:
    """Several edges on the way from one thing to another, in order."""
    return "; ".join(because(edge) for edge in edges)


def each_once(edges: Iterable[Edge]) -> tuple[str, ...]:
    """The reasons of several edges, each sentence once."""
    return tuple(dict.fromkeys(because(edge) for edge in edges))
