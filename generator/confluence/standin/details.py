"""What hangs on a page: properties with their versions, and labels."""

import json
from typing import Any

from generator.confluence.standin.records import PageRecord, PropertyRecord
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.visit import Visit

VALUE_LIMIT = 32_768
KEY_LIMIT = 255
_SELECT = "SELECT id, page_id, key, value, version FROM property WHERE "


def properties(visit: Visit, page: PageRecord) -> list[PropertyRecord]:
    """Return all of a page's properties, by key."""
    return visit.tables.all(PropertyRecord, f"{_SELECT}page_id = ? ORDER BY key", page.id)


def property_by_key(visit: Visit, page: PageRecord, key: str) -> PropertyRecord:
    """Return a page's property."""
    return _found(visit.tables.one(PropertyRecord, f"{_SELECT}page_id = ? AND key = ?", page.id, key), key)


def property_by_id(visit: Visit, page: PageRecord, property_id: str) -> PropertyRecord:
    """Return a page's property."""
    number = int(property_id) if property_id.isdigit() else 0
    return _found(visit.tables.one(PropertyRecord, f"{_SELECT}page_id = ? AND id = ?", page.id, number), property_id)


def create_property(visit: Visit, page: PageRecord, key: object, value: Any) -> PropertyRecord:  # noqa: ANN401 - any JSON
    """Return a new property at version 1."""
    visit.demand("write", page.space_key, f"content {page.id}")
    if not isinstance(key, str) or not 0 < len(key) <= KEY_LIMIT:
        raise Refusal(Reason.BAD_REQUEST, f"A property needs a key of 1 to {KEY_LIMIT} characters")
    if visit.tables.number("SELECT count(*) FROM property WHERE page_id = ? AND key = ?", page.id, key):
        raise Refusal(Reason.KEY_TAKEN, f"A property with key {key} already exists on content {page.id}")
    number = visit.tables.new_id()
    visit.tables.run("INSERT INTO property VALUES(?, ?, ?, ?, 1)", number, page.id, key, _written(value))
    return property_by_key(visit, page, key)


def update_property(
    visit: Visit,
    page: PageRecord,
    current: PropertyRecord,
    number: object,
    value: Any,  # noqa: ANN401 - any JSON
) -> PropertyRecord:
    """Return the next version of a property."""
    visit.demand("write", page.space_key, f"content {page.id}")
    if number != current.version + 1:
        raise Refusal(
            Reason.STALE_PROPERTY, "Version must be incremented", current=current.version, provided=str(number)
        )
    visit.tables.run(
        "UPDATE property SET value = ?, version = ? WHERE id = ?",
        *(_written(value), current.version + 1, current.id),
    )
    return property_by_key(visit, page, current.key)


def delete_property(visit: Visit, page: PageRecord, current: PropertyRecord) -> None:
    """Removes a property."""
    visit.demand("write", page.space_key, f"content {page.id}")
    visit.tables.run("DELETE FROM property WHERE id = ?", current.id)


def labels(visit: Visit, page: PageRecord) -> list[tuple[int, str]]:
    """Return a page's labels with their ids, by name."""
    rows = visit.tables.rows("SELECT id, name FROM label WHERE page_id = ? ORDER BY name", page.id)
    return [(int(str(number)), str(name)) for number, name in rows]


def add_labels(visit: Visit, page: PageRecord, names: list[str]) -> None:
    """Adds labels; they are kept in lower case and hold no blank, as in Confluence."""
    visit.demand("write", page.space_key, f"content {page.id}")
    for name in names:
        if not name or len(name) > KEY_LIMIT or any(sign in name for sign in " :;,?&[]()#^*@!"):
            raise Refusal(Reason.BAD_REQUEST, f"The label {name!r} holds a character that no label may hold")
        if not visit.tables.number("SELECT count(*) FROM label WHERE page_id = ? AND name = ?", page.id, name.lower()):
            number = visit.tables.new_id()
            visit.tables.run("INSERT INTO label VALUES(?, ?, ?)", number, page.id, name.lower())


def remove_label(visit: Visit, page: PageRecord, name: str) -> None:
    """Takes a label away; one that is not there is no matter."""
    visit.demand("write", page.space_key, f"content {page.id}")
    visit.tables.run("DELETE FROM label WHERE page_id = ? AND name = ?", page.id, name.lower())


def _found(record: PropertyRecord | None, key: str) -> PropertyRecord:
    if record is None:
        raise Refusal(Reason.NOT_FOUND, f"No content property found with key {key}")
    return record


def _written(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if len(text) > VALUE_LIMIT:
        raise Refusal(Reason.BAD_REQUEST, f"The value is too long: {len(text)} characters of {VALUE_LIMIT}")
    return text
