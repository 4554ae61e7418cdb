"""The client of Confluence Cloud: API v2, and v1 for calls that v2 does not have.

https://developer.atlassian.com/cloud/confluence/rest/v2/intro/
"""

from collections.abc import Callable, Iterable, Mapping
from typing import ClassVar

from msgspec.structs import replace

from generator.confluence import wiki
from generator.confluence.rest import shared
from generator.confluence.rest.call import ApiRequest, build_read, split_batches
from generator.confluence.rest.shared import LIMIT_WITH_BODIES, PAGE, Wiki, parse_page

API = "api/v2"
LEVELS = 10
"""The greatest depth of one request for descendants."""

_ANY_STATUS = "current,archived,trashed"


class CloudWiki(Wiki):
    """The REST API of Confluence Cloud."""

    flavour = wiki.Flavour.CLOUD
    _pages = f"{API}/pages"
    _details = ({}, {"body-format": "storage"})
    _at_top: ClassVar = {"root-level": "true"}
    _statuses = (_ANY_STATUS, f"{_ANY_STATUS},historical")
    _children = f"{API}/{{kind}}s/{{id}}/direct-children"
    _labels = "labels"
    _attachments = ("attachments", {"status": "current"})
    _comments = ("inline-comments", {"body-format": "storage"})
    _files = f"{API}/attachments"
    _user_id = "accountId"

    def space(self, key: str) -> wiki.Space:
        for space in self._fetch_all(f"{API}/spaces", shared.parse_space, {"keys": key}):
            return space
        raise wiki.NotFound(f"GET /{API}/spaces", f"there is no space {key!r} that this account can see", 404)

    def operations(self, space: wiki.Space) -> frozenset[str]:
        return self._transport.fetch(build_read(f"{API}/spaces/{space.id}/operations"), shared.parse_operations)

    def pages(self, page_ids: Iterable[str], *, body: bool = False) -> Mapping[str, wiki.Page]:
        found: dict[str, wiki.Page] = {}
        for batch in split_batches(page_ids, LIMIT_WITH_BODIES if body else self.flavour.bulk):
            params = {"id": ",".join(batch), "status": _ANY_STATUS, **self._details[body]}
            found.update((page.id, page) for page in self._fetch_all(f"{API}/pages", parse_page, params, body=body))
        return found

    def page_records(self, page_ids: Iterable[str], key: str) -> Mapping[str, wiki.PageRecord]:
        """Fetch the existing pages with some ids one by one, since lists have neither labels nor properties."""
        # v2 document, GET /pages/{id}: at most 50 labels and properties, and `meta.hasMore` if there are others.
        params = {"status": _ANY_STATUS, "include-labels": "true", "include-properties": "true"}
        incomplete = {"results": [], "meta": {"hasMore": True}}
        found: dict[str, wiki.PageRecord] = {}
        for page_id in dict.fromkeys(page_ids):
            try:
                call = build_read(f"{API}/pages/{page_id}", **params)
                page, data = self._transport.fetch(call, lambda data: (parse_page(data), data))
            except (wiki.NotFound, wiki.NoPermission):
                continue
            labels, properties = data.get("labels", incomplete), data.get("properties", incomplete)
            values = {one["key"]: one["value"] for one in properties["results"]}
            if key not in values and properties.get("meta", {}).get("hasMore"):
                values = {one.key: one.value for one in self.properties(page_id)}
            has_more = labels.get("meta", {}).get("hasMore")
            names = self.labels(page_id) if has_more else shared.parse_labels(labels)
            found[page_id] = wiki.PageRecord(page, names, values.get(key))
        return found

    def _build_query(self, space: wiki.Space) -> dict[str, str]:
        return {"space-id": space.id, "status": "current,archived"}

    def parent(self, content_id: str) -> wiki.Page:
        """Fetch a page, or else a folder, to publish under."""
        try:
            return super().parent(content_id)
        except wiki.NotFound:
            call = build_read(f"{API}/folders/{content_id}")
        return replace(self._transport.fetch(call, parse_page), kind=wiki.ParentKind.FOLDER)

    def descendants(self, content_id: str, *, kind: wiki.ParentKind = PAGE) -> tuple[wiki.Descendant, ...]:
        """Fetch all content below a page or folder, ten levels at a time."""
        found: list[wiki.Descendant] = []
        tops = [(str(kind), content_id)]
        while tops:
            top_kind, top_id = tops.pop()
            for one, depth in self._fetch_all(
                f"{API}/{top_kind}s/{top_id}/descendants",
                lambda data: (shared.parse_descendant(data, str(data["parentId"])), int(data["depth"])),
                {"depth": str(LEVELS)},
            ):
                found.append(one)
                if depth == LEVELS:
                    tops.append((one.kind, one.id))
        return tuple(found)

    def _build_payload(self, page: wiki.NewPage | wiki.PageUpdate) -> dict[str, wiki.Json]:
        space = {"spaceId": page.space.id} if isinstance(page, wiki.NewPage) else {}
        parent = {} if page.parent_id is None else {"parentId": page.parent_id}
        body = {"representation": "storage", "value": page.body}
        return {"status": "current", "title": page.title, "body": body, **space, **parent}

    def archive_pages(self, page_ids: Iterable[str]) -> Callable[[], bool]:
        """Start a task to archive pages; it fails if one of them is archived already."""
        payload = {"pages": [{"id": int(page_id)} for page_id in page_ids]}
        call = ApiRequest("POST", f"{shared.API}/content/archive", payload=payload)
        task = build_read(f"{shared.API}/longtask/{self._transport.fetch(call, lambda data: str(data['id']))}")
        return lambda: self._transport.fetch(task, lambda data: bool(data.get("finished")))

    def content_state(self, page_id: str) -> str | None:
        call = build_read(f"{shared.API}/content/{page_id}/state", status="current")
        state = self._transport.fetch(call, lambda data: data["contentState"] or {})
        return state.get("name")

    def set_content_state(self, page_id: str, name: str, color: str) -> None:
        method, payload = ("PUT", {"name": name, "color": color}) if name else ("DELETE", None)
        path = f"{shared.API}/content/{page_id}/state"
        self._transport.send(ApiRequest(method, path, {"status": "current"}, payload))

    def _get_property_path(self, content_id: str, kind: wiki.ParentKind, current: wiki.Property | None = None) -> str:
        path = f"{API}/{kind}s/{content_id}/properties"
        return f"{path}/{current.id}" if current else path
