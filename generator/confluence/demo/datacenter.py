"""The API of Data Center, which has v1 only.

https://developer.atlassian.com/server/confluence/confluence-server-rest-api/
"""

import re
from dataclasses import replace

from werkzeug.routing import Rule

from generator.confluence.demo.call import Answer, Call, Fields, Json
from generator.confluence.demo.content import PAGE, Comment, Content, Refusal
from generator.confluence.demo.session import Draft
from generator.confluence.demo.shared import to_file, to_property, to_user
from generator.confluence.wiki import Status

API = "/rest/api"
OPERATIONS = {"read": "read", "write": "update", "delete": "delete"}


def _to_author(call: Call, person_id: str) -> Json:
    people = call.session.world.people
    return to_user(call, people[person_id]) if person_id in people else {"type": "unknown", "userKey": person_id}


def _to_page(call: Call, page: Content, *, single: bool = False) -> Json:
    """Return a page with what `expand` names; alone it has version and space too."""
    expand, session = {*call.get_list("expand"), *(("version", "space") if single else ())}, call.session
    version, space = page.current, session.space(page.space_id)
    links = {"webui": f"/pages/viewpage.action?pageId={page.id}"}
    answer: Json = {
        "id": str(page.id),
        "type": PAGE,
        "status": page.status.value,
        "title": page.title,
        "extensions": {"position": "none" if page.position is None else page.position},
        "_links": {**links, "base": call.base, "context": ""} if single else links,
    }
    if "version" in expand:
        texts = {"message": version.message, "when": version.when, "by": _to_author(call, version.author)}
        answer["version"] = {"number": version.number, "minorEdit": version.minor, **texts}
    if "ancestors" in expand:
        answer["ancestors"] = [
            {"id": str(each.id), "type": PAGE, "title": each.title} for each in session.list_ancestors(page)
        ]
    if "space" in expand:
        answer["space"] = {"id": space.id, "key": space.key}
    if "body.storage" in expand:
        answer["body"] = {"storage": {"value": version.body, "representation": "storage"}}
    if "operations" in expand:
        verbs = [operation for verb, operation in OPERATIONS.items() if session.can(verb, page)]
        answer["operations"] = [{"operation": verb, "targetType": PAGE} for verb in verbs]
    if "metadata.labels" in expand:
        labels = [{"prefix": "global", "name": name} for name in sorted(page.labels)]
        answer.setdefault("metadata", {})["labels"] = {"results": labels, "size": len(labels)}
    keys = [key for key in page.properties if f"metadata.properties.{key}" in expand]
    if keys:
        answer.setdefault("metadata", {})["properties"] = {key: to_property(page.properties[key]) for key in keys}
    return answer


def _to_comment(call: Call, comment: Comment) -> Json:
    return {
        "id": str(comment.id),
        "type": "comment",
        "status": "current",
        "body": {"storage": {"value": comment.body, "representation": "storage"}},
        "version": {"number": 1, "when": comment.when, "by": _to_author(call, comment.author)},
        "extensions": {
            "location": "resolved" if comment.state == "resolved" else "inline",
            "inlineProperties": {"originalSelection": comment.selection, "markerRef": comment.marker},
            "resolution": {"status": comment.state},
        },
    }


def _get_space(call: Call, key: str) -> Answer:
    space = call.session.space(key)
    home = {"homepage": {"id": str(space.homepage_id), "type": PAGE, "status": "current"}}
    expanded = space.homepage_id is not None and "homepage" in call.get_list("expand")
    return {"id": space.id, "key": space.key, "name": space.name, "type": "global", **(home if expanded else {})}


def _list_pages(call: Call) -> Answer:
    if call.get("type", PAGE) != PAGE:
        raise Refusal(400, "the demo server lists only pages")
    pages = call.session.list_pages(Status.CURRENT, title=call.get("title"))
    if call.get("spaceKey"):
        space = call.session.space(call.get("spaceKey"))
        pages = [page for page in pages if page.space_id == space.id]
    return call.part(pages, lambda page: _to_page(call, page))


