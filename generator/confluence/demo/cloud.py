"""The API of Cloud: v2, and the calls of v1 that Cloud still has.

https://developer.atlassian.com/cloud/confluence/rest/v2/ and https://developer.atlassian.com/cloud/confluence/rest/v1/
"""

import re
from dataclasses import replace
from functools import partial
from uuid import NAMESPACE_URL, uuid5

from generator.confluence.demo import api, view
from generator.confluence.demo.api import LIMIT, V2, Answer, Call, Json, Route, pick, pick_draft, reply
from generator.confluence.demo.storage import Refusal
from generator.confluence.demo.world import FOLDER, PAGE, Content, File, Space, Version
from generator.confluence.wiki import Status

V1 = "/wiki/rest/api"
DEPTH, ARCHIVE_LIMIT = 10, 300
"""The greatest depth of descendants, and pages in one request to archive them."""
OPERATIONS = (
    *("read space", "create page", "archive page", "delete page"),
    *("create attachment", "delete attachment", "create comment"),
)
_LISTED = (Status.CURRENT, Status.ARCHIVED)


def _check_format(call: Call) -> bool:
    """Return whether the request asks for bodies."""
    if call.get("body-format") not in ("", "storage"):
        raise Refusal(400, f"the demo server has bodies as storage, not as {call.get('body-format')}")
    return bool(call.get("body-format"))


def _read_statuses(call: Call, default: tuple[Status, ...]) -> tuple[Status, ...]:
    names = call.get_list("status")
    if not set(names) <= set(Status):
        raise Refusal(400, f"unknown status {' '.join(names)}")
    return tuple(map(Status, names)) or default


def _to_version(number: int, made: Version | File, message: str = "", minor: bool = False) -> Json:
    texts = {"message": message, "authorId": made.author, "createdAt": made.when}
    return {"number": number, "minorEdit": minor, **texts}


def _to_content(call: Call, content: Content, *, body: bool = False, single: bool = False) -> Json:
    space, parent = call.session.space(content.space_id), call.session.world.contents.get(content.parent_id or 0)
    first, version = content.versions[0], content.current
    links = {"webui": f"/spaces/{space.key}/{'folder' if content.kind == FOLDER else 'pages'}/{content.id}"}
    answer: Json = {
        "id": str(content.id),
        "status": content.status.value,
        "title": version.title,
        "spaceId": str(space.id),
        "parentId": str(parent.id) if parent else None,
        "parentType": parent.kind if parent else None,
        "position": content.position,
        "authorId": first.author,
        "ownerId": first.author,
        "createdAt": first.when,
        "version": _to_version(version.number, version, version.message, version.minor),
        "_links": {**links, "base": call.base} if single else links,
    }
    if content.kind == FOLDER:
        return {**answer, "type": FOLDER}
    return {**answer, "body": {"storage": {"representation": "storage", "value": version.body}} if body else {}}


def _to_child(content: Content) -> Json:
    facts = {"id": str(content.id), "status": content.status.value, "title": content.title, "type": content.kind}
    return {**facts, "spaceId": str(content.space_id), "childPosition": content.position}


def _to_file(_: Call, page: Content, file: File) -> Json:
    download = f"/download/attachments/{page.id}/{file.name}"
    webui = f"/pages/viewpageattachments.action?pageId={page.id}"
    return {
        "id": f"att{file.id}",
        "status": "current",
        "title": file.name,
        "createdAt": file.when,
        "pageId": str(page.id),
        "mediaType": file.media_type,
        "mediaTypeDescription": "",
        "comment": file.comment,
        "fileId": f"file-{file.id}",
        "fileSize": len(file.content),
        "webuiLink": webui,
        "downloadLink": download,
        "version": _to_version(file.version, file, file.comment),
        "_links": {"download": download, "webui": webui},
    }


def _list_spaces(call: Call) -> Answer:
    def to_json(space: Space) -> Json:
        facts = {"id": str(space.id), "key": space.key, "name": space.name, "type": "global", "status": "current"}
        home = None if space.homepage_id is None else str(space.homepage_id)
        return {**facts, "homepageId": home, "_links": {"webui": f"/spaces/{space.key}"}}

    asked = (*call.get_list("keys"), *call.get_list("ids"))
    found = [each for each in call.session.list_spaces() if not asked or {each.key, str(each.id)} & {*asked}]
    return call.part(found, to_json)


