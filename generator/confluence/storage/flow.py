"""Paragraphs and runs: storage format wants blocks where HTML allows loose text, and the other way round."""

from collections.abc import Iterator
from itertools import groupby

from generator.confluence.storage.macros import INLINE_MACROS
from generator.confluence.storage.nodes import SILENT, Element, Node, Nodes, all_nodes

_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr", "ac:task-list"})
_TAKES_ANCHOR = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "li"})


def is_block(node: Node) -> bool:
    """Whether the node stands on lines of its own."""
    if not isinstance(node, Element):
        return False
    if node.name == "ac:structured-macro":
        return node.get("ac:name") not in INLINE_MACROS
    return node.name in _BLOCKS


def has_block(nodes: Nodes) -> bool:
    """Whether one of them, not of their descendants, is a block."""
    return any(is_block(node) for node in nodes)


def as_blocks(nodes: Nodes, style: str = "") -> Nodes:
    """Blocks only: each run of text between blocks becomes a paragraph, in the style where one is given.

    An anchor between blocks moves into the next one, so that no empty line appears for it.
    """
    made: list[Node] = []
    waiting: Nodes = ()
    for block, group in groupby(nodes, key=is_block):
        run = tuple(group)
        if block:
            made.extend(_after(waiting, run))
            waiting = ()
        elif _is_anchors(run):
            waiting = tuple(node for node in run if not isinstance(node, str))
        else:
            made.extend(_paragraph(run, style))
    return (*made, _p(waiting)) if waiting else tuple(made)


def _after(anchors: Nodes, blocks: Nodes) -> Nodes:
    if not anchors:
        return blocks
    joined = with_anchors(anchors, blocks)
    return joined if len(joined) == len(blocks) else (_p(anchors), *blocks)


def with_anchors(anchors: Nodes, nodes: Nodes) -> Nodes:
    """The nodes with anchors at the start of the first one, where it is a block with text; else before it."""
    first = nodes[0] if nodes else None
    if isinstance(first, Element) and first.name in _TAKES_ANCHOR:
        content = with_anchors(anchors, first.children) if first.name == "li" else (*anchors, *first.children)
        return (Element(first.name, first.attributes, content), *nodes[1:])
    return (*anchors, *nodes)


def _p(nodes: Nodes, style: str = "") -> Element:
    return Element("p", (("style", style),) if style else (), nodes)


def _is_anchors(run: Nodes) -> bool:
    """Whether the run shows nothing and yet has to stand somewhere: anchors between blocks."""
    elements = [node for node in run if isinstance(node, Element)]
    loose = all(node.isspace() or not node for node in run if isinstance(node, str))
    return loose and bool(elements) and all(node.get("ac:name") == "anchor" for node in elements)


def _paragraph(run: Nodes, style: str) -> Iterator[Node]:
    content = trimmed(run)
    if not any(_shows(node) for node in content):
        yield from (node for node in content if not isinstance(node, str))
    else:
        yield _p(content, style)


def trimmed(nodes: Nodes) -> Nodes:
    """Without the whitespace at both ends, which no block shows."""
    kept = list(nodes)
    while kept and isinstance(kept[0], str) and not kept[0].strip(" "):
        kept.pop(0)
    while kept and isinstance(kept[-1], str) and not kept[-1].strip(" "):
        kept.pop()
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip(" ")
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip(" ")
    return tuple(kept)


def wrapped(name: str, nodes: Nodes, attributes: tuple[tuple[str, str], ...] = ()) -> Nodes:
    """The nodes within an inline element; a block among them stays outside, for a mark cannot hold one."""
    made: list[Node] = []
    for block, group in groupby(nodes, key=is_block):
        run = tuple(group)
        shown = any(not isinstance(node, SILENT) for node in run)
        made.extend((Element(name, attributes, run),) if shown and not block else run)
    return tuple(made)


def _shows(node: Node) -> bool:
    return not isinstance(node, SILENT) and (not isinstance(node, str) or bool(node.strip(" ")))


def tight(nodes: Nodes) -> Nodes:
    """Text and blocks mixed as they stand, without whitespace around the blocks: what a list item holds."""
    made: list[Node] = []
    for block, group in groupby(nodes, key=is_block):
        run = tuple(group)
        made.extend(run if block else trimmed(run))
    return tuple(made)


def inline(nodes: Nodes) -> Nodes:
    """Text and inline elements only: blocks give their content, line breaks stand where one ended."""
    made: list[Node] = []
    for node in nodes:
        if not is_block(node):
            made.append(node)
            continue
        if made and made[-1] != _BREAK:
            made.append(_BREAK)
        made.extend(inline(node.children) if isinstance(node, Element) else ())
    return tuple(made)


_BREAK = Element("br")
_BODY = frozenset({"strong", "em", "code", "sub", "sup", "u", "del", "small", "span", "br", "ac:image"})


def link_body(nodes: Nodes) -> Nodes:
    """What a link may hold: marks and images. Anchors within are dropped by `hoisted`, macros become their words."""
    made: list[Node] = []
    for node in nodes:
        match node:
            case Element(name="ac:structured-macro") if node.get("ac:name") == "anchor":
                continue
            case Element(name="ac:image"):
                made.append(node)
            case Element(name="ac:parameter"):
                made.extend(node.children if node.get("ac:name") == "title" else ())
            case Element() if node.name in _BODY:
                made.append(Element(node.name, node.attributes, link_body(node.children)))
            case Element():
                made.extend(link_body(node.children))
            case str():
                made.append(node)
            case _:
                continue
    return trimmed(tuple(made))


def hoisted(nodes: Nodes) -> Nodes:
    """The anchors and losses within, which a link's body cannot hold and which must not vanish with it."""
    return tuple(
        node
        for node in all_nodes(nodes)
        if isinstance(node, SILENT)
        or (isinstance(node, Element) and node.name == "ac:structured-macro" and node.get("ac:name") == "anchor")
    )
