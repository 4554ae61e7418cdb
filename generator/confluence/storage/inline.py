"""Marks within a line: emphasis, code, keys, abbreviations, badges, formulas, links."""

from collections.abc import Callable, Mapping

from generator.confluence.storage import macros
from generator.confluence.storage.attachments import file_attachment
from generator.confluence.storage.flow import (
    as_blocks,
    edges,
    has_block,
    has_image,
    hoisted,
    is_structured,
    link_body,
    wrapped,
)
from generator.confluence.storage.links import Nowhere, ToAddress, ToAnchor, ToFile, ToPage, destination
from generator.confluence.storage.nodes import SILENT, Attachment, Element, Node, Nodes, Target, plain
from generator.confluence.storage.page import FIRST, HEADINGS, Html, Walk, classes, loss, tag, text_of
from generator.confluence.storage.rules import (
    FILE_MISSING,
    ICON_WITHOUT_TEXT,
    LINK_LEADS_NOWHERE,
    NOT_CARRIED,
    SHOWN_AS_SOURCE,
)

Handler = Callable[[Html, Walk], Nodes]

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
"""Cloud's own yellow for marked text."""
_TEXT_BLOCKS = frozenset({"p", *HEADINGS})


def mark(element: Html, walk: Walk) -> Nodes:
    """An element that has a counterpart with the same meaning."""
    return wrapped(_MARKS[tag(element)], walk.children(element))


def highlight(element: Html, walk: Walk) -> Nodes:
    """Marked text: storage format has no `mark`, the editors write a background colour."""
    return wrapped("span", walk.children(element), _HIGHLIGHT)


def literal(element: Html, walk: Walk) -> Nodes:
    """Code, samples and keys within a line; the colours go, a link within stays."""
    return wrapped("code", walk.children(element))


def abbreviation(element: Html, walk: Walk) -> Nodes:
    """The short form, and where it first stands the long one in brackets: the wiki has no tooltip for it."""
    long = element.get("title") or ""
    if not long or element.get(FIRST) is None:
        return walk.children(element)
    return (*walk.children(element), f" ({long})")


def quotation(element: Html, walk: Walk) -> Nodes:
    """Quoted words, in quotation marks."""
    return ("\N{LEFT DOUBLE QUOTATION MARK}", *walk.children(element), "\N{RIGHT DOUBLE QUOTATION MARK}")


def line_break(_element: Html, _walk: Walk) -> Nodes:
    """A forced line end."""
    return (Element("br"),)


def transparent(element: Html, walk: Walk) -> Nodes:
    """An element that only groups: its content."""
    return walk.children(element)


def badge(element: Html, walk: Walk) -> Nodes:
    """A state as a lozenge, in the colour that its class names; a link within is reported, for it cannot hold one."""
    prefix = "mb-badge--"
    colours = sorted(name.removeprefix(prefix) for name in classes(element) if name.startswith(prefix))
    content = walk.children(element)
    text = plain(content)
    if not text:
        return content
    lost = [
        loss(NOT_CARRIED, "the link in a badge", link) for link in element.iter("a") if link.get("href") is not None
    ]
    lost += [loss(NOT_CARRIED, "the image in a badge", element)] if has_image(content) else []
    lost += [loss(NOT_CARRIED, "a block in a badge", element)] if is_structured(content) else []
    return (*lost, macros.status(text, colours[0] if colours else "grey"))


def comment(element: Html, walk: Walk) -> Nodes:
    """A reviewer's remark, set apart from the text that it is about."""
    return (" [", *walk.children(element), "]")


def icon(element: Html, _walk: Walk) -> Nodes:
    """An icon by its words; one without any is reported, for nothing of it can be shown."""
    image = next(element.iter("img"), None)
    words = (image.get("alt") if image is not None else None) or element.get("title") or text_of(element)
    return (words,) if words else (loss(ICON_WITHOUT_TEXT, "an icon without a title", element),)


def formula(element: Html, _walk: Walk) -> Nodes:
    """A formula as its TeX source, inline or as a block of its own."""
    source = unfenced("".join(str(part) for part in element.itertext()))
    noted = loss(SHOWN_AS_SOURCE, "a formula", element)
    if tag(element) == "span":
        return (noted, macros.element("code", source))
    return (noted, macros.code(source, title="TeX"))


