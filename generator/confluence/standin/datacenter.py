"""Data Center's API: v1 throughout, lists by start and limit, properties by key."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlencode

from generator.confluence.standin import comments, details, files, page_tree, pages, version1, visit
from generator.confluence.standin import datacenter_shapes as shapes
from generator.confluence.standin.messages import NOTHING, Reply, Route, Wire, json_reply
from generator.confluence.standin.records import PageRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.visit import Visit
from generator.confluence.wiki import Status

API = "/rest/api"
LIMIT = 100
LIMIT_WITH_BODIES = 50
Found = TypeVar("Found")


def get_space(at: Visit, key: str) -> Reply:
    """Return one space."""
    space = visit.space_by_key(at, key)
    home = shapes.homepage(space) if "homepage" in at.request.many("expand") else {}
    return json_reply({**shapes.space(space), **home})


def list_pages(at: Visit) -> Reply:
    """Return the current pages of a space, or the one with a title."""
    if at.request.one("type", "page") != "page":
        raise Refusal(Reason.BAD_REQUEST, "the stand-in lists only pages")
    key = at.request.one("spaceKey")
    spaces = [visit.space_by_key(at, key)] if key else visit.spaces(at)
    title = at.request.one("title")
    found = [page for space in spaces for page in pages.in_space(at, space, (Status.CURRENT,), title)]
    return _part(at, found, lambda page: shapes.page(at, page, at.request.many("expand")))


def search(at: Visit) -> Reply:
    """Pages by a query; of its language only `id in (1,2)` and `ancestor = 1 and type = page` are understood."""
    query = at.request.one("cql").strip()
    top = query.removeprefix("ancestor = ").removesuffix(" and type = page")
    if query == f"ancestor = {top} and type = page":
        return _part(at, _below(at, pages.find(at, top)), lambda page: shapes.page(at, page, at.request.many("expand")))
    inside = query.removeprefix("id in (").removesuffix(")")
    ids = [one.strip() for one in inside.split(",")]
    if query != f"id in ({inside})" or not all(one.isdigit() for one in ids):
        raise Refusal(Reason.BAD_REQUEST, f"Could not parse cql : {query}")
    found = pages.with_ids(at, [int(one) for one in ids], (Status.CURRENT,))
    return _part(at, found, lambda page: shapes.page(at, page, at.request.many("expand")))


def _below(at: Visit, page: PageRecord) -> list[PageRecord]:
    below = pages.children(at, page.id)
    return [*below, *(deeper for child in below for deeper in _below(at, child))]


def get_page(at: Visit, page_id: str) -> Reply:
    """Return one page; trashed ones and old versions only where `status` asks for them."""
    status, number = at.request.one("status", "current"), at.request.number("version", 0)
    if status == "historical" and number:
        page = pages.find_version(at, page_id, number)
        if number != pages.find(at, page_id).version:
            page = replace(page, status=Status.HISTORICAL)
        return json_reply(_single(at, page))
    wanted = tuple(Status) if status == "any" else tuple(one for one in Status if one.value == status)
    return json_reply(_single(at, pages.find(at, page_id, wanted)))


def create_page(at: Visit) -> Reply:
    """Return a new page."""
    data = at.request.json()
    if data.get("type") != "page":
        raise Refusal(Reason.BAD_REQUEST, "type must be page")
    space = visit.space_by_key(at, str(_object(data, "space").get("key", "")))
    content = pages.Content(_text(data, "title"), _storage(data))
    return json_reply(_single(at, pages.create(at, space, _parent(data), content)))


def update_page(at: Visit, page_id: str) -> Reply:
    """Return the next version of a page."""
    data = at.request.json()
    if data.get("type") != "page":
        raise Refusal(Reason.BAD_REQUEST, "type must be page")
    version = _object(data, "version")
    content = pages.Content(
        _text(data, "title"), _storage(data), str(version.get("message") or ""), bool(version.get("minorEdit"))
    )
    number = version.get("number")
    if not isinstance(number, int):
        raise Refusal(Reason.BAD_REQUEST, "version.number must be a number")
    return json_reply(_single(at, pages.update(at, page_id, number, _parent(data), content)))


def delete_content(at: Visit, page_id: str) -> Reply:
    """Return a page or a file to the trash; with `status=trashed` a page out of it for good."""
    number = int(page_id) if page_id.isdigit() else 0
    if at.request.one("status") == "trashed":
        page_tree.purge(at, page_id)
    elif at.tables.number("SELECT count(*) FROM file WHERE id = ?", number):
        file = files.find(at, page_id)
        files.trash(at, pages.find(at, str(file.page_id)), file)
    else:
        page_tree.trash(at, page_id)
    return NOTHING


def list_children(at: Visit, page_id: str) -> Reply:
    """Return the pages below a page."""
    return _part(at, pages.children(at, pages.find(at, page_id).id), shapes.child)


def list_labels(at: Visit, page_id: str) -> Reply:
    """Return a page's labels."""
    return version1.labels(at, pages.find(at, page_id))


