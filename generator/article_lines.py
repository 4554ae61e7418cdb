"""The elements of an article that the style of the site puts on lines of their own."""

from collections.abc import Set

CALLS = "mb-calls"
"""The class of the boxes with the contacts of a card."""
_CELLS = frozenset({"td", "th", "dd"})
_LINES = frozenset({"mb-ev", "mb-guess"})
"""The classes of a piece of evidence and of a guessed value."""


def begins_line(name: str, classes: Set[str], parent: str, parent_classes: Set[str], *, in_calls: bool) -> bool:
    """Return whether an inline element is a line of its own: evidence, a guess, or small text in a cell or a call.

    `modelbook.css` shows them as blocks, so that formats without a style need a line break there.

    `in_calls` is whether a `div` with the class `CALLS` is around it.
    """
    if not _LINES.isdisjoint(classes):
        return True
    return name == "small" and (in_calls or parent in _CELLS or not _LINES.isdisjoint(parent_classes))
