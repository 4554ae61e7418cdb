"""The stand-in's own ways: what it quotes, what it keeps, what it lets nobody do."""

import base64
import http.client
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from generator.confluence.rest import connect
from generator.confluence.standin import ADMIN, Fault, InMemory, Mishap, Standin, serve
from generator.confluence.standin.messages import Request
from generator.confluence.wiki import Flavour, NewPage, PageUpdate, Space, VersionConflict, Wiki
from generator.errors import UserError
from tests.confluence.conftest import access_to, context_of, fill

BASIC = "Basic " + base64.b64encode(f"{ADMIN.email}:{ADMIN.token}".encode()).decode()
JSON = {"Content-Type": "application/json", "Authorization": BASIC, "Host": "localhost"}


@pytest.fixture
def cloud() -> Iterator[Standin]:
    made = Standin(Flavour.CLOUD)
    yield made
    made.close()


@pytest.fixture
def datacenter() -> Iterator[Standin]:
    made = Standin(Flavour.DATACENTER)
    yield made
    made.close()


def ask(standin: Standin, method: str, target: str, data: Any = None, **headers: str) -> tuple[int, Any, Any]:
    """Status, JSON and headers of one request."""
    body = b"" if data is None else json.dumps(data).encode()
    reply = standin.exchange(Request.of(method, target, {**JSON, **headers}, body)).reply
    assert reply is not None
    is_json = "json" in reply.headers.get("Content-Type", "")
    return reply.status, json.loads(reply.body) if is_json and reply.body else reply.body.decode(), reply.headers


def test_a_slash_at_the_end_makes_no_difference(cloud):
    space = ask(cloud, "GET", "/wiki/api/v2/spaces/")[1]["results"][0]
    body = {"representation": "storage", "value": ""}
    page = {"spaceId": space["id"], "status": "current", "title": "A", "parentId": space["homepageId"], "body": body}
    status, made, _ = ask(cloud, "POST", "/wiki/api/v2/pages/", page)
    assert (status, made["title"]) == (200, "A")
    assert ask(cloud, "POST", f"/wiki/api/v2/pages/{made['id']}")[0] == 405


def wiki_of(standin: Standin) -> tuple[Wiki, Space]:
    wiki = connect(access_to(standin, f"http://localhost{context_of(standin.flavour)}"), adapter=InMemory(standin))
    return wiki, wiki.space("BOOK")


def page_in(standin: Standin, title: str = "Model") -> str:
    wiki, space = wiki_of(standin)
    return wiki.create_page(NewPage(space, title, "<p>x</p>", space.homepage_id)).id


