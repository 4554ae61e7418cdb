"""Inline elements: emphasis, code, keys, abbreviations, badges, formulas, links."""

from collections.abc import Mapping

from generator.article_lines import CALLS, begins_line
from generator.confluence.storage import flow, links, macros, rules
from generator.confluence.storage.attachments import build_site_file
from generator.confluence.storage.nodes import (
    HEADINGS,
    ConversionLoss,
    Element,
    Node,
    Nodes,
    PageTarget,
    list_nodes,
    to_plain_text,
)
from generator.confluence.storage.page import (
    FIRST,
    ConversionContext,
    Handler,
    Html,
    build_loss,
    get_classes,
    get_tag,
    get_text,
)

_MARKS = {
    **dict.fromkeys(("em", "i", "cite", "dfn", "var"), "em"),
    **dict.fromkeys(("strong", "b"), "strong"),
    **dict.fromkeys(("del", "s", "strike"), "del"),
    **dict.fromkeys(("ins", "u"), "u"),
    **dict.fromkeys(("code", "kbd", "samp", "tt"), "code"),
    **{name: name for name in ("sub", "sup", "small")},
    "mark": "span",
}
"""The element of storage format with the same meaning."""
_HIGHLIGHT = (("style", "background-color: rgb(255,240,179);"),)
"""The yellow of the editor of Confluence Cloud for marked text, since storage format has no `mark`."""
_STATUS_COLOURS = frozenset({"green", "blue", "yellow", "red", "grey"})


def convert_mark(element: Html, context: ConversionContext) -> Nodes:
    """Return an element that has a counterpart with the same meaning."""
    attributes = _HIGHLIGHT if get_tag(element) == "mark" else ()
    return flow.wrap_inline(_MARKS[get_tag(element)], context.convert_children(element), attributes)


def convert_small(element: Html, context: ConversionContext) -> Nodes:
    """Return small text, on a line of its own if the style of the site puts it there."""
    small, parent = convert_mark(element, context), element.getparent()
    name, classes = (get_tag(parent), get_classes(parent)) if parent is not None else ("", frozenset[str]())
    in_calls = any(CALLS in get_classes(box) for box in element.iterancestors("div"))
    is_line = begins_line("small", get_classes(element), name, classes, in_calls=in_calls)
    return _begin_line(element, small) if is_line else small


def convert_evidence(element: Html, context: ConversionContext) -> Nodes:
    """Return a piece of evidence or a guess, which is a line of its own in its cell."""
    return _begin_line(element, context.convert_children(element))


def _begin_line(element: Html, content: Nodes) -> Nodes:
    """Put a line break before the content of an element, unless it is at the start of a line already."""
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        is_after = get_tag(before) != "br" or bool((before.tail or "").strip())
    else:
        is_after = parent is not None and bool((parent.text or "").strip())
    return (Element("br"), *content) if content and is_after else content


def convert_abbreviation(element: Html, context: ConversionContext) -> Nodes:
    """Return an abbreviation; its first occurrence is followed by the long form in brackets.

    Confluence shows no tooltip for it.
    """
    long = element.get("title") or ""
    if not long or element.get(FIRST) is None:
        return context.convert_children(element)
    return (*context.convert_children(element), f" ({long})")


def convert_badge(element: Html, context: ConversionContext) -> Nodes:
    """Return a badge as a status macro in its colour; report links and images, which it cannot contain."""
    prefix = "mb-badge--"
    colours = sorted(name.removeprefix(prefix) for name in get_classes(element) if name.startswith(prefix))
    content = context.convert_children(element)
    text = to_plain_text(content)
    if not text:
        return content
    lost = ["the link in a badge" for link in element.iter("a") if link.get("href") is not None]
    lost += ["the image in a badge"] if flow.has_image(content) else []
    lost += ["a block in a badge"] if flow.is_structured(content) else []
    colour = colours[0] if colours else "yellow" if "mb-missing" in get_classes(element) else "grey"
    known = colour if colour in _STATUS_COLOURS else "grey"
    status = macros.build_macro("status", {"colour": known.capitalize(), "title": text})
    return (*(build_loss(rules.NOT_CARRIED, what, element) for what in lost), status)


def convert_sign(element: Html, _context: ConversionContext) -> Nodes:
    """Return the sign before a reason as its word, which no reader has to guess."""
    return (Element("strong", (), (f"{element.get('aria-label') or get_text(element)}:",)),)


def convert_icon(element: Html, _context: ConversionContext) -> Nodes:
    """Return an icon as its text; report one without text."""
    image = next(element.iter("img"), None)
    words = (image.get("alt") if image is not None else None) or element.get("title") or get_text(element)
    return (words,) if words else (build_loss(rules.ICON_WITHOUT_TEXT, "an icon without a title", element),)


