"""Requests, unexpected responses, and texts that never contain the token."""

import base64
import io
import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from generator.confluence.demo import DemoServer, Fault, FaultKind
from generator.confluence.rest import RequestAttempt, Wiki, WikiCredentials, connect
from generator.confluence.wiki import (
    Flavour,
    LostAnswer,
    NewPage,
    NotOffered,
    PageUpdate,
    Place,
    Refused,
    Unauthorized,
    Upload,
    WikiProblem,
)
from tests.confluence.conftest import access_to, context_of, fill
from tests.confluence.demo.server import count_requests
from tests.confluence.rest.test_rate_limit import FakeTime
from tests.confluence.transport import InMemory

SECRET = "t0ken-that-nobody-may-see"
SPACE: dict[str, Any] = {"id": "7", "key": "BOOK", "name": "Book", "homepageId": "8", "homepage": {"id": "8"}}


class Canned(BaseAdapter):
    """A transport with prepared responses that keeps the requests."""

    def __init__(self, *answers: tuple[int, Mapping[str, str], bytes] | Exception) -> None:
        super().__init__()
        self.answers = list(answers)
        self.requests: list[requests.PreparedRequest] = []

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        self.requests.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, headers, body = answer
        raw = HTTPResponse(io.BytesIO(body), headers=dict(headers), status=status, preload_content=False)
        return requests.adapters.HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        """Do nothing, because no connection is open."""


def build_response(data: Any, status: int = 200, **headers: str) -> tuple[int, Mapping[str, str], bytes]:
    return status, {"Content-Type": "application/json", **headers}, json.dumps(data).encode()


def connect_wiki(adapter: BaseAdapter, flavour: Flavour = Flavour.CLOUD, user: str = "a@b.c") -> Wiki:
    base = "https://wiki.example.com" + context_of(flavour)
    access = WikiCredentials(base, flavour, user, SECRET)
    return connect(access, adapter=adapter, clock=FakeTime().clock())


def test_a_user_with_a_token_is_basic_and_a_token_alone_is_a_bearer() -> None:
    basic, bearer = Canned(build_response({"accountId": "1"})), Canned(build_response({"userKey": "1"}))
    connect_wiki(basic).account()
    connect_wiki(bearer, Flavour.DATACENTER, user="").account()
    expected = base64.b64encode(f"a@b.c:{SECRET}".encode()).decode()
    assert basic.requests[0].headers["Authorization"] == f"Basic {expected}"
    assert bearer.requests[0].headers["Authorization"] == f"Bearer {SECRET}"


def test_a_response_that_is_not_of_confluence_is_refused() -> None:
    with pytest.raises(Refused, match="unexpected response"):
        connect_wiki(Canned(build_response({"results": 1}))).space("BOOK")


def test_an_unexpected_response_to_a_write_is_a_lost_answer() -> None:
    adapter = Canned(build_response({"results": [SPACE]}), build_response({"surprise": True}))
    wiki = connect_wiki(adapter)
    with pytest.raises(LostAnswer):
        wiki.create_page(NewPage(wiki.space("BOOK"), "Model", "<p/>"))
    assert len(adapter.requests) == 2


def test_the_next_part_is_fetched_from_the_configured_address() -> None:
    """Check that the token is not sent to the classic host, which the link of the gateway contains."""
    page = {"id": "9", "spaceId": "7", "title": "Model", "status": "current", "version": {"number": 1}}
    elsewhere = "https://acme.atlassian.net/wiki/api/v2/pages?cursor=abc%3D&limit=250"
    adapter = Canned(
        build_response({"results": [page], "_links": {"next": elsewhere}}),
        build_response({"results": [{**page, "id": "10"}], "_links": {}}),
    )
    assert set(connect_wiki(adapter).pages(["9", "10"])) == {"9", "10"}
    assert (adapter.requests[1].url or "").startswith("https://wiki.example.com/wiki/api/v2/pages?")
    assert "cursor=abc%3D" in (adapter.requests[1].url or "")


