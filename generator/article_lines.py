"""The elements of an article that the style of the site puts on lines of their own."""

from lxml.html import HtmlElement

_CELLS = frozenset({"td", "th", "dd"})
_LINES = ("mb-ev", "mb-guess")
"""The classes of a piece of evidence and of a guessed value."""


def begins_line(element: HtmlElement) -> bool:
    """Return whether an inline element is a line of its own: evidence, a guess, or small text in a cell or a call.

    `modelbook.css` shows them as blocks, so that formats without a style need a line break there.
    """
    if any(_has_class(element, name) for name in _LINES):
        return True
    parent = element.getparent()
    if element.tag != "small" or parent is None:
        return False
    is_in_cell = parent.tag in _CELLS or any(_has_class(parent, name) for name in _LINES)
    return is_in_cell or any(_has_class(box, "mb-calls") for box in element.iterancestors("div"))


def _has_class(element: HtmlElement, name: str) -> bool:
    return name in (element.get("class") or "").split()
