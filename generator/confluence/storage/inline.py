"""Inline elements: emphasis, code, keys, abbreviations, badges, formulas, links."""

from collections.abc import Callable, Mapping

from generator.confluence.storage import macros
from generator.confluence.storage.attachments import build_site_file
from generator.confluence.storage.flow import (
    as_blocks,
    extract_anchors,
    has_block,
    has_image,
    is_structured,
    split_spaces,
    to_link_body,
    wrap_inline,
)
from generator.confluence.storage.links import (
    AnchorLink,
    BrokenLink,
    ExternalLink,
    FileLink,
    PageLink,
    UnpublishedLink,
    resolve_link,
)
from generator.confluence.storage.nodes import SILENT, Element, Node, Nodes, PageTarget, to_plain_text
from generator.confluence.storage.page import (
    FIRST,
    HEADINGS,
    ConversionContext,
    Html,
    build_loss,
    get_classes,
    get_tag,
    get_text,
)
from generator.confluence.storage.rules import (
    BROKEN_LINK,
    FILE_MISSING,
    ICON_WITHOUT_TEXT,
    NOT_CARRIED,
    SHOWN_AS_SOURCE,
)

Handler = Callable[[Html, ConversionContext], Nodes]

_MARKS = {
    "em": "em",
    "i": "em",
    "cite": "em",
    "dfn": "em",
    "var": "em",
    "strong": "strong",
    "b": "strong",
    "del": "del",
    "s": "del",
    "strike": "del",
    "ins": "u",
    "u": "u",
    "sub": "sub",
    "sup": "sup",
    "small": "small",
}
_HIGHLIGHT = (("style", "background-color: rgb(255,240,179);"),)
"""The yellow of the editor of Confluence Cloud for marked text."""
_TEXT_BLOCKS = frozenset({"p", *HEADINGS})


def convert_mark(element: Html, context: ConversionContext) -> Nodes:
    """Return an element that has a counterpart with the same meaning."""
    return wrap_inline(_MARKS[get_tag(element)], context.convert_children(element))


def convert_highlight(element: Html, context: ConversionContext) -> Nodes:
    """Return marked text with a background colour, since storage format has no `mark`."""
    return wrap_inline("span", context.convert_children(element), _HIGHLIGHT)


def convert_literal(element: Html, context: ConversionContext) -> Nodes:
    """Return inline code, sample output or keys without colours."""
    return wrap_inline("code", context.convert_children(element))


def convert_abbreviation(element: Html, context: ConversionContext) -> Nodes:
    """Return an abbreviation; its first occurrence is followed by the long form in brackets.

    Confluence shows no tooltip for it.
    """
    long = element.get("title") or ""
    if not long or element.get(FIRST) is None:
        return context.convert_children(element)
    return (*context.convert_children(element), f" ({long})")


def convert_quotation(element: Html, context: ConversionContext) -> Nodes:
    """Return an inline quotation in quotation marks."""
    return ("\N{LEFT DOUBLE QUOTATION MARK}", *context.convert_children(element), "\N{RIGHT DOUBLE QUOTATION MARK}")


def convert_line_break(_element: Html, _context: ConversionContext) -> Nodes:
    """Return a line break."""
    return (Element("br"),)


def convert_transparent(element: Html, context: ConversionContext) -> Nodes:
    """Return the content of an element that only groups."""
    return context.convert_children(element)


def convert_badge(element: Html, context: ConversionContext) -> Nodes:
    """Return a badge as a status macro in its colour; report links and images, which it cannot contain."""
    prefix = "mb-badge--"
    colours = sorted(name.removeprefix(prefix) for name in get_classes(element) if name.startswith(prefix))
    content = context.convert_children(element)
    text = to_plain_text(content)
    if not text:
        return content
    lost = [
        build_loss(NOT_CARRIED, "the link in a badge", link)
        for link in element.iter("a")
        if link.get("href") is not None
    ]
    lost += [build_loss(NOT_CARRIED, "the image in a badge", element)] if has_image(content) else []
    lost += [build_loss(NOT_CARRIED, "a block in a badge", element)] if is_structured(content) else []
    return (*lost, macros.build_status(text, colours[0] if colours else "grey"))


def convert_comment(element: Html, context: ConversionContext) -> Nodes:
    """Return a comment of a reviewer in square brackets."""
    return (" [", *context.convert_children(element), "]")


def convert_icon(element: Html, _context: ConversionContext) -> Nodes:
    """Return an icon as its text; report one without text."""
    image = next(element.iter("img"), None)
    words = (image.get("alt") if image is not None else None) or element.get("title") or get_text(element)
    return (words,) if words else (build_loss(ICON_WITHOUT_TEXT, "an icon without a title", element),)


