"""Calls that only Cloud has: folders and content states, with the requests that its documents describe."""

import json
from urllib.parse import parse_qs, urlsplit

import pytest

from generator.confluence.rest import Wiki
from generator.confluence.wiki import (
    Descendant,
    Flavour,
    NotFound,
    NotOffered,
    ParentKind,
    Property,
    Refused,
    Status,
)
from tests.confluence.rest.test_transport import Canned, build_response, connect_wiki

NO_PAGE = build_response({"errors": [{"status": 404, "code": "NOT_FOUND", "title": "Not Found"}]}, 404)
FOLDER = {
    "id": "12",
    "type": "folder",
    "status": "current",
    "title": "Machine learning",
    "spaceId": "7",
    "parentId": None,
    "position": 3,
    "version": {"number": 1},
    "_links": {"webui": "/spaces/BOOK/folder/12", "base": "https://acme.atlassian.net/wiki"},
}
HELD = {"id": "5", "key": "modelbook", "value": {"book": "b"}, "version": {"number": 1}}


def list_requests(adapter: Canned) -> list[str]:
    return [f"{each.method} {urlsplit(each.url or '').path}" for each in adapter.requests]


def test_a_folder_can_be_the_parent_of_a_book() -> None:
    adapter = Canned(NO_PAGE, build_response(FOLDER))
    found = connect_wiki(adapter).parent("12")
    assert (found.id, found.kind, found.title, found.space_id) == ("12", ParentKind.FOLDER, "Machine learning", "7")
    assert (found.status, found.url) == (Status.CURRENT, "https://acme.atlassian.net/wiki/spaces/BOOK/folder/12")
    assert list_requests(adapter) == ["GET /wiki/api/v2/pages/12", "GET /wiki/api/v2/folders/12"]


def test_neither_a_page_nor_a_folder_is_not_found() -> None:
    with pytest.raises(NotFound) as raised:
        connect_wiki(Canned(NO_PAGE, NO_PAGE)).parent("12")
    assert raised.value.content_id == "12"


def test_a_folder_has_properties() -> None:
    adapter = Canned(
        build_response({"results": [HELD], "_links": {}}),
        build_response(HELD),
        build_response({**HELD, "value": 2, "version": {"number": 2}}),
        (204, {}, b""),
    )
    wiki = connect_wiki(adapter)
    (held,) = wiki.properties("12", kind=ParentKind.FOLDER)
    assert held == Property("5", "modelbook", {"book": "b"}, 1)
    assert wiki.create_property("12", "modelbook", {"book": "b"}, kind=ParentKind.FOLDER) == held
    assert wiki.update_property("12", held, 2, kind=ParentKind.FOLDER).version == 2
    wiki.delete_property("12", held, kind=ParentKind.FOLDER)
    path = "/wiki/api/v2/folders/12/properties"
    assert list_requests(adapter) == [f"GET {path}", f"POST {path}", f"PUT {path}/5", f"DELETE {path}/5"]


def test_descendants_of_a_folder_include_folders_in_it() -> None:
    below = [
        {"id": "13", "status": "current", "title": "Old", "type": "folder", "parentId": "12", "depth": 1},
        {"id": "14", "status": "archived", "title": "RYL", "type": "page", "parentId": "13", "depth": 2},
    ]
    adapter = Canned(build_response({"results": below, "_links": {}}))
    assert connect_wiki(adapter).descendants("12", kind=ParentKind.FOLDER) == (
        Descendant("13", "folder", "Old", Status.CURRENT, "12"),
        Descendant("14", "page", "RYL", Status.ARCHIVED, "13"),
    )
    assert list_requests(adapter) == ["GET /wiki/api/v2/folders/12/descendants"]
    assert parse_qs(urlsplit(adapter.requests[0].url or "").query) == {"depth": ["10"], "limit": ["250"]}


def test_content_below_the_tenth_level_is_fetched_from_there() -> None:
    deepest = {"id": "20", "status": "current", "title": "Deep", "type": "whiteboard", "parentId": "19", "depth": 10}
    beyond = {"id": "21", "status": "current", "title": "Deeper", "type": "page", "parentId": "20", "depth": 1}
    adapter = Canned(
        build_response({"results": [deepest], "_links": {}}), build_response({"results": [beyond], "_links": {}})
    )
    assert [one.id for one in connect_wiki(adapter).descendants("9")] == ["20", "21"]
    assert list_requests(adapter)[1] == "GET /wiki/api/v2/whiteboards/20/descendants"


def test_a_content_state_is_set_and_removed_once() -> None:
    state = {"contentState": {"id": 7, "name": "Deprecated", "color": "#ffc400"}, "lastUpdated": ""}
    none = {"contentState": None, "lastUpdated": ""}
    adapter = Canned(*[build_response(one) for one in (state, state, none, none)])
    wiki = connect_wiki(adapter)
    wiki.set_content_state("9", "Deprecated", "#ffc400")
    assert wiki.content_state("9") == "Deprecated"
    wiki.set_content_state("9", "", "#ffc400")
    assert wiki.content_state("9") is None
    path = "/wiki/rest/api/content/9/state"
    assert list_requests(adapter) == [f"{method} {path}" for method in ("PUT", "GET", "DELETE", "GET")]
    assert {urlsplit(each.url or "").query for each in adapter.requests} == {"status=current"}
    body = adapter.requests[0].body
    assert body
    assert json.loads(body) == {"name": "Deprecated", "color": "#ffc400"}


def test_a_space_without_custom_states_refuses_one() -> None:
    adapter = Canned(build_response({"message": "type of state desired is not allowed"}, 400))
    with pytest.raises(Refused) as raised:
        connect_wiki(adapter).set_content_state("9", "Deprecated", "#ffc400")
    assert (raised.value.content_id, raised.value.status) == ("9", 400)


@pytest.fixture
def datacenter() -> Wiki:
    return connect_wiki(Canned(), Flavour.DATACENTER)


def test_data_center_has_neither_folders_nor_states(datacenter: Wiki) -> None:
    assert datacenter.content_state("9") is None
    for call in (
        lambda: datacenter.set_content_state("9", "Deprecated", "#ffc400"),
        lambda: datacenter.set_content_state("9", "", "#ffc400"),
        lambda: datacenter.properties("9", kind=ParentKind.FOLDER),
        lambda: datacenter.create_property("9", "modelbook", 1, kind=ParentKind.FOLDER),
    ):
        with pytest.raises(NotOffered):
            call()
