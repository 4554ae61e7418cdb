"""Pictures: images of the site, of other hosts and within the page, our diagrams, and figures around them."""

from collections.abc import Iterator

from generator.confluence.storage import macros
from generator.confluence.storage.attachments import data_attachment, drawing_attachment, file_attachment
from generator.confluence.storage.flow import as_blocks, trimmed, wrapped
from generator.confluence.storage.inline import linked
from generator.confluence.storage.links import ToAddress, ToFile, destination
from generator.confluence.storage.nodes import Attachment, Element, Nodes
from generator.confluence.storage.page import NUMBER, Html, Walk, classes, loss, tag, text_of
from generator.confluence.storage.rules import FILE_MISSING, ICON_WITHOUT_TEXT, NOT_CARRIED
from generator.confluence.storage.svg import svg_document, words
from generator.confluence.storage.text import shorten

_LINKS_TITLE = "Links in this diagram"
_COLUMN = 760
"""How wide Confluence's column is, in pixels: it fits a wider picture into it by itself."""


def image(element: Html, walk: Walk) -> Nodes:
    """An image with its alternative text, title and size; an emoji is its character."""
    alternative = element.get("alt") or ""
    if classes(element) & {"twemoji", "emojione", "gemoji"} and alternative:
        return (alternative,)
    source = _source(element.get("src") or "", walk)
    if source is None:
        shown = (f" {alternative} ",) if alternative else ()
        return (loss(FILE_MISSING, f"an image, {element.get('src') or 'without address'}", element), *shown)
    return (macros.image(source, _attributes(element, alternative)),)


def _attributes(element: Html, alternative: str) -> dict[str, str]:
    return {
        "align": _one_of(element.get("align"), {"left", "right", "center"}),
        "alt": alternative,
        "height": _pixels(element.get("height")),
        "title": element.get("title") or "",
        "width": _pixels(element.get("width")),
    }


def _one_of(value: str | None, known: set[str]) -> str:
    return value if value in known else ""


def _pixels(value: str | None) -> str:
    """A size in pixels, "" for a percentage, which Confluence does not know."""
    number = (value or "").strip().removesuffix("px")
    return number if number.isascii() and number.isdecimal() else ""


def _source(address: str, walk: Walk) -> Attachment | str | None:
    if address.strip().lower().startswith("data:"):
        return data_attachment(address.strip())
    match destination(address, walk):
        case ToFile(path):
            return file_attachment(path, walk.site)
        case ToAddress(url) if url.startswith(("http://", "https://")):
            return url
        case _:
            return None


def figure(element: Html, walk: Walk) -> Nodes:
    """A figure's content as blocks, the caption in italics where it stands."""
    return walk.blocks(element)


def caption(element: Html, walk: Walk) -> Nodes:
    """The caption of a figure."""
    return as_blocks(wrapped("em", trimmed(walk.children(element))))


def diagram(element: Html, walk: Walk) -> Nodes:
    """One of our diagrams as a picture with its description, its caption, and a table of its links to open."""
    svg = _drawn(element)
    links = () if svg is None else _links(svg_document(svg), element, walk)
    return (*walk.blocks(element), *links)


def _drawn(figure: Html) -> Html | None:
    return next(figure.iter("svg"), None)


def _picture(svg: Html, figure: Html, walk: Walk) -> Nodes:
    attached = drawing_attachment(svg_document(svg), figure.get(NUMBER) or "1", walk.site)
    return (Element("p", (), (macros.image(attached, {"alt": words(svg), "width": _drawn_width(svg)}),)),)


def _drawn_width(svg: Html) -> str:
    """The width of a drawing on the site; its picture has more pixels, to be sharp, and is not meant to be larger."""
    whole = (svg.get("width") or "").partition(".")[0]
    return whole if _pixels(whole) and int(whole) <= _COLUMN else ""


def _links(document: str, element: Html, walk: Walk) -> Nodes:
    rows = tuple(
        macros.element("tr", macros.element("td", Element("p", (), linked(address, (label,), element, walk))))
        for label, address in dict.fromkeys(walk.site.links_of_svg(document))
    )
    if not rows:
        return ()
    table = macros.element("table", macros.element("tbody", *rows))
    return (macros.expand(_LINKS_TITLE, (table,)),)


def drawing(element: Html, walk: Walk) -> Nodes:
    """The picture of a diagram of ours; any other SVG is an icon, by its words, and what else it says is reported."""
    figure = next(filter(is_diagram, element.iterancestors("figure")), None)
    if figure is not None and _drawn(figure) is element:
        return _picture(element, figure, walk)
    described = words(element)
    unsaid = tuple(loss(NOT_CARRIED, what, element) for what in _unsaid(element, described))
    if not described and not unsaid:
        return (loss(ICON_WITHOUT_TEXT, "an SVG without a title", element),)
    return (*unsaid, described)


def _unsaid(svg: Html, described: str) -> Iterator[str]:
    """The texts, links and pictures in a drawing, which its description does not carry."""
    drawn = [text_of(node) for node in svg.iter("text", "foreignobject")]
    texts = " ".join(text for text in drawn if text and text not in described)
    if texts:
        yield f"the text {shorten(texts)!r} in an SVG"
    for node in svg.iter("a", "image"):
        address = node.get("href") or node.get("xlink:href")
        if address:
            yield f"the {'link' if tag(node) == 'a' else 'picture'} {shorten(address)} in an SVG"


def is_diagram(element: Html) -> bool:
    """Whether the element is the figure around one of our diagrams."""
    return tag(element) == "figure" and "mb-diagram" in classes(element)
