"""Admonitions, collapsible blocks and content tabs."""

from generator.confluence.storage import macros
from generator.confluence.storage.flow import as_blocks, has_image, is_structured, join_texts
from generator.confluence.storage.nodes import ConversionLoss, Node, Nodes, list_nodes, to_plain_text
from generator.confluence.storage.page import ConversionContext, Html, build_loss, get_classes, get_tag
from generator.confluence.storage.rules import NOT_CARRIED
from generator.confluence.storage.text import collapse_spaces

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
"""The four panels of Confluence by the types of admonitions; other types become an info panel."""


def convert_admonition(element: Html, context: ConversionContext) -> Nodes:
    """Return an admonition as a panel with its title; its type determines the kind of the panel."""
    kinds = sorted(name for name in get_classes(element) if name in _PANELS)
    kind = _PANELS[kinds[0]] if kinds else "info"
    words, losses = _convert_title(_find_title(element), context)
    return (*losses, macros.build_panel(kind, words, context.convert_blocks(element)))


def convert_details(element: Html, context: ConversionContext) -> Nodes:
    """Return a collapsible block as an expand macro."""
    words, losses = _convert_title(_find_title(element), context)
    return (*losses, macros.build_expand(words, context.convert_blocks(element)))


def convert_tabs(element: Html, context: ConversionContext) -> Nodes:
    """Return content tabs as expand macros, with the labels as their titles."""
    labels = _list_labels(element)
    blocks = _list_tab_blocks(element)
    made: list[Node] = []
    for label, block in zip(labels, blocks, strict=False):
        words, losses = _convert_title(label, context)
        made.extend((*losses, macros.build_expand(words, context.convert_blocks(block))))
    for unpaired in (*labels[len(blocks) :], *blocks[len(labels) :]):
        made.extend(context.convert_blocks(unpaired))
    return (*_convert_stray(element, {*labels, *blocks}, context), *made)


def _convert_stray(element: Html, taken: set[Html], context: ConversionContext) -> Nodes:
    """Convert content next to the labels and blocks of tabs, which is invalid HTML that browsers show."""
    made: list[Node] = [collapse_spaces(element.text or "")]
    for child in element:
        is_row = bool(get_classes(child) & {"tabbed-labels", "tabbed-content"}) and child not in taken
        made.extend(
            _convert_stray(child, taken, context)
            if is_row
            else ()
            if child in taken
            else context.convert(child, context)
        )
        made.append(collapse_spaces(child.tail or ""))
    return as_blocks(join_texts(made))


def _list_labels(element: Html) -> list[Html]:
    """List the labels of this set of tabs, which are in a row or between the contents."""
    rows = [child for child in element if "tabbed-labels" in get_classes(child)]
    return [child for parent in rows or [element] for child in parent if get_tag(child) == "label"]


def _list_tab_blocks(element: Html) -> list[Html]:
    contents = [child for child in element if "tabbed-content" in get_classes(child)]
    blocks = [block for content in contents for block in content if "tabbed-block" in get_classes(block)]
    return blocks or contents


def is_title(element: Html) -> bool:
    """Return whether an element is the title of a box."""
    parent = element.getparent()
    return parent is not None and _find_title(parent) is element


def _find_title(box: Html) -> Html | None:
    """Find the first title of a box; a second one is content."""
    if "admonition" in get_classes(box):
        return next((child for child in box if "admonition-title" in get_classes(child)), None)
    return next((child for child in box if get_tag(child) == "summary"), None) if get_tag(box) == "details" else None


def _convert_title(title: Html | None, context: ConversionContext) -> tuple[str, Nodes]:
    """Return the text of a title, and the losses for content that a macro parameter cannot contain."""
    if title is None:
        return "", ()
    content = context.convert_children(title)
    found = tuple(node for node in list_nodes(content) if isinstance(node, ConversionLoss))
    lost = ["<a>" for node in title.iter("a") if node.get("href") is not None]
    lost += ["an image"] if has_image(content) else []
    lost += ["a block"] if is_structured(content) else []
    return to_plain_text(content), (*found, *(build_loss(NOT_CARRIED, f"{what} in a title", title) for what in lost))
