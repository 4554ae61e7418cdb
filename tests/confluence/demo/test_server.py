"""The demo server apart from the API: accounts, faults, controls, its file and its port."""

import base64
import http.client
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from generator.confluence.demo import DemoPerson, DemoServer, Fault, FaultKind, serve
from generator.confluence.demo.world import File
from generator.confluence.wiki import Flavour
from generator.errors import UserError
from tests.confluence.demo.client import Client
from tests.confluence.demo.server import VariantServer, count_notifications


@pytest.fixture
def client(demo: DemoServer) -> Client:
    return Client(demo)


@pytest.mark.parametrize(
    "header",
    ["", "Bearer wrong", "Basic !!", "Basic " + base64.b64encode(b"admin@example.com:wrong").decode(), "Bearer "],
)
def test_wrong_credentials_are_refused_in_the_form_of_the_flavour(client: Client, header: str) -> None:
    status, _, headers = client.ask("GET", f"{client.v1}/user/current", Authorization=header)
    assert status == 401
    assert ("html" in headers["Content-Type"]) is not client.cloud


def test_a_user_of_data_center_has_a_name_and_one_of_cloud_an_address(client: Client) -> None:
    for user in ("admin", "admin@example.com"):
        header = "Basic " + base64.b64encode(f"{user}:admin".encode()).decode()
        status = client.ask("GET", f"{client.v1}/user/current", Authorization=header)[0]
        assert (status == 200) is (client.cloud == ("@" in user))


def test_another_account_works_through_the_same_api(client: Client) -> None:
    ada = DemoPerson("ada", "Ada", "ada@example.com", "secret")
    client.demo.world.people[ada.id] = ada
    page = client.page()
    assert Client(client.demo, ada).update_page(page, 2)[0] == 200
    assert client.demo.world.contents[int(page)].current.author == "ada"


def test_a_hidden_page_is_not_found(client: Client) -> None:
    page = client.page()
    assert isinstance(client.demo, VariantServer)
    client.demo.readers[int(page)] = {"ada"}
    assert client.update_page(page, 2)[0] == 404


def test_a_web_page_cannot_reach_the_server_under_another_name(demo: DemoServer) -> None:
    with serve(demo) as address:
        host = address.site.removeprefix("http://").partition("/")[0]
        for name, expected in (("evil.example.com", 400), (host, 200), (f"localhost:{host.split(':')[1]}", 200)):
            connection = http.client.HTTPConnection(host, timeout=5)
            connection.request("GET", "/", headers={"Host": name})
            assert connection.getresponse().status == expected
            connection.close()


def test_a_control_needs_json(client: Client) -> None:
    assert client.ask("PUT", "/_demo/faults", [], **{"Content-Type": "text/plain"})[0] == 415


@pytest.mark.parametrize("prefix", ["/_demo", "/_standin"])
def test_faults_are_set_and_requests_listed_from_outside(client: Client, prefix: str) -> None:
    path = f"{client.v1}/user/current"
    assert client.ask("PUT", f"{prefix}/faults", [{"kind": "server-error", "first": 2}])[0] == 200
    assert [client.ask("GET", path)[0] for _ in range(3)] == [200, 500, 200]
    said = client.get(f"{prefix}/requests")
    assert said["count"] == 3
    assert said["requests"][1] == {"method": "GET", "path": path, "status": 500, "fault": "server-error"}
    client.ask("DELETE", f"{prefix}/requests")
    assert client.get(f"{prefix}/requests")["count"] == 0


def test_an_invalid_fault_is_reported(client: Client) -> None:
    status, said, _ = client.ask("PUT", "/_demo/faults", [{"kind": "sloow"}])
    assert status == 400
    assert "kind" in str(said)


def test_a_rate_limit_has_the_headers_of_the_flavour(client: Client) -> None:
    client.demo.inject([Fault(FaultKind.RATE_LIMITED, seconds=30)])
    status, _, headers = client.ask("GET", f"{client.v1}/user/current")
    assert (status, headers["Retry-After"], headers["X-RateLimit-Remaining"]) == (429, "30", "0")
    names = {"X-RateLimit-Reset", "RateLimit-Reason"} if client.cloud else {"X-RateLimit-Interval-Seconds"}
    assert names <= set(headers.keys())


def test_a_page_can_be_too_new_for_a_property(client: Client) -> None:
    path = client.properties(client.page())
    client.demo.inject([Fault(FaultKind.UNSETTLED, "POST", "*/propert*")])
    assert client.ask("POST", path, {"key": "modelbook", "value": 1})[0] == 409
    assert client.get(path)["results"] == []
    assert client.ask("POST", path, {"key": "modelbook", "value": 1})[0] == 200


def test_a_login_page_is_a_web_page_with_200(client: Client) -> None:
    client.demo.inject([Fault(FaultKind.LOGIN_PAGE)])
    status, text, headers = client.ask("GET", f"{client.v1}/user/current")
    assert (status, headers["Content-Type"]) == (200, "text/html")
    assert "Log in" in text


def test_a_file_survives_a_restart(flavour: Flavour, tmp_path: Path) -> None:
    file = tmp_path / "wiki.json"
    first = DemoServer(flavour, file=file)
    page = Client(first).page()
    first.world.contents[int(page)].files["a.png"] = File(1, "a.png", "image/png", "", b"\x00\xff", "admin", "")
    first.close()
    second = DemoServer(flavour, file=file)
    assert Client(second).read_page(page)["title"] == "Model"
    assert second.world == first.world
    assert Client(second).page("Other") != page


def test_a_file_of_the_other_flavour_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "wiki.json"
    DemoServer(Flavour.CLOUD, file=file).close()
    with pytest.raises(UserError, match="has the flavour cloud"):
        DemoServer(Flavour.DATACENTER, file=file)


def test_a_file_of_an_earlier_version_is_refused_with_what_to_do(tmp_path: Path) -> None:
    """Earlier versions wrote a database of SQLite."""
    file = tmp_path / "wiki.db"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE pages (id INTEGER PRIMARY KEY)")
    connection.close()
    with pytest.raises(UserError, match=r"is from an earlier version: delete it, .* and publish again"):
        DemoServer(Flavour.CLOUD, file=file)


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("These are my notes.\n")
    with pytest.raises(UserError, match="is not a file of the demo server"):
        DemoServer(Flavour.CLOUD, file=tmp_path / "notes.txt")


def test_a_refused_request_changes_nothing(client: Client) -> None:
    page = client.page()
    before = json.dumps(client.read_page(page))
    mails = count_notifications(client.demo)
    assert client.create_page(body="<p>")[0] == 400
    assert client.update_page(page, 2, body="<p>")[0] == 400
    assert client.update_page(page, 2, title="x" * 256)[0] == 400
    assert json.dumps(client.read_page(page)) == before
    assert count_notifications(client.demo) == mails


def test_of_many_updates_at_once_one_wins(client: Client) -> None:
    page = client.page()
    with ThreadPoolExecutor(8) as pool:
        statuses = list(pool.map(lambda _: client.update_page(page, 2)[0], range(16)))
    assert sorted(statuses) == [200, *[409] * 15]


def test_a_busy_port_is_reported(demo: DemoServer) -> None:
    with serve(demo) as address:
        port = int(address.site.removeprefix("http://").partition("/")[0].split(":")[1])
        with pytest.raises(UserError, match=f"cannot use port {port}"), serve(demo, port):
            pass
