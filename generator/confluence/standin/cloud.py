"""Cloud's API v2."""

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar
from urllib.parse import urlencode

from generator.confluence.standin import cloud_shapes as shapes
from generator.confluence.standin import comments, details, files, page_tree, pages, visit
from generator.confluence.standin.messages import NOTHING, Reply, Route, Wire, json_reply
from generator.confluence.standin.records import PageRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.visit import Visit
from generator.confluence.wiki import Status

API = "/wiki/api/v2"
LIMIT = 250
Found = TypeVar("Found")


def _page_of_results(at: Visit, found: Sequence[Found], shape: Callable[[Found], Wire], default: int = 25) -> Reply:
    """Return one part of a list, with the cursor to the next; the cursor says nothing to a client."""
    limit = at.request.number("limit", default)
    if not 1 <= limit <= LIMIT:
        raise Refusal(Reason.BAD_REQUEST, f"limit must be between 1 and {LIMIT}")
    start = _position(at.request.one("cursor"))
    links: dict[str, str] = {"base": f"{at.base}/wiki"}
    headers: dict[str, str] = {}
    if start + limit < len(found):
        query = {name: ",".join(values) for name, values in at.request.query.items()}
        query["cursor"] = base64.urlsafe_b64encode(f"at:{start + limit}".encode()).decode()
        links["next"] = f"{at.request.path}?{urlencode(query)}"
        headers["Link"] = f'<{links["next"]}>; rel="next"'
    results = [shape(one) for one in found[start : start + limit]]
    return json_reply({"results": results, "_links": links}, headers=headers)


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        return int(base64.urlsafe_b64decode(cursor).decode().removeprefix("at:"))
    except ValueError:
        raise Refusal(Reason.BAD_REQUEST, "The cursor is not one of ours") from None


def _statuses(at: Visit, default: str) -> tuple[Status, ...]:
    names = at.request.many("status") or tuple(default.split(","))
    unknown = [name for name in names if name not in list(Status)]
    if unknown:
        raise Refusal(Reason.BAD_REQUEST, f"{unknown[0]} is no status")
    return tuple(Status(name) for name in names)


def _with_body(at: Visit) -> bool:
    wanted = at.request.one("body-format")
    if wanted not in ("", "storage"):
        raise Refusal(Reason.BAD_REQUEST, f"the stand-in keeps bodies as storage, not as {wanted}")
    return wanted == "storage"


def list_spaces(at: Visit) -> Reply:
    """Return all spaces, or those with the keys or ids asked for."""
    keys, ids = at.request.many("keys"), at.request.many("ids")
    found = [one for one in visit.spaces(at) if (not keys or one.key in keys) and (not ids or str(one.id) in ids)]
    return _page_of_results(at, found, shapes.space)


def get_space(at: Visit, space_id: str) -> Reply:
    """Return one space."""
    return json_reply(shapes.space(visit.space_by_id(at, space_id)))


def list_operations(at: Visit, space_id: str) -> Reply:
    """What the account may do in a space."""
    return json_reply({"operations": shapes.operations(at.person, visit.space_by_id(at, space_id))})


def list_space_pages(at: Visit, space_id: str) -> Reply:
    """Return the pages of a space."""
    space = visit.space_by_id(at, space_id)
    found = pages.in_space(at, space, _statuses(at, "current,archived"), at.request.one("title"))
    body = _with_body(at)
    return _page_of_results(at, found, lambda page: shapes.page(page, body=body))


def list_pages(at: Visit) -> Reply:
    """Pages by id, by title, by space."""
    statuses, body = _statuses(at, "current,archived"), _with_body(at)
    ids = at.request.many("id")
    if len(ids) > LIMIT:
        raise Refusal(Reason.BAD_REQUEST, f"id takes at most {LIMIT} ids")
    spaces = [one for one in visit.spaces(at) if str(one.id) in (at.request.many("space-id") or (str(one.id),))]
    if ids:
        found = pages.with_ids(at, [int(one) for one in ids if one.isdigit()], statuses)
    else:
        title = at.request.one("title")
        found = [page for space in spaces for page in pages.in_space(at, space, statuses, title)]
    return _page_of_results(at, found, lambda page: shapes.page(page, body=body))


