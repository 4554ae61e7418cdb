"""What somebody means on the command line: a reference, an id, a name or an alias."""

from collections.abc import Collection

from generator.errors import UserError
from generator.graph.edges import Graph
from generator.names import Ref, suggest_name


def find(graph: Graph, words: str, kinds: Collection[str] = ()) -> Ref:
    """The node that is meant, of one of the kinds where any are given; UserError when none is, or several are."""
    if ":" in words:
        try:
            ref = Ref.parse(words)
        except ValueError as error:
            raise UserError(str(error)) from None
        if ref in graph:
            return ref
    named = {ref: graph.list_labels(ref) for ref in graph.refs if not kinds or ref.kind in kinds}
    matches = [ref for ref, names in named.items() if words.casefold() in names]
    if len(matches) == 1:
        return matches[0]
    if matches:
        message = f"{words!r} may be {', '.join(str(ref) for ref in matches)}; write one of them"
        raise UserError(message)
    hint = suggest_name(words.casefold(), [*map(str, named), *(name for names in named.values() for name in names)])
    what = f" {' or '.join(kinds)}" if kinds else ""
    message = f"the book has no{what} {words!r}; {hint or 'the search of the site knows names and aliases'}"
    raise UserError(message)
