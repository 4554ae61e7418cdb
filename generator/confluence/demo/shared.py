"""The calls that both flavours have: labels, properties, attachments, moves, accounts and removals."""

import json
from typing import Any

from werkzeug.routing import Rule

from generator.confluence.demo.call import V2, Answer, Call, Fields, Json
from generator.confluence.demo.content import Content, DemoPerson, File, Property, Refusal
from generator.confluence.wiki import Flavour, Status

KEY_LIMIT = 255
VALUE_LIMIT = 32_768
"""Characters of JSON in a property, and of its key."""
_LABEL_FORBIDS = " :;,?&[]()#^*@!"


def to_user(call: Call, person: DemoPerson) -> Json:
    """Return an account: Cloud has account ids, Data Center user keys."""
    if not call.cloud:
        return {"type": "known", "username": person.id, "userKey": person.id, "displayName": person.name}
    names = {"email": person.email, "publicName": person.name, "displayName": person.name}
    return {"type": "known", "accountId": person.id, "accountType": "atlassian", **names}


def to_property(held: Property) -> Json:
    """Return a property."""
    version = {"number": held.version, "message": "", "minorEdit": False}
    return {"id": str(held.id), "key": held.key, "value": held.value, "version": version}


def to_file(call: Call, page: Content, file: File) -> Json:
    """Return an attachment in the form of v1."""
    media = {"mediaType": file.media_type, "comment": file.comment}
    return {
        "id": f"att{file.id}" if call.cloud else str(file.id),
        "type": "attachment",
        "status": "current",
        "title": file.name,
        "version": {"number": file.version, "when": file.when, "message": file.comment},
        "metadata": media,
        "extensions": {**media, "fileSize": len(file.content)},
        "_links": {"download": f"/download/attachments/{page.id}/{file.name}"},
    }


def find_file(call: Call, file_id: str) -> tuple[Content, File]:
    """Return an attachment with its page; its id on Cloud begins with `att`."""
    for page in call.session.world.contents.values():
        for file in page.files.values():
            if str(file.id) == file_id.removeprefix("att") and call.session.can("read", page):
                return page, file
    raise Refusal(404, f"No attachment with id {file_id}")


def _get_current_user(call: Call) -> Answer:
    return to_user(call, call.session.person)


def _get_user(call: Call) -> Answer:
    key = call.get("accountId" if call.cloud else "key")
    if key not in call.session.world.people:
        raise Refusal(404, f"No user found with key : {key}")
    return to_user(call, call.session.world.people[key])


def _move_page(call: Call, page_id: int, place: str, target_id: int) -> Answer:
    page, target = call.page(page_id, Status.CURRENT), call.session.find(target_id, Status.CURRENT)
    call.session.move(page, place, target)
    return {"pageId": str(page_id)}


def _list_labels(call: Call, page_id: int) -> Answer:
    def to_json(label: tuple[str, int]) -> Json:
        found = {"id": str(label[1]), "name": label[0], "prefix": "global"}
        return found if call.v2 else {**found, "label": label[0]}

    return call.part(sorted(call.page(page_id).labels.items()), to_json, default=25 if call.v2 else 200)


def _add_labels(call: Call, page_id: int) -> Answer:
    page, given = call.page(page_id), call.read_json()
    names = [Fields("a label", label).text("name") for label in (given if isinstance(given, list) else [given])]
    call.session.demand("write", page)
    for name in names:
        if not name or len(name) > KEY_LIMIT or any(sign in name for sign in _LABEL_FORBIDS):
            raise Refusal(400, f"The label {name!r} contains an invalid character")
    for name in names:  # stored in lower case
        page.labels.setdefault(name.lower(), call.session.world.new_id())
    return _list_labels(call, page_id)


def _remove_label(call: Call, page_id: int) -> Answer:
    page = call.page(page_id)
    call.session.demand("write", page)
    page.labels.pop(call.get("name").lower(), None)
    return None


def _list_properties(call: Call, content_id: int, kind: str = "pages") -> Answer:
    held = sorted(_find_content(call, content_id, kind).properties.items())
    return call.part([each for key, each in held if call.get("key", key) == key], to_property)


def _create_property(call: Call, content_id: int, kind: str = "pages") -> Answer:
    content, values = _find_content(call, content_id, kind), call.read_object("key", "value").values
    call.session.demand("write", content)
    key = values["key"]
    if not isinstance(key, str) or not 0 < len(key) <= KEY_LIMIT:
        raise Refusal(400, f"A property needs a key of 1 to {KEY_LIMIT} characters")
    if key in content.properties:
        raise Refusal(
            call.session.variant.taken_key if call.cloud else 400,
            "com.atlassian.confluence.api.service.exceptions.BadRequestException: the content already has a value with"
            " the given key",
            f"A property with key {key} already exists on content {content.id}",
        )
    content.properties[key] = Property(call.session.world.new_id(), key, _check_value(values["value"]))
    return to_property(content.properties[key])


def _update_property(call: Call, content_id: int, key: str, kind: str = "pages") -> Answer:
    content, fields = _find_content(call, content_id, kind), call.read_object("value", "version")
    held, number = _find_property(call, content, key), fields.object("version").values.get("number")
    call.session.demand("write", content)
    if fields.values.get("key", held.key) != held.key:
        raise Refusal(400, "the key of a property cannot change")
    if number != held.version + 1:
        raise Refusal(
            409,
            "com.atlassian.confluence.api.service.exceptions.ConflictException: Can't update property, version"
            f" {number} must be one more than {held.version}",
            f"Version must be incremented when updating a content property. Current Version: [{held.version}]."
            f" Provided version: [{number}]",
        )
    held.value, held.version = _check_value(fields.values["value"]), held.version + 1
    return to_property(held)