def unfenced(source: str) -> str:
    """TeX without the brackets that tell a browser's renderer where it begins."""
    text = source.strip()
    for opening, closing in ((r"\(", r"\)"), (r"\[", r"\]")):
        if text.startswith(opening) and text.endswith(closing):
            return text[2:-2].strip()
    return text


def checkbox(element: Html, _walk: Walk) -> Nodes:
    """A box outside a task list."""
    return ("\N{BALLOT BOX WITH CHECK}" if element.get("checked") is not None else "\N{BALLOT BOX}",)


def hyperlink(element: Html, walk: Walk) -> Nodes:
    """A link to wherever its address leads; text alone where it leads nowhere, and that is reported."""
    content = walk.children(element)
    address = element.get("href")
    if address is None:
        return content
    if has_block(content):
        return _around_blocks(address, content, element, walk)
    return _around_text(address, content, element, walk)


def _around_text(address: str, content: Nodes, element: Html, walk: Walk) -> Nodes:
    before, body, after = edges(link_body(content))
    if not _can_be_clicked(body):
        return (*_taken_off(element), *content)
    return (*hoisted(content), *before, *linked(address, body, element, walk), *after)


def _taken_off(link: Html) -> Nodes:
    """A loss where the parser ended a link before a table that it was written around."""
    behind = link.getnext()
    ended = behind is not None and tag(behind) in {"table", "fieldset"} and not (link.tail or "").strip()
    return (loss(NOT_CARRIED, "a link around a block", link),) if ended else ()


def _can_be_clicked(body: Nodes) -> bool:
    return bool(plain(body)) or has_image(body)


def _around_blocks(address: str, content: Nodes, element: Html, walk: Walk) -> Nodes:
    """The text of each paragraph as a link of its own; another block within cannot be one, and that is reported."""
    made: list[Node] = []
    for node in as_blocks(content):
        if isinstance(node, Element) and node.name in _TEXT_BLOCKS:
            body = _around_text(address, node.children, element, walk)
            made.append(Element(node.name, node.attributes, body))
        else:
            made.extend(
                (node,) if isinstance(node, SILENT) else (loss(NOT_CARRIED, "a link around a block", element), node)
            )
    return tuple(made)


def linked(address: str, body: Nodes, element: Html, walk: Walk) -> Nodes:
    """The body as a link to an address that stands at the element."""
    match destination(address, walk):
        case ToAnchor(identifier):
            return (macros.link(None, body, macros.anchor_name(identifier)),)
        case ToPage(ref, identifier):
            anchor = macros.anchor_name(identifier)
            return (macros.link(Target(ref, anchor), body, anchor),)
        case ToFile(path):
            return _to_file(path, body, element, walk)
        case ToAddress(url):
            return (Element("a", (("href", url),), body),)
        case Nowhere(reason):
            return (loss(LINK_LEADS_NOWHERE, f"a link: {reason}", element), *body)


def _to_file(path: str, body: Nodes, element: Html, walk: Walk) -> Nodes:
    attached: Attachment | None = file_attachment(path, walk.site)
    if attached is None:
        return (loss(FILE_MISSING, f"a linked file, {path}", element), *body)
    return (macros.link(attached, body),)


def _each(names: str, handler: Handler) -> dict[str, Handler]:
    return dict.fromkeys(names.split(), handler)


HANDLERS: Mapping[str, Handler] = {
    **dict.fromkeys(_MARKS, mark),
    **_each("code kbd samp tt", literal),
    **_each("span font big bdi bdo time data label output ruby rb rt rp noscript", transparent),
    "mark": highlight,
    "abbr": abbreviation,
    "acronym": abbreviation,
    "q": quotation,
    "br": line_break,
    "a": hyperlink,
    "input": checkbox,
}


def by_class(element: Html) -> Handler | None:
    """The handler of an inline element that its class tells apart."""
    own = classes(element)
    named: tuple[tuple[str, Handler], ...] = (
        ("mb-badge", badge),
        ("twemoji", icon),
        ("arithmatex", formula),
    )
    found = next((handler for name, handler in named if name in own), None)
    return comment if found is None and {"critic", "comment"} <= own else found
