"""Boxes: admonitions, parts that open on a click, content tabs."""

from generator.confluence.storage import macros
from generator.confluence.storage.flow import as_blocks, has_image, is_structured, joined
from generator.confluence.storage.nodes import Loss, Node, Nodes, all_nodes, plain
from generator.confluence.storage.page import Html, Walk, classes, loss, tag
from generator.confluence.storage.rules import NOT_CARRIED
from generator.confluence.storage.text import collapse

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
    kind = _PANELS[kinds[0]] if kinds else "info"
    words, losses = _titled(_title_of(element), walk)
    return (*losses, macros.panel(kind, words, walk.blocks(element)))


def details(element: Html, walk: Walk) -> Nodes:
    """A part that opens on a click, nested ones too."""
    words, losses = _titled(_title_of(element), walk)
    return (*losses, macros.expand(words, walk.blocks(element)))


def tabs(element: Html, walk: Walk) -> Nodes:
    """Content tabs: one part to open for each, under the tab's label."""
    labels = _own_labels(element)
    blocks = _tab_blocks(element)
    made: list[Node] = []
    for label, block in zip(labels, blocks, strict=False):
        words, losses = _titled(label, walk)
        made.extend((*losses, macros.expand(words, walk.blocks(block))))
    for unpaired in (*labels[len(blocks) :], *blocks[len(labels) :]):
        made.extend(walk.blocks(unpaired))
    return (*_beside(element, {*labels, *blocks}, walk), *made)


def _beside(element: Html, taken: set[Html], walk: Walk) -> Nodes:
    """What stands in the set beside its labels and blocks: HTML forbids it and browsers show it."""
    made: list[Node] = [collapse(element.text or "")]
    for child in element:
        is_row = bool(classes(child) & {"tabbed-labels", "tabbed-content"}) and child not in taken
        made.extend(_beside(child, taken, walk) if is_row else () if child in taken else walk.convert(child, walk))
        made.append(collapse(child.tail or ""))
    return as_blocks(joined(made))


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
    parent = element.getparent()
    return parent is not None and _title_of(parent) is element


def _title_of(box: Html) -> Html | None:
    """The first title of a box; a second one is mere content."""
    if "admonition" in classes(box):
        return next((child for child in box if "admonition-title" in classes(child)), None)
    return next((child for child in box if tag(child) == "summary"), None) if tag(box) == "details" else None


def _titled(title: Html | None, walk: Walk) -> tuple[str, Nodes]:
    """A title's words, and what it holds besides them, which a macro's parameter cannot."""
    if title is None:
        return "", ()
    content = walk.children(title)
    found = tuple(node for node in all_nodes(content) if isinstance(node, Loss))
    lost = ["<a>" for node in title.iter("a") if node.get("href") is not None]
    lost += ["an image"] if has_image(content) else []
    lost += ["a block"] if is_structured(content) else []
    return plain(content), (*found, *(loss(NOT_CARRIED, f"{what} in a title", title) for what in lost))
