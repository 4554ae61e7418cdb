"""Endpoints that misbehave in every way: each gives a record in words of ours, within limits, and nothing of theirs."""

import gzip
import json
import os
import socket
import struct
import threading
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.contracts.data import Data, Schema
from generator.errors import UserError
from generator.evidence.live import merge_verifications, verify_endpoint, verify_hosts
from generator.evidence.live_http import RequestLimits, load_certificates
from generator.evidence.live_requests import LiveRequest
from generator.evidence.records import AnswerShape, Verification
from generator.names import Ref
from generator.schema import Model
from tests.evidence.live_server import PATIENCE, Authority, ModelServer, Received, Script, drip, reply, serve

DAY = date(2026, 11, 20)
SECRET = "t0ken-that-nobody-may-see"
ECHO = "customer-0042"
CONTRACT: Schema = {"type": "object", "required": ["risk"], "properties": {"risk": {"type": "number"}}}
PATIENT = RequestLimits(total_seconds=PATIENCE, connect_seconds=PATIENCE)
SHORT = RequestLimits(total_seconds=0.5, connect_seconds=PATIENCE)
"""For servers that never end: it is over after any time."""
GOOD = b'{"risk": 0.5}'


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls"), "authority")


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> Path:
    return authority.issue()


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def build_request(url: str, method: str = "POST") -> LiveRequest:
    headers = (("Authorization", "Bearer $TOKEN"), ("Content-Type", "application/json"))
    body = f'{{"id": "{ECHO}"}}' if method == "POST" else None
    return LiveRequest(Ref("model", "fraud"), "", "staging", method, url, headers, body, CONTRACT)


def verify(request: LiveRequest, trusted: Path | None = None, limits: RequestLimits = PATIENT) -> Verification:
    """Verify an endpoint, and check that the record has nothing that was sent."""
    tls = load_certificates({} if trusted is None else {"REQUESTS_CA_BUNDLE": str(trusted)})
    found = verify_endpoint(request, {"TOKEN": SECRET}, DAY, limits, tls)
    stored = msgspec.json.encode(found).decode()
    assert SECRET not in stored
    assert ECHO not in stored
    assert (found.status is None) == (found.milliseconds is None) == (found.shape is AnswerShape.NO_ANSWER)
    assert found.valid_on == (DAY if found.shape is AnswerShape.VALID else None)
    return found


Ask = Callable[..., Verification]


@pytest.fixture
def ask(authority: Authority, certificate: Path) -> Ask:
    """Return a function that verifies a server with a script, over TLS."""

    def run(script: Script, method: str = "POST", limits: RequestLimits = PATIENT) -> Verification:
        with serve(script, certificate) as server:
            found = verify(build_request(server.url, method), authority.certificate, limits)
            if limits is SHORT:
                assert server.closed.wait(PATIENCE), "the connection is still open"
        return found

    return run


def describe(found: Verification) -> tuple[int | None, str, str]:
    return found.status, found.shape, found.problem


def test_a_right_answer_over_tls_is_valid(authority: Authority, certificate: Path):
    with serve(reply(GOOD), certificate) as server:
        found = verify(build_request(server.url), authority.certificate)
    assert describe(found) == (200, "valid", "")
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/predict")
    assert request.headers["authorization"] == f"Bearer {SECRET}"
    assert json.loads(request.body) == {"id": ECHO}


@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"])
def test_every_file_of_certificates_that_the_environment_names_is_trusted(
    authority: Authority, certificate: Path, tmp_path: Path, variable: str
):
    other = Authority(tmp_path, "other")
    environ = dict.fromkeys(("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"), str(other.certificate))
    environ |= {variable: str(authority.certificate), "SSL_CERT_DIR": f"{tmp_path}{os.pathsep}/nowhere"}
    tls = load_certificates(environ)
    for signed in (certificate, other.issue()):
        with serve(reply(GOOD), signed) as server:
            found = verify_endpoint(build_request(server.url), {"TOKEN": SECRET}, DAY, PATIENT, tls)
        assert describe(found) == (200, "valid", "")


