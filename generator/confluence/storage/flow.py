"""Conversion between blocks and inline content, which storage format mixes less freely than HTML."""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from generator.confluence.storage.macros import INLINE_MACROS
from generator.confluence.storage.nodes import (
    HEADINGS,
    CData,
    ConversionLoss,
    Element,
    Node,
    Nodes,
    collapse_spaces,
    list_elements,
)

_BLOCKS = frozenset({"p", *HEADINGS, "ul", "ol", "table", "blockquote", "hr", "ac:task-list"})
_TAKES_ANCHOR = frozenset({"p", *HEADINGS, "li"})
_WITHIN_BLOCKS = frozenset(
    {"li", "tbody", "tr", "td", "th", "ac:task", "ac:task-status", "ac:task-body"}
    | {"ac:parameter", "ac:rich-text-body", "ac:plain-text-body"}
)
_IN_LINK = frozenset({"strong", "em", "code", "sub", "sup", "u", "del", "small", "span", "br"})
"""The marks that a link may contain."""


def is_block(node: Node) -> bool:
    """Return whether a node is a block."""
    if not isinstance(node, Element):
        return False
    if node.name == "ac:structured-macro":
        return node.get("ac:name") not in INLINE_MACROS
    return node.name in _BLOCKS


def is_structured(nodes: Nodes) -> bool:
    """Return whether the nodes contain a block other than a paragraph, at any depth."""
    return any(is_block(node) and node.name != "p" for node in list_elements(nodes))


def has_image(nodes: Nodes) -> bool:
    """Return whether the nodes contain an image, at any depth."""
    return any(node.name == "ac:image" for node in list_elements(nodes))


def as_blocks(nodes: Nodes, style: str = "") -> Nodes:
    """Return nodes as blocks: each run of text between blocks becomes a paragraph with the style.

    Anchors between blocks move into the next block, so that no empty line appears for them.
    """
    attributes = (("style", style),) if style else ()
    made: list[Node] = []
    waiting: Nodes = ()
    for block, group in groupby(nodes, key=is_block):
        run = tuple(group)
        content = trim_spaces(run)
        elements = [node for node in run if isinstance(node, Element)]
        is_bare = all(node.isspace() or not node for node in run if isinstance(node, str))
        if block:
            joined = add_anchors(waiting, run) if waiting else run
            made.extend(joined if len(joined) == len(run) else (Element("p", (), waiting), *run))
            waiting = ()
        elif is_bare and elements and all(node.is_macro("anchor") for node in elements):
            waiting = tuple(node for node in run if not isinstance(node, str))
        elif any(not isinstance(node, ConversionLoss) for node in content):
            made.append(Element("p", attributes, content))
        else:
            made.extend(content)
    return (*made, Element("p", (), waiting)) if waiting else tuple(made)


def add_anchors(anchors: Nodes, nodes: Nodes) -> Nodes:
    """Add anchors at the start of the first node if that is a block with text; else before it."""
    first = nodes[0] if nodes else None
    if isinstance(first, Element) and first.name in _TAKES_ANCHOR:
        content = add_anchors(anchors, first.children) if first.name == "li" else (*anchors, *first.children)
        return (Element(first.name, first.attributes, content), *nodes[1:])
    return (*anchors, *nodes)


def trim_spaces(nodes: Nodes) -> Nodes:
    """Remove the whitespace at both ends, which no block shows."""
    return _trim_start(_trim_start(nodes, str.lstrip)[::-1], str.rstrip)[::-1]


def _trim_start(nodes: Nodes, strip: Callable[[str, str], str]) -> Nodes:
    """Remove spaces up to the first visible node; keep the nodes that write nothing."""
    for index, node in enumerate(nodes):
        shown = strip(node, " ") if isinstance(node, str) else node
        if shown != "" and not isinstance(node, ConversionLoss):
            return (*(kept for kept in nodes[:index] if isinstance(kept, ConversionLoss)), shown, *nodes[index + 1 :])
    return tuple(node for node in nodes if isinstance(node, ConversionLoss))


def join_texts(nodes: Iterable[Node]) -> Nodes:
    """Join adjacent texts, and collapse the spaces between them."""
    made: list[Node] = []
    for node in (node for node in nodes if node != ""):
        last = made[-1] if made else None
        if isinstance(node, str) and isinstance(last, str):
            made[-1] = collapse_spaces(last + node)
        else:
            made.append(node)
    return tuple(made)


def wrap_inline(name: str, nodes: Nodes, attributes: tuple[tuple[str, str], ...] = ()) -> Nodes:
    """Wrap nodes in an inline element; blocks among them stay outside, since it cannot contain one."""
    made: list[Node] = []
    for block, group in groupby(nodes, key=is_block):
        run = tuple(group)
        shown = any(not isinstance(node, ConversionLoss) for node in run)
        made.extend((Element(name, attributes, run),) if shown and not block else run)
    return tuple(made)


def to_inline(nodes: Nodes) -> Nodes:
    """Return the inline content of nodes; the contents of blocks are separated by line breaks."""
    made: list[Node] = []
    for opened, group in groupby(nodes, key=_has_inner_text):
        run = tuple(group)
        for line in filter(None, map(_get_inner_text, run) if opened else [run]):
            made.extend((Element("br"), *line) if made else line)
    return tuple(made)


def _has_inner_text(node: Node) -> bool:
    return isinstance(node, CData) or (isinstance(node, Element) and (is_block(node) or node.name in _WITHIN_BLOCKS))


def _get_inner_text(node: Node) -> Nodes:
    """Return the inline content of a block, and of a macro its title."""
    match node:
        case CData(text):
            return (collapse_spaces(text),)
        case Element(name="ac:parameter"):
            return node.children if node.get("ac:name") == "title" else ()
        case Element(name=name, children=children):
            return () if name == "ac:task-status" else to_inline(children)
        case _:
            return (node,)


def list_link_content(nodes: Nodes) -> Iterator[Node]:
    """Yield the content that a link may contain: marks and images. A status becomes its text."""
    for node in nodes:
        match node:
            case str() | Element(name="ac:image"):
                yield node
            case CData(text):
                yield collapse_spaces(text)
            case Element(name="ac:parameter"):
                yield from (" ", *node.children, " ") if node.get("ac:name") == "title" else ()
            case Element(name=name, children=children):
                content = list_link_content(children)
                yield from (Element(name, node.attributes, tuple(content)),) if name in _IN_LINK else content
            case _:
                pass