@pytest.mark.parametrize("flavour", list(Flavour))
def test_links_to_pages_start_with_the_address_in_the_answer(flavour: Flavour) -> None:
    # Behind the gateway the requests have another address than the pages.
    page: dict[str, Any] = {
        "id": "9",
        "spaceId": "7",
        "space": {"id": 7},
        "title": "Model",
        "status": "current",
        "version": {"number": 1},
        "_links": {"webui": "/spaces/BOOK/pages/9"},
    }
    base = {"base": "https://acme.atlassian.net/wiki"}
    adapter = Canned(
        build_response({**page, "_links": {**page["_links"], **base}}),
        build_response({"results": [page], "_links": base}),
        build_response(page),
    )
    wiki = connect_wiki(adapter, flavour)
    addresses = [wiki.page("9").url, wiki.pages(["9"])["9"].url, wiki.page("9").url]
    own = f"https://wiki.example.com{context_of(flavour)}"
    assert addresses == [f"{address}/spaces/BOOK/pages/9" for address in (base["base"], base["base"], own)]


def test_a_lowered_limit_of_data_center_is_followed() -> None:
    page = {
        "id": "9",
        "title": "Model",
        "status": "current",
        "space": {"id": 7},
        "version": {"number": 1},
        "extensions": {"position": "none"},
    }
    following = {"next": "/rest/api/content?start=2&limit=2"}
    adapter = Canned(
        build_response({**SPACE, "id": 7}),
        build_response({"results": [page, {**page, "id": "10"}], "limit": 2, "_links": following}),
        build_response({"results": [{**page, "id": "11"}], "limit": 2, "_links": {}}),
    )
    wiki = connect_wiki(adapter, Flavour.DATACENTER)
    assert [one.id for one in wiki.pages_in_space(wiki.space("BOOK"))] == ["9", "10", "11"]
    assert "start=2" in (adapter.requests[2].url or "")


def test_an_old_data_center_does_not_offer_moves() -> None:
    gone = build_response({"message": "null for uri: http://wiki/rest/api/content/1/move/before/2"}, 404)
    with pytest.raises(NotOffered):
        connect_wiki(Canned(gone), Flavour.DATACENTER).move_page("1", Place.BEFORE, "2")


