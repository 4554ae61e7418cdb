"""The client of Confluence Data Center, which has only API v1.

https://developer.atlassian.com/server/confluence/confluence-server-rest-api/
"""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from typing import ClassVar
from urllib.parse import quote

from generator.confluence import wiki
from generator.confluence.rest import shared
from generator.confluence.rest.call import JsonObject, build_read, split_batches
from generator.confluence.rest.shared import API, LIMIT_WITH_BODIES, PAGE, Wiki, parse_page

_PAGE = "version,ancestors,space"


class DataCenterWiki(Wiki):
    """The REST API of Confluence Data Center."""

    flavour = wiki.Flavour.DATACENTER
    _pages = f"{API}/content"
    _details = ({"expand": _PAGE}, {"expand": f"{_PAGE},body.storage"})
    _statuses = ("any", "historical")
    _children = f"{API}/content/{{id}}/child/{{kind}}"
    _labels = "label"
    _attachments = ("child/attachment", {"expand": "version"})
    # Resolved comments have another location; dangling ones have no marker.
    _comments = (
        "child/comment",
        {
            "expand": "version,body.storage,extensions.inlineProperties,extensions.resolution",
            "depth": "all",
            "location": ["inline", "resolved"],
        },
    )
    _files = f"{API}/content"
    _user_id = "key"
    _property_params: ClassVar = {"expand": "version"}

    def space(self, key: str) -> wiki.Space:
        call = build_read(f"{API}/space/{quote(key, safe='')}", expand="homepage")
        return self._transport.fetch(call, shared.parse_space)

    def operations(self, space: wiki.Space) -> frozenset[str]:
        """Fetch the operations that this account is allowed on the home page of a space."""
        if space.homepage_id is None:  # API v1 has the operations of content only
            return frozenset()
        call = build_read(f"{API}/content/{space.homepage_id}", expand="operations")
        return self._transport.fetch(call, shared.parse_operations)

    def pages(self, page_ids: Iterable[str], *, body: bool = False) -> Mapping[str, wiki.Page]:
        """Fetch the existing pages with some ids; pages that the search index does not have yet one by one."""
        found: dict[str, wiki.Page] = {}
        for batch in split_batches(page_ids, LIMIT_WITH_BODIES if body else self.flavour.bulk):
            query = {"cql": f"id in ({','.join(batch)})", **self._details[body]}
            listed = self._fetch_all(f"{API}/content/search", parse_page, query, body=body)
            found.update((page.id, page) for page in listed)
            for page_id in batch:
                if page_id not in found:
                    with suppress(wiki.NotFound, wiki.NoPermission):
                        found[page_id] = self.page(page_id, body=body)
        return found

    def page_records(self, page_ids: Iterable[str], key: str) -> Mapping[str, wiki.PageRecord]:
        """Fetch the existing pages with some ids; those without the property in the answer are asked for it."""
        found: dict[str, wiki.PageRecord] = {}
        expand = f"{_PAGE},metadata.labels,metadata.properties.{key}"

        def parse(data: JsonObject) -> wiki.PageRecord:
            metadata = data["metadata"]
            value = metadata.get("properties", {}).get(key, {}).get("value")
            return wiki.PageRecord(parse_page(data), shared.parse_labels(metadata["labels"]), value)

        for batch in split_batches(page_ids, self.flavour.bulk):
            query = {"cql": f"id in ({','.join(batch)})", "expand": expand}
            for record in self._fetch_all(f"{API}/content/search", parse, query):
                found[record.page.id] = record
            for page_id in batch:
                if page_id in found and found[page_id].value is not None:
                    continue
                with suppress(wiki.NotFound, wiki.NoPermission):
                    value = next((one.value for one in self.properties(page_id) if one.key == key), None)
                    found[page_id] = wiki.PageRecord(self.page(page_id), self.labels(page_id), value)
        return found

    def _build_query(self, space: wiki.Space) -> dict[str, str]:
        return {"spaceKey": space.key, "type": "page", "expand": _PAGE}

    def descendants(self, content_id: str, *, kind: wiki.ParentKind = PAGE) -> tuple[wiki.Descendant, ...]:
        """Fetch all pages below a page from the search index."""
        # `/content/{id}/descendant` has only comments:
        # https://developer.atlassian.com/server/confluence/rest/v900/api-group-content-descendant/
        query = {"cql": f"ancestor = {content_id} and type = {kind}", "expand": "ancestors"}
        path = f"{API}/content/search"
        return tuple(
            self._fetch_all(path, lambda data: shared.parse_descendant(data, str(data["ancestors"][-1]["id"])), query)
        )

    def _build_payload(self, page: wiki.NewPage | wiki.PageUpdate) -> dict[str, wiki.Json]:
        space = {"space": {"key": page.space.key}} if isinstance(page, wiki.NewPage) else {}
        parent = {} if page.parent_id is None else {"ancestors": [{"id": page.parent_id}]}
        body = {"storage": {"representation": "storage", "value": page.body}}
        return {"type": "page", "title": page.title, "body": body, **space, **parent}

    def move_page(self, page_id: str, place: wiki.Place, target_id: str) -> None:
        """Move a page next to or below another; raise NotOffered if the server is too old for the call."""
        try:
            super().move_page(page_id, place, target_id)
        except (wiki.NotFound, wiki.Refused) as refusal:
            if refusal.status != 405 and "null for uri" not in refusal.message:
                raise
            message = "this Data Center cannot put pages in order over its API"
            raise wiki.NotOffered(refusal.call, message, refusal.status, page_id) from None

    def archive_pages(self, page_ids: Iterable[str]) -> Callable[[], bool]:
        raise wiki.NotOffered("archive", f"Data Center does not archive pages over its API: {', '.join(page_ids)}")

    def content_state(self, page_id: str) -> str | None:  # noqa: ARG002 - Data Center has no content states
        return None

    def set_content_state(self, page_id: str, name: str, color: str) -> None:  # noqa: ARG002 - refused for every color
        raise wiki.NotOffered(f"set the state {name!r}", "Data Center has no content states", content_id=page_id)

    def _get_property_path(self, content_id: str, kind: wiki.ParentKind, current: wiki.Property | None = None) -> str:
        if kind is not PAGE:
            raise wiki.NotOffered(f"properties of a {kind}", "Data Center has no folders", content_id=content_id)
        path = f"{API}/content/{content_id}/property"
        return f"{path}/{quote(current.key, safe='')}" if current else path
