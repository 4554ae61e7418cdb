"""Requests to Cloud and responses of the demo server, compared with facts from Atlassian's documents of July 2026.

https://developer.atlassian.com/cloud/confluence/rest/v2/intro/ and v1: for each call that the client makes, its query
parameters, its body, the status of its success, and the parts of its response that the client reads. What real sites do
although the documents do not have it is marked.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from jsonschema import Draft202012Validator

from generator.confluence.demo import DemoServer
from generator.confluence.rest import Wiki, connect
from generator.confluence.wiki import Flavour, NewPage, PageUpdate, ParentKind, Place, Property, Upload
from tests.confluence.conftest import access_to
from tests.confluence.demo.server import VariantServer
from tests.confluence.rest.test_cloud_calls import FOLDER, HELD, NO_PAGE
from tests.confluence.rest.test_transport import Canned, build_response, connect_wiki
from tests.confluence.transport import InMemory

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
BOOLEAN: Schema = {"type": "boolean"}
LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": 250}


def choice(*words: str) -> Schema:
    return {"enum": list(words)}


def listed(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def record(optional: Schema | None = None, /, **required: Schema) -> Schema:
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def closed(schema: Schema) -> Schema:
    """Return the schema of a body without unknown keys."""
    return {**schema, "additionalProperties": False}


def included(schema: Schema) -> Schema:
    """Return the schema of a list that a parameter such as `include-labels` adds, of at most 50 results."""
    return record({"meta": record({"hasMore": BOOLEAN})}, results={**listed(schema), "maxItems": 50})


def or_null(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def results(item: Schema) -> Schema:
    return record(results=listed(item), _links=record({"next": TEXT, "base": TEXT}))


STATUS = choice("current", "draft", "archived", "historical", "trashed", "deleted", "any")
VERSION = record({"message": TEXT, "createdAt": TEXT, "minorEdit": BOOLEAN, "authorId": TEXT}, number=NUMBER)
PAGE = record(
    # Real sites answer null for the parent of a page at the top.
    {"parentId": or_null(TEXT), "position": or_null(NUMBER), "body": record({"storage": record(value=TEXT)})},
    id=TEXT,
    status=STATUS,
    title=TEXT,
    spaceId=TEXT,
    version=VERSION,
    _links=record(webui=TEXT),
)
DESCENDANT = {"id": TEXT, "status": choice("current", "archived"), "title": TEXT, "type": TEXT}
POSITION = {"childPosition": or_null(NUMBER)}
PROPERTY = record(id=TEXT, key=TEXT, value={}, version=VERSION)
BODY = closed(record(representation=choice("storage"), value=TEXT))
STATE = record(contentState=or_null(record(id=NUMBER, name=TEXT, color=TEXT)))
USER = record({"accountId": TEXT, "displayName": TEXT}, type=choice("known", "unknown", "anonymous", "user"))
LABEL = record(prefix=TEXT, name=TEXT, id=TEXT)
FILE_V1 = record(id=TEXT, title=TEXT, type=TEXT, status=TEXT, version=record(number=NUMBER))
PAGES_QUERY = {"status": listed(choice("current", "archived", "deleted", "trashed")), "title": TEXT, "cursor": TEXT}
PAGES_QUERY |= {"limit": LIMIT, "body-format": choice("storage", "atlas_doc_format")}
PROPERTY_UPDATE = closed(record(key=TEXT, value={}, version=closed(record({"message": TEXT}, number=NUMBER))))


@dataclass(frozen=True)
class Call:
    """A documented call."""

    query: Schema = field(default_factory=dict)
    body: Schema | None = None
    status: int = 200
    answer: Schema | None = None
    needs: tuple[str, ...] = ()
    """Query parameters that are required."""


def describe_properties(content: str) -> dict[str, Call]:
    path = f"/wiki/api/v2/{content}/[0-9]+/properties"
    query = {"key": TEXT, "sort": TEXT, "cursor": TEXT, "limit": LIMIT}
    return {
        f"GET {path}": Call(query, answer=results(PROPERTY)),
        f"POST {path}": Call(body=closed(record(key=TEXT, value={})), answer=PROPERTY),
        f"PUT {path}/[0-9]+": Call(body=PROPERTY_UPDATE, answer=PROPERTY),
        f"DELETE {path}/[0-9]+": Call(status=204),
    }


CALLS: dict[str, Call] = {
    "GET /wiki/api/v2/spaces": Call(
        {"ids": listed(NUMBER), "keys": listed(TEXT), "cursor": TEXT, "limit": LIMIT},
        answer=results(record({"homepageId": or_null(TEXT)}, id=TEXT, key=TEXT, name=TEXT)),
    ),
    "GET /wiki/api/v2/spaces/[0-9]+/operations": Call(
        answer=record(operations=listed(record(operation=TEXT, targetType=TEXT)))
    ),
    "GET /wiki/api/v2/pages": Call(
        {
            **PAGES_QUERY,
            "id": {**listed(NUMBER), "maxItems": 250},
            "space-id": {**listed(NUMBER), "maxItems": 100},
        },
        answer=results(PAGE),
    ),
    "POST /wiki/api/v2/pages": Call(
        {"private": BOOLEAN, "root-level": BOOLEAN},
        closed(record({"parentId": TEXT, "status": choice("current", "draft")}, spaceId=TEXT, title=TEXT, body=BODY)),
        answer=PAGE,
    ),
    "GET /wiki/api/v2/pages/[0-9]+": Call(
        {
            "body-format": choice("storage", "atlas_doc_format", "view"),
            "status": listed(choice("current", "archived", "trashed", "deleted", "historical", "draft")),
            "version": NUMBER,
            "include-labels": BOOLEAN,
            "include-properties": BOOLEAN,
        },
        answer={
            **PAGE,
            "properties": {**PAGE["properties"], "labels": included(LABEL), "properties": included(PROPERTY)},
        },
    ),
    "PUT /wiki/api/v2/pages/[0-9]+": Call(
        body=closed(
            record(
                {"parentId": TEXT},
                id=TEXT,
                status=choice("current", "draft"),
                title=TEXT,
                body=BODY,
                # `minorEdit` is in no document; released clients send it, and real sites apply it.
                version=closed(record({"message": TEXT, "minorEdit": BOOLEAN}, number=NUMBER)),
            )
        ),
        answer=PAGE,
    ),
    "DELETE /wiki/api/v2/pages/[0-9]+": Call({"purge": BOOLEAN}, status=204),
    "GET /wiki/api/v2/(pages|folders)/[0-9]+/direct-children": Call(
        {"cursor": TEXT, "limit": LIMIT, "sort": TEXT}, answer=results(record(POSITION, **DESCENDANT))
    ),
    "GET /wiki/api/v2/(pages|folders|whiteboards|databases|embeds)/[0-9]+/descendants": Call(
        {"limit": LIMIT, "depth": {"type": "integer", "minimum": 1, "maximum": 10}, "cursor": TEXT},
        answer=results(record(POSITION, **DESCENDANT, parentId=TEXT, depth=NUMBER)),
    ),
    "GET /wiki/api/v2/folders/[0-9]+": Call(answer=record(**DESCENDANT, spaceId=TEXT)),
    "GET /wiki/api/v2/pages/[0-9]+/labels": Call(
        {"prefix": choice("my", "team", "global", "system"), "cursor": TEXT, "limit": LIMIT}, answer=results(LABEL)
    ),
    **describe_properties("pages"),
    **describe_properties("folders"),
    "GET /wiki/api/v2/pages/[0-9]+/attachments": Call(
        {"status": listed(choice("current", "archived", "trashed")), "filename": TEXT, "cursor": TEXT, "limit": LIMIT},
        answer=results(
            record(
                {"comment": TEXT, "mediaType": TEXT},
                id={"type": "string", "pattern": "^att[0-9]+$"},
                title=TEXT,
                pageId=TEXT,
                fileSize=NUMBER,
                version=VERSION,
            )
        ),
    ),
    "DELETE /wiki/api/v2/attachments/att[0-9]+": Call({"purge": BOOLEAN}, status=204),
    "GET /wiki/api/v2/pages/[0-9]+/inline-comments": Call(
        {"body-format": choice("storage", "atlas_doc_format"), "cursor": TEXT, "limit": LIMIT},
        answer=results(
            record(
                id=TEXT,
                pageId=TEXT,
                resolutionStatus=choice("open", "reopened", "resolved", "dangling"),
                properties=record(inlineMarkerRef=TEXT, inlineOriginalSelection=TEXT),
            )
        ),
    ),
    "GET /wiki/rest/api/user/current": Call({"expand": TEXT}, answer=USER),
    "GET /wiki/rest/api/user": Call({"accountId": TEXT}, answer=USER, needs=("accountId",)),
    "PUT /wiki/rest/api/content/[0-9]+/move/(before|after|append)/[0-9]+": Call(answer=record(pageId=TEXT)),
    "POST /wiki/rest/api/content/[0-9]+/label": Call(
        body=listed(closed(record(prefix=TEXT, name=TEXT))), answer=record(results=listed(LABEL), size=NUMBER)
    ),
    "DELETE /wiki/rest/api/content/[0-9]+/label": Call({"name": TEXT}, status=204, needs=("name",)),
    "POST /wiki/rest/api/content/[0-9]+/child/attachment": Call(answer=record(results=listed(FILE_V1))),
    "POST /wiki/rest/api/content/[0-9]+/child/attachment/att[0-9]+/data": Call(answer=FILE_V1),
    "POST /wiki/rest/api/content/archive": Call(
        body=closed(record(pages=listed(closed(record(id=NUMBER))))),
        status=202,
        answer=record(id=TEXT, links=record({"status": TEXT})),
    ),
    "GET /wiki/rest/api/longtask/[^/]+": Call(
        answer=record(
            id=TEXT,
            name=record(key=TEXT, args=listed({})),
            elapsedTime=NUMBER,
            percentageComplete=NUMBER,
            successful=BOOLEAN,
            finished=BOOLEAN,
            messages=listed(record({"translation": TEXT}, args=listed({}))),
        )
    ),
    "GET /wiki/rest/api/content/[0-9]+/state": Call({"status": choice("current", "draft", "archived")}, answer=STATE),
    "PUT /wiki/rest/api/content/[0-9]+/state": Call(
        {"status": choice("current", "draft")},
        closed(record(name={"type": "string", "maxLength": 20}, color={"type": "string", "pattern": "^#[0-9a-f]{6}$"})),
        answer=STATE,
        needs=("status",),
    ),
    "DELETE /wiki/rest/api/content/[0-9]+/state": Call({"status": TEXT}, answer=STATE),
}


class Recorder(InMemory):
    """A transport that keeps the responses."""

    def __init__(self, demo: DemoServer) -> None:
        super().__init__(demo)
        self.seen: list[requests.Response] = []

    def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
        response = super().send(request, *args, **named)
        self.seen.append(response)
        return response


def call_all_methods(wiki: Wiki) -> None:
    """Call every method of the client that the demo server serves."""
    space = wiki.space("BOOK")
    wiki.operations(space)
    wiki.account_name(wiki.account().id)
    top = wiki.create_page(NewPage(space, "Top", "<p>x</p>"))
    page = wiki.create_page(NewPage(space, "Model", "<p>x</p>", top.id))
    other = wiki.create_page(NewPage(space, "Other", "<p>x</p>", top.id))
    wiki.update_page(PageUpdate(page.id, "Model", "<p>y</p>", 2, "changed", parent_id=space.homepage_id))
    wiki.update_page(PageUpdate(page.id, "Model", "<p>z</p>", 3))
    wiki.page(page.id, body=True)
    wiki.page(page.id, body=True, version=1)
    wiki.pages([page.id, top.id])
    wiki.pages([page.id, top.id], body=True)
    wiki.page_titled(space, "Model, and more")
    list(wiki.pages_in_space(space))
    held = wiki.create_property(page.id, "modelbook", {"ref": "model:ryl"})
    held = wiki.update_property(page.id, held, {"ref": "model:tpfy"})
    wiki.properties(page.id)
    wiki.delete_property(page.id, held)
    wiki.add_labels(page.id, ["a", "b"])
    wiki.remove_label(page.id, "a")
    wiki.labels(page.id)
    wiki.page_records([page.id, top.id], "modelbook")
    file = wiki.create_attachment(page.id, Upload("a.png", b"x", "image/png", "digest"))
    wiki.update_attachment(page.id, file.id, Upload("a.png", b"y", "image/png", "digest", minor=False))
    wiki.attachments(page.id)
    wiki.delete_attachment(file.id)
    wiki.inline_comments(page.id)
    wiki.move_page(page.id, Place.AFTER, other.id)
    wiki.children(top.id)
    wiki.parent(top.id)
    wiki.descendants(top.id)
    wiki.archive_pages([other.id])()
    wiki.trash_page(page.id)


@pytest.fixture(scope="module")
def seen() -> list[requests.Response]:
    demo = VariantServer(Flavour.CLOUD)
    recorder = Recorder(demo)
    wiki = connect(access_to(demo, "http://localhost/wiki"), adapter=recorder)
    call_all_methods(wiki)
    demo.close()
    return recorder.seen


def find_call(request: requests.PreparedRequest) -> Call:
    line = f"{request.method} {urlsplit(request.url or '').path}"
    fitting = [call for pattern, call in CALLS.items() if re.fullmatch(pattern, line)]
    assert len(fitting) == 1, f"{line} is in no document"
    return fitting[0]


def convert_text(schema: Schema, text: str) -> Any:
    """Convert the text of a query parameter to the type of its schema."""
    if schema.get("type") == "array":
        return [convert_text(schema["items"], part) for part in text.split(",")]
    if schema.get("type") == "integer":
        return int(text)
    return text == "true" if schema.get("type") == "boolean" else text


def check_request(request: requests.PreparedRequest) -> None:
    """Fail if a request has a parameter or a body that is not in the documents."""
    call = find_call(request)
    query = dict(parse_qsl(urlsplit(request.url or "").query))
    assert set(query) <= set(call.query), f"{request.method} {request.url}"
    assert set(call.needs) <= set(query), f"{request.method} {request.url}"
    for name, text in query.items():
        Draft202012Validator(call.query[name]).validate(convert_text(call.query[name], text))
    if "json" in request.headers.get("Content-Type", "") and request.body:
        assert call.body is not None, f"{request.method} {request.url} takes no body"
        Draft202012Validator(call.body).validate(json.loads(request.body))
    else:
        assert call.body is None, f"{request.method} {request.url} needs a body"


def test_every_request_is_documented(seen: list[requests.Response]) -> None:
    for response in seen:
        check_request(response.request)
    assert len({id(find_call(response.request)) for response in seen}) >= 26


def test_requests_about_folders_and_states_are_documented() -> None:
    state = build_response({"contentState": None})
    below = build_response({"results": [], "_links": {}})
    replies = [NO_PAGE, build_response(FOLDER), below, below, *[build_response(HELD)] * 2, (204, {}, b""), *[state] * 3]
    adapter = Canned(*replies)
    wiki = connect_wiki(adapter)
    kind = wiki.parent("12").kind
    wiki.descendants("12", kind=kind)
    wiki.properties("12", kind=kind)
    held: Property = wiki.create_property("12", "modelbook", 1, kind=ParentKind.FOLDER)
    wiki.update_property("12", held, 2, kind=kind)
    wiki.delete_property("12", held, kind=kind)
    wiki.set_content_state("9", "Review overdue", "#ffc400")
    wiki.content_state("9")
    wiki.set_content_state("9", "", "#ffc400")
    assert adapter.answers == []
    for request in adapter.requests:
        check_request(request)


def test_uploads_are_forms_with_known_fields(seen: list[requests.Response]) -> None:
    uploads = [one.request for one in seen if "multipart" in one.request.headers.get("Content-Type", "")]
    assert len(uploads) == 2
    for request in uploads:
        assert isinstance(request.body, bytes)
        sent = {name.decode() for name in re.findall(rb'form-data; name="([^"]+)"', request.body)}
        assert sent == {"file", "comment", "minorEdit"}
        assert request.headers["X-Atlassian-Token"] == "no-check"


def test_every_response_of_the_demo_server_is_as_documented(seen: list[requests.Response]) -> None:
    for response in seen:
        call = find_call(response.request)
        assert response.status_code == call.status, f"{response.request.method} {response.request.url}"
        if call.answer is not None:
            Draft202012Validator(call.answer).validate(response.json())
