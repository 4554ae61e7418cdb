"""Boxes: admonitions, parts that open on a click, content tabs."""

from generator.confluence.storage import macros
from generator.confluence.storage.nodes import Loss, Node, Nodes
from generator.confluence.storage.page import Html, Walk, classes, loss, tag, text_of
from generator.confluence.storage.rules import NOT_CARRIED

_PANELS = {
    "note": "note",
    "important": "note",
    "tip": "tip",
    "hint": "tip",
    "success": "tip",
    "check": "tip",
    "done": "tip",
    "warning": "warning",
    "caution": "warning",
    "attention": "warning",
    "danger": "warning",
    "error": "warning",
    "failure": "warning",
    "fail": "warning",
    "missing": "warning",
    "bug": "warning",
}
"""Confluence's four panels: the type's own name where it is one of them, else the nearest in meaning, else info."""


def admonition(element: Html, walk: Walk) -> Nodes:
    """A panel with its title; what kind of panel follows from the admonition's type."""
    kinds = sorted(name for name in classes(element) if name in _PANELS)
    title = next((child for child in element if "admonition-title" in classes(child)), None)
    kind = _PANELS[kinds[0]] if kinds else "info"
    return (*_in_title(title), macros.panel(kind, _words(title), walk.blocks(element)))


def details(element: Html, walk: Walk) -> Nodes:
    """A part that opens on a click, nested ones too."""
    summary = next((child for child in element if tag(child) == "summary"), None)
    return (*_in_title(summary), macros.expand(_words(summary), walk.blocks(element)))


def tabs(element: Html, walk: Walk) -> Nodes:
    """Content tabs: one part to open for each, under the tab's label."""
    labels = _own_labels(element)
    blocks = _tab_blocks(element)
    made: list[Node] = []
    for label, block in zip(labels, blocks, strict=False):
        made.extend((*_in_title(label), macros.expand(_words(label), walk.blocks(block))))
    for block in blocks[len(labels) :]:
        made.extend(walk.blocks(block))
    return tuple(made)


def _own_labels(element: Html) -> list[Html]:
    """The labels of this set, whichever of the two styles: in a row of their own, or between the contents."""
    rows = [child for child in element if "tabbed-labels" in classes(child)]
    return [child for parent in rows or [element] for child in parent if tag(child) == "label"]


def _tab_blocks(element: Html) -> list[Html]:
    contents = [child for child in element if "tabbed-content" in classes(child)]
    blocks = [block for content in contents for block in content if "tabbed-block" in classes(block)]
    return blocks or contents


def is_title(element: Html) -> bool:
    """Whether the element is the title of a box, which its box has taken already."""
    if tag(element) == "summary":
        parent = element.getparent()
        return parent is not None and tag(parent) == "details"
    return "admonition-title" in classes(element)


def _words(title: Html | None) -> str:
    return "" if title is None else text_of(title)


def _in_title(title: Html | None) -> tuple[Loss, ...]:
    """What a title holds besides words, which a macro's parameter cannot."""
    if title is None:
        return ()
    lost = [node for node in title.iter("a", "img", "svg") if node.get("href") or tag(node) != "a"]
    return tuple(loss(NOT_CARRIED, f"<{tag(node)}> in a title", node) for node in lost)
