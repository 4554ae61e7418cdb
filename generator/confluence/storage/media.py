"""Images, diagrams and figures."""

from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from generator.confluence.storage import macros, rules
from generator.confluence.storage.attachments import build_data_file, build_site_file
from generator.confluence.storage.inline import build_address_link
from generator.confluence.storage.links import ExternalLink, FileLink, UnpublishedLink, resolve_link
from generator.confluence.storage.nodes import (
    Drawing,
    Element,
    Nodes,
    PageFile,
    compute_digest,
    remove_illegal,
    shorten_text,
)
from generator.confluence.storage.page import (
    NUMBER,
    ConversionContext,
    Html,
    build_loss,
    get_classes,
    get_tag,
    get_text,
    is_diagram,
)

_COLUMN = 760
"""The width of the content in Confluence in pixels, to which it scales down wider images."""

_CASED = {name.lower(): name for name in ("viewBox", "textLength", "lengthAdjust")}
"""The names with capitals in a diagram by their lower-case form, which an HTML parser uses."""
_NAMESPACES = {"xmlns": "http://www.w3.org/2000/svg", "xmlns:xlink": "http://www.w3.org/1999/xlink"}


def convert_image(element: Html, context: ConversionContext) -> Nodes:
    """Return an image with its alternative text, title and size; an emoji becomes its character."""
    alternative, address = element.get("alt") or "", (element.get("src") or "").strip()
    if get_classes(element) & {"twemoji", "emojione", "gemoji"} and alternative:
        return (alternative,)
    source: PageFile | str | None = None
    if address.lower().startswith("data:"):
        source = build_data_file(address)
    else:
        match resolve_link(address, context):
            case FileLink(path):
                source = build_site_file(path, context.site)
            case ExternalLink(url) if url.startswith(("http://", "https://")):
                source = url
    if source is None:
        shown = (f" {alternative} ",) if alternative else ()
        return (build_loss(rules.FILE_MISSING, f"an image, {element.get('src') or 'without address'}", element), *shown)
    align = element.get("align") or ""
    attributes = {
        "align": align if align in {"left", "right", "center"} else "",
        "alt": alternative,
        "height": _parse_pixels(element.get("height")),
        "title": element.get("title") or "",
        "width": _parse_pixels(element.get("width")),
    }
    return (macros.build_image(source, attributes),)


def _parse_pixels(value: str | None) -> str:
    """Return a size in pixels; "" for a percentage, which Confluence does not support."""
    number = (value or "").strip().removesuffix("px")
    return number if number.isascii() and number.isdecimal() else ""


def convert_diagram(element: Html, context: ConversionContext) -> Nodes:
    """Return a diagram of Modelbook as an image with its caption and a table of its links."""
    svg = next(element.iter("svg"), None)
    links = () if svg is None else dict.fromkeys(context.site.links_of_svg(to_svg_document(svg)))
    made = [
        build_address_link(address, (label,), element, context)
        for label, address in links
        if not isinstance(resolve_link(address, context), UnpublishedLink)
    ]
    rows = (Element("tr", (), (Element("td", (), (Element("p", (), link),)),)) for link in made)
    table = Element("table", (), (Element("tbody", (), tuple(rows)),))
    listed = (macros.build_box("expand", {"title": "Links in this diagram"}, (table,)),) if made else ()
    return (*context.convert_blocks(element), *listed)


def convert_svg(element: Html, context: ConversionContext) -> Nodes:
    """Return a diagram of Modelbook as an image, and another SVG as its text."""
    # The description of an SVG, else its title, else its label, is the alternative text.
    named = (get_text(node) for name in ("desc", "title") for node in element if get_tag(node) == name)
    described = next(filter(None, named), (element.get("aria-label") or "").strip())
    figure = next(filter(is_diagram, element.iterancestors("figure")), None)
    if figure is not None and next(figure.iter("svg"), None) is element:
        svg, name = to_svg_document(element), f"diagram-{figure.get(NUMBER) or '1'}.png"
        # The digest is that of the SVG, so that drawings are compared unrendered.
        key = compute_digest(f"{context.site.drawing_key}\n{svg}".encode())
        attached = PageFile(name, "image/png", Drawing(svg), key)
        # The PNG has more pixels than the drawing on the site, for sharpness.
        width = _parse_pixels((element.get("width") or "").partition(".")[0])
        shown = width if width and int(width) <= _COLUMN else ""
        return (Element("p", (), (macros.build_image(attached, {"alt": described, "width": shown}),)),)
    lost = tuple(build_loss(rules.NOT_CARRIED, what, element) for what in _list_lost_parts(element, described))
    if not described and not lost:
        return (build_loss(rules.ICON_WITHOUT_TEXT, "an SVG without a title", element),)
    return (*lost, described)


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


def to_svg_document(element: Html, *, is_root: bool = True) -> str:
    """Return an SVG as XML that a renderer accepts; equal drawings give equal text."""
    name = _CASED.get(get_tag(element), get_tag(element))
    given = {_CASED.get(str(key), str(key)): str(value) for key, value in element.attrib.items()}
    shown = {**given, **_NAMESPACES} if is_root else given
    attributes = "".join(f" {key}={quoteattr(remove_illegal(value))}" for key, value in shown.items())
    content = escape(remove_illegal(element.text or ""))
    for child in element:
        content += to_svg_document(child, is_root=False) if get_tag(child) else ""
        content += escape(remove_illegal(child.tail or ""))
    return f"<{name}{attributes}>{content}</{name}>"