def get_page(at: Visit, page_id: str) -> Reply:
    """Return one page, or one of its versions."""
    number = at.request.number("version", 0)
    page = pages.find(at, page_id, _statuses(at, "current,archived,trashed,draft"))
    if number:
        page = replace(pages.find_version(at, page_id, number), status=_status_of_version(page.version, number))
    return json_reply(_single(at, page, body=_with_body(at)))


def _status_of_version(current: int, number: int) -> Status:
    return Status.CURRENT if number == current else Status.HISTORICAL


def create_page(at: Visit) -> Reply:
    """Return a new page."""
    data = at.request.json()
    space = visit.space_by_id(at, str(data.get("spaceId", "")))
    parent = data.get("parentId")
    if parent is None and at.request.one("root-level") != "true" and space.homepage_id is not None:
        parent = space.homepage_id
    content = pages.Content(_text(data, "title"), _storage(data))
    page = pages.create(at, space, None if parent is None else str(parent), content)
    return json_reply(_single(at, page, body=True))


def update_page(at: Visit, page_id: str) -> Reply:
    """Return the next version of a page."""
    data = at.request.json()
    for name in ("id", "status", "title", "body", "version"):
        if name not in data:
            raise Refusal(Reason.BAD_REQUEST, f"{name} is required")
    if str(data["id"]) != page_id:
        raise Refusal(Reason.BAD_REQUEST, "the id in the body is another page's")
    version = _object(data, "version")
    content = pages.Content(
        _text(data, "title"), _storage(data), str(version.get("message") or ""), bool(version.get("minorEdit"))
    )
    parent = data.get("parentId")
    page = pages.update(at, page_id, _number(version.get("number")), None if parent is None else str(parent), content)
    return json_reply(_single(at, page, body=True))


def rename_page(at: Visit, page_id: str) -> Reply:
    """Return another title under the same body, as a version of its own."""
    page = pages.find(at, page_id, (Status.CURRENT,))
    content = pages.Content(_text(at.request.json(), "title"), page.body)
    return json_reply(_single(at, pages.update(at, page_id, page.version + 1, None, content), body=False))


def delete_page(at: Visit, page_id: str) -> Reply:
    """To the trash, or with `purge` out of it for good."""
    if at.request.one("purge") == "true":
        page_tree.purge(at, page_id)
    else:
        page_tree.trash(at, page_id)
    return NOTHING


def list_children(at: Visit, page_id: str) -> Reply:
    """What stands directly below a page."""
    page = pages.find(at, page_id)
    return _page_of_results(at, pages.children(at, page.id), shapes.child)


def list_descendants(at: Visit, page_id: str) -> Reply:
    """What stands anywhere below a page, as deep as asked for, from the top."""
    deepest = at.request.number("depth", 2)
    if not 1 <= deepest <= 10:
        raise Refusal(Reason.BAD_REQUEST, "depth must be between 1 and 10")
    level = [pages.find(at, page_id)]
    found: list[Wire] = []
    for depth in range(1, deepest + 1):
        level = [child for page in level for child in pages.children(at, page.id)]
        found += [shapes.descendant(page, depth) for page in level]
    return _page_of_results(at, found, lambda one: one)


def list_labels(at: Visit, page_id: str) -> Reply:
    """Return a page's labels."""
    return _page_of_results(at, details.labels(at, pages.find(at, page_id)), lambda one: shapes.label(*one))


def list_properties(at: Visit, page_id: str) -> Reply:
    """Return a page's properties, or the one with a key."""
    key = at.request.one("key")
    found = [one for one in details.properties(at, pages.find(at, page_id)) if not key or one.key == key]
    return _page_of_results(at, found, shapes.content_property)


def get_property(at: Visit, page_id: str, property_id: str) -> Reply:
    """Return one property."""
    return json_reply(shapes.content_property(details.property_by_id(at, pages.find(at, page_id), property_id)))


def create_property(at: Visit, page_id: str) -> Reply:
    """Return a new property."""
    data = at.request.json()
    created = details.create_property(at, pages.find(at, page_id), data.get("key"), data.get("value"))
    return json_reply(shapes.content_property(created))


def update_property(at: Visit, page_id: str, property_id: str) -> Reply:
    """Return the next version of a property."""
    page, data = pages.find(at, page_id), at.request.json()
    current = details.property_by_id(at, page, property_id)
    if data.get("key") != current.key:
        raise Refusal(Reason.BAD_REQUEST, "a property keeps its key")
    number = _object(data, "version").get("number")
    return json_reply(shapes.content_property(details.update_property(at, page, current, number, data.get("value"))))


