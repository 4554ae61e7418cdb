"""Requests to the API of a demo server, the form of its responses, and the calls that both flavours have."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlencode

from werkzeug import Request, Response

from generator.confluence.demo.storage import Refusal
from generator.confluence.demo.world import PAGE, AccountSession, Content, File, Property, Version
from generator.confluence.wiki import Flavour, Status

V2 = "/wiki/api/v2"
LIMIT, LIMIT_V1, LIMIT_WITH_BODIES = 250, 200, 50
"""The longest part of a list in API v2, in v1, and in v1 with bodies."""
KEY_LIMIT, VALUE_LIMIT = 255, 32_768
"""Characters in the key of a property, and in the JSON of its value."""
_LABEL_FORBIDS = " :;,?&[]()#^*@!"

Json: TypeAlias = dict[str, Any]
Answer: TypeAlias = "Response | Json | None"
"""A response, JSON with status 200, or nothing with status 204."""
Route: TypeAlias = tuple[str, str, Callable[..., Answer]]
"""Methods, the path as a rule of werkzeug, and the function that answers."""
Value = TypeVar("Value")


@dataclass(frozen=True)
class Call:
    """A request and the session of its account."""

    request: Request
    session: AccountSession

    @property
    def cloud(self) -> bool:
        """Whether the site is on Cloud."""
        return self.session.world.flavour is Flavour.CLOUD

    @property
    def v2(self) -> bool:
        """Whether the request is for API v2."""
        return self.request.path.startswith(V2)

    @property
    def base(self) -> str:
        """The address of the site."""
        return self.request.host_url.rstrip("/") + ("/wiki" if self.cloud else "")

    def get(self, name: str, default: str = "") -> str:
        """Return a query parameter."""
        return self.request.args.get(name, default)

    def get_list(self, name: str) -> list[str]:
        """Return the values of a query parameter, repeated or separated by commas."""
        return [part for value in self.request.args.getlist(name) for part in value.split(",") if part]

    def get_number(self, name: str, default: int) -> int:
        """Return a query parameter that is a whole number."""
        text = self.get(name) or str(default)
        if not (text.isascii() and text.isdigit()):
            raise Refusal(400, f"{name} must be a number, not {text!r}")
        return int(text[:18])

    def read_object(self, *required: str) -> Json:
        """Return the JSON object of the body, with its required fields."""
        values = pick({"the body": self.request.get_json()}, "the body", dict)
        for name in required:
            pick(values, name, object)
        return values

    def page(self, page_id: object, *statuses: Status) -> Content:
        """Return a page."""
        return self.session.find(page_id, *statuses, kind=PAGE)

    def pick_version(self, page: Content) -> Content:
        """Return a page as it was in the version that the request asks for."""
        number = self.get_number("version", page.current.number)
        if not 1 <= number <= page.current.number:
            raise Refusal(404, f"No version {number} of content {page.id}")
        if number == page.current.number:
            return page
        return replace(page, versions=page.versions[:number], status=Status.HISTORICAL)

    def part(self, items: Sequence[Value], to_json: Callable[[Value], Json], default: int = 25) -> Response:
        """Return the part of a list that the request asks for: by a cursor in v2, by a start in v1."""
        limit, links = self.get_number("limit", default), {"base": self.base}
        position = "cursor" if self.v2 else "start"
        if self.v2 and not 1 <= limit <= LIMIT:  # v2 document, every list: minimum 1, maximum 250
            raise Refusal(400, f"limit must be between 1 and {LIMIT}")
        if not self.v2:  # Data Center lowers a limit without an error
            limit = max(1, min(limit, LIMIT_WITH_BODIES if "body." in self.get("expand") else LIMIT_V1))
        start = self.get_number(position, 0)
        if start + limit < len(items):
            following = {position: str(start + limit), "limit": str(limit)}
            links["next"] = f"{self.request.path}?{urlencode({**self.request.args.to_dict(), **following})}"
        results = [to_json(item) for item in items[start : start + limit]]
        numbers = {} if self.v2 else {"start": start, "limit": limit, "size": len(results)}
        headers = {"Link": f'<{links["next"]}>; rel="next"'} if "next" in links else {}
        return reply({"results": results, **numbers, "_links": links}, headers=headers)


def pick(values: Any, name: str, kind: type[Value]) -> Value:  # noqa: ANN401 - any JSON
    """Return a field of a JSON object, of a type."""
    value = values.get(name) if isinstance(values, dict) and name in values else ...
    if value is ... or not isinstance(value, kind):
        raise Refusal(400, f"{name} is missing or invalid")
    return value


def pick_draft(values: Json) -> Version:
    """Return the version of a page in a body; the text is there directly, or under its representation."""
    version = pick(values, "version", dict) if "version" in values else {}
    body = pick_storage(values["body"]) if "body" in values else ""
    return Version(pick(values, "title", str), body, str(version.get("message") or ""), bool(version.get("minorEdit")))


def pick_storage(body: Any) -> str:  # noqa: ANN401 - any JSON
    """Return a body in the storage format."""
    body = body["storage"] if isinstance(body, dict) and "storage" in body else body
    if pick(body, "representation", str) != "storage":
        raise Refusal(400, "body must have the representation storage")
    return pick(body, "value", str)


def reply(data: object, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return a response with JSON."""
    body = json.dumps(data, ensure_ascii=False)
    return Response(body, status, headers, content_type="application/json;charset=UTF-8")


