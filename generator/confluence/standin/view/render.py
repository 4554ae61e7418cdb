"""A body in storage format as HTML for the browser; whoever wrote the page is not trusted.

Only known elements and attributes are written, all text is escaped, and nothing is loaded from elsewhere.
"""

from collections.abc import Mapping
from html import escape
from types import MappingProxyType
from urllib.parse import urlsplit

from lxml import etree

from generator.confluence.standin.storage_rules import HTML, attribute, name_of, parse
from generator.confluence.standin.view.macros import macro
from generator.confluence.standin.view.paint import (
    Painted,
    Painter,
    ViewContext,
    anchor_of,
    broken,
    link,
    parameter,
    text_of,
)

_VOID = ("br", "hr", "col")
_KEPT = ("colspan", "rowspan", "datetime", "start", "title")
_ALIGNMENTS = ("left", "right", "center", "justify")
_SCHEMES = ("", "http", "https", "mailto")
_LAYOUTS = {
    "single": "1fr",
    "two_equal": "1fr 1fr",
    "two_left_sidebar": "1fr 2fr",
    "two_right_sidebar": "2fr 1fr",
    "three_equal": "1fr 1fr 1fr",
    "three_with_sidebars": "1fr 2fr 1fr",
}


def render(body: str, around: ViewContext) -> str:
    """Return the body as HTML."""
    root = parse(body)

    def inside(element: etree._Element) -> str:
        painted = (_element(child, painter) + escape(child.tail or "", quote=False) for child in element)
        return escape(element.text or "", quote=False) + "".join(painted)

    painter = Painter(around, _anchors(root), root, inside)
    return inside(root)


def _anchors(root: etree._Element) -> frozenset[str]:
    """What a link within the page can lead to."""
    found: set[str] = set()
    for element in root.iter():
        if name_of(element) in ("h1", "h2", "h3", "h4", "h5", "h6"):
            found.add(anchor_of(text_of(element)))
        elif attribute(element, "ac:name") == "anchor":
            found.add(parameter(element, ""))
    return frozenset(found)


def _element(element: etree._Element, painter: Painter) -> str:
    name = name_of(element)
    if name in HTML:
        return _html(element, name, painter)
    return _PAINTED.get(name, _transparent)(element, painter)


def _html(element: etree._Element, name: str, painter: Painter) -> str:
    if name == "a":
        return _web_link(element, painter)
    attributes = "".join(f' {key}="{escape(value)}"' for key in _KEPT if (value := element.get(key)) is not None)
    if name.startswith("h") and name[1:].isdigit():
        attributes += f' id="{escape(anchor_of(text_of(element)))}"'
    attributes += _alignment(element)
    return f"<{name}{attributes}>" if name in _VOID else f"<{name}{attributes}>{painter.inside(element)}</{name}>"


def _alignment(element: etree._Element) -> str:
    for rule in (element.get("style") or "").split(";"):
        key, _, value = rule.partition(":")
        if key.strip() == "text-align" and value.strip() in _ALIGNMENTS:
            return f' style="text-align: {value.strip()}"'
    return ""


def _web_link(element: etree._Element, painter: Painter) -> str:
    href = element.get("href") or ""
    inner = painter.inside(element)
    try:
        known = urlsplit(href).scheme.lower() in _SCHEMES
    except ValueError:
        known = False
    if not href or not known:
        return broken(text_of(element) or href)
    if href.startswith("#") and href[1:] not in painter.anchors:
        return broken(text_of(element) or href)
    return link(href, inner)


def _link(element: etree._Element, painter: Painter) -> str:
    """Return a Confluence link: its resource says where to, its body what is shown."""
    shown = "".join(
        painter.inside(child) for child in element if name_of(child) in ("ac:link-body", "ac:plain-text-link-body")
    )
    resource = next((child for child in element if name_of(child).startswith("ri:")), None)
    anchor = attribute(element, "ac:anchor") or ""
    if resource is None:
        if anchor not in painter.anchors:
            return broken(text_of(element) or anchor)
        return link(f"#{anchor}", shown or escape(anchor))
    href, title = _resolved(resource, painter)
    if href is None:
        return broken(text_of(element) or title)
    return link(f"{href}#{anchor}" if anchor else href, shown or escape(title))


