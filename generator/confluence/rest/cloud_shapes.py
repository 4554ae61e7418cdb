"""Cloud's JSON (v2) as the wiki's values."""

from generator.confluence.rest.call import Wire
from generator.confluence.wiki import (
    Account,
    Attachment,
    Child,
    InlineComment,
    Operation,
    Page,
    PageVersion,
    Property,
    Space,
    Status,
    Task,
)


def space_of(data: Wire) -> Space:
    """One of `/spaces`."""
    home = data.get("homepageId")
    return Space(str(data["id"]), str(data["key"]), str(data["name"]), str(home) if home else None)


def operation_of(data: Wire) -> Operation:
    """One of `/spaces/{id}/operations`."""
    return Operation(str(data["operation"]), str(data["targetType"]))


def page_of(data: Wire, base: str) -> Page:
    """A page of a list or by itself; `base` is the site's own address, where the answer names it."""
    parent = data.get("parentId")
    return Page(
        id=str(data["id"]),
        space_id=str(data["spaceId"]),
        title=str(data["title"]),
        status=Status(data["status"]),
        parent_id=str(parent) if parent else None,
        position=data.get("position"),
        version=_version_of(data["version"]),
        body=_storage_of(data),
        url=base + str(data.get("_links", {}).get("webui", "")),
    )


def _version_of(data: Wire) -> PageVersion:
    return PageVersion(
        number=int(data["number"]),
        message=str(data.get("message") or ""),
        minor=bool(data.get("minorEdit")),
        author=Account(str(data.get("authorId") or "")),
        created_at=str(data.get("createdAt") or ""),
    )


def _storage_of(data: Wire) -> str | None:
    storage = (data.get("body") or {}).get("storage")
    return None if storage is None else str(storage["value"])


def child_of(data: Wire) -> Child:
    """One of `/pages/{id}/direct-children`."""
    return Child(str(data["id"]), str(data["type"]), str(data["title"]), Status(data["status"]))


def property_of(data: Wire) -> Property:
    """A content property."""
    return Property(str(data["id"]), str(data["key"]), data["value"], int(data["version"]["number"]))


def attachment_of(data: Wire) -> Attachment:
    """One of `/pages/{id}/attachments`."""
    return Attachment(
        id=str(data["id"]),
        page_id=str(data["pageId"]),
        name=str(data["title"]),
        media_type=str(data.get("mediaType", "")),
        size=int(data.get("fileSize", 0)),
        comment=str(data.get("comment") or ""),
        version=int(data["version"]["number"]),
    )


def comment_of(data: Wire) -> InlineComment:
    """One of `/pages/{id}/inline-comments`."""
    properties = data.get("properties") or {}
    return InlineComment(
        id=str(data["id"]),
        page_id=str(data["pageId"]),
        marker=str(properties.get("inlineMarkerRef") or ""),
        selection=str(properties.get("inlineOriginalSelection") or ""),
        body=_storage_of(data) or "",
        state=str(data.get("resolutionStatus") or "open"),
        author=Account(str(data["version"].get("authorId") or "")),
    )


def task_of(data: Wire) -> Task:
    """One of `/longtask`; its messages are given in English."""
    messages = tuple(str(message.get("translation", "")) for message in data.get("messages", []))
    return Task(str(data["id"]), bool(data["finished"]), bool(data["successful"]), messages)