def delete_property(at: Visit, page_id: str, property_id: str) -> Reply:
    """Removes a property."""
    page = pages.find(at, page_id)
    details.delete_property(at, page, details.property_by_id(at, page, property_id))
    return NOTHING


def list_files(at: Visit, page_id: str) -> Reply:
    """Return a page's attachments."""
    found = files.on_page(at, pages.find(at, page_id), at.request.one("filename"))
    return _page_of_results(at, found, shapes.file, default=50)


def delete_file(at: Visit, file_id: str) -> Reply:
    """To the trash."""
    file = files.find(at, file_id)
    files.trash(at, pages.find(at, str(file.page_id)), file)
    return NOTHING


def list_comments(at: Visit, page_id: str) -> Reply:
    """Return a page's inline comments."""
    page, states = pages.find(at, page_id), at.request.many("resolution-status")
    found = [one for one in comments.on_page(at.tables, page.id) if not states or one.state in states]
    return _page_of_results(at, found, shapes.comment)


def create_comment(at: Visit) -> Reply:
    """Return an inline comment on a stretch of text."""
    data = at.request.json()
    page = pages.find(at, str(data.get("pageId", "")), (Status.CURRENT,))
    where = _object(data, "inlineCommentProperties")
    index = _number(where.get("textSelectionMatchIndex", 0))
    return json_reply(
        shapes.comment(comments.create(at, page, _text(where, "textSelection"), index, _storage(data))), 201
    )


def _single(at: Visit, page: PageRecord, *, body: bool) -> Wire:
    return {**shapes.page(page, body=body), "_links": {**shapes.links(page), "base": f"{at.base}/wiki"}}


def _text(data: Wire, name: str) -> str:
    value = data.get(name)
    if not isinstance(value, str):
        raise Refusal(Reason.BAD_REQUEST, f"{name} must be a text")
    return value


def _object(data: Wire, name: str) -> Wire:
    value = data.get(name)
    if not isinstance(value, dict):
        raise Refusal(Reason.BAD_REQUEST, f"{name} must be an object")
    return value


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise Refusal(Reason.BAD_REQUEST, f"{json.dumps(value)} is no number")
    return value


def _storage(data: Wire) -> str:
    """Return the body, given by itself or under the name of its representation."""
    body = data.get("body")
    body = body.get("storage", body) if isinstance(body, dict) else None
    if not isinstance(body, dict) or body.get("representation") != "storage":
        raise Refusal(Reason.BAD_REQUEST, "body must be of the representation storage")
    return _text(body, "value")


ROUTES = (
    Route("GET", f"{API}/spaces", list_spaces),
    Route("GET", f"{API}/spaces/{{space_id}}", get_space),
    Route("GET", f"{API}/spaces/{{space_id}}/operations", list_operations),
    Route("GET", f"{API}/spaces/{{space_id}}/pages", list_space_pages),
    Route("GET", f"{API}/pages", list_pages),
    Route("POST", f"{API}/pages", create_page),
    Route("GET", f"{API}/pages/{{page_id}}", get_page),
    Route("PUT", f"{API}/pages/{{page_id}}", update_page),
    Route("DELETE", f"{API}/pages/{{page_id}}", delete_page),
    Route("PUT", f"{API}/pages/{{page_id}}/title", rename_page),
    Route("GET", f"{API}/pages/{{page_id}}/direct-children", list_children),
    Route("GET", f"{API}/pages/{{page_id}}/descendants", list_descendants),
    Route("GET", f"{API}/pages/{{page_id}}/labels", list_labels),
    Route("GET", f"{API}/pages/{{page_id}}/properties", list_properties),
    Route("POST", f"{API}/pages/{{page_id}}/properties", create_property),
    Route("GET", f"{API}/pages/{{page_id}}/properties/{{property_id}}", get_property),
    Route("PUT", f"{API}/pages/{{page_id}}/properties/{{property_id}}", update_property),
    Route("DELETE", f"{API}/pages/{{page_id}}/properties/{{property_id}}", delete_property),
    Route("GET", f"{API}/pages/{{page_id}}/attachments", list_files),
    Route("DELETE", f"{API}/attachments/{{file_id}}", delete_file),
    Route("GET", f"{API}/pages/{{page_id}}/inline-comments", list_comments),
    Route("POST", f"{API}/inline-comments", create_comment),
)
