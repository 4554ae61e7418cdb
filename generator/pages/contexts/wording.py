"""How pages say why one thing counts on another: by the names that people use, never by the ids of the cards."""

from collections.abc import Iterable

from generator.graph.edges import Edge, Relation
from generator.names import Ref
from generator.pages.book import Book


def contact_for(book: Book, function: str) -> str:
    """`contact for Data Science`: the function by its configured name."""
    return f"contact for {book.settings.functions.get(function, function)}"


def reasons(book: Book, edges: Iterable[Edge]) -> tuple[str, ...]:
    """Each edge in words, once, with where the book says so; what a card says of itself needs no such word."""
    sayers: dict[str, dict[Ref, None]] = {}
    plain: set[str] = set()
    for edge in edges:
        sentence = _sentence(book, edge)
        said_by = sayers.setdefault(sentence, {})
        if edge.step or edge.declared_by == edge.source:
            plain.add(sentence)
        else:
            said_by[edge.declared_by] = None
    return tuple(_said(book, sentence, () if sentence in plain else tuple(by)) for sentence, by in sayers.items())


def _sentence(book: Book, edge: Edge) -> str:
    name = book.graph.get_name
    said = f"{name(edge.source)} {edge.relation} {name(edge.target)}"
    if edge.relation is Relation.CONTACT:
        said = f"{name(edge.source)} has {name(edge.target)} as {contact_for(book, edge.role)}"
    return f"{said} in flow {name(edge.declared_by)}, step {edge.step}" if edge.step else said


def _said(book: Book, sentence: str, sayers: Iterable[Ref]) -> str:
    names = " and ".join(map(book.graph.get_name, sayers))
    return f"{sentence} (says {names})" if names else sentence


def standing(book: Book, edge: Edge) -> str:
    """What a person or a team is to a thing: `owns Churn`, `contact for Data Science on Churn`."""
    name = book.graph.get_name(edge.source)
    if edge.relation is Relation.CONTACT:
        return f"{contact_for(book, edge.role)} on {name}"
    return f"owns {name}" if edge.relation is Relation.OWNED_BY else f"has a stake in {name}"