def test_certificates_that_cannot_be_read_are_a_usage_error(tmp_path: Path):
    (tmp_path / "empty.pem").write_text("no certificate")
    for path in (tmp_path / "empty.pem", tmp_path / "missing.pem"):
        with pytest.raises(UserError, match="SSL_CERT_FILE names no readable file of certificates"):
            load_certificates({"SSL_CERT_FILE": str(path)})


@pytest.mark.parametrize(
    ("host", "first_day", "reason"),
    [
        ("localhost", -4, "it has expired"),
        ("localhost", 3, "it is not valid yet"),
        ("other.example.com", -1, "it is for another host"),
        ("127.0.0.1", -1, "it is for another host"),
    ],
)
def test_a_wrong_certificate_ends_the_connection_before_anything_is_sent(
    authority: Authority, host: str, first_day: int, reason: str
):
    with serve(reply(GOOD), authority.issue(host, first_day)) as server:
        found = verify(build_request(server.url), authority.certificate)
        assert server.received == []
    assert describe(found) == (None, "no answer", f"its certificate is not trusted: {reason}")


def test_a_certificate_of_another_authority_is_not_trusted(certificate: Path, tmp_path: Path):
    with serve(reply(GOOD), certificate) as server:
        for trusted in (None, Authority(tmp_path, "other").certificate):
            found = verify(build_request(server.url), trusted)
            reason = "its certificate is not trusted: no trusted authority has signed it"
            assert describe(found) == (None, "no answer", reason)
        assert server.received == []


def test_a_server_without_tls_gets_nothing(authority: Authority):
    with serve(reply(GOOD)) as server:
        found = verify(build_request(server.url.replace("http:", "https:")), authority.certificate)
        assert server.received == []
    assert found.problem == "no encrypted connection"


def redirect(location: str, status: int = 307) -> Script:
    return reply(b"", f"{status} Moved", {"Location": location})


def test_no_redirect_leads_to_another_host_port_or_scheme(authority: Authority, certificate: Path):
    with serve(reply(GOOD), certificate) as other, serve(reply(GOOD)) as plain:
        targets = {
            f"https://127.0.0.1:{other.port}/predict": "a redirect to another host is not followed",
            other.url: "a redirect to another host is not followed",
            f"//localhost:{other.port}/predict": "a redirect to another host is not followed",
            plain.url: "a redirect from https to another scheme is not followed",
            "file:///etc/passwd": "the redirect has no valid address",
            "https://[half": "the redirect has no valid address",
            f"https://{ECHO}@localhost/": "the redirect has no valid address",
            "https://localhost\\@evil.example.com/": "the redirect has no valid address",
        }
        for target, problem in targets.items():
            for method in ("GET", "POST"):
                with serve(redirect(target), certificate) as server:
                    found = verify(build_request(server.url, method), authority.certificate)
                assert describe(found) == (307, "refused", f"status 307: {problem}")
        assert (other.received, plain.received) == ([], [])


@pytest.mark.parametrize(
    ("method", "status", "sent"),
    [("GET", 301, "GET"), ("GET", 302, "GET"), ("GET", 308, "GET"), ("POST", 307, "POST"), ("POST", 308, "POST")],
)
def test_a_redirect_on_the_same_host_is_followed(
    authority: Authority, certificate: Path, method: str, status: int, sent: str
):
    def script(connection: socket.socket, request: Received) -> None:
        (reply(GOOD) if request.path == "/new" else redirect("/new", status))(connection, request)

    with serve(script, certificate) as server:
        found = verify(build_request(server.url, method), authority.certificate)
    assert found.shape is AnswerShape.VALID
    assert [(one.method, one.path) for one in server.received] == [(sent, "/predict"), (sent, "/new")]
    assert server.received[0].body == server.received[1].body
    assert "cookie" not in server.received[1].headers


@pytest.mark.parametrize("status", [301, 302, 303])
def test_a_redirect_that_would_turn_a_post_into_a_get_is_not_followed(ask: Ask, status: int):
    problem = f"status {status}: a redirect that changes the method is not followed"
    assert describe(ask(redirect("/login", status))) == (status, "refused", problem)