def convert_formula(element: Html, _context: ConversionContext) -> Nodes:
    """Return the TeX source of a formula, inline or as a code block."""
    source = strip_tex_delimiters("".join(str(part) for part in element.itertext()))
    noted = build_loss(SHOWN_AS_SOURCE, "a formula", element)
    if get_tag(element) == "span":
        return (noted, macros.build_element("code", source))
    return (noted, macros.build_code(source, title="TeX"))


def strip_tex_delimiters(source: str) -> str:
    """Return TeX without the delimiters that mark it for the renderer in a browser."""
    text = source.strip()
    for opening, closing in ((r"\(", r"\)"), (r"\[", r"\]")):
        if text.startswith(opening) and text.endswith(closing):
            return text[2:-2].strip()
    return text


def convert_checkbox(element: Html, _context: ConversionContext) -> Nodes:
    """Return a checkbox outside of a task list as a character."""
    return ("\N{BALLOT BOX WITH CHECK}" if element.get("checked") is not None else "\N{BALLOT BOX}",)


def convert_hyperlink(element: Html, context: ConversionContext) -> Nodes:
    """Return a link; if it is broken, return its text and report it."""
    content = context.convert_children(element)
    address = element.get("href")
    if address is None:
        return content
    if has_block(content):
        return _link_blocks(address, content, element, context)
    return _link_text(address, content, element, context)


def _link_text(address: str, content: Nodes, element: Html, context: ConversionContext) -> Nodes:
    before, body, after = split_spaces(to_link_body(content))
    if not to_plain_text(body) and not has_image(body):
        return (*_check_ended_link(element), *content)
    return (*extract_anchors(content), *before, *build_address_link(address, body, element, context), *after)


def _check_ended_link(link: Html) -> Nodes:
    """Report a link around a table: the parser ended the link before the table."""
    behind = link.getnext()
    ended = behind is not None and get_tag(behind) in {"table", "fieldset"} and not (link.tail or "").strip()
    return (build_loss(NOT_CARRIED, "a link around a block", link),) if ended else ()


def _link_blocks(address: str, content: Nodes, element: Html, context: ConversionContext) -> Nodes:
    """Return a link for the text of each paragraph; report other blocks, which a link cannot contain."""
    made: list[Node] = []
    for node in as_blocks(content):
        if isinstance(node, Element) and node.name in _TEXT_BLOCKS:
            body = _link_text(address, node.children, element, context)
            made.append(Element(node.name, node.attributes, body))
        else:
            is_lost = not isinstance(node, SILENT)
            made.extend([build_loss(NOT_CARRIED, "a link around a block", element)] if is_lost else [])
            made.append(node)
    return tuple(made)


def build_address_link(address: str, body: Nodes, element: Html, context: ConversionContext) -> Nodes:
    """Return the content as a link to an address on the page."""
    match resolve_link(address, context):
        case AnchorLink(identifier):
            return (macros.build_link(None, body, macros.to_anchor_name(identifier)),)
        case PageLink(ref, identifier):
            anchor = macros.to_anchor_name(identifier)
            return (macros.build_link(PageTarget(ref, anchor), body, anchor),)
        case FileLink(path):
            attached = build_site_file(path, context.site)
            if attached is None:
                return (build_loss(FILE_MISSING, f"a linked file, {path}", element), *body)
            return (macros.build_link(attached, body),)
        case ExternalLink(url):
            return (Element("a", (("href", url),), body),)
        case UnpublishedLink():
            return body
        case BrokenLink(reason):
            return (build_loss(BROKEN_LINK, f"a link: {reason}", element), *body)


def _assign_handler(names: str, handler: Handler) -> dict[str, Handler]:
    return dict.fromkeys(names.split(), handler)


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_MARKS, convert_mark),
    **_assign_handler("code kbd samp tt", convert_literal),
    **_assign_handler("span font big bdi bdo time data label output ruby rb rt rp noscript", convert_transparent),
    "mark": convert_highlight,
    "abbr": convert_abbreviation,
    "acronym": convert_abbreviation,
    "q": convert_quotation,
    "br": convert_line_break,
    "a": convert_hyperlink,
    "input": convert_checkbox,
}


def find_class_handler(element: Html) -> Handler | None:
    """Find the converter of an inline element by its class."""
    own = get_classes(element)
    named: tuple[tuple[str, Handler], ...] = (
        ("mb-badge", convert_badge),
        ("twemoji", convert_icon),
        ("arithmatex", convert_formula),
    )
    found = next((handler for name, handler in named if name in own), None)
    return convert_comment if found is None and {"critic", "comment"} <= own else found
