"""Records as Data Center's API writes them: little by itself, more where `expand` asks for it."""

import json
from collections.abc import Collection

from generator.confluence.standin import details, pages
from generator.confluence.standin.messages import Wire
from generator.confluence.standin.records import CommentRecord, PageRecord, PropertyRecord, SpaceRecord
from generator.confluence.standin.visit import Visit


def space(record: SpaceRecord) -> Wire:
    """Return a space; its number is a number here."""
    return {"id": record.id, "key": record.key, "name": record.name, "type": "global"}


def homepage(record: SpaceRecord) -> Wire:
    """Return a space's home page, as much as matters."""
    if record.homepage_id is None:
        return {}
    return {"homepage": {"id": str(record.homepage_id), "type": "page", "status": "current"}}


def page(at: Visit, record: PageRecord, expand: Collection[str]) -> Wire:
    """Return a page with what was asked for."""
    written: Wire = {
        "id": str(record.id),
        "type": "page",
        "status": record.status.value,
        "title": record.title,
        "position": -1 if record.position is None else record.position,
        "extensions": {"position": "none" if record.position is None else record.position},
        "_links": {"webui": f"/pages/viewpage.action?pageId={record.id}"},
    }
    for name, part in _PARTS.items():
        if name in expand:
            written[name.partition(".")[0]] = part(at, record)
    metadata = _metadata(at, record, expand)
    return {**written, "metadata": metadata} if metadata else written


def _version(_: Visit, record: PageRecord) -> Wire:
    return {
        "number": record.version,
        "message": record.message,
        "minorEdit": record.minor,
        "when": record.created_at,
        "by": {"type": "known", "userKey": record.author_id, "displayName": record.author_name},
    }


def _ancestors(at: Visit, record: PageRecord) -> list[Wire]:
    return [{"id": str(one.id), "type": "page", "title": one.title} for one in pages.ancestors(at, record)]


def _space(_: Visit, record: PageRecord) -> Wire:
    return {"id": record.space_id, "key": record.space_key}


def _body(_: Visit, record: PageRecord) -> Wire:
    return {"storage": {"value": record.body, "representation": "storage"}}


def _operations(at: Visit, record: PageRecord) -> list[Wire]:
    granted = {"read": ("read", "page"), "write": ("update", "page"), "delete": ("delete", "page")}
    return [
        {"operation": operation, "targetType": target}
        for verb, (operation, target) in granted.items()
        if at.person.can(verb, record.space_key)
    ]


_PARTS = {
    "version": _version,
    "ancestors": _ancestors,
    "space": _space,
    "body.storage": _body,
    "operations": _operations,
}


def _metadata(at: Visit, record: PageRecord, expand: Collection[str]) -> Wire:
    metadata: Wire = {}
    if "metadata.labels" in expand:
        named = [{"prefix": "global", "name": name} for _, name in details.labels(at, record)]
        metadata["labels"] = {"results": named, "size": len(named)}
    wanted = {name.removeprefix("metadata.properties.") for name in expand if name.startswith("metadata.properties.")}
    if wanted:
        held = (one for one in details.properties(at, record) if one.key in wanted)
        metadata["properties"] = {one.key: content_property(one) for one in held}
    return metadata


def child(record: PageRecord) -> Wire:
    """Return a page as a child."""
    return {"id": str(record.id), "type": "page", "status": record.status.value, "title": record.title}


def content_property(record: PropertyRecord) -> Wire:
    """Return a property with its version."""
    return {
        "id": str(record.id),
        "key": record.key,
        "value": json.loads(record.value),
        "version": {"number": record.version, "minorEdit": False},
    }


def comment(record: CommentRecord) -> Wire:
    """Return an inline comment with its extensions."""
    return {
        "id": str(record.id),
        "type": "comment",
        "status": "current",
        "body": {"storage": {"value": record.body, "representation": "storage"}},
        "version": {
            "number": 1,
            "when": record.created_at,
            "by": {"type": "known", "userKey": record.author_id, "displayName": record.author_name},
        },
        "extensions": {
            "location": "resolved" if record.state == "resolved" else "inline",
            "inlineProperties": {"originalSelection": record.selection, "markerRef": record.marker},
            "resolution": {"status": record.state},
        },
    }
