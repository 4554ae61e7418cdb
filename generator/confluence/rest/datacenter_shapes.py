"""The JSON of API v1 as values of the wiki."""

from generator.confluence.rest.call import JsonObject
from generator.confluence.rest.version1 import parse_account
from generator.confluence.wiki import (
    Descendant,
    InlineComment,
    Operation,
    Page,
    PageVersion,
    Property,
    Space,
    Status,
)


def parse_space(data: JsonObject) -> Space:
    """Parse a space with an expanded home page."""
    home = data.get("homepage")
    return Space(str(data["id"]), str(data["key"]), str(data["name"]), str(home["id"]) if home else None)


def parse_operations(data: JsonObject) -> frozenset[Operation]:
    """Parse the operations of a page."""
    return frozenset(Operation(str(one["operation"]), str(one["targetType"])) for one in data["operations"])


def parse_page(data: JsonObject, base: str) -> Page:
    """Parse a page with expanded version, ancestors and space; its last ancestor is its parent."""
    ancestors = data.get("ancestors") or []
    storage = data.get("body", {}).get("storage")
    return Page(
        id=str(data["id"]),
        space_id=str(data["space"]["id"]),
        title=str(data["title"]),
        status=Status(data["status"]),
        parent_id=str(ancestors[-1]["id"]) if ancestors else None,
        position=_parse_position(data),
        version=_parse_version(data["version"]),
        body=None if storage is None else str(storage["value"]),
        url=base + str(data.get("_links", {}).get("webui", "")),
    )


def _parse_version(data: JsonObject) -> PageVersion:
    return PageVersion(
        number=int(data["number"]),
        message=str(data.get("message") or ""),
        minor=bool(data.get("minorEdit")),
        author=parse_account(data.get("by") or {}),
        created_at=str(data.get("when") or ""),
    )


def parse_descendant(data: JsonObject, parent_id: str = "") -> Descendant:
    """Parse a child of a page, or a page with expanded ancestors."""
    return Descendant(
        id=str(data["id"]),
        kind=str(data["type"]),
        title=str(data["title"]),
        status=Status(data["status"]),
        parent_id=parent_id or str(data["ancestors"][-1]["id"]),
        position=_parse_position(data),
    )


def _parse_position(data: JsonObject) -> int | None:
    position = data.get("extensions", {}).get("position")  # the word `none` for a page that was never moved
    return position if isinstance(position, int) else None


def parse_property(data: JsonObject) -> Property:
    """Parse a content property; older servers give it no id."""
    key = str(data["key"])
    return Property(str(data.get("id") or key), key, data["value"], int(data["version"]["number"]))


def parse_comment(data: JsonObject, page_id: str) -> InlineComment:
    """Parse an inline comment with expanded extensions."""
    extensions = data.get("extensions", {})
    marks = extensions.get("inlineProperties", {})
    return InlineComment(
        id=str(data["id"]),
        page_id=page_id,
        marker=str(marks.get("markerRef") or ""),
        selection=str(marks.get("originalSelection") or ""),
        body=str(data.get("body", {}).get("storage", {}).get("value", "")),
        state=str((extensions.get("resolution") or {}).get("status") or "open"),
        author=parse_account(data.get("version", {}).get("by") or {}),
    )