def test_requests_to_this_machine_bypass_the_proxy(demo: DemoServer, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []

    class Watched(InMemory):
        def send(self, request: requests.PreparedRequest, *args: Any, **named: Any) -> requests.Response:
            seen.append(named.get("proxies"))
            return super().send(request, *args, **named)

    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    base = f"http://localhost{context_of(demo.flavour)}"
    connect(access_to(demo, base), adapter=Watched(demo)).account()
    assert not any(seen)


def test_the_message_of_the_server_is_shown(demo: DemoServer) -> None:
    base = f"http://localhost{context_of(demo.flavour)}"
    with pytest.raises(Unauthorized, match=r"/rest/api/user/current"):
        connect(access_to(demo, base, "wrong"), adapter=InMemory(demo)).account()


@pytest.mark.parametrize("flavour", [Flavour.CLOUD], ids=str)
def test_every_attempt_is_observed(demo: DemoServer) -> None:
    sent: list[RequestAttempt] = []
    demo.inject([Fault(FaultKind.SERVER_ERROR, count=1)])
    wiki = connect(
        access_to(demo, "http://localhost/wiki"),
        adapter=InMemory(demo),
        observer=sent.append,
        clock=FakeTime().clock(),
    )
    wiki.account()
    assert sent == [
        RequestAttempt("GET", "rest/api/user/current", 500),
        RequestAttempt("GET", "rest/api/user/current", 200),
    ]


class TestSecrets:
    """Texts after any error, none of which contains the token."""

    ECHO = build_response({"message": f"bad header Authorization: Bearer {SECRET}"}, 400)
    TROUBLES = (
        ECHO,
        build_response({"errors": [{"title": f"token {SECRET} has expired"}]}, 401),
        (403, {"Content-Type": "text/plain"}, b"Basic OUR-OWN"),
        (302, {"Location": f"https://login.example.org/{SECRET}"}, b""),
        requests.exceptions.InvalidHeader(f"Invalid header value: 'Bearer {SECRET}'"),
        requests.exceptions.ProxyError(f"http://user:{SECRET}@proxy"),
        requests.exceptions.ReadTimeout(SECRET),
    )

    @pytest.mark.parametrize("trouble", TROUBLES, ids=str)
    @pytest.mark.parametrize("user", ["", "a@b.c"])
    def test_errors_and_logs_contain_no_token(self, trouble: Any, user: str, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        basic = base64.b64encode(f"{user}:{SECRET}".encode())
        if isinstance(trouble, tuple):
            trouble = (*trouble[:2], trouble[2].replace(b"OUR-OWN", basic))
        wiki = connect_wiki(Canned(*[trouble] * 6), user=user)
        with pytest.raises(WikiProblem) as raised:
            wiki.update_page(PageUpdate("1", "Model", "<p/>", 2))
        shown = "".join(traceback.format_exception(raised.value, chain=True)) + repr(raised.value)
        hidden = (SECRET, basic.decode())
        assert not any(secret in text for secret in hidden for text in (shown, _join_log(caplog), repr(wiki)))
        assert raised.value.__context__ is None


def _join_log(caplog: pytest.LogCaptureFixture) -> str:
    return "\n".join(record.getMessage() for record in caplog.records)


@pytest.mark.parametrize("count", [10, 300, 2000])
def test_bulk_reads_stay_within_the_budget(flavour: Flavour, count: int) -> None:
    """Count the reads of an unchanged book: the space, its root, the manifest and the pages in bulk."""
    demo = DemoServer(flavour)
    sent: list[RequestAttempt] = []
    base = f"http://localhost{context_of(flavour)}"
    wiki = connect(access_to(demo, base), adapter=InMemory(demo), observer=sent.append)
    space = wiki.space("BOOK")
    root = wiki.create_page(NewPage(space, "Models", "<p>x</p>", space.homepage_id))
    for number in range(13):
        wiki.create_property(root.id, f"manifest.{number}", "x" * 32_000)
    made = fill(demo, root.id, count)
    sent.clear()
    found = wiki.page_titled(wiki.space("BOOK"), "Models")
    assert found is not None
    assert len(wiki.properties(found.id)) == 13
    assert len(wiki.pages(made)) == count
    assert len(sent) <= -(-count // flavour.bulk) + 5
    demo.close()


def test_a_first_publish_stays_within_the_budget(demo: DemoServer) -> None:
    """Count four requests for a page with ownership, labels and position, and one for a file."""
    sent: list[RequestAttempt] = []
    base = f"http://localhost{context_of(demo.flavour)}"
    wiki = connect(access_to(demo, base), adapter=InMemory(demo), observer=sent.append)
    space = wiki.space("BOOK")
    first = wiki.create_page(NewPage(space, "First", "<p>x</p>", space.homepage_id))
    sent.clear()
    page = wiki.create_page(NewPage(space, "Model", "<p>x</p>", space.homepage_id))
    wiki.create_property(page.id, "modelbook", {"ref": "model:ryl"})
    wiki.add_labels(page.id, ["model", "online"])
    wiki.move_page(page.id, Place.BEFORE, first.id)
    wiki.create_attachment(page.id, Upload("a.png", b"x", "image/png"))
    assert len(sent) == 5
    assert count_requests(demo, "POST") + count_requests(demo, "PUT") == 6


def test_an_error_with_an_unknown_format_has_its_text_as_message() -> None:
    errors = {"errors": ["odd", {"title": "no", "detail": {"code": 7}}, {"title": "no", "detail": "no"}]}
    with pytest.raises(Refused) as raised:
        connect_wiki(Canned(build_response(errors, status=418))).account()
    assert raised.value.message == "no; {'code': 7}; no"
