"""The elements of an article that the style of the site puts on lines of their own."""

from lxml.html import HtmlElement

_CELLS = frozenset({"td", "th", "dd"})


def begins_line(element: HtmlElement) -> bool:
    """Return whether an inline element is a line of its own: a piece of evidence, or small text in a cell or a call.

    `modelbook.css` shows them as blocks, so that formats without a style need a line break there.
    """
    if _has_class(element, "mb-ev"):
        return True
    parent = element.getparent()
    if element.tag != "small" or parent is None:
        return False
    is_in_cell = parent.tag in _CELLS or _has_class(parent, "mb-ev")
    return is_in_cell or any(_has_class(box, "mb-calls") for box in element.iterancestors("div"))


def _has_class(element: HtmlElement, name: str) -> bool:
    return name in (element.get("class") or "").split()
