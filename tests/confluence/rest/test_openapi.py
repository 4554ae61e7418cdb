"""Requests to Cloud and responses of the demo server, compared with the documents of Atlassian.

The documents may not be shipped, so they lie beside the project; where they are missing the tests say so.
Their known faults are mended in `_mended`, each with what real sites do.
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from generator.confluence.demo import DemoServer
from generator.confluence.rest import connect
from generator.confluence.wiki import Flavour, NewPage, PageUpdate, Place, Upload, Wiki
from tests.confluence.conftest import access_to
from tests.confluence.transport import InMemory

FOLDER = Path(__file__).parents[3].parent / "shared" / "confluence-api"
NULL_IN_ANSWERS = ("parentId", "parentType", "ownerId", "spaceOwnerId", "lastOwnerId", "homepageId")

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the OpenAPI documents are not beside the project: requests were NOT checked"
)


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
    """Call every method of the protocol."""
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
    held = wiki.create_property(page.id, "modelbook", {"ref": "model:ryl"})
    held = wiki.update_property(page.id, held, {"ref": "model:tpfy"})
    list(wiki.pages_with_property(space, "modelbook"))
    wiki.properties(page.id)
    wiki.delete_property(page.id, held)
    wiki.add_labels(page.id, ["a", "b"])
    wiki.remove_label(page.id, "a")
    wiki.labels(page.id)
    file = wiki.create_attachment(page.id, Upload("a.png", b"x", "image/png", "digest"))
    wiki.update_attachment(page.id, file.id, Upload("a.png", b"y", "image/png", "digest", minor=False))
    wiki.attachments(page.id)
    wiki.delete_attachment(file.id)
    wiki.inline_comments(page.id)
    wiki.move_page(page.id, Place.AFTER, other.id)
    wiki.children(top.id)
    wiki.task(wiki.archive_pages([other.id]).id)
    wiki.trash_page(page.id)
    wiki.purge_page(page.id)


@pytest.fixture(scope="module")
def seen() -> list[requests.Response]:
    demo = DemoServer(Flavour.CLOUD)
    recorder = Recorder(demo)
    wiki = connect(access_to(demo, "http://localhost/wiki"), adapter=recorder)
    call_all_methods(wiki)
    demo.close()
    return recorder.seen


@cache
def document(version: str) -> Any:
    return _fix_document(json.loads((FOLDER / f"confluence-v{version}.json").read_text(encoding="utf-8")))


def _fix_document(node: Any, name: str = "") -> Any:
    """Return the document as JSON Schema, with its known errors fixed."""
    if isinstance(node, list):
        return [_fix_document(one) for one in node]
    if not isinstance(node, dict):
        return node
    mended = {
        key: _fix_document(value, key)
        for key, value in node.items()
        if key not in ("example", "items" * (name == "sort"))
    }
    if "oneOf" in mended:  # both branches of a body match what every site takes
        mended["anyOf"] = mended.pop("oneOf")
    if isinstance(mended.get("required"), list):  # uploads work without minorEdit, labels without prefix
        mended["required"] = [one for one in mended["required"] if one not in ("minorEdit", "prefix")]
    if mended.pop("nullable", False) is True or name in NULL_IN_ANSWERS:
        mended = {"anyOf": [mended, {"type": "null"}]}
    return mended


def list_operations() -> Iterator[tuple[str, str, str, re.Pattern[str]]]:
    """List the version, method, path and path pattern of every documented operation."""
    for version, prefix in (("2", "/wiki/api/v2"), ("1", "")):
        for path, item in document(version)["paths"].items():
            pattern = re.compile(re.sub(r"\\\{[^/]+\\\}", "([^/]+)", re.escape(prefix + path)) + r"\Z")
            for method in item:
                yield version, method, path, pattern


def find_operation(request: requests.PreparedRequest) -> tuple[str, str, str]:
    path = urlsplit(request.url or "").path
    fitting = [
        (version, method, written)
        for version, method, written, pattern in list_operations()
        if method == (request.method or "").lower() and pattern.match(path)
    ]
    assert fitting, f"{request.method} {path} is in no document"
    return min(fitting, key=lambda one: one[2].count("{"))


def list_schema_errors(version: str, pointer: str, value: Any) -> list[str]:
    registry = Registry().with_resource("urn:document", DRAFT202012.create_resource(document(version)))
    validator = Draft202012Validator({"$ref": f"urn:document#{pointer}"}, registry=registry)
    return [f"{'/'.join(map(str, one.path))}: {one.message[:200]}" for one in validator.iter_errors(value)]


def build_pointer(path: str, *steps: str) -> str:
    parts = ("paths", path, *steps)
    return "/" + "/".join(
        part.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for part in parts
    )


def test_every_call_and_its_parameters_are_documented(seen: list[requests.Response]) -> None:
    for response in seen:
        version, method, path = find_operation(response.request)
        item = document(version)["paths"][path][method]
        listed = item.get("parameters", [])
        known = {one["name"]: number for number, one in enumerate(listed) if one.get("in") == "query"}
        for name, text in parse_qsl(urlsplit(response.request.url or "").query):
            assert name in known, f"{method} {path} takes no parameter {name}"
            pointer = build_pointer(path, method, "parameters", str(known[name]), "schema")
            value = _convert_text(listed[known[name]]["schema"], text)
            assert not list_schema_errors(version, pointer, value), f"{method} {path}: {name}={text}"


def _convert_text(schema: Any, text: str) -> Any:
    """Convert the text of a query parameter to the type of its schema."""
    if schema.get("type") == "array":
        return [_convert_text(schema.get("items", {}), part) for part in text.split(",")]
    if schema.get("type") == "integer":
        return int(text)
    return text == "true" if schema.get("type") == "boolean" else text


def test_every_json_body_matches_its_schema(seen: list[requests.Response]) -> None:
    checked = 0
    for response in seen:
        request = response.request
        if not request.body or "json" not in request.headers.get("Content-Type", ""):
            continue
        version, method, path = find_operation(request)
        held = document(version)["paths"][path][method]["requestBody"]
        pointer = held["$ref"].removeprefix("#") if "$ref" in held else build_pointer(path, method, "requestBody")
        pointer += build_pointer("content", "application/json", "schema").removeprefix("/paths")
        assert not list_schema_errors(version, pointer, json.loads(request.body)), f"{method} {path}"
        checked += 1
    assert checked >= 8


def test_uploads_are_forms_with_known_fields(seen: list[requests.Response]) -> None:
    uploads = [one.request for one in seen if "multipart" in one.request.headers.get("Content-Type", "")]
    assert len(uploads) == 2
    for request in uploads:
        version, method, path = find_operation(request)
        form = document(version)["paths"][path][method]["requestBody"]["content"]["multipart/form-data"]["schema"]
        assert isinstance(request.body, bytes)
        sent = {name.decode() for name in re.findall(rb'form-data; name="([^"]+)"', request.body)}
        assert sent == set(form["properties"])
        assert request.headers["X-Atlassian-Token"] == "no-check"


def test_every_response_of_the_demo_server_matches_its_schema(seen: list[requests.Response]) -> None:
    checked = 0
    for response in seen:
        version, method, path = find_operation(response.request)
        answers = document(version)["paths"][path][method]["responses"]
        assert str(response.status_code) in answers, f"{method} {path} does not answer {response.status_code}"
        if "application/json" in answers[str(response.status_code)].get("content", {}):
            steps = ("responses", str(response.status_code), "content", "application/json", "schema")
            assert not list_schema_errors(version, build_pointer(path, method, *steps), response.json()), (
                f"{method} {path}"
            )
            checked += 1
    assert checked >= 20