class TestWords:
    """The bodies that publishers have learned to read."""

    def test_a_conflict_on_cloud(self, cloud: Standin) -> None:
        page = page_in(cloud)
        data = {
            "id": page,
            "status": "current",
            "title": "Model",
            "version": {"number": 7},
            "body": {"representation": "storage", "value": "<p/>"},
        }
        assert ask(cloud, "PUT", f"/wiki/api/v2/pages/{page}", data)[:2] == (
            409,
            {
                "errors": [
                    {
                        "code": "CONFLICT",
                        "title": "Version must be incremented when updating a page. Current Version: [1]."
                        " Provided version: [7]",
                    }
                ]
            },
        )

    def test_a_title_that_is_taken_on_cloud(self, cloud: Standin) -> None:
        page_in(cloud)
        space = ask(cloud, "GET", "/wiki/api/v2/spaces?keys=BOOK")[1]["results"][0]
        data = {"spaceId": space["id"], "title": "MODEL", "body": {"representation": "storage", "value": ""}}
        status, said, _ = ask(cloud, "POST", "/wiki/api/v2/pages", data)
        assert status == 400
        assert said["errors"][0]["title"] == (
            "A page with this title already exists: A page already exists with the same TITLE in this space"
        )

    def test_nothing_there_on_cloud(self, cloud: Standin) -> None:
        error = {"status": 404, "code": "NOT_FOUND", "title": "Not Found", "detail": None}
        assert ask(cloud, "GET", "/wiki/api/v2/pages/1")[:2] == (404, {"errors": [error]})

    def test_a_body_that_cannot_be_read_on_data_center(self, datacenter: Standin) -> None:
        data = {
            "type": "page",
            "title": "Model",
            "space": {"key": "BOOK"},
            "body": {"storage": {"representation": "storage", "value": "<p>x</br></p>"}},
        }
        status, said, _ = ask(datacenter, "POST", "/rest/api/content", data)
        assert (status, said["statusCode"], said["reason"]) == (400, 400, "Bad Request")
        assert said["message"].startswith("Error parsing xhtml: ")
        assert "[row,col {unknown-source}]: [1," in said["message"]

    def test_a_title_that_is_taken_on_data_center(self, datacenter: Standin) -> None:
        page_in(datacenter)
        data = {
            "type": "page",
            "title": "Model",
            "space": {"key": "BOOK"},
            "body": {"storage": {"representation": "storage", "value": ""}},
        }
        status, said, _ = ask(datacenter, "POST", "/rest/api/content", data)
        assert status == 400
        assert said["message"] == "A page already exists with the title Model in the space with key BOOK"

    @pytest.mark.parametrize(
        ("method", "path"),
        [("GET", "content"), ("POST", "content"), ("PUT", "content/1"), ("GET", "content/1/property")],
    )
    def test_what_cloud_has_taken_away(self, cloud: Standin, method: str, path: str) -> None:
        status, said, _ = ask(cloud, method, f"/wiki/rest/api/{path}")
        assert status == 410
        assert "GoneException: This deprecated endpoint has been removed" in said["message"]

    def test_data_center_takes_no_put_for_files(self, datacenter: Standin) -> None:
        assert ask(datacenter, "PUT", "/rest/api/content/1/child/attachment")[0] == 405

    def test_an_upload_needs_the_header_against_forgery(self, flavour: Flavour, standin: Standin) -> None:
        page, api = page_in(standin), f"{context_of(flavour)}/rest/api"
        path = f"{api}/content/{page}/child/attachment"
        assert ask(standin, "POST", path)[0] == 403
        old = ask(standin, "POST", path, **{"X-Atlassian-Token": "nocheck"})[0]
        assert (old == 403) is (flavour is Flavour.DATACENTER)
        assert ask(standin, "POST", path, **{"X-Atlassian-Token": "no-check"})[0] != 403

    def test_a_property_key_that_exists_on_data_center(self, datacenter: Standin) -> None:
        path, data = f"/rest/api/content/{page_in(datacenter)}/property", {"key": "modelbook", "value": 1}
        assert ask(datacenter, "POST", path, data)[0] == 200
        status, said, _ = ask(datacenter, "POST", path, data)
        assert status == 400
        assert "the content already has a value with the given key" in said["message"]

    def test_the_limit_in_cloud_s_headers(self, cloud: Standin) -> None:
        cloud.faults.replace([Fault(Mishap.RATE_LIMITED, seconds=30)])
        status, _, headers = ask(cloud, "GET", "/wiki/api/v2/spaces")
        assert status == 429
        assert headers["Retry-After"] == "30"
        assert headers["X-RateLimit-NearLimit"] == "true"
        assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Reason"} <= set(headers)

    def test_a_page_too_new_for_a_property_in_the_flavours_words(self, flavour: Flavour, standin: Standin) -> None:
        page, cloud = page_in(standin), flavour is Flavour.CLOUD
        api = f"/wiki/api/v2/pages/{page}/properties" if cloud else f"/rest/api/content/{page}/property"
        standin.faults.replace([Fault(Mishap.UNSETTLED, "POST", "*/propert*")])
        status, said, _ = ask(standin, "POST", api, {"key": "modelbook", "value": 1})
        assert status == 409
        if cloud:
            assert said["errors"] == [{"status": 409, "code": "CONFLICT", "title": "Conflict", "detail": None}]
        else:
            assert (said["message"], said["reason"]) == ("Conflict", "Conflict")
        assert ask(standin, "GET", api)[1]["results"] == []
        assert ask(standin, "POST", api, {"key": "modelbook", "value": 1})[0] == 200

    def test_the_limit_in_data_centers_headers(self, datacenter: Standin) -> None:
        datacenter.faults.replace([Fault(Mishap.RATE_LIMITED, seconds=30)])
        status, _, headers = ask(datacenter, "GET", "/rest/api/content")
        assert status == 429
        assert headers["X-RateLimit-Interval-Seconds"] == headers["Retry-After"] == "30"
        assert {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-FillRate"} <= set(headers)


class TestLists:
    def test_cloud_gives_a_cursor_in_link_and_body(self, cloud: Standin) -> None:
        _, space = wiki_of(cloud)
        fill(cloud, str(space.homepage_id), 30)
        status, said, headers = ask(cloud, "GET", f"/wiki/api/v2/spaces/{space.id}/pages?limit=20")
        assert (status, len(said["results"])) == (200, 20)
        following = said["_links"]["next"]
        assert headers["Link"] == f'<{following}>; rel="next"'
        assert following.startswith("/wiki/api/v2/spaces/")
        rest = ask(cloud, "GET", following)[1]
        assert len(rest["results"]) == 11
        assert "next" not in rest["_links"]

    @pytest.mark.parametrize("query", ["limit=251", "limit=0", "limit=x", "cursor=bogus", "status=gone"])
    def test_cloud_refuses_what_its_document_does_not_know(self, cloud: Standin, query: str) -> None:
        assert ask(cloud, "GET", f"/wiki/api/v2/pages?{query}")[0] == 400

    def test_cloud_takes_250_ids(self, cloud: Standin) -> None:
        ids = ",".join(str(number) for number in range(251))
        assert ask(cloud, "GET", f"/wiki/api/v2/pages?limit=250&id={ids}")[0] == 400

    def test_data_center_lowers_a_limit(self, datacenter: Standin) -> None:
        _, space = wiki_of(datacenter)
        fill(datacenter, str(space.homepage_id), 120)
        said = ask(datacenter, "GET", "/rest/api/content?spaceKey=BOOK&limit=500")[1]
        assert (said["limit"], said["size"]) == (100, 100)
        said = ask(datacenter, "GET", "/rest/api/content?spaceKey=BOOK&limit=500&expand=body.storage")[1]
        assert said["limit"] == 50
        assert "start=50" in said["_links"]["next"]

    def test_data_center_gives_only_what_was_expanded(self, datacenter: Standin) -> None:
        page_in(datacenter)
        (bare, *_) = ask(datacenter, "GET", "/rest/api/content?spaceKey=BOOK")[1]["results"]
        assert not {"version", "ancestors", "space", "body"} & set(bare)


class TestWhoMayAsk:
    @pytest.mark.parametrize(
        "header",
        ["", "Bearer wrong", "Basic !!", "Basic " + base64.b64encode(b"admin@example.com:wrong").decode(), "Bearer "],
    )
    def test_wrong_credentials_are_told_in_the_flavours_way(self, standin: Standin, header: str) -> None:
        path = f"{context_of(standin.flavour)}/rest/api/user/current"
        status, _, headers = ask(standin, "GET", path, Authorization=header)
        assert status == 401
        assert ("html" in headers["Content-Type"]) == (standin.flavour is Flavour.DATACENTER)

    def test_a_page_from_elsewhere_cannot_reach_it_under_another_name(self, standin: Standin) -> None:
        with serve(standin) as address:
            host = address.site.removeprefix("http://").partition("/")[0]
            for name, expected in (("evil.example.com", 421), (host, 200), (f"localhost:{host.split(':')[1]}", 200)):
                connection = http.client.HTTPConnection(host, timeout=5)
                connection.request("GET", "/", headers={"Host": name})
                assert connection.getresponse().status == expected
                connection.close()

    def test_the_levers_need_json(self, standin: Standin) -> None:
        status, *_ = ask(standin, "PUT", "/_standin/faults", [], **{"Content-Type": "text/plain"})
        assert status == 415


class TestLevers:
    def test_faults_are_set_and_requests_counted_from_outside(self, standin: Standin) -> None:
        api = f"{context_of(standin.flavour)}/rest/api/user/current"
        assert ask(standin, "PUT", "/_standin/faults", [{"mishap": "server-error", "first": 2}])[0] == 200
        assert [ask(standin, "GET", api)[0] for _ in range(3)] == [200, 500, 200]
        said = ask(standin, "GET", "/_standin/requests")[1]
        assert said["count"] == 3
        assert said["requests"][1] == {"method": "GET", "path": api, "status": 500, "mishap": "server-error"}
        ask(standin, "DELETE", "/_standin/requests")
        assert ask(standin, "GET", "/_standin/requests")[1]["count"] == 0

    def test_a_wrong_fault_is_told(self, standin: Standin) -> None:
        status, said, _ = ask(standin, "PUT", "/_standin/faults", [{"mishap": "sloow"}])
        assert status == 400
        assert "slow" in said["message"]

    def test_somebody_else_can_be_let_in(self, standin: Standin) -> None:
        person = {"id": "g", "name": "G", "email": "g@example.com", "token": "g", "may": [["BOOK", "read"]]}
        assert ask(standin, "POST", "/_standin/people", person)[0] == 200
        path = f"{context_of(standin.flavour)}/rest/api/user/current"
        assert ask(standin, "GET", path, Authorization="Bearer g")[1]["displayName"] == "G"
        assert ask(standin, "POST", "/_standin/people", {"id": "x"})[0] == 400

    def test_mail_is_listed(self, standin: Standin) -> None:
        page = page_in(standin)
        said = ask(standin, "GET", "/_standin/notifications")[1]
        assert said["notifications"] == [{"page": page, "what": "created"}]


class TestKeeping:
    def test_a_file_survives_a_restart(self, flavour: Flavour, tmp_path: Path) -> None:
        file = str(tmp_path / "wiki.sqlite")
        first = Standin(flavour, file=file)
        page = page_in(first)
        first.close()
        second = Standin(flavour, file=file)
        assert wiki_of(second)[0].page(page).title == "Model"
        assert page_in(second, "Other") != page
        second.close()

    def test_a_file_of_the_other_flavour_is_not_taken(self, tmp_path: Path) -> None:
        file = str(tmp_path / "wiki.sqlite")
        Standin(Flavour.CLOUD, file=file).close()
        with pytest.raises(UserError, match="flavour cloud"):
            Standin(Flavour.DATACENTER, file=file)

    def test_any_other_file_is_not_taken(self, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("These are my notes, and they are longer than a header.\n" * 20)
        with pytest.raises(UserError, match="no stand-in's file"):
            Standin(Flavour.CLOUD, file=str(tmp_path / "notes.txt"))

    def test_a_refused_request_leaves_nothing_behind(self, standin: Standin) -> None:
        wiki, space = wiki_of(standin)
        before = len(list(wiki.pages_in_space(space)))
        with pytest.raises(Exception, match="xhtml"):
            wiki.create_page(NewPage(space, "Model", "<p>", space.homepage_id))
        assert len(list(wiki.pages_in_space(space))) == before
        assert standin.notifications == 0

    def test_of_many_updates_at_once_one_wins(self, standin: Standin) -> None:
        page = page_in(standin)
        wiki, _ = wiki_of(standin)

        def write(number: int) -> bool:
            try:
                wiki.update_page(PageUpdate(page, "Model", f"<p>{number}</p>", 2))
            except VersionConflict:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(write, range(16))) == 1
        assert wiki.page(page).version.number == 2

    def test_a_busy_port_is_told(self, standin: Standin) -> None:
        with serve(standin) as address:
            port = int(address.site.removeprefix("http://").partition("/")[0].split(":")[1])
            with pytest.raises(UserError, match=f"port {port}"), serve(standin, port):
                pass


@pytest.mark.parametrize(
    ("method", "path", "data"),
    [
        ("POST", "/wiki/api/v2/pages", {"spaceId": "1"}),
        ("POST", "/wiki/api/v2/pages", []),
        ("PUT", "/wiki/api/v2/pages/1", {"id": "1", "version": 3}),
        ("POST", "/wiki/api/v2/inline-comments", {}),
        ("POST", "/wiki/rest/api/content/archive", {"pages": [{"id": "x"}]}),
        ("POST", "/wiki/rest/api/content/1/label", [{}]),
        ("GET", "/wiki/api/v2/nowhere", None),
        ("DELETE", "/wiki/api/v2/spaces", None),
        ("GET", "/wiki/spaces/NONE", None),
        ("GET", "/wiki/spaces/BOOK/pages/x", None),
    ],
)
def test_what_makes_no_sense_is_refused_and_breaks_nothing(cloud: Standin, method: str, path: str, data: Any) -> None:
    assert 400 <= ask(cloud, method, path, data)[0] < 500