def test_a_redirect_in_a_circle_ends(authority: Authority, certificate: Path):
    with serve(redirect("/predict"), certificate) as server:
        found = verify(build_request(server.url), authority.certificate)
    assert describe(found) == (307, "refused", "status 307: more than 3 redirects")
    assert len(server.received) == 4


def test_a_cookie_of_a_redirect_is_not_sent_back(authority: Authority, certificate: Path):
    headers = {"Location": "/predict", "Set-Cookie": "session=1; Path=/"}
    with serve(reply(b"", "307 Moved", headers), certificate) as server:
        verify(build_request(server.url), authority.certificate)
    assert [one.headers.get("cookie") for one in server.received] == [None] * 4


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "script",
    [
        drip(b"", b"H"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X"),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(HEAD + b"Content-Length: 1000000\r\n\r\n", b" "),
        drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        drip(HEAD + b"\r\n", b" "),
    ],
    ids=["status", "headers", "continue", "body", "chunks", "body without a length"],
)
def test_a_server_that_answers_without_end_is_given_up(ask: Ask, script: Script):
    assert describe(ask(script, limits=SHORT)) == (None, "no answer", "no complete answer within 0.5 seconds")


def test_a_server_that_says_nothing_is_given_up(ask: Ask):
    def silence(connection: socket.socket, _: Received) -> None:
        while connection.recv(4096):
            pass
        raise OSError

    assert describe(ask(silence, limits=SHORT)) == (None, "no answer", "no complete answer within 0.5 seconds")


def test_a_server_that_does_not_begin_with_tls_is_given_up(authority: Authority, certificate: Path):
    with serve(reply(GOOD), certificate, greets=False) as server:
        found = verify(build_request(server.url), authority.certificate, SHORT)
        assert server.closed.wait(PATIENCE)
    assert describe(found) == (None, "no answer", "no complete answer within 0.5 seconds")


def test_a_host_that_is_searched_for_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch):
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(PATIENCE))
    found = verify(build_request("https://model.example.com/predict"), limits=SHORT)
    over.set()
    assert describe(found) == (None, "no answer", "no complete answer within 0.5 seconds")


def test_a_host_that_does_not_exist_is_named_as_such(monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, f"Name or service not known {SECRET}")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    assert verify(build_request("https://model.example.com/predict")).problem == "the host is unknown"


def test_a_port_without_a_server_refuses_the_connection():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    assert verify(build_request(f"https://localhost:{port}/")).problem == "the connection is refused"


def reset(connection: socket.socket, _: Received) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@pytest.mark.parametrize(
    "script",
    [
        reset,
        lambda *_: None,
        reply(b'{"risk": 0.', length=100),
        lambda connection, _: connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"ris"),
        lambda connection, _: connection.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
        lambda connection, _: connection.sendall(b"garbage\r\n\r\n"),
        lambda connection, _: connection.sendall(HEAD + b"X: " + b"x" * 100_000 + b"\r\n\r\n{}"),
        lambda connection, _: connection.sendall(HEAD + b"X: x\r\n" * 200 + b"\r\n{}"),
    ],
    ids=["reset", "closed", "truncated", "cut chunk", "wrong chunk", "no HTTP", "long header", "many headers"],
)  # fmt: skip
def test_a_connection_that_breaks_is_no_answer(ask: Ask, script: Script):
    problem = "the connection was closed before the answer was complete"
    assert describe(ask(script)) == (None, "no answer", problem)


def zeros(count: int) -> bytes:
    return gzip.compress(b" " * count)


