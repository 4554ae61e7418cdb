"""The card or resource that a user or an agent names."""

from collections.abc import Collection

from generator.errors import UserError
from generator.graph.edges import Graph
from generator.history.events import History
from generator.names import Ref, suggest_name


def resolve_reference(graph: Graph, text: str, kinds: Collection[str] = ()) -> Ref:
    """Return the node for a reference, an id, a name or an alias.

    `kinds` limits the search for text without a kind. Raises UserError if no node matches, or several do.
    """
    if ":" in text:
        kinds = ()
        try:
            ref = Ref.parse(text)
        except ValueError as error:
            raise UserError(str(error)) from None
        if ref in graph:
            return ref
    labels = {ref: graph.list_labels(ref) for ref in graph.refs if not kinds or ref.kind in kinds}
    matches = [ref for ref, names in labels.items() if text.casefold() in names]
    if len(matches) == 1:
        return matches[0]
    if matches:
        raise UserError(f"ambiguous reference {text!r}: expected one of {', '.join(map(str, matches))}")
    known = [*map(str, labels), *(name for names in labels.values() for name in names)]
    hint = suggest_name(text.casefold(), known) or "check the id, name or alias"
    raise UserError(f"no {' or '.join(kinds) or 'card'} matches {text!r}: {hint}")


def resolve_past_reference(graph: Graph, history: History, text: str) -> Ref:
    """Return a node of the book, or a deleted card that git remembers."""
    try:
        return resolve_reference(graph, text)
    except UserError:
        deleted = next((event.subject for event in history.events if str(event.subject) == text), None)
        if deleted is None:
            raise
        return deleted