def _delete_property(call: Call, content_id: int, key: str, kind: str = "pages") -> Answer:
    content = _find_content(call, content_id, kind)
    call.session.demand("write", content)
    del content.properties[_find_property(call, content, key).key]
    return None


def _find_content(call: Call, content_id: int, kind: str) -> Content:
    return call.session.find(content_id, kind=kind.removesuffix("s"))


def _find_property(call: Call, content: Content, key: str) -> Property:
    """Return a property by its id in v2, by its key in v1."""
    for held in content.properties.values():
        if key == (str(held.id) if call.v2 else held.key):
            return held
    raise Refusal(404, f"No content property found with key {key}")


def _check_value(value: Any) -> Any:  # noqa: ANN401 - any JSON
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    if size > VALUE_LIMIT:
        raise Refusal(400, f"The value is too long: {size} characters of {VALUE_LIMIT}")
    return value


def _save_file(call: Call, page_id: int, file_id: str = "") -> Answer:
    """Create an attachment, or save the next version of one; PUT on Cloud does what fits the name."""
    # Both documents demand the header. Cloud's names `nocheck` and takes `no-check`; Data Center takes `no-check` only:
    # https://github.com/sooperset/mcp-atlassian/issues/1207
    accepted = ("no-check", "nocheck") if call.cloud else ("no-check",)
    if call.request.headers.get("X-Atlassian-Token") not in accepted:
        raise Refusal(403, "XSRF check failed")
    page, upload, form = call.page(page_id), call.request.files.get("file"), call.request.form
    if upload is None or not upload.filename or "/" in upload.filename:
        raise Refusal(400, "expected a form with a part named file and its file name")
    name = upload.filename
    old = page.files.get(name)
    if file_id:
        owner, old = find_file(call, file_id)
        if owner is not page:
            raise Refusal(404, f"No attachment {file_id} on content {page_id}")
    elif old is not None and call.request.method == "POST":
        text = f"Cannot add a new attachment with same file name as an existing attachment: {name}"
        raise Refusal(400, text)
    call.session.demand("write", page)
    number, version = (old.id, old.version + 1) if old else (call.session.world.new_id(), 1)
    texts = (old.name if old else name, upload.mimetype, form.get("comment", ""), upload.read())
    file = File(number, *texts, call.session.person.id, call.session.now, version)
    page.files[file.name] = file
    if form.get("minorEdit") != "true":
        call.session.world.notifications.append((page.id, "attached"))
    saved = to_file(call, page, file)
    return saved if file_id else {"results": [saved], "start": 0, "limit": 1, "size": 1, "_links": {}}


def _delete(call: Call, content_id: str) -> Answer:
    """Move a page or an attachment to the trash, or delete a page from there permanently."""
    session, numeric = call.session, content_id.isdecimal() and int(content_id) in call.session.world.contents
    if not numeric and not call.request.path.startswith(f"{V2}/pages"):
        page, file = find_file(call, content_id)
        session.demand("delete", page)
        del page.files[file.name]
    elif call.get("purge") == "true" or call.get("status") == "trashed":
        trashed = call.page(content_id, Status.TRASHED)
        session.demand("administer", trashed)
        del session.world.contents[trashed.id]
    else:
        session.leave(call.page(content_id, Status.CURRENT, Status.ARCHIVED), Status.TRASHED)
    return None


def build_shared_rules(flavour: Flavour) -> list[Rule]:
    """Return the routes of these calls in a flavour."""
    cloud = flavour is Flavour.CLOUD
    api = "/wiki/rest/api" if cloud else "/rest/api"
    content = f"{api}/content/<int:page_id>"
    properties = f"{V2}/<any(pages,folders):kind>/<int:content_id>/properties"
    properties = properties if cloud else f"{api}/content/<int:content_id>/property"
    calls = [
        ("GET", f"{api}/user/current", _get_current_user),
        ("GET", f"{api}/user", _get_user),
        ("PUT", f"{content}/move/<place>/<int:target_id>", _move_page),
        ("GET", f"{V2}/pages/<int:page_id>/labels" if cloud else f"{content}/label", _list_labels),
        ("POST", f"{content}/label", _add_labels),
        ("DELETE", f"{content}/label", _remove_label),
        ("GET", properties, _list_properties),
        ("POST", properties, _create_property),
        ("PUT", f"{properties}/<key>", _update_property),
        ("DELETE", f"{properties}/<key>", _delete_property),
        ("POST", f"{content}/child/attachment", _save_file),
        ("POST", f"{content}/child/attachment/<file_id>/data", _save_file),
    ]
    deletions = ("pages", "attachments") if cloud else ("content",)
    calls += [("DELETE", f"{V2 if cloud else api}/{each}/<content_id>", _delete) for each in deletions]
    calls += [("PUT", f"{content}/child/attachment", _save_file)] if cloud else []  # 405 on Data Center
    return [Rule(path, methods=[method], endpoint=handler) for method, path, handler in calls]