def list_files(at: Visit, page_id: str) -> Reply:
    """Return a page's attachments."""
    found = files.on_page(at, pages.find(at, page_id), at.request.one("filename"))
    return _part(at, found, lambda one: version1.file(at, one))


def list_comments(at: Visit, page_id: str) -> Reply:
    """Return a page's inline comments; resolved ones are another location."""
    page, locations = pages.find(at, page_id), at.request.many("location")
    found = [
        one
        for one in comments.on_page(at.tables, page.id)
        if not locations or ("resolved" if one.state == "resolved" else "inline") in locations
    ]
    return _part(at, found, shapes.comment)


def list_properties(at: Visit, page_id: str) -> Reply:
    """Return a page's properties."""
    return _part(at, details.properties(at, pages.find(at, page_id)), shapes.content_property)


def get_property(at: Visit, page_id: str, key: str) -> Reply:
    """Return one property."""
    return json_reply(shapes.content_property(details.property_by_key(at, pages.find(at, page_id), key)))


def create_property(at: Visit, page_id: str) -> Reply:
    """Return a new property."""
    data = at.request.json()
    created = details.create_property(at, pages.find(at, page_id), data.get("key"), data.get("value"))
    return json_reply(shapes.content_property(created))


def update_property(at: Visit, page_id: str, key: str) -> Reply:
    """Return the next version of a property."""
    page, data = pages.find(at, page_id), at.request.json()
    current = details.property_by_key(at, page, key)
    number = _object(data, "version").get("number")
    return json_reply(shapes.content_property(details.update_property(at, page, current, number, data.get("value"))))


def delete_property(at: Visit, page_id: str, key: str) -> Reply:
    """Removes a property."""
    page = pages.find(at, page_id)
    details.delete_property(at, page, details.property_by_key(at, page, key))
    return NOTHING


def _part(at: Visit, found: Sequence[Found], shape: Callable[[Found], Wire]) -> Reply:
    """Return one part of a list; a limit above what is allowed is lowered without a word, as Data Center does."""
    bodies = any(name.startswith("body.") for name in at.request.many("expand"))
    limit = max(1, min(at.request.number("limit", 25), LIMIT_WITH_BODIES if bodies else LIMIT))
    start = at.request.number("start", 0)
    results = [shape(one) for one in found[start : start + limit]]
    links = {"base": at.base, "context": "", "self": f"{at.base}{at.request.path}"}
    if start + limit < len(found):
        query = {name: ",".join(values) for name, values in at.request.query.items()}
        query |= {"start": str(start + limit), "limit": str(limit)}
        links["next"] = f"{at.request.path}?{urlencode(query)}"
    return json_reply({"results": results, "start": start, "limit": limit, "size": len(results), "_links": links})


def _single(at: Visit, page: PageRecord) -> Wire:
    """Return a page by itself; version, space and history come unasked."""
    expand = {*at.request.many("expand"), "version", "space"}
    written = shapes.page(at, page, expand)
    return {**written, "_links": {**written["_links"], "base": at.base, "context": ""}}


def _parent(data: Wire) -> str | None:
    """Return the last of the ancestors that a client names."""
    above = data.get("ancestors")
    if not above:
        return None
    if not isinstance(above, list) or not isinstance(above[-1], dict) or "id" not in above[-1]:
        raise Refusal(Reason.BAD_REQUEST, "ancestors must list objects with an id")
    return str(above[-1]["id"])


def _storage(data: Wire) -> str:
    storage = _object(_object(data, "body"), "storage")
    if storage.get("representation") != "storage":
        raise Refusal(Reason.BAD_REQUEST, "body.storage must be of the representation storage")
    return _text(storage, "value")


def _object(data: Wire, name: str) -> Wire:
    value = data.get(name)
    if not isinstance(value, dict):
        raise Refusal(Reason.BAD_REQUEST, f"{name} must be an object")
    return value


def _text(data: Wire, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise Refusal(Reason.BAD_REQUEST, f"{name} must be a text")
    return value


_PAGE = f"{API}/content/{{page_id}}"

ROUTES = (
    *version1.routes(API),
    Route("GET", f"{API}/space/{{key}}", get_space),
    Route("GET", f"{API}/content", list_pages),
    Route("POST", f"{API}/content", create_page),
    Route("GET", f"{API}/content/search", search),
    Route("GET", _PAGE, get_page),
    Route("PUT", _PAGE, update_page),
    Route("DELETE", _PAGE, delete_content),
    Route("GET", f"{_PAGE}/child/page", list_children),
    Route("GET", f"{_PAGE}/child/attachment", list_files),
    Route("GET", f"{_PAGE}/child/comment", list_comments),
    Route("GET", f"{_PAGE}/label", list_labels),
    Route("GET", f"{_PAGE}/property", list_properties),
    Route("POST", f"{_PAGE}/property", create_property),
    Route("GET", f"{_PAGE}/property/{{key}}", get_property),
    Route("PUT", f"{_PAGE}/property/{{key}}", update_property),
    Route("DELETE", f"{_PAGE}/property/{{key}}", delete_property),
)
