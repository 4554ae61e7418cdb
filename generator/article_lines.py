"""The elements of an article that the style of the site puts on lines of their own."""

from collections.abc import Set

from lxml.etree import _Element as Element

_CELLS = frozenset({"td", "th", "dd"})
_LINES = frozenset({"mb-ev", "mb-guess"})
"""The classes of a piece of evidence and of a guessed value."""


def begins_line(element: Element) -> bool:
    """Return whether an inline element is a line of its own: evidence, a guess, or small text in a cell or a call.

    `modelbook.css` shows them as blocks, so that formats without a style need a line break there.
    """
    if _has_class(element, _LINES):
        return True
    parent = element.getparent()
    if element.tag != "small" or parent is None:
        return False
    if parent.tag in _CELLS or _has_class(parent, _LINES):
        return True
    return any(_has_class(box, {"mb-calls"}) for box in element.iterancestors("div"))


def _has_class(element: Element, names: Set[str]) -> bool:
    classes = element.get("class")
    return classes is not None and not names.isdisjoint(classes.split())
