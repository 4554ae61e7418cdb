"""Diagrams as PNG for Confluence: the inline SVG of a built page, read in any form that an HTML parser produces."""

import math
import re
from collections.abc import Iterator
from pathlib import Path

import resvg_py
from lxml import etree, html

from generator.diagrams.stylesheet import PNG_BACKGROUND, PNG_STYLESHEET
from generator.diagrams.svg import escape_text, keep_safe_href, render_element
from generator.diagrams.text import is_covered
from generator.values import FrozenValue

_NAMESPACE = "http://www.w3.org/2000/svg"
_XLINK = "{http://www.w3.org/1999/xlink}href"
_GRAPHIC = frozenset(("g", "path", "rect", "circle", "ellipse", "line", "polyline", "polygon", "text", "tspan"))
"""Elements that are kept; scripts, images, foreign objects and styles are dropped."""
_TEXT = frozenset(("text", "tspan"))
_ATTRIBUTE = re.compile(r"(?!xmlns|on|style)[A-Za-z][A-Za-z0-9-]*\Z")
"""Attributes that are kept: no other namespace, no event handler, no inline style."""
_CAMEL_CASE = {"viewbox": "viewBox", "textlength": "textLength", "lengthadjust": "lengthAdjust"}
"""Attributes whose names an HTML parser without SVG rules converts to lower case."""


class SvgGraphics(FrozenValue):
    """The graphics of an inline SVG, without links, titles and everything that is not visible."""

    width: float
    height: float
    text: str
    """All visible text."""
    markup: str


def extract_graphics(svg_text: str) -> SvgGraphics:
    """Return the graphics of the first SVG in a text; raise ValueError if it is missing or has no size."""
    root = _parse_svg(svg_text)
    attributes = _filter_attributes(root)
    view_box = attributes.get("viewBox", "")
    try:
        _, _, width, height = map(float, view_box.replace(",", " ").split())
    except ValueError as error:
        raise ValueError(f"invalid viewBox {view_box!r} of <svg>: expected four numbers") from error
    if not (0 < width < 1e6 and 0 < height < 1e6):
        raise ValueError(f"invalid size of <svg>: {width} by {height}")
    markup = render_element("svg", {"xmlns": _NAMESPACE} | attributes, *_render_children(root))
    return SvgGraphics(width, height, " ".join(_iterate_words(root)), markup)


def extract_svg_links(svg_text: str) -> tuple[tuple[str, str], ...]:
    """Return the label and the address of each link, in the order of the Tab key and without duplicates."""
    links: dict[tuple[str, str], None] = {}
    for anchor in _parse_svg(svg_text).iter():
        if _get_local_name(anchor) == "a":
            href = keep_safe_href(anchor.get(_XLINK) or anchor.get("xlink:href") or anchor.get("href"))
            if href is not None:
                # The visible text may be truncated; `data-label` is not.
                links[anchor.get("data-label") or " ".join(_iterate_words(anchor)), href] = None
    return tuple(links)


def _parse_svg(source: str) -> etree._Element:
    """Return the first svg element, parsed as XML as it was rendered, or else as HTML as other tools rewrite it."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(source.encode("utf-8"), parser)
    except etree.XMLSyntaxError:
        root = html.fragment_fromstring(source, create_parent="div")
    found = next((each for each in root.iter() if _get_local_name(each) == "svg"), None)
    if found is None:
        raise ValueError("missing <svg>")
    return found


def _render_children(parent: etree._Element) -> Iterator[str]:
    """Render the visible contents of an element; links become groups."""
    if _get_local_name(parent) in _TEXT and parent.text:
        yield escape_text(parent.text)
    for child in parent:
        name = "g" if _get_local_name(child) == "a" else _get_local_name(child)
        if name in _GRAPHIC:
            yield render_element(name, _filter_attributes(child), *_render_children(child))


def _filter_attributes(element: etree._Element) -> dict[str, str]:
    attributes = ((str(name), str(value)) for name, value in element.attrib.items())
    return {_CAMEL_CASE.get(name, name): value for name, value in attributes if _ATTRIBUTE.match(name)}


def _get_local_name(element: etree._Element) -> str:
    """Return the name without its namespace; for a comment, a text that is no name of an element."""
    return str(element.tag).rpartition("}")[2].lower()


def _iterate_words(element: etree._Element) -> Iterator[str]:
    for each in element.iter():
        if _get_local_name(each) in _TEXT and each.text:
            yield from each.text.split()


_FONTS = [str(Path(__file__).parent / "fonts" / f"LiberationSans-{weight}.ttf") for weight in ("Regular", "Bold")]
_FAMILY = "Liberation Sans"
_MAX_PIXELS = 40_000_000
_MAX_SIDE = 16_000
"""Larger diagrams are rendered at a smaller scale, since browsers and Confluence reject larger images."""


def render_png(svg_text: str, scale: float = 2.0) -> bytes:
    """Render the inline SVG of a diagram, as found in a page, as PNG with `scale` pixels per unit.

    The bytes are equal on every machine if the shipped fonts have every character (Latin, Greek, Cyrillic, Hebrew).
    Otherwise the fonts of the machine provide the rest, since a readable name is worth more than equal bytes. Raises
    ValueError if the text has no SVG, or the SVG has no size.
    """
    graphics = extract_graphics(svg_text)
    width, height = graphics.width, graphics.height
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=graphics.markup,
            style_sheet=PNG_STYLESHEET,
            background=PNG_BACKGROUND,
            skip_system_fonts=is_covered(graphics.text),
            font_files=_FONTS,
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
            zoom=min(scale, math.sqrt(_MAX_PIXELS / (width * height)), _MAX_SIDE / max(width, height)),
        )
    )