def refuse(call: Call, refusal: Refusal) -> Response:
    """Return the response for a refused request, in the form of the API."""
    status, phrase = refusal.status, HTTPStatus(refusal.status).phrase
    if call.v2:
        error: Json = {"code": HTTPStatus(status).name, "title": phrase if status == 404 else refusal.v2}
        return reply({"errors": [error if status == 409 else {"status": status, **error, "detail": None}]}, status)
    data = {"authorized": status not in (401, 403), "valid": status != 400, "errors": [], "successful": False}
    return reply({"statusCode": status, "data": data, "message": refusal.text, "reason": phrase}, status)


def refuse_login(flavour: Flavour) -> Response:
    """Return the response to wrong credentials; Data Center has a web page."""
    if flavour is Flavour.CLOUD:
        return reply({"code": 401, "message": "Unauthorized; scope does not match"}, 401)
    page = "<html><head><title>Unauthorized (401)</title></head><body>Client must be authenticated</body></html>"
    return Response(page, 401, {"WWW-Authenticate": 'Basic realm="Confluence"'}, content_type="text/html")


def to_user(call: Call, person_id: str) -> Json:
    """Return an account: Cloud has account ids, Data Center user keys."""
    person = call.session.world.people.get(person_id)
    if person is None:
        return {"type": "unknown", "userKey": person_id}
    ids = {"accountId": person.id, "email": person.email} if call.cloud else {"userKey": person.id}
    return {"type": "known", "displayName": person.name, **ids}


def to_property(held: Property) -> Json:
    """Return a property."""
    return {"id": str(held.id), "key": held.key, "value": held.value, "version": {"number": held.version}}


def to_file(call: Call, page: Content, file: File) -> Json:
    """Return an attachment in the form of v1."""
    facts = {"id": f"att{file.id}" if call.cloud else str(file.id), "type": "attachment", "status": "current"}
    details = {"mediaType": file.media_type, "comment": file.comment, "fileSize": len(file.content)}
    links = {"download": f"/download/attachments/{page.id}/{file.name}"}
    version = {"number": file.version, "when": file.when}
    return {**facts, "title": file.name, "version": version, "extensions": details, "_links": links}


def find_file(call: Call, file_id: str) -> tuple[Content, File]:
    """Return an attachment with its page; its id on Cloud begins with `att`."""
    for page in call.session.world.contents.values():
        for file in page.files.values():
            if str(file.id) == file_id.removeprefix("att"):
                return page, file
    raise Refusal(404, f"No attachment with id {file_id}")


def get_user(call: Call, current: str = "") -> Answer:
    """Return an account by its id, or the one of the credentials."""
    key = call.session.person.id if current else call.get("accountId" if call.cloud else "key")
    if key not in call.session.world.people:
        raise Refusal(404, f"No user found with key : {key}")
    return to_user(call, key)


def list_shared_routes(root: str) -> tuple[Route, ...]:
    """Return the calls of API v1 that Cloud has kept, below the path of the API."""
    content = f"{root}/content/<int:page_id>"
    return (
        ("GET", f"{root}/user", get_user),
        ("GET", f"{root}/user/<any(current):current>", get_user),
        ("PUT", f"{content}/move/<place>/<int:target_id>", move_page),
        ("POST", f"{content}/label", add_labels),
        ("DELETE", f"{content}/label", remove_label),
        ("POST", f"{content}/child/attachment", save_file),
        ("POST", f"{content}/child/attachment/<file_id>/data", save_file),
    )


def move_page(call: Call, page_id: int, place: str, target_id: int) -> Answer:
    """Move a page."""
    call.session.move(call.page(page_id, Status.CURRENT), place, call.session.find(target_id, Status.CURRENT))
    return {"pageId": str(page_id)}


def to_label(name: str, number: int) -> Json:
    """Return a label."""
    return {"id": str(number), "name": name, "prefix": "global"}


def list_labels(call: Call, page_id: int) -> Answer:
    """Return the labels of a page."""
    labels = sorted(call.page(page_id).labels.items())
    default = 25 if call.v2 else 200
    return call.part(labels, lambda one: to_label(*one), default)


def add_labels(call: Call, page_id: int) -> Answer:
    """Add labels to a page; they are stored in lower case."""
    page, given = call.page(page_id), call.request.get_json()
    names = [pick(label, "name", str) for label in (given if isinstance(given, list) else [given])]
    for name in names:
        if not 0 < len(name) <= KEY_LIMIT or any(sign in name for sign in _LABEL_FORBIDS):
            raise Refusal(400, f"The label {name!r} contains an invalid character")
    for name in names:
        page.labels.setdefault(name.lower(), call.session.world.new_id())
    return list_labels(call, page_id)


def remove_label(call: Call, page_id: int) -> Answer:
    """Remove a label."""
    page = call.page(page_id)
    page.labels.pop(call.get("name").lower(), None)
    return None