def convert_formula(element: Html, _context: ConversionContext) -> Nodes:
    """Return the TeX source of a formula without its delimiters, inline or as a code block."""
    source = "".join(str(part) for part in element.itertext()).strip()
    if source[:2] + source[-2:] in {r"\(\)", r"\[\]"}:
        source = source[2:-2].strip()
    noted = build_loss(rules.SHOWN_AS_SOURCE, "a formula", element)
    if get_tag(element) == "span":
        return (noted, Element("code", (), (source,)))
    return (noted, macros.build_code(source, title="TeX"))


def convert_hyperlink(element: Html, context: ConversionContext) -> Nodes:
    """Return a link; if it is broken, return its text and report it.

    A link around blocks becomes a link for the text of each paragraph, since a link cannot contain a block.
    """
    content = context.convert_children(element)
    address = element.get("href")
    if address is None:
        return content
    if not any(map(flow.is_block, content)):
        return _link_text(address, content, element, context)
    made: list[Node] = []
    for node in flow.as_blocks(content):
        if isinstance(node, Element) and node.name in {"p", *HEADINGS}:
            made.append(Element(node.name, node.attributes, _link_text(address, node.children, element, context)))
        else:
            is_lost = not isinstance(node, ConversionLoss)
            made.extend([build_loss(rules.NOT_CARRIED, "a link around a block", element)] if is_lost else [])
            made.append(node)
    return tuple(made)


def _link_text(address: str, content: Nodes, element: Html, context: ConversionContext) -> Nodes:
    spaced = flow.join_texts(flow.list_link_content(content))
    body = flow.trim_spaces(spaced)
    if to_plain_text(body) or flow.has_image(body):
        # A link contains neither the anchors and losses in its content nor the spaces around its text.
        outside = (
            node
            for node in list_nodes(content)
            if isinstance(node, ConversionLoss) or (isinstance(node, Element) and node.is_macro("anchor"))
        )
        first, last = spaced[0], spaced[-1]
        before = (" ",) if isinstance(first, str) and first.startswith(" ") else ()
        after = (" ",) if isinstance(last, str) and last.endswith(" ") else ()
        return (*outside, *before, *build_address_link(address, body, element, context), *after)
    # The parser ends a link before a table.
    behind = element.getnext()
    is_cut = behind is not None and get_tag(behind) in {"table", "fieldset"} and not (element.tail or "").strip()
    return (*((build_loss(rules.NOT_CARRIED, "a link around a block", element),) if is_cut else ()), *content)


def build_address_link(address: str, body: Nodes, element: Html, context: ConversionContext) -> Nodes:
    """Return the content as a link to an address on the page."""
    match links.resolve_link(address, context):
        case links.PageLink(ref, identifier):
            anchor = macros.to_anchor_name(identifier)
            return (macros.build_link(PageTarget(ref, anchor) if ref else None, body, anchor),)
        case links.FileLink(path):
            attached = build_site_file(path, context.site)
            if attached is None:
                return (build_loss(rules.FILE_MISSING, f"a linked file, {path}", element), *body)
            return (macros.build_link(attached, body),)
        case links.ExternalLink(url):
            return (Element("a", (("href", url),), body),)
        case links.UnpublishedLink():
            return body
        case links.BrokenLink(reason):
            return (build_loss(rules.BROKEN_LINK, f"a link: {reason}", element), *body)


_OPENING, _CLOSING = "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"
_CHECKED, _UNCHECKED = "\N{BALLOT BOX WITH CHECK}", "\N{BALLOT BOX}"
_GROUPS = "span font big bdi bdo time data label output ruby rb rt rp noscript picture"
HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_MARKS, convert_mark),
    "small": convert_small,
    **dict.fromkeys(_GROUPS.split(), lambda element, context: context.convert_children(element)),
    **dict.fromkeys(("abbr", "acronym"), convert_abbreviation),
    "q": lambda element, context: (
        _OPENING,
        *context.convert_children(element),
        _CLOSING,
    ),
    "br": lambda _element, _context: (Element("br"),),
    "a": convert_hyperlink,
    # A checkbox outside of a task list is a character.
    "input": lambda element, _context: (_CHECKED if element.get("checked") is not None else _UNCHECKED,),
}
CLASS_HANDLERS: Mapping[str, Handler] = {
    "mb-badge": convert_badge,
    "mb-missing": convert_badge,
    "mb-sign": convert_sign,
    "mb-ev": convert_evidence,
    "mb-guess": convert_evidence,
    "twemoji": convert_icon,
    "arithmatex": convert_formula,
    # A comment of a reviewer (critic markup) is shown in square brackets.
    "critic comment": lambda element, context: (" [", *context.convert_children(element), "]"),
}
"""The converters of inline elements by their classes."""
