"""Conversion between blocks and inline content, which storage format mixes less freely than HTML."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Literal

from generator.confluence.storage.macros import INLINE_MACROS
from generator.confluence.storage.nodes import SILENT, CData, Element, Node, Nodes, list_nodes
from generator.confluence.storage.text import collapse_spaces

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr", "ac:task-list"})
_TAKES_ANCHOR = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li"})


def is_block(node: Node) -> bool:
    """Return whether a node is a block."""
    if not isinstance(node, Element):
        return False
    if node.name == "ac:structured-macro":
        return node.get("ac:name") not in INLINE_MACROS
    return node.name in _BLOCKS


def has_block(nodes: Nodes) -> bool:
    """Return whether one of the nodes is a block, without their descendants."""
    return any(is_block(node) for node in nodes)


def is_structured(nodes: Nodes) -> bool:
    """Return whether the nodes contain a block other than a paragraph, at any depth."""
    return any(is_block(node) and not (isinstance(node, Element) and node.name == "p") for node in list_nodes(nodes))


def has_image(nodes: Nodes) -> bool:
    """Return whether the nodes contain an image, at any depth."""
    return any(isinstance(node, Element) and node.name == "ac:image" for node in list_nodes(nodes))


def as_blocks(nodes: Nodes, style: str = "") -> Nodes:
    """Return nodes as blocks: each run of text between blocks becomes a paragraph with the style.

    Anchors between blocks move into the next block, so that no empty line appears for them.
    """
    made: list[Node] = []
    waiting: Nodes = ()
    for block, group in groupby(nodes, key=is_block):
        run = tuple(group)
        if block:
            made.extend(_put_anchors(waiting, run))
            waiting = ()
        elif _has_only_anchors(run):
            waiting = tuple(node for node in run if not isinstance(node, str))
        else:
            made.extend(_convert_run(run, style))
    return (*made, _build_paragraph(waiting)) if waiting else tuple(made)


def _put_anchors(anchors: Nodes, blocks: Nodes) -> Nodes:
    if not anchors:
        return blocks
    joined = add_anchors(anchors, blocks)
    return joined if len(joined) == len(blocks) else (_build_paragraph(anchors), *blocks)


def add_anchors(anchors: Nodes, nodes: Nodes) -> Nodes:
    """Add anchors at the start of the first node if that is a block with text; else before it."""
    first = nodes[0] if nodes else None
    if isinstance(first, Element) and first.name in _TAKES_ANCHOR:
        content = add_anchors(anchors, first.children) if first.name == "li" else (*anchors, *first.children)
        return (Element(first.name, first.attributes, content), *nodes[1:])
    return (*anchors, *nodes)


def _build_paragraph(nodes: Nodes, style: str = "") -> Element:
    return Element("p", (("style", style),) if style else (), nodes)


def _has_only_anchors(run: Nodes) -> bool:
    """Return whether a run contains only anchors, which show nothing but need a place."""
    elements = [node for node in run if isinstance(node, Element)]
    loose = all(node.isspace() or not node for node in run if isinstance(node, str))
    return loose and bool(elements) and all(node.get("ac:name") == "anchor" for node in elements)


def _convert_run(run: Nodes, style: str) -> Iterator[Node]:
    content = trim_spaces(run)
    if not any(_is_visible(node) for node in content):
        yield from (node for node in content if not isinstance(node, str))
    else:
        yield _build_paragraph(content, style)


def trim_spaces(nodes: Nodes) -> Nodes:
    """Remove the whitespace at both ends, which no block shows."""
    return _trim_start(_trim_start(nodes, "lstrip")[::-1], "rstrip")[::-1]


def _trim_start(nodes: Nodes, strip: Literal["lstrip", "rstrip"]) -> Nodes:
    """Remove spaces up to the first visible node; keep the nodes that write nothing."""
    for index, node in enumerate(nodes):
        text = (node.lstrip(" ") if strip == "lstrip" else node.rstrip(" ")) if isinstance(node, str) else None
        if text == "" or isinstance(node, SILENT):
            continue
        shown = node if text is None else text
        return (*(skipped for skipped in nodes[:index] if isinstance(skipped, SILENT)), shown, *nodes[index + 1 :])
    return tuple(node for node in nodes if isinstance(node, SILENT))


def join_texts(nodes: Iterable[Node]) -> Nodes:
    """Join adjacent texts, and collapse the spaces between them."""
    made: list[Node] = []
    for node in nodes:
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
        shown = any(not isinstance(node, SILENT) for node in run)
        made.extend((Element(name, attributes, run),) if shown and not block else run)
    return tuple(made)


def _is_visible(node: Node) -> bool:
    return not isinstance(node, SILENT) and (not isinstance(node, str) or bool(node.strip(" ")))


def to_item_content(nodes: Nodes) -> Nodes:
    """Return the content of a list item: text and blocks mixed, without whitespace around the blocks."""
    made: list[Node] = []
    for block, group in groupby(nodes, key=is_block):
        run = tuple(group)
        made.extend(run if block else trim_spaces(run))
    return tuple(made)


def to_inline(nodes: Nodes) -> Nodes:
    """Return the inline content of nodes; the contents of blocks are separated by line breaks."""
    made: list[Node] = []
    for opened, group in groupby(nodes, key=_has_inner_text):
        run = tuple(group)
        lines = [_get_inner_text(node) for node in run] if opened else [run]
        for line in filter(None, lines):
            made.extend((_BREAK, *line) if made else line)
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
        case Element(name="ac:task-status"):
            return ()
        case Element():
            return to_inline(node.children)
        case _:
            return (node,)


_BREAK = Element("br")
_WITHIN_BLOCKS = frozenset(
    {"li", "tbody", "tr", "td", "th", "ac:task", "ac:task-status", "ac:task-body"}
    | {"ac:parameter", "ac:rich-text-body", "ac:plain-text-body"}
)
_BODY = frozenset({"strong", "em", "code", "sub", "sup", "u", "del", "small", "span", "br"})


def to_link_body(nodes: Nodes) -> Nodes:
    """Return the content that a link may contain: marks and images. A status becomes its text."""
    return join_texts(_list_link_content(nodes))


def split_spaces(nodes: Nodes) -> tuple[Nodes, Nodes, Nodes]:
    """Return the leading space, the nodes without it, and the trailing space: a link contains no outer spaces."""
    first, last = (nodes[0], nodes[-1]) if nodes else ("", "")
    before: Nodes = (" ",) if isinstance(first, str) and first.startswith(" ") else ()
    after: Nodes = (" ",) if isinstance(last, str) and last.endswith(" ") else ()
    return before, trim_spaces(nodes), after


def _list_link_content(nodes: Nodes) -> Iterator[Node]:
    for node in nodes:
        match node:
            case str() | Element(name="ac:image"):
                yield node
            case CData(text):
                yield collapse_spaces(text)
            case Element(name="ac:parameter"):
                yield from (" ", *node.children, " ") if node.get("ac:name") == "title" else ()
            case Element() if node.name in _BODY:
                yield Element(node.name, node.attributes, tuple(_list_link_content(node.children)))
            case Element():
                yield from _list_link_content(node.children)
            case _:
                pass


def extract_anchors(nodes: Nodes) -> Nodes:
    """Return the anchors and losses in the content of a link, which cannot contain them."""
    return tuple(
        node
        for node in list_nodes(nodes)
        if isinstance(node, SILENT)
        or (isinstance(node, Element) and node.name == "ac:structured-macro" and node.get("ac:name") == "anchor")
    )