def _list_operations(call: Call, space_id: int) -> Answer:
    call.session.space(space_id)
    names = (operation.split() for operation in OPERATIONS)
    return {"operations": [{"operation": verb, "targetType": target} for verb, target in names]}


def _list_pages(call: Call) -> Answer:
    ids, spaces, body = call.get_list("id"), call.get_list("space-id"), _check_format(call)
    if len(ids) > LIMIT:  # v2 document, GET /pages: maxItems 250
        raise Refusal(400, f"id takes at most {LIMIT} ids")
    pages = call.session.list_pages(*_read_statuses(call, _LISTED), title=call.get("title"))
    named = [page for page in pages if not ids or str(page.id) in ids]
    found = [page for page in named if not spaces or str(page.space_id) in spaces]
    return call.part(found, lambda page: _to_content(call, page, body=body))


def _get_page(call: Call, page_id: int) -> Answer:
    page = call.page(page_id, *(() if call.get("version") else _read_statuses(call, ())))
    answer = _to_content(call, call.pick_version(page), body=_check_format(call), single=True)
    # v2 document, GET /pages/{id}: included lists have at most 50 results.
    included = {
        "labels": [api.to_label(name, number) for name, number in sorted(page.labels.items())],
        "properties": [api.to_property(each) for _, each in sorted(page.properties.items())],
    }
    for name, values in included.items():
        if call.get(f"include-{name}") == "true":
            answer[name] = {"results": values[:50], "meta": {"hasMore": len(values) > 50}, "_links": {}}
    return answer


def _create_content(call: Call, kind: str = PAGE) -> Answer:
    """Create a page or a folder, below the home page unless the request names a parent."""
    values, at_root = call.read_object("spaceId"), call.get("root-level") == "true"
    space, parent = call.session.space(values["spaceId"]), values.get("parentId")
    if at_root and parent is not None:  # v2 document, POST /pages, `root-level`
        raise Refusal(400, "parentId may not be supplied with root-level")
    if values.get("status", "current") != "current":
        raise Refusal(400, "the demo server has no drafts")
    draft = pick_draft(values) if kind == PAGE else Version(pick(values, "title", str))
    made = call.session.create(kind, space, parent or (None if at_root else space.homepage_id), draft)
    return _to_content(call, made, body=True, single=True)


def _update_page(call: Call, page_id: int) -> Answer:
    values = call.read_object("id", "status", "title", "body", "version")  # v2 document, PageUpdateRequest
    page = call.page(page_id, Status.CURRENT, Status.TRASHED)
    if values["status"] != "current":
        raise Refusal(400, "the demo server has no drafts")
    if str(values["id"]) != str(page_id):
        raise Refusal(400, "the id in the body is the id of another page")
    if str(values.get("spaceId", page.space_id)) != str(page.space_id):
        raise Refusal(400, "a page cannot be moved to a different space")
    draft = pick_draft(values)
    call.session.update(page, values["version"].get("number"), values.get("parentId"), draft)
    return _to_content(call, page, body=True, single=True)


def _get_folder(call: Call, folder_id: int) -> Answer:
    return _to_content(call, call.session.find(folder_id, kind=FOLDER), single=True)


def _list_children(call: Call, kind: str, content_id: int) -> Answer:
    parent = call.session.find(content_id, kind=kind.removesuffix("s"))
    return call.part(call.session.list_children(parent.id, parent.space_id), _to_child)


def _list_descendants(call: Call, kind: str, content_id: int) -> Answer:
    depth = call.get_number("depth", 2)
    if not 1 <= depth <= DEPTH:  # v2 document, GET /pages/{id}/descendants: default 2, maximum 10
        raise Refusal(400, f"depth must be between 1 and {DEPTH}")
    found = call.session.list_descendants(call.session.find(content_id, kind=kind.removesuffix("s")), depth)
    return call.part(found, lambda each: {**_to_child(each[1]), "parentId": str(each[1].parent_id), "depth": each[0]})


def _get_state(call: Call, page_id: int) -> Answer:
    page = call.page(page_id, *_LISTED)
    return {"contentState": page.state, "lastUpdated": page.current.when}


