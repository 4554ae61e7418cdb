"""The calls of a wiki, and the JSON that both flavours share: lists, properties, and what Cloud has kept of API v1."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import ClassVar, TypeVar
from urllib.parse import parse_qs, urlsplit

from generator.confluence import wiki
from generator.confluence.rest.call import ApiRequest, JsonObject, build_delete, build_put, build_read
from generator.confluence.rest.transport import Transport

API = "rest/api"
PAGE = wiki.ParentKind.PAGE
LIMIT_WITH_BODIES = 50
"""Pages with bodies in one response: 250 long ones would exceed the limit of a gateway."""

Shaped = TypeVar("Shaped")


class Wiki(ABC):
    """One Confluence as one account sees it; safe to use from several threads.

    Every call is one request unless its docstring differs, and raises a WikiProblem if it fails: each may be
    Unauthorized, NotFound, RateLimited or Unavailable; each that writes may be NoPermission or LostAnswer.
    No call repeats a write that may have happened.
    """

    flavour: ClassVar[wiki.Flavour]
    _pages: ClassVar[str]
    _details: ClassVar[tuple[Mapping[str, str], Mapping[str, str]]]
    """The parameters to read a page without its body, and with it."""
    _at_top: ClassVar[Mapping[str, str]] = {}
    """The parameters to create a page at the top of its space."""
    _statuses: ClassVar[tuple[str, str]]
    """The statuses of a page, and those of an older version."""
    _children: ClassVar[str]
    _labels: ClassVar[str]
    _attachments: ClassVar[tuple[str, Mapping[str, str]]]
    """The path of the attachments of a page, and its parameters."""
    _comments: ClassVar[tuple[str, Mapping[str, str | Sequence[str]]]]
    """The path of the inline comments of a page, and its parameters."""
    _files: ClassVar[str]
    _user_id: ClassVar[str]
    _property_params: ClassVar[Mapping[str, str]] = {}

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def account(self) -> wiki.Account:
        """Fetch the account of the credentials."""
        call = build_read(f"{API}/user/current")
        found = self._transport.fetch(call, parse_account)
        if not found.id:  # an anonymous user, whom a server that is open to all does not refuse
            fix = "correct CONFLUENCE_USER and CONFLUENCE_TOKEN"
            raise wiki.Unauthorized(str(call), "the wiki ignores the credentials", None, fix=fix)
        return found

    def account_name(self, account_id: str) -> str:
        """Fetch the display name of an account; the id if the wiki does not show the name."""
        call = build_read(f"{API}/user", **{self._user_id: account_id})
        return self._transport.fetch(call, parse_account).name or account_id

    def page(self, page_id: str, *, body: bool = False, version: int | None = None) -> wiki.Page:
        """Fetch a page in any status, in its current or an older version."""
        params: dict[str, str | int] = {**self._details[body], "status": self._statuses[version is not None]}
        params |= {} if version is None else {"version": version}
        return self._transport.fetch(build_read(f"{self._pages}/{page_id}", **params), parse_page)

    def parent(self, content_id: str) -> wiki.Page:
        """Fetch a page or a folder to publish under; a folder costs two requests."""
        return self.page(content_id)

    def pages_in_space(self, space: wiki.Space) -> Iterator[wiki.Page]:
        """Fetch all current and archived pages of a space; one request for each `flavour.bulk` pages."""
        return self._fetch_all(self._pages, parse_page, self._build_query(space))

    def page_titled(self, space: wiki.Space, title: str) -> wiki.Page | None:
        """Fetch the current or archived page with a title in a space."""
        return next(self._fetch_all(self._pages, parse_page, {**self._build_query(space), "title": title}), None)

    @abstractmethod
    def _build_query(self, space: wiki.Space) -> dict[str, str]:
        """Return the parameters that select the pages of a space that have a title."""

    def children(self, content_id: str, *, kind: wiki.ParentKind = PAGE) -> tuple[wiki.Descendant, ...]:
        """Fetch the direct children in their order; one request for each `flavour.bulk`."""
        path = self._children.format(kind=kind, id=content_id)
        return tuple(self._fetch_all(path, lambda data: parse_descendant(data, content_id)))

    def create_page(self, new: wiki.NewPage) -> wiki.Page:
        """Create a page as the last of its siblings; raise TitleTaken, BadStorage or TooLarge if it is invalid."""
        params = {**self._details[False], **({} if new.parent_id else self._at_top)}
        call = ApiRequest("POST", self._pages, params, self._build_payload(new))
        return self._transport.fetch(call, parse_page)

    def update_page(self, update: wiki.PageUpdate) -> wiki.Page:
        """Save a new version; raise VersionConflict, TitleTaken, BadStorage or TooLarge if it is invalid."""
        # `minorEdit` is not in Atlassian's document of v2, but their sites apply it.
        version = {"number": update.version, "message": update.message, "minorEdit": update.minor}
        payload = {"id": update.page_id, "status": "current", "version": version, **self._build_payload(update)}
        call = build_put(f"{self._pages}/{update.page_id}", payload, **self._details[False])
        return self._transport.fetch(call, parse_page)

    @abstractmethod
    def _build_payload(self, page: wiki.NewPage | wiki.PageUpdate) -> dict[str, wiki.Json]:
        """Return the fields that a new page and a new version have."""

    def trash_page(self, page_id: str) -> None:
        """Move a page to the trash; its children move up to its parent."""
        self._transport.send(build_delete(f"{self._pages}/{page_id}"))

    def move_page(self, page_id: str, place: wiki.Place, target_id: str) -> None:
        """Move a page with its children next to or below a target, without a new version."""
        path = f"{API}/content/{page_id}/move/{place}/{target_id}"
        self._transport.send(ApiRequest("PUT", path, repeatable=True))

    def properties(self, content_id: str, *, kind: wiki.ParentKind = PAGE) -> tuple[wiki.Property, ...]:
        """Fetch the properties of a page or folder with their values; one request for each `flavour.bulk`."""
        path = self._get_property_path(content_id, kind)
        return tuple(self._fetch_all(path, _parse_property, self._property_params))

    def create_property(
        self, content_id: str, key: str, value: wiki.Json, *, kind: wiki.ParentKind = PAGE
    ) -> wiki.Property:
        """Create a property; raise TooLarge if it does not fit. After another 400 or 409 the key may exist: look."""
        payload = {"key": key, "value": value}
        call = ApiRequest("POST", self._get_property_path(content_id, kind), payload=payload, settles=True)
        return self._transport.fetch(call, _parse_property)

    def update_property(
        self, content_id: str, current: wiki.Property, value: wiki.Json, *, kind: wiki.ParentKind = PAGE
    ) -> wiki.Property:
        """Replace the value of a property; raise VersionConflict if it has changed."""
        payload = {"key": current.key, "value": value, "version": {"number": current.version + 1}}
        call = build_put(self._get_property_path(content_id, kind, current), payload)
        return self._transport.fetch(call, _parse_property)

    def delete_property(self, content_id: str, current: wiki.Property, *, kind: wiki.ParentKind = PAGE) -> None:
        """Delete a property."""
        self._transport.send(build_delete(self._get_property_path(content_id, kind, current)))

    @abstractmethod
    def _get_property_path(self, content_id: str, kind: wiki.ParentKind, current: wiki.Property | None = None) -> str:
        """Return the path of all properties, or of one."""

    def labels(self, page_id: str) -> frozenset[str]:
        """Fetch the global labels of a page."""
        path = f"{self._pages}/{page_id}/{self._labels}"
        return frozenset(self._fetch_all(path, lambda data: str(data["name"]), {"prefix": "global"}))

    def add_labels(self, page_id: str, labels: Iterable[str]) -> frozenset[str]:
        """Add labels, keep the others, and return all of them."""
        payload = [{"prefix": "global", "name": label} for label in sorted(labels)]
        call = ApiRequest("POST", f"{API}/content/{page_id}/label", payload=payload, repeatable=True)
        return self._transport.fetch(call, parse_labels)

    def remove_label(self, page_id: str, label: str) -> None:
        """Remove a label."""
        self._transport.send(build_delete(f"{API}/content/{page_id}/label", name=label))

    def attachments(self, page_id: str) -> tuple[wiki.Attachment, ...]:
        """Fetch the attachments of a page without their content; one request for each `flavour.bulk`."""
        path, params = self._attachments
        return tuple(self._fetch_all(f"{self._pages}/{page_id}/{path}", parse_attachment, params))

    def create_attachment(self, page_id: str, upload: wiki.Upload) -> wiki.Attachment:
        """Create an attachment; raise AlreadyExists if its name is in use."""
        call = ApiRequest("POST", f"{API}/content/{page_id}/child/attachment", upload=upload)
        return self._transport.fetch(call, lambda data: parse_attachment(data["results"][0]))

    def update_attachment(self, page_id: str, attachment_id: str, upload: wiki.Upload) -> wiki.Attachment:
        """Save a new version of an attachment."""
        # Both flavours accept this path.
        call = ApiRequest("POST", f"{API}/content/{page_id}/child/attachment/{attachment_id}/data", upload=upload)
        return self._transport.fetch(call, parse_attachment)

    def delete_attachment(self, attachment_id: str) -> None:
        """Move an attachment to the trash."""
        self._transport.send(build_delete(f"{self._files}/{attachment_id}"))

    def inline_comments(self, page_id: str) -> tuple[wiki.InlineComment, ...]:
        """Fetch the inline comments of a page, including resolved and dangling ones."""
        path, params = self._comments
        found = self._fetch_all(f"{self._pages}/{page_id}/{path}", _parse_comment, params, body=True)
        return tuple(one for one in found if one.marker)

    @abstractmethod
    def space(self, key: str) -> wiki.Space:
        """Fetch the space with a key."""

    @abstractmethod
    def operations(self, space: wiki.Space) -> frozenset[str]:
        """Fetch what the account may do in a space, such as "create page"; on Data Center, to its home page."""

    @abstractmethod
    def pages(self, page_ids: Iterable[str], *, body: bool = False) -> Mapping[str, wiki.Page]:
        """Fetch the existing pages with some ids, with one request for each `flavour.bulk`, or 50 with bodies."""

    @abstractmethod
    def page_records(self, page_ids: Iterable[str], key: str) -> Mapping[str, wiki.PageRecord]:
        """Fetch the existing pages with a property; one request a page, or for each `bulk` on Data Center."""

    @abstractmethod
    def descendants(self, content_id: str, *, kind: wiki.ParentKind = PAGE) -> tuple[wiki.Descendant, ...]:
        """Fetch all content below; one request for each `flavour.bulk`, and on Cloud for each in the tenth level."""

    @abstractmethod
    def archive_pages(self, page_ids: Iterable[str]) -> Callable[[], bool]:
        """Start to archive pages, and return how to fetch whether that has ended; raise NotOffered on Data Center."""

    @abstractmethod
    def content_state(self, page_id: str) -> str | None:
        """Fetch the name of the content state of a page; None if it has none, and on Data Center."""

    @abstractmethod
    def set_content_state(self, page_id: str, name: str, color: str) -> None:
        """Set the content state of a page in a new version, or remove it if the name is empty.

        Raise NotOffered on Data Center, Refused if it is not allowed.
        """

    def _fetch_all(
        self,
        path: str,
        parse: Callable[[JsonObject], Shaped],
        params: Mapping[str, str | Sequence[str]] | None = None,
        *,
        body: bool = False,
    ) -> Iterator[Shaped]:
        """Fetch all results of a list, with one request for each part."""
        # Only the position is taken from the link to the next part: behind the gateway its host is another one, and
        # Data Center may have lowered the limit.
        limit = LIMIT_WITH_BODIES if body else self.flavour.bulk
        position: dict[str, str] | None = {}
        while position is not None:
            call = build_read(path, **(params or {}), **position, limit=limit)
            results, position = self._transport.fetch(call, lambda data: _parse_part(data, parse))
            yield from results


def _parse_part(data: JsonObject, parse: Callable[[JsonObject], Shaped]) -> tuple[list[Shaped], dict[str, str] | None]:
    """Parse a part of a list, and the position of the next one; None after the last, and after an empty one."""
    links = data["_links"]
    for one in data["results"]:
        one.setdefault("_links", {})["base"] = links["base"]
    results = [parse(one) for one in data["results"]]
    query = parse_qs(urlsplit(links.get("next") or "").query) if results else {}
    position = {name: values[0] for name, values in query.items() if name in ("cursor", "start")}
    return results, position or None


def get_url(data: JsonObject) -> str:
    """Return the address of a page or folder for readers."""
    return f"{data['_links']['base']}{data['_links'].get('webui', '')}"


def parse_space(data: JsonObject) -> wiki.Space:
    """Parse a space; v1 has an expanded home page, v2 its id."""
    home = data.get("homepageId") or (data.get("homepage") or {}).get("id")
    return wiki.Space(str(data["id"]), str(data["key"]), str(data["name"]), str(home) if home else None)


def parse_page(data: JsonObject) -> wiki.Page:
    """Parse a page; v1 has an expanded space and ancestors, of which the last is the parent, v2 their ids."""
    version, ancestors = data["version"], data.get("ancestors") or [{}]
    parent = data.get("parentId") or ancestors[-1].get("id")
    return wiki.Page(
        id=str(data["id"]),
        space_id=str(data["spaceId"] if "spaceId" in data else data["space"]["id"]),
        title=str(data["title"]),
        status=wiki.Status(data["status"]),
        parent_id=str(parent) if parent else None,
        version=wiki.PageVersion(
            number=int(version["number"]),
            message=str(version.get("message") or ""),
            author=parse_author(version),
            created_at=str(version.get("createdAt") or version.get("when") or ""),
        ),
        body=parse_body(data),
        url=get_url(data),
    )


def parse_body(data: JsonObject) -> str | None:
    """Parse the storage format of a page or a comment; None if it was not requested."""
    storage = (data.get("body") or {}).get("storage")
    return None if storage is None else str(storage["value"])


def parse_author(version: JsonObject) -> wiki.Account:
    """Parse the author of a version, whom v2 names only by id."""
    return parse_account(version.get("by") or {"accountId": version.get("authorId")})


def parse_operations(data: JsonObject) -> frozenset[str]:
    """Parse the allowed operations, such as "create page"."""
    return frozenset(f"{one['operation']} {one['targetType']}" for one in data["operations"])


def parse_descendant(data: JsonObject, parent_id: str) -> wiki.Descendant:
    """Parse the content below a page or folder."""
    status = wiki.Status(data["status"])
    return wiki.Descendant(str(data["id"]), str(data["type"]), str(data["title"]), status, parent_id)


def parse_account(data: JsonObject) -> wiki.Account:
    """Parse a user: Cloud has account ids, Data Center user keys, and before version 7 only names."""
    identifier = data.get("accountId") or data.get("userKey") or data.get("username") or ""
    return wiki.Account(str(identifier), str(data.get("displayName") or data.get("publicName") or ""))


def parse_labels(data: JsonObject) -> frozenset[str]:
    """Parse the global labels; personal and team labels belong to users."""
    return frozenset(str(label["name"]) for label in data["results"] if label.get("prefix", "global") == "global")


def _parse_property(data: JsonObject) -> wiki.Property:
    """Parse a property; older servers of Data Center give it no id."""
    key = str(data["key"])
    return wiki.Property(str(data.get("id") or key), key, data["value"], int(data["version"]["number"]))


def parse_attachment(data: JsonObject) -> wiki.Attachment:
    """Parse an attachment; v1 has its details in extensions, v2 at the top."""
    extensions = data.get("extensions") or data
    return wiki.Attachment(
        id=str(data["id"]),
        name=str(data["title"]),
        comment=str(extensions.get("comment", "") or data.get("metadata", {}).get("comment", "") or ""),
        version=int(data.get("version", {}).get("number", 1)),
    )


def _parse_comment(data: JsonObject) -> wiki.InlineComment:
    """Parse a comment, which is an inline one if it has a marker; v1 has its details in extensions, v2 at the top."""
    extensions = data.get("extensions") or {}
    marks = data.get("properties") or extensions.get("inlineProperties") or {}
    state = data.get("resolutionStatus") or (extensions.get("resolution") or {}).get("status")
    return wiki.InlineComment(
        marker=str(marks.get("inlineMarkerRef") or marks.get("markerRef") or ""),
        selection=str(marks.get("inlineOriginalSelection") or marks.get("originalSelection") or ""),
        body=parse_body(data) or "",
        state=str(state or "open"),
        author=parse_author(data.get("version", {})),
    )
