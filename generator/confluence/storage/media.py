"""Images, diagrams and figures."""

from collections.abc import Iterator

from generator.confluence.storage import macros
from generator.confluence.storage.attachments import build_data_file, build_drawing_file, build_site_file
from generator.confluence.storage.flow import as_blocks, trim_spaces, wrap_inline
from generator.confluence.storage.inline import build_address_link
from generator.confluence.storage.links import ExternalLink, FileLink, resolve_link
from generator.confluence.storage.nodes import Element, Nodes, PageFile
from generator.confluence.storage.page import (
    NUMBER,
    ConversionContext,
    Html,
    build_loss,
    get_classes,
    get_tag,
    get_text,
)
from generator.confluence.storage.rules import FILE_MISSING, ICON_WITHOUT_TEXT, NOT_CARRIED
from generator.confluence.storage.svg import get_description, to_svg_document
from generator.confluence.storage.text import shorten_text

_LINKS_TITLE = "Links in this diagram"
_COLUMN = 760
"""The width of the content in Confluence in pixels, to which it scales down wider images."""


def convert_image(element: Html, context: ConversionContext) -> Nodes:
    """Return an image with its alternative text, title and size; an emoji becomes its character."""
    alternative = element.get("alt") or ""
    if get_classes(element) & {"twemoji", "emojione", "gemoji"} and alternative:
        return (alternative,)
    source = _resolve_source(element.get("src") or "", context)
    if source is None:
        shown = (f" {alternative} ",) if alternative else ()
        return (build_loss(FILE_MISSING, f"an image, {element.get('src') or 'without address'}", element), *shown)
    return (macros.build_image(source, _get_attributes(element, alternative)),)


def _get_attributes(element: Html, alternative: str) -> dict[str, str]:
    return {
        "align": _get_choice(element.get("align"), {"left", "right", "center"}),
        "alt": alternative,
        "height": _parse_pixels(element.get("height")),
        "title": element.get("title") or "",
        "width": _parse_pixels(element.get("width")),
    }


def _get_choice(value: str | None, known: set[str]) -> str:
    return value if value in known else ""


def _parse_pixels(value: str | None) -> str:
    """Return a size in pixels; "" for a percentage, which Confluence does not support."""
    number = (value or "").strip().removesuffix("px")
    return number if number.isascii() and number.isdecimal() else ""


def _resolve_source(address: str, context: ConversionContext) -> PageFile | str | None:
    if address.strip().lower().startswith("data:"):
        return build_data_file(address.strip())
    match resolve_link(address, context):
        case FileLink(path):
            return build_site_file(path, context.site)
        case ExternalLink(url) if url.startswith(("http://", "https://")):
            return url
        case _:
            return None


def convert_figure(element: Html, context: ConversionContext) -> Nodes:
    """Return the content of a figure as blocks."""
    return context.convert_blocks(element)


def convert_caption(element: Html, context: ConversionContext) -> Nodes:
    """Return the caption of a figure in italics."""
    return as_blocks(wrap_inline("em", trim_spaces(context.convert_children(element))))


def convert_diagram(element: Html, context: ConversionContext) -> Nodes:
    """Return a diagram of Modelbook as an image with its caption and a table of its links."""
    svg = _find_drawing(element)
    links = () if svg is None else _convert_drawing_links(to_svg_document(svg), element, context)
    return (*context.convert_blocks(element), *links)


def _find_drawing(figure: Html) -> Html | None:
    return next(figure.iter("svg"), None)


def _convert_drawing(svg: Html, figure: Html, context: ConversionContext) -> Nodes:
    attached = build_drawing_file(to_svg_document(svg), figure.get(NUMBER) or "1", context.site)
    return (Element("p", (), (macros.build_image(attached, {"alt": get_description(svg), "width": _get_width(svg)}),)),)


def _get_width(svg: Html) -> str:
    """Return the width of a drawing on the site; its PNG has more pixels, for sharpness."""
    whole = (svg.get("width") or "").partition(".")[0]
    return whole if _parse_pixels(whole) and int(whole) <= _COLUMN else ""


def _convert_drawing_links(document: str, element: Html, context: ConversionContext) -> Nodes:
    rows = tuple(
        macros.build_element(
            "tr", macros.build_element("td", Element("p", (), build_address_link(address, (label,), element, context)))
        )
        for label, address in dict.fromkeys(context.site.links_of_svg(document))
    )
    if not rows:
        return ()
    table = macros.build_element("table", macros.build_element("tbody", *rows))
    return (macros.build_expand(_LINKS_TITLE, (table,)),)


def convert_svg(element: Html, context: ConversionContext) -> Nodes:
    """Return a diagram of Modelbook as an image, and another SVG as its text."""
    figure = next(filter(is_diagram, element.iterancestors("figure")), None)
    if figure is not None and _find_drawing(figure) is element:
        return _convert_drawing(element, figure, context)
    described = get_description(element)
    unsaid = tuple(build_loss(NOT_CARRIED, what, element) for what in _list_lost_parts(element, described))
    if not described and not unsaid:
        return (build_loss(ICON_WITHOUT_TEXT, "an SVG without a title", element),)
    return (*unsaid, described)


def _list_lost_parts(svg: Html, described: str) -> Iterator[str]:
    """List the texts, links and images in an SVG that its description does not contain."""
    drawn = [get_text(node) for node in svg.iter("text", "foreignobject")]
    texts = " ".join(text for text in drawn if text and text not in described)
    if texts:
        yield f"the text {shorten_text(texts)!r} in an SVG"
    for node in svg.iter("a", "image"):
        address = node.get("href") or node.get("xlink:href")
        if address:
            yield f"the {'link' if get_tag(node) == 'a' else 'picture'} {shorten_text(address)} in an SVG"


def is_diagram(element: Html) -> bool:
    """Return whether an element is the figure of a diagram of Modelbook."""
    return get_tag(element) == "figure" and "mb-diagram" in get_classes(element)