def _change_state(call: Call, page_id: int) -> Answer:
    """Set the content state, or remove it with DELETE; both create a version with the same text."""
    page, state = call.page(page_id, Status.CURRENT), None
    if call.request.method == "PUT":
        values = call.read_object()
        name, color = pick(values, "name", str), pick(values, "color", str)
        # v1 document, PUT …/state: `status` is required, a name has at most 20 characters, a color 6 hexadecimal digits
        if call.get("status") != "current" or not 1 <= len(name) <= 20 or not re.fullmatch(r"#[0-9A-Fa-f]{6}", color):
            raise Refusal(400, "Invalid status, name or color of the content state")
        state = {"id": call.session.world.new_id(), "name": name, "color": color}
    last, session = page.current, call.session
    version = replace(last, number=last.number + 1, author=session.person.id, when=session.now)
    session.world.add_version(page, version)
    page.state = state
    return _get_state(call, page_id)


def _archive(call: Call) -> Answer:
    ids = [pick(page, "id", int) for page in pick(call.read_object(), "pages", list)]
    if not 0 < len(ids) <= ARCHIVE_LIMIT:
        raise Refusal(400, f"pages must list 1 to {ARCHIVE_LIMIT} objects")
    try:
        pages = [call.page(each, Status.CURRENT) for each in ids]
    except Refusal as refusal:  # v1 document, POST content/archive, 400: no pages, or archived already
        raise Refusal(400, refusal.text) from None
    for page in pages:
        call.session.leave(page, Status.ARCHIVED)
    task = str(uuid5(NAMESPACE_URL, f"task/{call.session.world.new_id()}"))
    call.session.world.tasks[task] = 0
    return reply({"id": task, "links": {"status": f"{call.base}/rest/api/longtask/{task}"}}, 202)


def _get_task(call: Call, task_id: str) -> Answer:
    """Return the state of a task, which is finished when it is asked for the second time."""
    tasks = call.session.world.tasks
    if task_id not in tasks:
        raise Refusal(404, f"No long task with id {task_id}")
    finished = tasks[task_id] > 0
    tasks[task_id] += 1
    return {
        "id": task_id,
        "name": {"key": "archive", "args": []},
        "elapsedTime": 10,
        "percentageComplete": 100 if finished else 50,
        "successful": finished,
        "finished": finished,
        "messages": [{"translation": "pages archived", "args": []}] if finished else [],
    }


_KIND = f"{V2}/<any(pages,folders):kind>/<int:content_id>"
_PAGE = f"{V2}/pages/<int:page_id>"
_CONTENT = f"{V1}/content/<int:page_id>"
ROUTES: tuple[Route, ...] = (
    ("GET", f"{V2}/spaces", _list_spaces),
    ("GET", f"{V2}/spaces/<int:space_id>/operations", _list_operations),
    ("GET", f"{V2}/pages", _list_pages),
    ("POST", f"{V2}/pages", _create_content),
    ("GET", _PAGE, _get_page),
    ("PUT", _PAGE, _update_page),
    ("DELETE", f"{V2}/<any(pages,attachments):kind>/<content_id>", api.delete_content),
    ("POST", f"{V2}/folders", partial(_create_content, kind=FOLDER)),
    ("GET", f"{V2}/folders/<int:folder_id>", _get_folder),
    ("GET", f"{_KIND}/direct-children", _list_children),
    ("GET", f"{_KIND}/descendants", _list_descendants),
    ("GET", f"{_KIND}/properties", api.list_properties),
    ("POST", f"{_KIND}/properties", api.create_property),
    ("PUT DELETE", f"{_KIND}/properties/<key>", api.change_property),
    ("GET", f"{_PAGE}/labels", api.list_labels),
    ("GET", f"{_PAGE}/attachments", partial(api.list_files, to_json=_to_file)),
    *api.list_shared_routes(V1),
    ("PUT", f"{_CONTENT}/child/attachment", api.save_file),
    ("GET", f"{_CONTENT}/state", _get_state),
    ("PUT DELETE", f"{_CONTENT}/state", _change_state),
    ("POST", f"{V1}/content/archive", _archive),
    ("GET", f"{V1}/longtask/<task_id>", _get_task),
    ("GET", "/", view.show_spaces),
    ("GET", "/wiki", view.show_spaces),
    ("GET", "/wiki/spaces", view.show_spaces),
    ("GET", "/wiki/spaces/<key>", view.show_space),
    ("GET", "/wiki/spaces/<key>/<any(pages,folder):kind>/<int:page_id>", view.show_page),
    ("GET", "/wiki/download/attachments/<int:page_id>/<name>", view.download),
)
