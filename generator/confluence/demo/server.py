"""The demo server: a WSGI application, and its HTTP server on loopback."""

import base64
import hmac
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server

from generator.confluence.demo import cloud, datacenter, shared, view
from generator.confluence.demo.call import Call, refuse, refuse_login, reply
from generator.confluence.demo.content import ADMIN, PAGE, READER, DemoPerson, Refusal, Space, Variant, World
from generator.confluence.demo.faults import Fault, FaultKind, Faults, LoggedRequest, RequestLog, parse_fault
from generator.confluence.demo.session import Draft, Session
from generator.confluence.wiki import Flavour
from generator.errors import UserError

HOST = "127.0.0.1"
SPACES = (("BOOK", "Model book"),)
CONTROLS = ("/_demo", "/_standin")
"""The paths of the server's own controls; the second is an old name."""


@dataclass(frozen=True)
class Address:
    """The address of a running server, its address for a browser, and the environment for publishing to it."""

    site: str
    browser: str
    environ: dict[str, str]


@dataclass(frozen=True)
class Exchange:
    """What happens to a request: a response after a delay, whole or cut off; None closes the connection."""

    response: Response | None
    wait: float = 0.0
    cut: bool = False


class DemoServer:
    """A Confluence of one flavour, in memory, or in a file that it reads at the start and writes at the end."""

    def __init__(
        self,
        flavour: Flavour,
        *,
        file: Path | None = None,
        accounts: Iterable[DemoPerson] = (ADMIN,),
        spaces: Iterable[tuple[str, str]] = SPACES,
        faults: Iterable[Fault] = (),
        variant: Variant = Variant(),  # noqa: B008 - frozen
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.flavour = flavour
        self.faults = Faults(faults)
        self.log = RequestLog()
        self.variant = variant
        self._now = now
        self._file = file
        self._lock = threading.RLock()
        self.world = _read_world(file, flavour) if file and file.exists() else World(flavour)
        api = cloud.build_cloud_rules() if flavour is Flavour.CLOUD else datacenter.build_datacenter_rules()
        controls = (
            Rule(f"{path}{each.rule}", methods=each.methods, endpoint=each.endpoint)
            for path in CONTROLS
            for each in (
                Rule("/requests", methods=["GET", "DELETE"], endpoint=self._control_requests),
                Rule("/faults", methods=["PUT"], endpoint=self._control_faults),
            )
        )
        rules = [*api, *shared.build_shared_rules(flavour), *view.build_view_rules(flavour), *controls]
        self._map = Map(rules, strict_slashes=False, redirect_defaults=False)
        self.add_people(accounts)
        for key, name in spaces:
            self._add_space(key, name)

    @property
    def notifications(self) -> int:
        """The number of mails that people would have got."""
        return len(self.world.notifications)

    def add_people(self, people: Iterable[DemoPerson]) -> None:
        """Add accounts, or change their permissions."""
        self.world.people.update((person.id, person) for person in people)

    def session(self, person: DemoPerson = ADMIN) -> Session:
        """Return a session of an account, for changes without a request."""
        now = self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Session(self.world, person, now, self.variant)

    def close(self) -> None:
        """Write the file."""
        if self._file:
            self._file.write_bytes(TypeAdapter(World).dump_json(self.world))

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI
        """Answer a request of the HTTP server."""
        exchange = self.exchange(Request(environ))
        time.sleep(exchange.wait)
        if exchange.response is None:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        if exchange.cut:
            body = exchange.response.get_data()
            start_response(exchange.response.status, exchange.response.headers.to_wsgi_list())
            return [body[: len(body) // 2]]
        return exchange.response(environ, start_response)

    def exchange(self, request: Request) -> Exchange:
        """Answer a request, or let a fault strike it."""
        is_control, body = request.path.startswith(CONTROLS), request.get_data(cache=True)
        fault = None if is_control else self.faults.strike(request.method, request.path, body)
        with self._lock, request:
            response = self._answer(request) if fault is None or fault.kind.executes else None
        exchange = Exchange(response) if fault is None else self._strike(request, fault, response)
        if not is_control:
            whole = exchange.response is not None and not exchange.cut
            status = exchange.response.status_code if exchange.response is not None and whole else None
            self.log.entries.append(LoggedRequest(request.method, request.path, status, fault.kind if fault else None))
        return exchange

    def _strike(self, request: Request, fault: Fault, response: Response | None) -> Exchange:
        kind, status = fault.kind, fault.status
        if kind is FaultKind.RATE_LIMITED:
            headers = _build_rate_limit_headers(self.flavour, fault.seconds, self._now())
            response = reply({"statusCode": 429, "message": "Rate limit exceeded"}, 429, headers)
        elif kind in (FaultKind.SERVER_ERROR, FaultKind.ERROR_AFTER):
            status = status or (500 if kind is FaultKind.SERVER_ERROR else 502)
            response = reply({"statusCode": status, "message": HTTPStatus(status).phrase}, status)
        elif kind is FaultKind.TOKEN_EXPIRED:
            response = refuse_login(self.flavour)
        elif kind is FaultKind.UNINDEXED:
            response = reply({"results": [], "start": 0, "limit": 25, "size": 0, "_links": {}})
        elif kind is FaultKind.UNSETTLED:
            response = refuse(Call(request, self.session()), Refusal(409, "Conflict"))
        elif kind is FaultKind.LOGIN_PAGE:
            response = Response("<html><title>Log in</title></html>", content_type="text/html")
        elif kind is FaultKind.NEAR_LIMIT and response is not None:
            response.headers["X-RateLimit-NearLimit"] = "true"
        elif kind is FaultKind.RESET_AFTER:
            response = None
        return Exchange(response, fault.seconds if kind is FaultKind.SLOW else 0.0, kind is FaultKind.TRUNCATED)

    def _answer(self, request: Request) -> Response:
        is_api = request.path.startswith(("/wiki/api", "/wiki/rest", "/rest"))
        request.trusted_hosts = [HOST, "localhost"]  # a web page cannot reach the server under a name of its own
        person = self._authenticate(request) if is_api else READER
        if person is None:
            return refuse_login(self.flavour)
        call = Call(request, self.session(person))
        try:
            handler, arguments = self._map.bind(request.host).match(request.path, request.method)
            answer = handler(call, **arguments)
        except HTTPException as error:
            answer = refuse(call, Refusal(error.code or 500, f"{error.description} for uri: {request.path}"))
        except Refusal as refusal:
            answer = refuse(call, refusal)
        if isinstance(answer, Response):
            if answer.status_code >= 400 and not is_api and not request.path.startswith(CONTROLS):
                return view.show(call, HTTPStatus(answer.status_code).phrase, answer.status_code)
            return answer
        return Response(status=204) if answer is None else reply(answer)

    def _authenticate(self, request: Request) -> DemoPerson | None:
        """Return the account of a request: of a user with a token, or of a token alone."""
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        user, token = "", value.strip()
        if scheme.lower() == "basic":
            try:
                user, _, token = base64.b64decode(value, validate=True).decode().partition(":")
            except ValueError:
                return None
        for person in self.world.people.values():
            name = person.email if self.flavour is Flavour.CLOUD else person.id
            known = scheme.lower() == "bearer" or (scheme.lower() == "basic" and user == name)
            if known and person.token and hmac.compare_digest(person.token.encode(), token.encode()):
                return person
        return None

    def _control_requests(self, call: Call) -> Response:
        if call.request.method == "DELETE":
            self.log.clear()
        entries = [
            {"method": one.method, "path": one.path, "status": one.status, "fault": one.fault}
            for one in self.log.entries
        ]
        return reply({"count": len(entries), "requests": entries})

    def _control_faults(self, call: Call) -> Response:
        """Replace the faults; the JSON body protects the control from web pages that happen to be open."""
        try:
            faults = [parse_fault(each) for each in call.read_json()]
        except (UserError, TypeError) as error:
            raise Refusal(400, str(error)) from None
        self.faults.replace(faults)
        return reply({"faults": len(faults)})

    def _add_space(self, key: str, name: str) -> None:
        """Add a space with a home page, unless the file has it."""
        if all(space.key != key for space in self.world.spaces):
            space = Space(self.world.new_id(), key, name)
            self.world.spaces.append(space)
            space.homepage_id = self.session().create(PAGE, space, None, Draft(f"{name} home", "<p />")).id
            self.world.notifications.clear()


def _read_world(file: Path, flavour: Flavour) -> World:
    try:
        world = TypeAdapter(World).validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(f"{file} is not a file of the demo server: name another one, or delete it") from error
    if world.flavour is not flavour:
        raise UserError(f"{file} has the flavour {world.flavour}, not {flavour}: name another file")
    return world


def _build_rate_limit_headers(flavour: Flavour, seconds: float, now: datetime) -> dict[str, str]:
    wait = str(max(0, round(seconds)))
    headers = {"Retry-After": wait, "X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0"}
    if flavour is Flavour.DATACENTER:
        # https://confluence.atlassian.com/doc/improving-instance-stability-with-rate-limiting-992679004.html
        return {**headers, "X-RateLimit-Interval-Seconds": wait, "X-RateLimit-FillRate": "10"}
    # https://developer.atlassian.com/cloud/confluence/rate-limiting/
    reset = (now.astimezone(UTC) + timedelta(seconds=round(seconds))).isoformat()
    names = {"X-RateLimit-Reset": reset, "X-RateLimit-NearLimit": "true"}
    return {**headers, **names, "RateLimit-Reason": "confluence-burst-based"}


class _QuietHandler(WSGIRequestHandler):
    """A handler that does not write to stderr: the server has its own log."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Write nothing."""


@contextmanager
def serve(server: DemoServer, port: int = 0) -> Iterator[Address]:
    """Answer on loopback until the context ends; port 0 is any free one."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            raise UserError(f"cannot use port {port} ({error.strerror}): choose another one") from None
        listener.listen(64)
        http = make_server(HOST, port, server, threaded=True, request_handler=_QuietHandler, fd=listener.fileno())
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            site = f"http://{HOST}:{http.server_address[1]}{'/wiki' if server.flavour is Flavour.CLOUD else ''}"
            cloud_site = server.flavour is Flavour.CLOUD
            values = (site, ADMIN.email if cloud_site else "", ADMIN.token, str(server.flavour), SPACES[0][0])
            names = (f"CONFLUENCE_{name}" for name in ("URL", "USER", "TOKEN", "FLAVOUR", "SPACE"))
            yield Address(site, f"{site}/spaces" if cloud_site else f"{site}/", dict(zip(names, values, strict=True)))
        finally:
            http.shutdown()
            thread.join()
            http.server_close()