SMALL = replace(PATIENT, answer_bytes=10_000)


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        (reply(b" " * 10_001), "the answer has more than 10,000 bytes"),
        (drip(HEAD + b"\r\n", b" " * 5_000), "the answer has more than 10,000 bytes"),
        (reply(zeros(5_000_000), headers={"Content-Encoding": "gzip"}), "the answer has more than 10,000 bytes"),
        (reply(zeros(9_000) * 2, headers={"Content-Encoding": "gzip"}), "the answer has more than 10,000 bytes"),
        (reply(zeros(0) * 600, headers={"Content-Encoding": "x-gzip"}), "the answer has more than 10,000 bytes"),
        (reply(gzip.compress(GOOD)[:-9], headers={"Content-Encoding": "gzip"}), "the answer is not valid gzip"),
        (reply(GOOD, headers={"Content-Encoding": "gzip"}), "the answer is not valid gzip"),
        (reply(GOOD, headers={"Content-Encoding": "br"}), "Content-Encoding is not gzip"),
        (reply(gzip.compress(zeros(9)), headers={"Content-Encoding": "gzip, gzip"}), "Content-Encoding is not gzip"),
        (reply(GOOD, headers={"Content-Type": "text/html"}), "Content-Type is text/html: expected application/json"),
        (reply(GOOD, headers={"Content-Type": ECHO}), "Content-Type is another type: expected application/json"),
        (reply(b""), "the answer is empty"),
        (reply(b"", "204 No Content", {"Content-Length": ""}), "the answer is empty"),
        (reply(b'{"risk": '), "the answer is not JSON"),
        (reply(b'{"risk": NaN}'), "the answer is not JSON"),
        (reply(b'{"risk": "\xff"}'), "the answer is not JSON"),
        (reply(b'{"risk": ' + b"9" * 9_000 + b"}"), "the answer is not JSON"),
        (reply(b"[" * 4_900 + b"]" * 4_900),
         "response: the answer is nested more than 64 levels deep, so the answer is not checked"),
        (reply(b"[" * 100 + b"]" * 100),
         "response: the answer is nested more than 64 levels deep, so the answer is not checked"),
        (reply(f'{{"risk": "{ECHO}"}}'.encode()), "response.risk: invalid value: expected number"),
        (reply(f'["{ECHO}"]'.encode()), "response: invalid value: expected object"),
        (reply(b"{}"), "response: missing field 'risk'"),
    ],
)  # fmt: skip
def test_an_answer_that_breaks_the_contract_is_invalid(ask: Ask, script: Script, problem: str):
    found = ask(script, limits=SMALL)
    assert (found.shape, found.problem) == ("invalid", problem)


@pytest.mark.parametrize(
    "script",
    [
        reply(GOOD, headers={"Content-Type": ""}),
        reply(GOOD, headers={"Content-Type": "application/problem+json; charset=utf-8"}),
        reply(b"\xef\xbb\xbf" + GOOD),
        reply(gzip.compress(GOOD), headers={"Content-Encoding": "gzip"}),
        reply(gzip.compress(GOOD[:5]) + gzip.compress(GOOD[5:]), headers={"Content-Encoding": "gzip"}),
        reply(b'{"risk": 1e99, "extra": "\\ud800"}'),
        reply(b'{"risk": ' + b"9" * 4_000 + b"}"),
        reply(GOOD, "201 Created"),
    ],
)
def test_an_unusual_answer_may_be_valid(ask: Ask, script: Script):
    assert describe(ask(script, limits=SMALL))[1:] == ("valid", "")


@pytest.mark.parametrize(
    ("status", "problem"),
    [
        ("401 Unauthorized", "status 401: the credentials are missing or refused"),
        ("422 Unprocessable", "status 422: the request is refused"),
        ("418 Teapot", "status 418"),
        ("500 Oops", "status 500: the server failed"),
        ("503 Busy", "status 503: the server failed"),
        ("304 Not Modified", "status 304"),
    ],
)
def test_a_refusal_that_repeats_secrets_is_not_read(ask: Ask, status: str, problem: str):
    body = json.dumps({"you sent": SECRET, "id": ECHO, "password": "hunter2"}).encode()
    found = ask(reply(body, f"{status} {SECRET}", {"X-Echo": SECRET, "WWW-Authenticate": SECRET}))
    assert (found.shape, found.problem) == ("refused", problem)


