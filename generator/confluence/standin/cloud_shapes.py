"""Records as Cloud's API v2 writes them."""

import json

from generator.confluence.standin.messages import Wire
from generator.confluence.standin.records import (
    CommentRecord,
    DemoPerson,
    FileRecord,
    PageRecord,
    PropertyRecord,
    SpaceRecord,
)


def space(record: SpaceRecord) -> Wire:
    """Return a space."""
    return {
        "id": str(record.id),
        "key": record.key,
        "name": record.name,
        "type": "global",
        "status": "current",
        "homepageId": None if record.homepage_id is None else str(record.homepage_id),
        "_links": {"webui": f"/spaces/{record.key}"},
    }


def operations(person: DemoPerson, record: SpaceRecord) -> list[Wire]:
    """What a person may do in a space."""
    granted = {
        "read": (("read", "space"),),
        "write": (("create", "page"), ("create", "attachment"), ("create", "comment")),
        "delete": (("delete", "page"), ("archive", "page"), ("delete", "attachment")),
        "administer": (("administer", "space"),),
    }
    return [
        {"operation": operation, "targetType": target}
        for verb, pairs in granted.items()
        if person.can(verb, record.key)
        for operation, target in pairs
    ]


def page(record: PageRecord, *, body: bool) -> Wire:
    """Return a page."""
    storage = {"storage": {"representation": "storage", "value": record.body}}
    return {
        "id": str(record.id),
        "status": record.status.value,
        "title": record.title,
        "spaceId": str(record.space_id),
        "parentId": None if record.parent_id is None else str(record.parent_id),
        "parentType": None if record.parent_id is None else "page",
        "position": record.position,
        "authorId": record.author_id,
        "ownerId": record.author_id,
        "createdAt": record.created_at,
        "version": {
            "number": record.version,
            "message": record.message,
            "minorEdit": record.minor,
            "authorId": record.author_id,
            "createdAt": record.created_at,
        },
        "body": storage if body else {},
        "_links": links(record),
    }


def links(record: PageRecord) -> Wire:
    """Where people find a page, below the site's base."""
    return {
        "webui": f"/spaces/{record.space_key}/pages/{record.id}",
        "editui": f"/pages/resumedraft.action?draftId={record.id}",
        "tinyui": f"/x/{record.id}",
    }


def child(record: PageRecord) -> Wire:
    """Return a page as a child."""
    return {
        "id": str(record.id),
        "status": record.status.value,
        "title": record.title,
        "type": "page",
        "spaceId": str(record.space_id),
        "childPosition": record.position,
    }


def descendant(record: PageRecord, depth: int) -> Wire:
    """Return a page as a descendant."""
    return {
        "id": str(record.id),
        "status": record.status.value,
        "title": record.title,
        "type": "page",
        "parentId": str(record.parent_id),
        "depth": depth,
        "childPosition": record.position,
    }


def label(number: int, name: str) -> Wire:
    """Return a label."""
    return {"id": str(number), "name": name, "prefix": "global"}


def content_property(record: PropertyRecord) -> Wire:
    """Return a property."""
    return {
        "id": str(record.id),
        "key": record.key,
        "value": json.loads(record.value),
        "version": {"number": record.version, "message": "", "minorEdit": False},
    }


def file(record: FileRecord) -> Wire:
    """Return an attachment."""
    download = f"/download/attachments/{record.page_id}/{record.name}"
    return {
        "id": f"att{record.id}",
        "status": "current",
        "title": record.name,
        "createdAt": record.created_at,
        "pageId": str(record.page_id),
        "mediaType": record.media_type,
        "mediaTypeDescription": "",
        "comment": record.comment,
        "fileId": f"file-{record.id}",
        "fileSize": record.size,
        "webuiLink": f"/pages/viewpageattachments.action?pageId={record.page_id}",
        "downloadLink": download,
        "version": {
            "number": record.version,
            "message": record.comment,
            "minorEdit": False,
            "authorId": record.author_id,
            "createdAt": record.created_at,
        },
        "_links": {"download": download, "webui": f"/pages/viewpageattachments.action?pageId={record.page_id}"},
    }


def comment(record: CommentRecord) -> Wire:
    """Return an inline comment."""
    return {
        "id": str(record.id),
        "status": "current",
        "title": "",
        "pageId": str(record.page_id),
        "version": {
            "number": 1,
            "message": "",
            "minorEdit": False,
            "authorId": record.author_id,
            "createdAt": record.created_at,
        },
        "body": {"storage": {"representation": "storage", "value": record.body}},
        "resolutionStatus": record.state,
        "properties": {"inlineMarkerRef": record.marker, "inlineOriginalSelection": record.selection},
        "_links": {"webui": f"/pages/viewpage.action?pageId={record.page_id}&focusedCommentId={record.id}"},
    }
