"""The API of Data Center, which has v1 only.

https://developer.atlassian.com/server/confluence/confluence-server-rest-api/
"""

import re
from collections.abc import Callable
from functools import partial

from generator.confluence.demo import api, view
from generator.confluence.demo.api import Answer, Call, Json, Route, pick, pick_draft, to_user
from generator.confluence.demo.storage import Refusal
from generator.confluence.demo.world import PAGE, Content
from generator.confluence.wiki import Status

API = "/rest/api"
OPERATIONS = ("read", "update", "delete")


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
        texts = {"message": version.message, "when": version.when, "by": to_user(call, version.author)}
        answer["version"] = {"number": version.number, "minorEdit": version.minor, **texts}
    if "ancestors" in expand:
        answer["ancestors"] = [
            {"id": str(each.id), "type": PAGE, "title": each.title} for each in session.list_ancestors(page)
        ]
    if "space" in expand:
        answer["space"] = {"id": space.id, "key": space.key}
    if "body.storage" in expand:
        answer["body"] = {"storage": {"value": version.body, "representation": "storage"}}
    metadata: Json = {}
    if "metadata.labels" in expand:
        metadata["labels"] = {"results": [api.to_label(*one) for one in sorted(page.labels.items())]}
    keys = {name.removeprefix("metadata.properties.") for name in expand if name.startswith("metadata.properties.")}
    if keys:
        metadata["properties"] = {key: api.to_property(page.properties[key]) for key in keys & page.properties.keys()}
    if metadata:
        answer["metadata"] = metadata
    if "operations" in expand:
        answer["operations"] = [{"operation": verb, "targetType": PAGE} for verb in OPERATIONS]
    return answer


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
    found, session = call.session.list_pages(Status.CURRENT), call.session
    for condition in re.split(r"\s+and\s+", call.get("cql").strip(), flags=re.IGNORECASE):
        parsed = re.fullmatch(r"(id|ancestor|space|type)\s*(?:=|in)\s*\(?([\w\s,\"']+)\)?", condition)
        if parsed is None:
            raise Refusal(400, f"Could not parse cql : {call.get('cql')}")
        fields: dict[str, Callable[[Content], set[str]]] = {
            "id": lambda page: {str(page.id)},
            "ancestor": lambda page: {str(each.id) for each in session.list_ancestors(page)},
            "space": lambda page: {session.space(page.space_id).key},
            "type": lambda page: {page.kind},
        }
        get_values, wanted = fields[parsed[1]], {value.strip(" \"'") for value in parsed[2].split(",")}
        found = [page for page in found if wanted & get_values(page)]
    return call.part(found, lambda page: _to_page(call, page))


def _get_page(call: Call, page_id: int) -> Answer:
    """Return a page; one in the trash or an old version only if `status` asks for it."""
    status = call.get("status", "current")
    if status not in ("any", *Status):
        raise Refusal(400, f"unknown status {status}")
    page = call.page(page_id, *(() if status == "any" or call.get("version") else (Status(status),)))
    return _to_page(call, call.pick_version(page), single=True)


def _create_page(call: Call) -> Answer:
    values = call.read_object("type", "title", "space", "body")
    space, parent = call.session.space(pick(values["space"], "key", str)), _read_parent(values)
    return _to_page(call, call.session.create(PAGE, space, parent, pick_draft(values)), single=True)


def _update_page(call: Call, page_id: int) -> Answer:
    values = call.read_object("type", "title", "body", "version")
    page, draft = call.page(page_id, Status.CURRENT, Status.TRASHED), pick_draft(values)
    call.session.update(page, values["version"].get("number"), _read_parent(values), draft)
    return _to_page(call, page, single=True)


def _read_parent(values: Json) -> object:
    """Return the last of the ancestors, which is the parent."""
    if values["type"] != PAGE:
        raise Refusal(400, "type must be page")
    above = pick(values, "ancestors", list) if values.get("ancestors") else [{"id": None}]
    return pick(above[-1], "id", object)


def _list_children(call: Call, page_id: int) -> Answer:
    page = call.page(page_id)
    return call.part(call.session.list_children(page.id, page.space_id), lambda child: _to_page(call, child))


_CONTENT = f"{API}/content/<int:page_id>"
_PROPERTIES = f"{API}/content/<int:content_id>/property"
ROUTES: tuple[Route, ...] = (
    *api.list_shared_routes(API),
    ("GET", f"{API}/space/<key>", _get_space),
    ("GET", f"{API}/content", _list_pages),
    ("POST", f"{API}/content", _create_page),
    ("GET", f"{API}/content/search", _search),
    ("GET", _CONTENT, _get_page),
    ("PUT", _CONTENT, _update_page),
    ("DELETE", f"{API}/content/<content_id>", api.delete_content),
    ("GET", f"{_CONTENT}/label", api.list_labels),
    ("GET", _PROPERTIES, api.list_properties),
    ("POST", _PROPERTIES, api.create_property),
    ("PUT DELETE", f"{_PROPERTIES}/<key>", api.change_property),
    ("GET", f"{_CONTENT}/child/page", _list_children),
    ("GET", f"{_CONTENT}/child/attachment", partial(api.list_files, to_json=api.to_file)),
    ("GET", "/", view.show_spaces),
    ("GET", "/display/<key>", view.show_space),
    ("GET", "/pages/viewpage.action", view.show_page),
    ("GET", "/download/attachments/<int:page_id>/<name>", view.download),
)