def _search(call: Call) -> Answer:
    """Find pages with CQL, of which `id in (…)`, `ancestor = …`, `space = …` and `type = page` are supported."""
    found = call.session.list_pages(Status.CURRENT)
    for condition in re.split(r"\s+and\s+", call.get("cql").strip(), flags=re.IGNORECASE):
        parsed = re.fullmatch(r"(id|ancestor|space|type)\s*(?:=|in)\s*\(?([\w\s,\"']+)\)?", condition)
        if parsed is None:
            raise Refusal(400, f"Could not parse cql : {call.get('cql')}")
        name, wanted = parsed[1], {value.strip(" \"'") for value in parsed[2].split(",")}
        found = [page for page in found if wanted & _list_values(call, page, name)]
    return call.part(found, lambda page: _to_page(call, page))


def _list_values(call: Call, page: Content, name: str) -> set[str]:
    """Return the values of a field of CQL."""
    if name == "ancestor":
        return {str(each.id) for each in call.session.list_ancestors(page)}
    return {{"id": str(page.id), "type": PAGE, "space": call.session.space(page.space_id).key}[name]}


def _get_page(call: Call, page_id: int) -> Answer:
    """Return a page; one in the trash or an old version only if `status` asks for it."""
    status, number = call.get("status", "current"), call.get_number("version", 0)
    if status not in ("any", *Status):
        raise Refusal(400, f"unknown status {status}")
    page = call.page(page_id, *(() if status == "any" or number else (Status(status),)))
    if number > page.current.number:
        raise Refusal(404, f"No version {number} of content {page_id}")
    if 0 < number < page.current.number:
        page = replace(page, versions=page.versions[:number], status=Status.HISTORICAL)
    return _to_page(call, page, single=True)


def _create_page(call: Call) -> Answer:
    fields = call.read_object("type", "title", "space", "body")
    space, parent = call.session.space(fields.object("space").text("key"), write=True), _read_parent(fields)
    page = call.session.create(PAGE, space, parent, Draft(fields.text("title"), fields.storage()))
    return _to_page(call, page, single=True)


def _update_page(call: Call, page_id: int) -> Answer:
    fields = call.read_object("type", "title", "body", "version")
    page, version = call.page(page_id, Status.CURRENT, Status.TRASHED), fields.object("version").values
    draft = Draft(fields.text("title"), fields.storage(), version.get("message") or "", bool(version.get("minorEdit")))
    call.session.update(page, version.get("number"), _read_parent(fields), draft)
    return _to_page(call, page, single=True)


def _read_parent(fields: Fields) -> object:
    """Return the last of the ancestors, which is the parent."""
    if fields.text("type") != PAGE:
        raise Refusal(400, "type must be page")
    above = fields.values.get("ancestors") or [{"id": None}]
    if not isinstance(above, list) or "id" not in Fields("an ancestor", above[-1]).values:
        raise Refusal(400, "ancestors must list objects with an id")
    return above[-1]["id"]


def _list_children(call: Call, page_id: int) -> Answer:
    page = call.page(page_id)
    return call.part(call.session.list_children(page.id, page.space_id), lambda child: _to_page(call, child))


def _list_files(call: Call, page_id: int) -> Answer:
    page = call.page(page_id)
    files = [file for name, file in page.files.items() if call.get("filename", name) == name]
    return call.part(files, lambda file: to_file(call, page, file))


def _list_comments(call: Call, page_id: int) -> Answer:
    found = [_to_comment(call, comment) for comment in call.page(page_id).comments]
    locations = call.get_list("location") or ["inline", "resolved"]
    return call.part([each for each in found if each["extensions"]["location"] in locations], lambda each: each)


_CONTENT = f"{API}/content/<int:page_id>"
_CALLS = (
    ("GET", f"{API}/space/<key>", _get_space),
    ("GET", f"{API}/content", _list_pages),
    ("POST", f"{API}/content", _create_page),
    ("GET", f"{API}/content/search", _search),
    ("GET", _CONTENT, _get_page),
    ("PUT", _CONTENT, _update_page),
    ("GET", f"{_CONTENT}/child/page", _list_children),
    ("GET", f"{_CONTENT}/child/attachment", _list_files),
    ("GET", f"{_CONTENT}/child/comment", _list_comments),
)


def build_datacenter_rules() -> list[Rule]:
    """Return the routes of Data Center."""
    return [Rule(path, methods=[method], endpoint=handler) for method, path, handler in _CALLS]