def list_properties(call: Call, content_id: int, kind: str = "pages") -> Answer:
    """Return the properties of a page or folder."""
    held = sorted(call.session.find(content_id, kind=kind.removesuffix("s")).properties.items())
    return call.part([each for key, each in held if call.get("key", key) == key], to_property)


def create_property(call: Call, content_id: int, kind: str = "pages") -> Answer:
    """Create a property of a page or folder."""
    content, values = call.session.find(content_id, kind=kind.removesuffix("s")), call.read_object("key", "value")
    key = pick(values, "key", str)
    if not 0 < len(key) <= KEY_LIMIT:
        raise Refusal(400, f"A property needs a key of 1 to {KEY_LIMIT} characters")
    if key in content.properties:
        raise Refusal(
            409 if call.cloud else 400,  # the document of Cloud lists only 400; sites answer 409 too
            "com.atlassian.confluence.api.service.exceptions.BadRequestException: the content already has a value with"
            " the given key",
            f"A property with key {key} already exists on content {content.id}",
        )
    content.properties[key] = Property(call.session.world.new_id(), key, _check_value(values["value"]))
    return to_property(content.properties[key])


def change_property(call: Call, content_id: int, key: str, kind: str = "pages") -> Answer:
    """Replace a property, or delete it; v2 has its id in the path, v1 its key."""
    content = call.session.find(content_id, kind=kind.removesuffix("s"))
    held = next((one for one in content.properties.values() if key == (str(one.id) if call.v2 else one.key)), None)
    if held is None:
        raise Refusal(404, f"No content property found with key {key}")
    if call.request.method == "DELETE":
        del content.properties[held.key]
        return None
    values = call.read_object("value", "version")
    number = pick(values, "version", dict).get("number")
    if values.get("key", held.key) != held.key:
        raise Refusal(400, "the key of a property cannot change")
    if number != held.version + 1:
        raise Refusal(
            409,
            "com.atlassian.confluence.api.service.exceptions.ConflictException: Can't update property, version"
            f" {number} must be one more than {held.version}",
            f"Version must be incremented when updating a content property. Current Version: [{held.version}]."
            f" Provided version: [{number}]",
        )
    held.value, held.version = _check_value(values["value"]), held.version + 1
    return to_property(held)


def _check_value(value: Any) -> Any:  # noqa: ANN401 - any JSON
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    if size > VALUE_LIMIT:
        raise Refusal(400, f"The value is too long: {size} characters of {VALUE_LIMIT}")
    return value


def list_files(call: Call, page_id: int, to_json: Callable[[Call, Content, File], Json]) -> Answer:
    """Return the attachments of a page, or the one with a name."""
    page = call.page(page_id)
    files = [file for name, file in page.files.items() if call.get("filename", name) == name]
    return call.part(files, lambda file: to_json(call, page, file), 50 if call.v2 else 25)


def save_file(call: Call, page_id: int, file_id: str = "") -> Answer:
    """Create an attachment, or save the next version of one; PUT on Cloud does what fits the name."""
    # Both documents demand the header. Cloud's names `nocheck` and takes `no-check`; Data Center takes `no-check` only:
    # https://github.com/sooperset/mcp-atlassian/issues/1207
    accepted = ("no-check", "nocheck") if call.cloud else ("no-check",)
    if call.request.headers.get("X-Atlassian-Token") not in accepted:
        raise Refusal(403, "XSRF check failed")
    page, upload = call.page(page_id), call.request.files.get("file")
    if upload is None or not upload.filename or "/" in upload.filename:
        raise Refusal(400, "expected a form with a part named file and its file name")
    name = upload.filename
    old = page.files.get(name)
    if file_id:
        owner, old = find_file(call, file_id)
        if owner is not page:
            raise Refusal(404, f"No attachment {file_id} on content {page_id}")
    elif old is not None and call.request.method == "POST":
        raise Refusal(400, f"Cannot add a new attachment with same file name as an existing attachment: {name}")
    number, version = (old.id, old.version + 1) if old else (call.session.world.new_id(), 1)
    texts = (old.name if old else name, upload.mimetype, call.request.form.get("comment", ""), upload.read())
    file = File(
        number, *texts, call.session.person.id, call.session.now, version, call.request.form.get("minorEdit") == "true"
    )
    page.files[file.name] = file
    saved = to_file(call, page, file)
    return saved if file_id else {"results": [saved], "start": 0, "limit": 1, "size": 1, "_links": {}}


def delete_content(call: Call, content_id: str, kind: str = "") -> Answer:
    """Move a page or an attachment to the trash, or delete a page from there permanently."""
    session, numeric = call.session, content_id.isdecimal() and int(content_id) in call.session.world.contents
    if kind != "pages" and not numeric:  # v1 has one call for both
        page, file = find_file(call, content_id)
        del page.files[file.name]
    elif call.get("purge") == "true" or call.get("status") == "trashed":
        del session.world.contents[call.page(content_id, Status.TRASHED).id]
    else:
        session.leave(call.page(content_id, Status.CURRENT, Status.ARCHIVED), Status.TRASHED)
    return None
