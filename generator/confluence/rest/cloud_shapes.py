"""The JSON of API v2 as values of the wiki."""

from generator.confluence.rest.call import JsonObject
from generator.confluence.wiki import (
    Account,
    Attachment,
    Descendant,
    InlineComment,
    Operation,
    Page,
    PageVersion,
    Parent,
    ParentKind,
    Property,
    Space,
    Status,
    Task,
)


def parse_space(data: JsonObject) -> Space:
    """Parse a space of `/spaces`."""
    home = data.get("homepageId")
    return Space(str(data["id"]), str(data["key"]), str(data["name"]), str(home) if home else None)


def parse_operation(data: JsonObject) -> Operation:
    """Parse an operation of `/spaces/{id}/operations`."""
    return Operation(str(data["operation"]), str(data["targetType"]))


def parse_page(data: JsonObject, base: str) -> Page:
    """Parse a page; `base` is the address of the site."""
    parent = data.get("parentId")
    return Page(
        id=str(data["id"]),
        space_id=str(data["spaceId"]),
        title=str(data["title"]),
        status=Status(data["status"]),
        parent_id=str(parent) if parent else None,
        position=data.get("position"),
        version=_parse_version(data["version"]),
        body=_parse_body(data),
        url=base + str(data.get("_links", {}).get("webui", "")),
    )


def _parse_version(data: JsonObject) -> PageVersion:
    return PageVersion(
        number=int(data["number"]),
        message=str(data.get("message") or ""),
        minor=bool(data.get("minorEdit")),
        author=Account(str(data.get("authorId") or "")),
        created_at=str(data.get("createdAt") or ""),
    )


def _parse_body(data: JsonObject) -> str | None:
    storage = (data.get("body") or {}).get("storage")
    return None if storage is None else str(storage["value"])


def parse_folder(data: JsonObject, base: str) -> Parent:
    """Parse a folder."""
    return Parent(
        id=str(data["id"]),
        kind=ParentKind.FOLDER,
        title=str(data["title"]),
        status=Status(data["status"]),
        space_id=str(data["spaceId"]),
        url=base + str(data.get("_links", {}).get("webui", "")),
    )


def parse_descendant(data: JsonObject, parent_id: str = "") -> Descendant:
    """Parse a result of `/direct-children`, which has no parent, or of `/descendants`."""
    return Descendant(
        id=str(data["id"]),
        kind=str(data["type"]),
        title=str(data["title"]),
        status=Status(data["status"]),
        parent_id=parent_id or str(data["parentId"]),
        position=data.get("childPosition"),
    )


def parse_state(data: JsonObject) -> str | None:
    """Parse the name of a content state."""
    state = data["contentState"]
    return None if state is None else str(state["name"])


def parse_property(data: JsonObject) -> Property:
    """Parse a content property."""
    return Property(str(data["id"]), str(data["key"]), data["value"], int(data["version"]["number"]))


def parse_attachment(data: JsonObject) -> Attachment:
    """Parse an attachment of `/pages/{id}/attachments`."""
    return Attachment(
        id=str(data["id"]),
        page_id=str(data["pageId"]),
        name=str(data["title"]),
        media_type=str(data.get("mediaType", "")),
        size=int(data.get("fileSize", 0)),
        comment=str(data.get("comment") or ""),
        version=int(data["version"]["number"]),
    )


def parse_comment(data: JsonObject) -> InlineComment:
    """Parse an inline comment of `/pages/{id}/inline-comments`."""
    properties = data.get("properties") or {}
    return InlineComment(
        id=str(data["id"]),
        page_id=str(data["pageId"]),
        marker=str(properties.get("inlineMarkerRef") or ""),
        selection=str(properties.get("inlineOriginalSelection") or ""),
        body=_parse_body(data) or "",
        state=str(data.get("resolutionStatus") or "open"),
        author=Account(str(data["version"].get("authorId") or "")),
    )


def parse_task(data: JsonObject) -> Task:
    """Parse a task of `/longtask`; its messages are in English."""
    messages = tuple(str(message.get("translation", "")) for message in data.get("messages", []))
    return Task(str(data["id"]), bool(data["finished"]), bool(data["successful"]), messages)
