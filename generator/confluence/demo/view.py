"""The browser view of a demo server: spaces, pages as readers see them, and attachments."""

from collections.abc import Callable
from importlib.resources import files
from typing import Any
from urllib.parse import quote

import jinja2
from lxml import etree
from markupsafe import Markup
from werkzeug import Response

from generator.confluence.demo.api import Answer, Call
from generator.confluence.demo.storage import Refusal, parse_body
from generator.confluence.demo.world import FOLDER, Content
from generator.confluence.wiki import Status

_SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml")
_PROTECTION = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'",
}
_FOLDER = files("generator.confluence.demo")
_TEMPLATE = jinja2.Environment(autoescape=True).from_string((_FOLDER / "page.html").read_text("utf-8"))
_STYLESHEET = (_FOLDER / "storage.xsl").read_bytes()


def _link_page(call: Call, page: Content | None) -> str:
    if page is None:
        return ""
    if not call.cloud:
        return f"/pages/viewpage.action?pageId={page.id}"
    path = "folder" if page.kind == FOLDER else "pages"
    return f"/wiki/spaces/{quote(call.session.space(page.space_id).key)}/{path}/{page.id}"


def _link_space(call: Call, key: str) -> str:
    return f"/wiki/spaces/{quote(key)}" if call.cloud else f"/display/{quote(key)}"


def _link_file(call: Call, page: Content, name: str) -> str:
    return f"{'/wiki' if call.cloud else ''}/download/attachments/{page.id}/{quote(name, safe='')}"


def show(call: Call, title: str, status: int = 200, **more: Any) -> Response:  # noqa: ANN401 - the template's values
    """Return a web page with a title and what else the template shows."""
    text = _TEMPLATE.render(title=title, index="/wiki/spaces" if call.cloud else "/", **more)
    return Response(text, status, _PROTECTION, mimetype="text/html")


def show_spaces(call: Call) -> Answer:
    """Show the list of spaces."""
    spaces = call.session.list_spaces()
    return show(call, "Spaces", nodes=[{"href": _link_space(call, each.key), "title": each.name} for each in spaces])


def show_space(call: Call, key: str) -> Answer:
    """Show the pages of a space as a tree."""
    space = call.session.space(key)
    return show(call, space.name, nodes=_build_tree(call, None, space.id, None))


def show_page(call: Call, page_id: int = 0, **_: str) -> Answer:
    """Show a page, which Data Center names in the query."""
    page = call.session.find(page_id or call.get_number("pageId", 0))
    space, above = call.session.space(page.space_id), call.session.list_ancestors(page)
    width = page.properties.get("content-appearance-published")
    return show(
        call,
        page.title,
        nodes=_build_tree(call, None, space.id, [each.id for each in (*above, page)]),
        crumbs=[(_link_space(call, space.key), space.name), *((_link_page(call, each), each.title) for each in above)],
        notice="" if page.status is Status.CURRENT else f"This page is {page.status}.",
        page=page,
        author=_name_person(call, page.current.author),
        wide=width is not None and width.value == "full-width",
        body=_render_body(call, page),
        files=[(_link_file(call, page, name), file) for name, file in page.files.items()],
    )


def _name_person(call: Call, person_id: str) -> str:
    person = call.session.world.people.get(person_id)
    return person.name if person else person_id


def _build_tree(call: Call, parent_id: int | None, space_id: int, path: list[int] | None) -> list[dict[str, Any]]:
    """Return the pages below a parent: the whole tree, or only the children of the pages on a path."""
    return [
        {
            "href": _link_page(call, page),
            "title": page.title,
            "here": path is not None and page.id == path[-1],
            "children": _build_tree(call, page.id, space_id, path) if path is None or page.id in path else (),
        }
        for page in call.session.list_children(parent_id, space_id)
    ]


def download(call: Call, page_id: int, name: str) -> Answer:
    """Return an attachment; only pictures are shown in the browser."""
    page = call.session.find(page_id)
    if name not in page.files:
        raise Refusal(404, f"No attachment {name} on content {page_id}")
    file = page.files[name]
    shown = file.media_type in _SHOWN_INLINE
    headers = {
        "Content-Disposition": "inline" if shown else "attachment",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(file.content, 200, headers, content_type=file.media_type if shown else "application/octet-stream")


def _render_body(call: Call, page: Content) -> Markup:
    """Return the text of a page as HTML; the stylesheet keeps only harmless elements and attributes."""
    session = call.session

    def find_page(title: str, key: str = "") -> Content | None:
        space_id = session.space(key).id if key in [space.key for space in session.list_spaces()] else page.space_id
        return next((p for p in session.list_pages(Status.CURRENT, title=title) if p.space_id == space_id), None)

    def link_file(_: object, name: str, title: str) -> str:
        owner = find_page(title) if title else page
        return _link_file(call, owner, name) if owner and name in owner.files else ""

    def list_children(_: object) -> etree._Element:
        shown = etree.Element("ul")
        for child in session.list_children(page.id, page.space_id):
            etree.SubElement(etree.SubElement(shown, "li"), "a", href=_link_page(call, child)).text = child.title
        return shown

    functions: dict[str, Callable[..., object]] = {
        "link_page": lambda _, title, key: _link_page(call, find_page(title, key)),
        "link_entity": lambda _, number: _link_page(
            call, session.world.contents.get(int(number) if number.isdecimal() else 0)
        ),
        "link_file": link_file,
        "name_person": lambda _, person_id: _name_person(call, person_id),
        "list_children": list_children,
    }
    extensions = {("urn:demo", name): function for name, function in functions.items()}
    transform = etree.XSLT(etree.XML(_STYLESHEET), extensions=extensions)
    return Markup(str(transform(etree.ElementTree(parse_body(page.current.body)))))  # noqa: S704 - the stylesheet's HTML
