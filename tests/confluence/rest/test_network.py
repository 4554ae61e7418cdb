"""Network trouble over real sockets: each has its own sentence and fix, and none contains the token."""

import base64
import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from generator.confluence.rest import RequestAttempt, Wiki, WikiCredentials, connect, read_credentials
from generator.confluence.wiki import (
    Flavour,
    LostAnswer,
    NewPage,
    NoPermission,
    Place,
    Refused,
    Space,
    Unauthorized,
    Unavailable,
    WikiProblem,
)
from generator.errors import UserError
from tests.confluence.rest.test_rate_limit import FakeTime
from tests.confluence.rest.test_transport import Canned, build_response

SECRET = "t0ken-that-nobody-may-see"
JSON = {"Content-Type": "application/json"}
USER = (200, JSON, b'{"userKey": "u1", "accountId": "u1", "displayName": "Asha"}')
SPACES = (200, JSON, b'{"results": [], "_links": {}}')
MISSING = (404, JSON, b'{"message": "null for uri"}')
LOGIN = (200, {"Content-Type": "text/html;charset=UTF-8"}, b"<html>Log in</html>")
Reply = tuple[int, dict[str, str], bytes]


@contextmanager
def serve(reply: Callable[[str], Reply], certificate: Path | None = None) -> Iterator[tuple[int, list[str]]]:
    """Serve replies on a port of this machine; yield it with the list of requests and their authorization."""
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            seen.append(f"{self.command} {self.path} {self.headers.get('Authorization')}")
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, body = reply(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = answer  # noqa: N815 - names of the standard library

        def log_message(self, *_: object) -> None:
            """Print nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield server.server_port, seen
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for this machine that no authority has signed."""
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl: certificates were NOT tested")
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    key = file.with_suffix(".key")
    made = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=wiki -addext subjectAltName=IP:127.0.0.1"
    subprocess.run([*made.split(), "-keyout", str(key), "-out", str(file)], check=True, capture_output=True)
    file.write_text(key.read_text() + file.read_text())
    return file


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def open_wiki(url: str, flavour: Flavour | None = Flavour.DATACENTER, user: str = "", **environ: str) -> Wiki:
    names = {"CONFLUENCE_URL": url, "CONFLUENCE_USER": user, "CONFLUENCE_TOKEN": SECRET, **environ}
    return connect(read_credentials(names, flavour), clock=FakeTime().clock())


def fail(kind: type[WikiProblem], call: Callable[[], object]) -> WikiProblem:
    """Return the problem of a call, after checks that every problem must pass."""
    with pytest.raises(kind) as raised:
        call()
    assert SECRET not in f"{raised.value!r} {raised.value} {raised.value.fix}"
    assert raised.value.fix
    return raised.value


def get_free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_a_certificate_that_nobody_signed_is_named(certificate: Path) -> None:
    with serve(lambda _: USER, certificate) as (port, seen):
        access = WikiCredentials(f"https://127.0.0.1:{port}", Flavour.DATACENTER, "", SECRET)
        sent: list[RequestAttempt] = []
        problem = fail(Unavailable, connect(access, observer=sent.append, clock=FakeTime().clock()).account)
    assert len(sent) == 1
    assert problem.message == f"the certificate of 127.0.0.1:{port} is not trusted: self-signed certificate"
    assert "REQUESTS_CA_BUNDLE" in problem.fix
    assert seen == []


def test_a_server_without_encryption_is_named() -> None:
    with serve(lambda _: USER) as (port, _):
        problem = fail(Unavailable, open_wiki(f"https://127.0.0.1:{port}").account)
    assert problem.message == f"no encrypted connection to 127.0.0.1:{port}"
    assert "the scheme and the port of CONFLUENCE_URL" in problem.fix


def test_a_bundle_of_certificates_is_trusted_on_this_machine(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{get_free_port()}")
    with serve(lambda _: USER, certificate) as (port, _):
        assert open_wiki(f"https://127.0.0.1:{port}").account().name == "Asha"


def test_the_certificate_of_another_host_is_named(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    with serve(lambda _: USER, certificate) as (port, _):
        problem = fail(Unavailable, open_wiki(f"https://localhost:{port}").account)
    assert problem.message.startswith(f"the certificate of localhost:{port} is not trusted: Hostname mismatch")
    assert problem.fix == "correct the host in CONFLUENCE_URL, or have the certificate renewed"


def test_a_missing_bundle_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/ca.pem")
    problem = fail(Unavailable, open_wiki("https://wiki.example.com").account)
    assert problem.message.endswith("invalid path: /nowhere/ca.pem")
    assert problem.fix == "correct REQUESTS_CA_BUNDLE"


def test_a_refused_connection_is_named() -> None:
    port = get_free_port()
    sent: list[RequestAttempt] = []
    access = WikiCredentials(f"http://127.0.0.1:{port}", Flavour.DATACENTER, "", SECRET)
    problem = fail(Unavailable, connect(access, observer=sent.append, clock=FakeTime().clock()).account)
    assert len(sent) == 3
    assert str(problem) == f"GET /rest/api/user/current: 127.0.0.1:{port} refuses the connection"
    assert "that the wiki is running" in problem.fix


def test_a_wiki_that_has_responded_is_waited_for_longer() -> None:
    sent: list[RequestAttempt] = []
    with serve(lambda _: USER) as (port, _):
        access = WikiCredentials(f"http://127.0.0.1:{port}", Flavour.DATACENTER, "", SECRET)
        wiki = connect(access, observer=sent.append, clock=FakeTime().clock())
        wiki.account()
    fail(Unavailable, wiki.account)
    assert len(sent) == 7


def test_an_unknown_host_is_named() -> None:
    problem = fail(Unavailable, open_wiki("https://wiki.modelbook.invalid").account)
    assert problem.message == "unknown host wiki.modelbook.invalid"
    assert "correct CONFLUENCE_URL" in problem.fix


def test_a_dead_proxy_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    port = get_free_port()
    monkeypatch.setenv("HTTPS_PROXY", f"http://robot:{SECRET}@127.0.0.1:{port}")
    problem = fail(Unavailable, open_wiki("https://wiki.modelbook.invalid").account)
    assert problem.message == f"the proxy 127.0.0.1:{port} cannot be reached"
    assert problem.fix == "correct HTTPS_PROXY, or add wiki.modelbook.invalid to NO_PROXY if no proxy is needed"


def test_a_proxy_that_refuses_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the end of the test shuts the listener down
            while True:
                with listener.accept()[0] as connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        thread = threading.Thread(target=refuse, args=(listener,), daemon=True)
        thread.start()
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        problem = fail(Unavailable, open_wiki("https://wiki.modelbook.invalid").account)
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()  # else it could accept a connection of the next server, which may get the number of its socket
    assert problem.message == f"the proxy 127.0.0.1:{port} answers 407"


@pytest.mark.parametrize("proxy", ["http://[::1", "ftp://", "http://:x"])
def test_an_invalid_address_of_a_proxy_is_no_traceback(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises((Unavailable, UserError)) as raised:
        open_wiki("https://wiki.modelbook.invalid").account()
    assert "proxy" in str(raised.value).lower() or "HTTPS_PROXY" in getattr(raised.value, "fix", "")


def test_a_login_page_is_named_and_stops_reads() -> None:
    with serve(lambda _: LOGIN) as (port, seen):
        wiki = open_wiki(f"http://127.0.0.1:{port}")
        problem = fail(Unauthorized, wiki.account)
        assert problem.message == "127.0.0.1 answers with a web page, as a login does"
        assert "single sign-on" in problem.fix
        assert len(seen) == 1
        fail(LostAnswer, lambda: wiki.create_page(NewPage(Space("1", "BOOK", "Book", None), "Model", "<p/>")))


def test_a_redirect_to_a_login_is_not_followed() -> None:
    reply = (302, {"Location": "https://login.example.org/authorize?client=wiki&state=1"}, b"")
    with serve(lambda _: reply) as (port, seen):
        wiki = open_wiki(f"http://127.0.0.1:{port}")
        problem = fail(Unauthorized, wiki.account)
        fail(Unauthorized, lambda: wiki.move_page("1", Place.AFTER, "2"))
    assert problem.message == "redirected to login.example.org, as to a login"
    assert len(seen) == 2


def test_a_redirect_to_the_new_address_of_the_wiki_names_it() -> None:
    reply = (301, {"Location": "https://new.example.org/confluence/rest/api/user/current"}, b"")
    with serve(lambda _: reply) as (port, _):
        problem = fail(Refused, open_wiki(f"http://127.0.0.1:{port}").account)
    assert problem.message == "redirected to https://new.example.org/confluence"
    assert problem.fix == "set CONFLUENCE_URL to this address"


@pytest.mark.parametrize("location", ["https://[bad", "http://a:port/", "//", "\u00e9"])
def test_an_invalid_redirect_is_no_traceback(location: str) -> None:
    with serve(lambda _: (302, {"Location": location}, b"")) as (port, _):
        fail(WikiProblem, open_wiki(f"http://127.0.0.1:{port}").account)


def test_an_anonymous_answer_is_unauthorized() -> None:
    with serve(lambda _: (200, JSON, b'{"type": "anonymous", "displayName": "Anonymous"}')) as (port, _):
        problem = fail(Unauthorized, open_wiki(f"http://127.0.0.1:{port}").account)
    assert problem.message == "the wiki ignores the credentials"


@pytest.mark.parametrize(
    ("base", "flavour", "user", "expected"),
    [
        ("https://acme.atlassian.net/wiki", Flavour.CLOUD, "a@b.c", ["one year at most", "security/api-tokens"]),
        ("https://acme.atlassian.net/wiki", Flavour.CLOUD, "a@b.c", ["https://acme.atlassian.net/_edge/tenant_info"]),
        ("http://localhost:8090/wiki", Flavour.CLOUD, "a@b.c", ["http://localhost:8090/_edge/tenant_info"]),
        ("https://api.atlassian.com/ex/confluence/1/wiki", Flavour.CLOUD, "a@b.c", ["one year at most", "all scopes"]),
        ("https://wiki.example.com", Flavour.DATACENTER, "", ["personal access token", "wiki.example.com"]),
        ("https://wiki.example.com", Flavour.DATACENTER, "asha", ["CONFLUENCE_USER and its password"]),
    ],
)
def test_refused_credentials_have_a_fix_for_their_kind(
    base: str, flavour: Flavour, user: str, expected: list[str]
) -> None:
    access = WikiCredentials(base, flavour, user, SECRET)
    adapter = Canned(build_response({"message": "Client must be authenticated to access this resource."}, 401))
    problem = fail(Unauthorized, connect(access, adapter=adapter, clock=FakeTime().clock()).account)
    assert "Client must be authenticated" in problem.message
    assert all(words in problem.fix for words in expected)


def test_a_site_that_refuses_a_token_with_scopes_names_the_gateway() -> None:
    access = WikiCredentials("https://acme.atlassian.net/wiki", Flavour.CLOUD, "a@b.c", SECRET)
    adapter = Canned(build_response({"message": "Current user not permitted to use Confluence"}, 403))
    problem = fail(NoPermission, connect(access, adapter=adapter, clock=FakeTime().clock()).account)
    assert "https://api.atlassian.com/ex/confluence/CLOUD_ID/wiki" in problem.fix


def test_too_many_failed_logins_name_the_captcha() -> None:
    headers = {**JSON, "X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://wiki/login.action"}
    with serve(lambda _: (403, headers, b"{}")) as (port, _):
        problem = fail(Unauthorized, open_wiki(f"http://127.0.0.1:{port}", user="asha").account)
    assert problem.message == "too many failed logins"


class TestFlavour:
    """The flavour of a wiki whose address does not tell it."""

    @staticmethod
    def answer_as_cloud(path: str) -> Reply:
        if path.startswith("/wiki/api/v2/spaces?limit=1"):
            return SPACES
        return USER if path == "/wiki/rest/api/user/current" else MISSING

    @staticmethod
    def answer_as_datacenter(path: str) -> Reply:
        return USER if path == "/rest/api/user/current" else MISSING

    @pytest.mark.parametrize("user", ["", "asha"])
    def test_cloud_is_found_out_by_one_request(self, user: str) -> None:
        with serve(self.answer_as_cloud) as (port, seen):
            wiki = open_wiki(f"http://127.0.0.1:{port}", None, user)
            assert (wiki.flavour, wiki.account().name) == (Flavour.CLOUD, "Asha")
        assert len(seen) == 2

    @pytest.mark.parametrize("user", ["", "asha"])
    @pytest.mark.parametrize("other", [MISSING, LOGIN, (302, {"Location": "/login.action"}, b""), (403, {}, b"")])
    def test_data_center_takes_a_token_as_well_as_a_user_with_a_password(self, user: str, other: Reply) -> None:
        def answer(path: str) -> Reply:
            return USER if path == "/rest/api/user/current" else other

        with serve(answer) as (port, seen):
            wiki = open_wiki(f"http://127.0.0.1:{port}", None, user)
            assert (wiki.flavour, wiki.account().name) == (Flavour.DATACENTER, "Asha")
        pair = base64.b64encode(f"asha:{SECRET}".encode()).decode()
        assert seen[1].endswith(f" Basic {pair}" if user else f" Bearer {SECRET}")
        assert len(seen) == 2

    def test_a_known_flavour_needs_no_request(self) -> None:
        with serve(self.answer_as_datacenter) as (port, seen):
            open_wiki(f"http://127.0.0.1:{port}", None, CONFLUENCE_FLAVOUR="datacenter").account()
        assert len(seen) == 1

    def test_refused_credentials_end_the_question(self) -> None:
        with serve(lambda _: (401, {}, b"")) as (port, seen):
            problem = fail(Unauthorized, lambda: open_wiki(f"http://127.0.0.1:{port}", None))
        assert "CONFLUENCE_TOKEN" in problem.fix
        assert len(seen) == 1

    def test_a_netrc_file_does_not_replace_the_token(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login other password other\n")
        monkeypatch.setenv("NETRC", str(netrc))
        with serve(self.answer_as_datacenter) as (port, seen):
            open_wiki(f"http://127.0.0.1:{port}").account()
        assert seen[0].endswith(f" Bearer {SECRET}")
