"""Our inline SVG read back from a built page, in whichever case and namespace the page's parser left it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree, html

from generator.diagrams.markup import address, element, text

_NAMESPACE = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_GRAPHIC = frozenset(("g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"))
"""What is drawn; anything else (scripts, images, foreign objects, styles) has no business in a PNG."""
_TEXT = frozenset(("text", "tspan"))
_DRAWN = re.compile(r"(?!xmlns|on|style)[A-Za-z][A-Za-z0-9-]*\Z")
_CAMEL = {"viewbox": "viewBox", "textlength": "textLength", "lengthadjust": "lengthAdjust"}
"""Attributes that an HTML parser without SVG rules turns to lower case."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """The graphics of an inline SVG, without links, names and anything that is not drawn."""

    width: float
    height: float
    text: str
    """All the characters it shows."""
    markup: str


def drawing_of(svg_text: str) -> Drawing:
    """The first SVG in the text; ValueError where there is none or it has no size."""
    root = _svg(svg_text)
    attributes = _attributes(root)
    width, height = _size(attributes.get("viewBox", ""))
    markup = element("svg", {"xmlns": _NAMESPACE} | attributes, *_graphics(root))
    return Drawing(width, height, " ".join(_words(root)), markup)


def links_of_svg(svg_text: str) -> tuple[tuple[str, str], ...]:
    """Label and address of each link in the picture, in the order of the tab key, none twice."""
    anchors = (each for each in _svg(svg_text).iter() if _local(each) == "a")
    pairs = ((_label(anchor), _href(anchor)) for anchor in anchors)
    return tuple(dict.fromkeys((label, href) for label, href in pairs if href is not None))


def _svg(source: str) -> etree._Element:
    """Read as XML, which it is when we wrote it; else as HTML, which is what a page's tools make of it."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(source.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        root = html.fragment_fromstring(source, create_parent="div")
    found = next((each for each in root.iter() if _local(each) == "svg"), None)
    if found is None:
        message = "there is no <svg> in the text"
        raise ValueError(message)
    return found


def _graphics(parent: etree._Element) -> Iterator[str]:
    """What the element shows, as SVG again; a link becomes a mere group."""
    if _local(parent) in _TEXT and parent.text:
        yield text(parent.text)
    for child in parent:
        name = "g" if _local(child) == "a" else _local(child)
        if name in _GRAPHIC:
            yield element(name, _attributes(child), *_graphics(child))


def _attributes(source: etree._Element) -> dict[str, str]:
    """Those that drawing needs: none of another namespace, no handlers, no inline style."""
    named = ((str(name), str(value)) for name, value in source.attrib.items())
    return {_CAMEL.get(name, name): value for name, value in named if _DRAWN.match(name)}


def _local(found: etree._Element) -> str:
    """The name without its namespace; of a comment, nothing that is a name."""
    return str(found.tag).rpartition("}")[2].lower()


def _size(view_box: str) -> tuple[float, float]:
    try:
        _, _, width, height = map(float, view_box.replace(",", " ").split())
    except ValueError as error:
        message = f"the <svg> has no size: its viewBox is {view_box!r}"
        raise ValueError(message) from error
    if not (0 < width < 1e6 and 0 < height < 1e6):
        message = f"the <svg> is {width} by {height}, which is no picture"
        raise ValueError(message)
    return width, height


def _href(anchor: etree._Element) -> str | None:
    return address(anchor.get(_XLINK) or anchor.get("xlink:href") or anchor.get("href"))


def _label(anchor: etree._Element) -> str:
    """The label as it was given, which the picture may show shortened; else the words in the link."""
    return anchor.get("data-label") or " ".join(_words(anchor))


def _words(anchor: etree._Element) -> Iterator[str]:
    for each in anchor.iter():
        if _local(each) in _TEXT and each.text:
            yield from each.text.split()