def test_the_body_of_a_refusal_is_not_waited_for(ask: Ask):
    head = b"HTTP/1.1 500 Oops\r\nContent-Length: 1000000\r\n\r\n"
    assert describe(ask(drip(head, b" "))) == (500, "refused", "status 500: the server failed")


def test_a_contract_that_is_too_costly_is_not_compared(authority: Authority, certificate: Path):
    names = "abcdefghijklmnopqrstuvwxyz"
    branches: dict[str, Data] = {name: {"allOf": [{"$ref": f"#/$defs/{after}"}] * 4} for name, after in pairwise(names)}
    costly: Schema = {"$ref": "#/$defs/a", "$defs": {**branches, "z": {}}}
    with serve(reply(GOOD), certificate) as server:
        found = verify(replace(build_request(server.url), response=costly), authority.certificate)
    assert found.shape is AnswerShape.UNCHECKED


def test_passwords_of_netrc_are_not_sent(
    authority: Authority, certificate: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "netrc").write_text(f"machine localhost login me password {SECRET}\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    with serve(reply(GOOD), certificate) as server:
        request = replace(build_request(server.url), headers=(("Accept", "application/json"),))
        assert verify(request, authority.certificate).shape is AnswerShape.VALID
    assert set(server.received[0].headers) == {"host", "user-agent", "accept", "accept-encoding", "content-length"}


def tunnel(target: ModelServer) -> Script:
    """Act as a proxy that connects every host to a server."""

    def script(connection: socket.socket, request: Received) -> None:
        assert request.method == "CONNECT"
        with socket.create_connection(("127.0.0.1", target.port)) as server:
            connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            back = threading.Thread(target=copy, args=(server, connection), daemon=True)
            back.start()
            copy(connection, server)
            back.join(PATIENCE)

    def copy(source: socket.socket, sink: socket.socket) -> None:
        try:
            while data := source.recv(65_536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    return script


def test_a_proxy_of_the_environment_sees_nothing_but_the_host(authority: Authority, monkeypatch: pytest.MonkeyPatch):
    certificate = authority.issue("model.example.com")
    with serve(reply(GOOD), certificate) as server, serve(tunnel(server)) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@localhost:{proxy.port}")
        found = verify(build_request("https://model.example.com/predict"), authority.certificate)
        assert describe(found) == (200, "valid", "")
        assert [one.path for one in server.received] == ["/predict"]
        assert [(one.method, one.path) for one in proxy.received] == [("CONNECT", "model.example.com:443")]
        assert "Bearer" not in proxy.received[0].headers.get("proxy-authorization", "")
    with serve(reply(b"", "407 Denied", {"X-Echo": SECRET})) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:{SECRET}@localhost:{proxy.port}")
        found = verify(build_request("https://model.example.com/predict"), authority.certificate)
    assert describe(found) == (None, "no answer", "the proxy cannot be reached, or refuses the connection")


def test_no_proxy_is_asked_for_this_machine(ask: Ask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    assert ask(reply(GOOD)).shape is AnswerShape.VALID


HEADER_NAMES = [b"Content-Type", b"Content-Length", b"Transfer-Encoding", b"Content-Encoding", b"Location"]
HEADER_VALUES = [b"application/json", b"7", b"-1", b"chunked", b"gzip", b"/x", b"https://[", b"\xff\xfe"]


@settings(max_examples=60)
@given(
    status=st.sampled_from([b"200 OK", b"404 No", b"999 Odd", b"20x", b"307 There"]),
    headers=st.lists(st.tuples(st.sampled_from(HEADER_NAMES), st.sampled_from(HEADER_VALUES)), max_size=4),
    body=st.sampled_from([GOOD, b"", b"{}", b"7\r\n{}", zeros(10)]) | st.binary(max_size=50),
)  # fmt: skip
def test_any_answer_gives_a_record(status, headers, body):
    head = b"".join(b"%s: %s\r\n" % header for header in headers)
    answer = b"HTTP/1.1 %s\r\n%s\r\n%s" % (status, head, body)
    with serve(lambda connection, _: connection.sendall(answer)) as server:
        found = verify(build_request(server.url))
    assert found.problem.isascii()
    assert len(found.problem) < 100


def record(day: date, shape: AnswerShape, **values: object) -> Verification:
    made = Verification(ref="model:fraud", environment="staging", day=day, shape=shape)
    return msgspec.structs.replace(made, valid_on=day if shape is AnswerShape.VALID else None, **values)


def test_earlier_answers_of_other_endpoints_are_kept_and_the_last_valid_day_survives():
    model = Model.model_validate(
        {
            "id": "fraud", "name": "Fraud", "summary": "Finds fraud.", "lifecycle": "production", "serving": "online",
            "endpoints": {"staging": "https://a.example.com", "canary": "https://c.example.com"},
            "instances": [{"id": "fraud-in", "endpoints": {"staging": "https://b.example.com"}}],
        }
    )  # fmt: skip
    first, later = date(2026, 11, 1), date(2026, 11, 20)
    previous = [
        record(first, AnswerShape.VALID),
        record(first, AnswerShape.VALID, instance="fraud-in"),
        record(first, AnswerShape.REFUSED, environment="canary"),
        record(first, AnswerShape.VALID, environment="removed"),
        record(first, AnswerShape.VALID, instance="removed"),
        record(first, AnswerShape.VALID, ref="model:removed"),
    ]
    merged = merge_verifications(previous, [record(later, AnswerShape.NO_ANSWER)], [model])
    assert [(one.key, one.day, one.valid_on, one.shape) for one in merged] == [
        (("model:fraud", "", "canary"), first, None, "refused"),
        (("model:fraud", "", "staging"), later, first, "no answer"),
        (("model:fraud", "fraud-in", "staging"), first, first, "valid"),
    ]


def wait_for(event: threading.Event) -> Script:
    def script(connection: socket.socket, request: Received) -> None:
        assert event.wait(PATIENCE)
        reply(GOOD)(connection, request)

    return script


def tell(event: threading.Event) -> Script:
    def script(connection: socket.socket, request: Received) -> None:
        event.set()
        reply(GOOD)(connection, request)

    return script


def test_several_hosts_are_verified_at_once():
    """The first host answers only when the second one has got its request."""
    event = threading.Event()
    with serve(wait_for(event)) as first, serve(tell(event)) as second:
        urls = (first.url, second.url.replace("localhost", "127.0.0.1"))
        found = list(verify_hosts(map(build_request, urls), verify))
    assert [one.shape for one in found] == ["valid", "valid"]


def test_a_host_gets_one_request_at_a_time():
    running: list[int] = []
    most: list[int] = []

    def script(connection: socket.socket, request: Received) -> None:
        running.append(1)
        most.append(len(running))
        threading.Event().wait(0.01)
        running.pop()
        reply(GOOD)(connection, request)

    with serve(script) as server:
        requests = [build_request(server.url.replace("predict", str(number))) for number in range(5)]
        assert len(list(verify_hosts(requests, verify))) == 5
    assert [one.path for one in server.received] == ["/0", "/1", "/2", "/3", "/4"]
    assert max(most) == 1


def test_requests_are_dropped_when_the_results_are_no_longer_read(monkeypatch: pytest.MonkeyPatch):
    is_closing = threading.Event()
    sent: list[str] = []

    class Over(threading.Event):
        def set(self) -> None:
            super().set()
            is_closing.set()

    def verify_slowly(request: LiveRequest) -> Verification:
        sent.append(request.url)
        if len(sent) == 2:
            assert is_closing.wait(PATIENCE)
        return record(DAY, AnswerShape.VALID)

    monkeypatch.setattr("generator.evidence.live.threading", SimpleNamespace(Event=Over))
    results = verify_hosts([build_request(f"http://localhost/{number}") for number in range(9)], verify_slowly)
    assert next(results).shape is AnswerShape.VALID
    results.close()
    assert len(sent) <= 2


def test_an_error_of_ours_is_not_hidden():
    def fail(_: LiveRequest) -> Verification:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(verify_hosts([build_request("http://localhost/")], fail))
