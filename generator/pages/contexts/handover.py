"""The section *Handover* in the words of the pages: names where the command line writes ids."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from generator.answers.handover import Ask, Caller, Handover, Held
from generator.graph.consumers import list_model_uses
from generator.graph.edges import FLOWING, Edge, Relation
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.wording import contact_for, reasons, standing


def handover_view(book: Book, ref: Ref) -> Handover | None:
    """What a team or a person holds; None where that is nothing."""
    found = book.handovers.get(ref)
    if found is None or not found.held:
        return None
    contacts = [edge for one in found.held for edge in book.graph.list_outgoing_edges(one.ref, Relation.CONTACT)]
    words = {f"{edge.role} contact of {book.graph.get_name(edge.source)}": standing(book, edge) for edge in contacts}
    return replace(
        found,
        held=tuple(_held(book, one) for one in found.held),
        asks=tuple(_ask(ask, words) for ask in found.asks),
    )


def _held(book: Book, one: Held) -> Held:
    words = dict(
        _role(book, edge) for edge in book.graph.list_outgoing_edges(one.ref, Relation.CONTACT, Relation.REMOVES)
    )
    said = (
        {use.system for use in list_model_uses(book.graph, one.ref) if use.whys} if one.ref.kind == "model" else set()
    )
    edges = book.graph.list_incoming_edges(one.ref, *FLOWING)
    callers = (caller if caller.ref in said else _caller(book, caller, edges) for caller in one.callers)
    return replace(one, roles=tuple(words.get(role, role) for role in one.roles), callers=tuple(callers))


def _role(book: Book, edge: Edge) -> tuple[str, str]:
    """A role as the answer words it, and as the pages do."""
    if edge.relation is Relation.CONTACT:
        return f"{edge.role} contact", contact_for(book, edge.role)
    return f"removes {edge.target}", f"removes {book.graph.get_name(edge.target)}"


def _caller(book: Book, caller: Caller, edges: Iterable[Edge]) -> Caller:
    """One whose people do not say why: where the book says that it counts on the thing."""
    return replace(caller, whys=reasons(book, (edge for edge in edges if edge.source == caller.ref)))


def _ask(ask: Ask, words: Mapping[str, str]) -> Ask:
    return replace(ask, whys=tuple(words.get(why, why) for why in ask.whys))
