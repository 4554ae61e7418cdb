"""The client of Confluence Cloud: API v2, and v1 for calls that v2 does not have.

https://developer.atlassian.com/cloud/confluence/rest/v2/intro/
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TypeVar
from urllib.parse import parse_qs, urlsplit

from generator.confluence.rest import cloud_shapes as shapes
from generator.confluence.rest.call import (
    ApiRequest,
    JsonObject,
    build_delete,
    build_put,
    build_read,
    get_base,
    split_batches,
)
from generator.confluence.rest.version1 import API as API1
from generator.confluence.rest.version1 import SharedApi, parse_account
from generator.confluence.wiki import (
    Attachment,
    Descendant,
    Flavour,
    InlineComment,
    Json,
    NewPage,
    NotFound,
    Operation,
    Page,
    PageUpdate,
    Parent,
    ParentKind,
    Property,
    Space,
    Task,
)

API = "api/v2"
LIMIT = 250
LEVELS = 10
"""The greatest depth of one request for descendants."""
LIMIT_WITH_BODIES = 50
"""Pages with bodies in one response: 250 long ones would exceed the limit of a gateway."""

_ANY_STATUS = "current,archived,trashed"
_WITH_TITLE = "current,archived"
Shaped = TypeVar("Shaped")


class CloudWiki(SharedApi):
    """The REST API of Confluence Cloud."""

    flavour = Flavour.CLOUD

    def account_name(self, account_id: str) -> str:
        """Fetch the display name of an account."""
        return self._transport.fetch(build_read(f"{API1}/user", accountId=account_id), parse_account).name or account_id

    def space(self, key: str) -> Space:
        """Fetch the space with a key."""
        for space in self._fetch_all(f"{API}/spaces", lambda data, _: shapes.parse_space(data), keys=key):
            return space
        raise NotFound(f"GET /{API}/spaces", f"there is no space {key!r} that this account can see", 404)

    def operations(self, space: Space) -> frozenset[Operation]:
        """Fetch the operations that this account is allowed in a space."""
        return self._transport.fetch(
            build_read(f"{API}/spaces/{space.id}/operations"),
            lambda data: frozenset(shapes.parse_operation(one) for one in data["operations"]),
        )

    def page(self, page_id: str, *, body: bool = False, version: int | None = None) -> Page:
        """Fetch a page, in its current or an older version."""
        params: dict[str, str | int] = {"status": _ANY_STATUS}
        if version is not None:
            params |= {"version": version, "status": f"{_ANY_STATUS},historical"}
        if body:
            params["body-format"] = "storage"
        return self._transport.fetch(build_read(f"{API}/pages/{page_id}", **params), self._parse_page)

    def pages(self, page_ids: Iterable[str], *, body: bool = False) -> Mapping[str, Page]:
        """Fetch the existing pages with some ids."""
        extra = {"body-format": "storage"} if body else {}
        found: dict[str, Page] = {}
        for batch in split_batches(page_ids, LIMIT_WITH_BODIES if body else LIMIT):
            asked = self._fetch_all(f"{API}/pages", shapes.parse_page, id=",".join(batch), status=_ANY_STATUS, **extra)
            found.update((page.id, page) for page in asked)
        return found

    def pages_in_space(self, space: Space) -> Iterator[Page]:
        """Fetch all pages of a space that have a title."""
        return self._fetch_all(f"{API}/spaces/{space.id}/pages", shapes.parse_page, status=_WITH_TITLE)

    def pages_with_property(self, space: Space, key: str) -> Iterator[tuple[Page, Property]]:
        """Fetch the pages that have a property, with one request for every page of the space."""
        for page in self.pages_in_space(space):
            for found in self._fetch_all(f"{API}/pages/{page.id}/properties", _parse_property, key=key):
                yield page, found

    def page_titled(self, space: Space, title: str) -> Page | None:
        """Fetch the page with a title in a space."""
        where = {"space-id": space.id, "title": title, "status": _WITH_TITLE}
        return next(self._fetch_all(f"{API}/pages", shapes.parse_page, **where), None)

    def parent(self, content_id: str) -> Parent:
        """Fetch a page, or else a folder, to publish under."""
        try:
            page = self.page(content_id)
        except NotFound:
            return self._transport.fetch(build_read(f"{API}/folders/{content_id}"), self._parse_folder)
        return Parent(page.id, ParentKind.PAGE, page.title, page.status, page.space_id, page.url)

    def _parse_folder(self, data: JsonObject) -> Parent:
        return shapes.parse_folder(data, get_base(data) or self._transport.base)

    def children(self, page_id: str) -> tuple[Descendant, ...]:
        """Fetch the direct children of a page, including folders and whiteboards."""
        path = f"{API}/pages/{page_id}/direct-children"
        return tuple(self._fetch_all(path, lambda data, _: shapes.parse_descendant(data, page_id)))

    def descendants(self, content_id: str, *, kind: ParentKind = ParentKind.PAGE) -> tuple[Descendant, ...]:
        """Fetch all content below a page or folder, ten levels at a time."""
        found: list[Descendant] = []
        tops = [(str(kind), content_id)]
        while tops:
            top_kind, top_id = tops.pop()
            for one, depth in self._fetch_all(
                f"{API}/{top_kind}s/{top_id}/descendants",
                lambda data, _: (shapes.parse_descendant(data), int(data["depth"])),
                depth=str(LEVELS),
            ):
                found.append(one)
                if depth == LEVELS:
                    tops.append((one.kind, one.id))
        return tuple(found)

    def create_page(self, new: NewPage) -> Page:
        """Create a page."""
        payload: dict[str, Json] = {
            "spaceId": new.space.id,
            "status": "current",
            "title": new.title,
            "body": {"representation": "storage", "value": new.body},
        }
        params: dict[str, str] = {}
        if new.parent_id is None:
            params["root-level"] = "true"
        else:
            payload["parentId"] = new.parent_id
        return self._transport.fetch(ApiRequest("POST", f"{API}/pages", params, payload), self._parse_page)

    def update_page(self, update: PageUpdate) -> Page:
        """Save a new version of a page."""
        # `minorEdit` is not in Atlassian's document of v2, but their sites apply it.
        payload: dict[str, Json] = {
            "id": update.page_id,
            "status": "current",
            "title": update.title,
            "body": {"representation": "storage", "value": update.body},
            "version": {"number": update.version, "message": update.message, "minorEdit": update.minor},
        }
        if update.parent_id is not None:
            payload["parentId"] = update.parent_id
        return self._transport.fetch(build_put(f"{API}/pages/{update.page_id}", payload), self._parse_page)

    def trash_page(self, page_id: str) -> None:
        """Move a page to the trash."""
        self._transport.send(build_delete(f"{API}/pages/{page_id}"))

    def archive_pages(self, page_ids: Iterable[str]) -> Task:
        """Start to archive pages; the request fails if one of them is archived already."""
        payload = {"pages": [{"id": int(page_id)} for page_id in page_ids]}
        call = ApiRequest("POST", f"{API1}/content/archive", payload=payload)
        return self._transport.fetch(call, lambda data: Task(str(data["id"]), finished=False, successful=False))

    def task(self, task_id: str) -> Task:
        """Fetch the state of a task."""
        return self._transport.fetch(build_read(f"{API1}/longtask/{task_id}"), shapes.parse_task)

    def content_state(self, page_id: str) -> str | None:
        """Fetch the name of the content state of a page."""
        call = build_read(f"{API1}/content/{page_id}/state", status="current")
        return self._transport.fetch(call, shapes.parse_state)

    def set_content_state(self, page_id: str, name: str, color: str) -> None:
        """Set the content state of a page, which makes a version of it."""
        payload = {"name": name, "color": color}
        self._transport.send(
            ApiRequest("PUT", f"{API1}/content/{page_id}/state", {"status": "current"}, payload),
        )

    def clear_content_state(self, page_id: str) -> None:
        """Remove the content state of a page, which makes a version of it."""
        self._transport.send(ApiRequest("DELETE", f"{API1}/content/{page_id}/state", {"status": "current"}))

    def properties(self, content_id: str, *, kind: ParentKind = ParentKind.PAGE) -> tuple[Property, ...]:
        """Fetch the properties of a page or folder."""
        return tuple(self._fetch_all(f"{API}/{kind}s/{content_id}/properties", _parse_property))

    def create_property(
        self, content_id: str, key: str, value: Json, *, kind: ParentKind = ParentKind.PAGE
    ) -> Property:
        """Create a property of a page or folder."""
        payload = {"key": key, "value": value}
        call = ApiRequest("POST", f"{API}/{kind}s/{content_id}/properties", payload=payload, settles=True)
        return self._transport.fetch(call, shapes.parse_property)

    def update_property(
        self, content_id: str, current: Property, value: Json, *, kind: ParentKind = ParentKind.PAGE
    ) -> Property:
        """Replace the value of a property."""
        payload = {"key": current.key, "value": value, "version": {"number": current.version + 1}}
        call = build_put(f"{API}/{kind}s/{content_id}/properties/{current.id}", payload)
        return self._transport.fetch(call, shapes.parse_property)

    def delete_property(self, content_id: str, current: Property, *, kind: ParentKind = ParentKind.PAGE) -> None:
        """Delete a property."""
        self._transport.send(build_delete(f"{API}/{kind}s/{content_id}/properties/{current.id}"))

    def labels(self, page_id: str) -> frozenset[str]:
        """Fetch the global labels of a page."""
        path = f"{API}/pages/{page_id}/labels"
        return frozenset(self._fetch_all(path, lambda data, _: str(data["name"]), prefix="global"))

    def attachments(self, page_id: str) -> tuple[Attachment, ...]:
        """Fetch the attachments of a page."""
        path = f"{API}/pages/{page_id}/attachments"
        found = self._fetch_all(path, lambda data, _: shapes.parse_attachment(data), status="current")
        return tuple(replace(one, page_id=page_id) for one in found)

    def delete_attachment(self, attachment_id: str) -> None:
        """Move an attachment to the trash."""
        self._transport.send(build_delete(f"{API}/attachments/{attachment_id}"))

    def inline_comments(self, page_id: str) -> tuple[InlineComment, ...]:
        """Fetch the inline comments of a page."""
        path = f"{API}/pages/{page_id}/inline-comments"
        found = self._fetch_all(path, lambda data, _: shapes.parse_comment(data), **{"body-format": "storage"})
        return tuple(found)

    def _parse_page(self, data: JsonObject) -> Page:
        return shapes.parse_page(data, get_base(data) or self._transport.base)

    def _fetch_all(self, path: str, shape: Callable[[JsonObject, str], Shaped], **params: str) -> Iterator[Shaped]:
        """Fetch all results of a list, with one request for each cursor."""
        # Only the cursor is taken from the link to the next part: behind the gateway its host is another one.
        cursor: str | None = ""
        limit = LIMIT_WITH_BODIES if "body-format" in params else LIMIT
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            results, cursor = self._transport.fetch(
                build_read(path, **params, **more, limit=limit), lambda data: self._parse_part(data, shape)
            )
            yield from results

    def _parse_part(
        self, data: JsonObject, shape: Callable[[JsonObject, str], Shaped]
    ) -> tuple[list[Shaped], str | None]:
        base = get_base(data) or self._transport.base
        return [shape(one, base) for one in data["results"]], _get_cursor(data)


def _parse_property(data: JsonObject, _: str) -> Property:
    return shapes.parse_property(data)


def _get_cursor(data: JsonObject) -> str | None:
    following = data.get("_links", {}).get("next")
    cursors = parse_qs(urlsplit(following).query).get("cursor") if following else None
    return cursors[0] if cursors else None