def _resolved(resource: etree._Element, painter: Painter) -> tuple[str | None, str]:
    """Where a resource is, if anywhere, and what it is called."""
    name = name_of(resource)
    if name == "ri:page":
        title = attribute(resource, "ri:content-title") or ""
        found = painter.around.page_titled(title, attribute(resource, "ri:space-key") or "")
        return (found.href if found else None), title
    if name == "ri:content-entity":
        number = attribute(resource, "ri:content-id") or ""
        found = painter.around.page_with_id(number)
        return (found.href, found.title) if found else (None, number)
    if name == "ri:attachment":
        file = attribute(resource, "ri:filename") or ""
        return painter.around.file(file, _owner(resource)), file
    if name == "ri:url":
        address = attribute(resource, "ri:value") or ""
        return (address if address.startswith(("https://", "http://")) else None), address
    return None, next((str(value) for value in resource.attrib.values()), name)


def _owner(attachment: etree._Element) -> str:
    pages = (child for child in attachment if name_of(child) == "ri:page")
    return next((attribute(page, "ri:content-title") or "" for page in pages), "")


def _image(element: etree._Element, painter: Painter) -> str:
    """Return a picture from an attachment; one from elsewhere is only linked, as nothing is loaded from there."""
    resource = next(child for child in element if name_of(child).startswith("ri:"))
    href, title = _resolved(resource, painter)
    alt = attribute(element, "ac:alt") or title
    if href is None:
        return broken(alt)
    if name_of(resource) == "ri:url":
        return link(href, f"picture from elsewhere: {escape(alt)}")
    sizes = "".join(
        f' {side}="{value}"'
        for side in ("width", "height")
        if (value := attribute(element, f"ac:{side}") or "").isdigit()
    )
    caption = "".join(painter.inside(child) for child in element if name_of(child) == "ac:caption")
    picture = f'<img src="{escape(href)}" alt="{escape(alt)}"{sizes}>'
    return f"<figure>{picture}<figcaption>{caption}</figcaption></figure>" if caption else picture


def _tasks(element: etree._Element, painter: Painter) -> str:
    return f'<ul class="tasks">{"".join(_task(child, painter) for child in element)}</ul>'


def _task(task: etree._Element, painter: Painter) -> str:
    parts = {name_of(child): child for child in task}
    status, body = parts.get("ac:task-status"), parts.get("ac:task-body")
    checked = " checked" if status is not None and text_of(status) == "complete" else ""
    shown = "" if body is None else painter.inside(body)
    return f'<li><input type="checkbox" disabled{checked}> {shown}</li>'


def _section(element: etree._Element, painter: Painter) -> str:
    columns = _LAYOUTS.get(attribute(element, "ac:type") or "", "1fr")
    cells = "".join(f"<div>{painter.inside(cell)}</div>" for cell in element)
    return f'<div class="layout" style="grid-template-columns: {columns}">{cells}</div>'


def _emoticon(element: etree._Element, _: Painter) -> str:
    fallback = attribute(element, "ac:emoji-fallback")
    return escape(fallback or f"({attribute(element, 'ac:name')})")


def _marker(element: etree._Element, painter: Painter) -> str:
    return f'<mark title="somebody remarked on this">{painter.inside(element)}</mark>'


def _transparent(element: etree._Element, painter: Painter) -> str:
    return painter.inside(element)


def _nothing(_: etree._Element, __: Painter) -> str:
    return ""


_PAINTED: Mapping[str, Painted] = MappingProxyType(
    {
        "ac:structured-macro": macro,
        "ac:link": _link,
        "ac:image": _image,
        "ac:task-list": _tasks,
        "ac:layout-section": _section,
        "ac:emoticon": _emoticon,
        "ac:inline-comment-marker": _marker,
        "ac:placeholder": _nothing,
    }
)
