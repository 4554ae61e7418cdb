"""The client of Confluence Data Center, which has only API v1.

https://developer.atlassian.com/server/confluence/confluence-server-rest-api/
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from generator.confluence.rest import datacenter_shapes as shapes
from generator.confluence.rest.call import (
    ApiRequest,
    JsonObject,
    build_delete,
    build_put,
    build_read,
    get_base,
    split_batches,
)
from generator.confluence.rest.version1 import API, SharedApi, parse_account, parse_attachment, parse_labels
from generator.confluence.wiki import (
    Attachment,
    Descendant,
    Flavour,
    InlineComment,
    Json,
    NewPage,
    NotFound,
    NotOffered,
    Operation,
    Page,
    PageUpdate,
    Parent,
    ParentKind,
    Place,
    Property,
    Refused,
    Space,
    Task,
)

LIMIT = 100
LIMIT_WITH_BODIES = 50
_PAGE = "version,ancestors,space"
_NO_STATES = "Data Center has no content states"
Shaped = TypeVar("Shaped")


class DataCenterWiki(SharedApi):
    """The REST API of Confluence Data Center."""

    flavour = Flavour.DATACENTER

    def account_name(self, account_id: str) -> str:
        """Fetch the display name of an account."""
        return self._transport.fetch(build_read(f"{API}/user", key=account_id), parse_account).name or account_id

    def space(self, key: str) -> Space:
        """Fetch the space with a key."""
        return self._transport.fetch(
            build_read(f"{API}/space/{quote(key, safe='')}", expand="homepage"), shapes.parse_space
        )

    def operations(self, space: Space) -> frozenset[Operation]:
        """Fetch the operations that this account is allowed on the home page of a space."""
        if space.homepage_id is None:  # API v1 has the operations of content only
            return frozenset()
        call = build_read(f"{API}/content/{space.homepage_id}", expand="operations")
        return self._transport.fetch(call, shapes.parse_operations)

    def page(self, page_id: str, *, body: bool = False, version: int | None = None) -> Page:
        """Fetch a page, in its current or an older version."""
        params: dict[str, str | int] = {"status": "any", "expand": _list_expansions(body=body)}
        if version is not None:
            params |= {"status": "historical", "version": version}
        return self._transport.fetch(build_read(f"{API}/content/{page_id}", **params), self._parse_page)

    def pages(self, page_ids: Iterable[str], *, body: bool = False) -> Mapping[str, Page]:
        """Fetch the existing pages with some ids; pages that the search index does not have yet one by one."""
        found: dict[str, Page] = {}
        for batch in split_batches(page_ids, LIMIT_WITH_BODIES if body else LIMIT):
            query = f"id in ({','.join(batch)})"
            asked = self._fetch_all(
                f"{API}/content/search", shapes.parse_page, cql=query, expand=_list_expansions(body=body)
            )
            found.update((page.id, page) for page in asked)
            missed = (self._page_or_none(page_id, body=body) for page_id in batch if page_id not in found)
            found.update((page.id, page) for page in missed if page is not None)
        return found

    def _page_or_none(self, page_id: str, *, body: bool) -> Page | None:
        try:
            return self.page(page_id, body=body)
        except NotFound:
            return None

    def pages_in_space(self, space: Space) -> Iterator[Page]:
        """Fetch all pages of a space."""
        return self._fetch_all(f"{API}/content", shapes.parse_page, spaceKey=space.key, type="page", expand=_PAGE)

    def pages_with_property(self, space: Space, key: str) -> Iterator[tuple[Page, Property]]:
        """Fetch the pages that have a property from the list of the space."""
        expand = f"{_PAGE},metadata.properties.{key},metadata.properties.{key}.version"

        def both(data: JsonObject, base: str) -> tuple[Page, Property | None]:
            carried = data.get("metadata", {}).get("properties", {}).get(key)
            return shapes.parse_page(data, base), shapes.parse_property(carried) if carried else None

        listed = self._fetch_all(f"{API}/content", both, spaceKey=space.key, type="page", expand=expand)
        return ((page, carried) for page, carried in listed if carried is not None)

    def page_titled(self, space: Space, title: str) -> Page | None:
        """Fetch the page with a title in a space."""
        where = {"spaceKey": space.key, "title": title, "type": "page", "expand": _PAGE}
        return next(self._fetch_all(f"{API}/content", shapes.parse_page, **where), None)

    def parent(self, content_id: str) -> Parent:
        """Fetch a page to publish under."""
        page = self.page(content_id)
        return Parent(page.id, ParentKind.PAGE, page.title, page.status, page.space_id, page.url)

    def children(self, page_id: str) -> tuple[Descendant, ...]:
        """Fetch the direct children of a page."""
        path = f"{API}/content/{page_id}/child/page"
        return tuple(self._fetch_all(path, lambda data, _: shapes.parse_descendant(data, page_id)))

    def descendants(self, content_id: str, *, kind: ParentKind = ParentKind.PAGE) -> tuple[Descendant, ...]:
        """Fetch all pages below a page from the search index."""
        # `/content/{id}/descendant` has only comments:
        # https://developer.atlassian.com/server/confluence/rest/v900/api-group-content-descendant/
        query = f"ancestor = {content_id} and type = {kind}"
        path = f"{API}/content/search"
        return tuple(
            self._fetch_all(path, lambda data, _: shapes.parse_descendant(data), cql=query, expand="ancestors")
        )

    def create_page(self, new: NewPage) -> Page:
        """Create a page."""
        payload: dict[str, Json] = {
            "type": "page",
            "title": new.title,
            "space": {"key": new.space.key},
            "body": {"storage": {"value": new.body, "representation": "storage"}},
        }
        if new.parent_id is not None:
            payload["ancestors"] = [{"id": new.parent_id}]
        call = ApiRequest("POST", f"{API}/content", {"expand": _PAGE}, payload)
        return self._transport.fetch(call, self._parse_page)

    def update_page(self, update: PageUpdate) -> Page:
        """Save a new version of a page."""
        payload: dict[str, Json] = {
            "id": update.page_id,
            "type": "page",
            "status": "current",
            "title": update.title,
            "body": {"storage": {"value": update.body, "representation": "storage"}},
            "version": {"number": update.version, "message": update.message, "minorEdit": update.minor},
        }
        if update.parent_id is not None:
            payload["ancestors"] = [{"id": update.parent_id}]
        return self._transport.fetch(
            build_put(f"{API}/content/{update.page_id}", payload, expand=_PAGE), self._parse_page
        )

    def move_page(self, page_id: str, place: Place, target_id: str) -> None:
        """Move a page next to or below another.

        Raises:
            NotOffered: The server is too old for the call.

        """
        try:
            super().move_page(page_id, place, target_id)
            return
        except (NotFound, Refused) as refusal:
            if refusal.status != 405 and "null for uri" not in refusal.said:
                raise
            call, status = refusal.call, refusal.status
        raise NotOffered(call, "this Data Center cannot put pages in order over its API", status)

    def trash_page(self, page_id: str) -> None:
        """Move a page to the trash."""
        self._transport.send(build_delete(f"{API}/content/{page_id}"))

    def archive_pages(self, page_ids: Iterable[str]) -> Task:
        """Raise NotOffered: Data Center has no such call."""
        said = f"Data Center does not archive pages over its API ({len(list(page_ids))} asked for): trash them"
        raise NotOffered("archive", said)

    def task(self, task_id: str) -> Task:
        """Raise NotOffered: no call of this client starts a task."""
        raise NotOffered(f"task {task_id}", "Data Center starts no tasks for a publisher")

    def content_state(self, page_id: str) -> str | None:  # noqa: ARG002 - Data Center has no content states
        """Return None: no page has a content state."""
        return None

    def set_content_state(self, page_id: str, name: str, color: str) -> None:  # noqa: ARG002 - refused for every color
        """Raise NotOffered: Data Center has no content states."""
        raise NotOffered(f"set the state {name!r} of page {page_id}", _NO_STATES)

    def clear_content_state(self, page_id: str) -> None:
        """Raise NotOffered: Data Center has no content states."""
        raise NotOffered(f"clear the state of page {page_id}", _NO_STATES)

    def properties(self, content_id: str, *, kind: ParentKind = ParentKind.PAGE) -> tuple[Property, ...]:
        """Fetch the properties of a page."""
        path = _get_property_path(content_id, kind)
        return tuple(self._fetch_all(path, lambda data, _: shapes.parse_property(data), expand="version"))

    def create_property(
        self, content_id: str, key: str, value: Json, *, kind: ParentKind = ParentKind.PAGE
    ) -> Property:
        """Create a property."""
        payload = {"key": key, "value": value}
        call = ApiRequest("POST", _get_property_path(content_id, kind), payload=payload, settles=True)
        return self._transport.fetch(call, shapes.parse_property)

    def update_property(
        self, content_id: str, current: Property, value: Json, *, kind: ParentKind = ParentKind.PAGE
    ) -> Property:
        """Replace the value of a property."""
        payload = {"key": current.key, "value": value, "version": {"number": current.version + 1}}
        call = build_put(_get_property_path(content_id, kind, current.key), payload)
        return self._transport.fetch(call, shapes.parse_property)

    def delete_property(self, content_id: str, current: Property, *, kind: ParentKind = ParentKind.PAGE) -> None:
        """Delete a property."""
        self._transport.send(build_delete(_get_property_path(content_id, kind, current.key)))

    def labels(self, page_id: str) -> frozenset[str]:
        """Fetch the global labels of a page."""
        return self._transport.fetch(
            build_read(f"{API}/content/{page_id}/label", prefix="global", limit=200), parse_labels
        )

    def attachments(self, page_id: str) -> tuple[Attachment, ...]:
        """Fetch the attachments of a page."""
        path = f"{API}/content/{page_id}/child/attachment"
        return tuple(self._fetch_all(path, lambda data, _: parse_attachment(data, page_id), expand="version"))

    def delete_attachment(self, attachment_id: str) -> None:
        """Move an attachment to the trash."""
        self._transport.send(build_delete(f"{API}/content/{attachment_id}"))

    def inline_comments(self, page_id: str) -> tuple[InlineComment, ...]:
        """Fetch the inline comments of a page, including resolved ones."""
        # Resolved comments have another location; dangling ones have no marker.
        expand = "version,body.storage,extensions.inlineProperties,extensions.resolution"
        path = f"{API}/content/{page_id}/child/comment"
        found = self._fetch_all(
            path,
            lambda data, _: shapes.parse_comment(data, page_id),
            expand=expand,
            depth="all",
            location=["inline", "resolved"],
        )
        return tuple(one for one in found if one.marker)

    def _parse_page(self, data: JsonObject) -> Page:
        return shapes.parse_page(data, get_base(data) or self._transport.base)

    def _fetch_all(
        self, path: str, shape: Callable[[JsonObject, str], Shaped], **params: str | list[str]
    ) -> Iterator[Shaped]:
        """Fetch all results of a list."""
        # The server may lower the limit, so the start of the next part is taken from its link.
        start: int | None = 0
        limit = LIMIT_WITH_BODIES if "body.storage" in params.get("expand", "") else LIMIT
        while start is not None:
            results, start = self._transport.fetch(
                build_read(path, **params, start=start, limit=limit), lambda data: self._parse_part(data, shape)
            )
            yield from results

    def _parse_part(
        self, data: JsonObject, shape: Callable[[JsonObject, str], Shaped]
    ) -> tuple[list[Shaped], int | None]:
        base = get_base(data) or self._transport.base
        return [shape(one, base) for one in data["results"]], _get_next_start(data)


def _list_expansions(*, body: bool) -> str:
    return f"{_PAGE},body.storage" if body else _PAGE


def _get_property_path(content_id: str, kind: ParentKind, key: str = "") -> str:
    """Return the path of the properties of a page, or of one of them; raise NotOffered for a folder."""
    if kind is not ParentKind.PAGE:
        raise NotOffered(f"properties of {kind} {content_id}", "Data Center has no folders")
    path = f"{API}/content/{content_id}/property"
    return f"{path}/{quote(key, safe='')}" if key else path


def _get_next_start(data: JsonObject) -> int | None:
    """Return the start of the next part; None after the last part, and after an empty one, to end the loop."""
    following = data.get("_links", {}).get("next")
    if not following or not data["results"]:
        return None
    starts = parse_qs(urlsplit(following).query).get("start")
    return int(starts[0]) if starts else None
