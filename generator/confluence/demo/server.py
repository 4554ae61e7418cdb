"""The demo server: a WSGI application, and its HTTP server on loopback."""

import hmac
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError
from werkzeug import Request, Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map, Rule
from werkzeug.serving import WSGIRequestHandler, make_server

from generator.confluence.demo import cloud, datacenter, view
from generator.confluence.demo.api import Answer, Call, refuse, refuse_login, reply
from generator.confluence.demo.faults import Fault, FaultKind, parse_fault
from generator.confluence.demo.storage import Refusal
from generator.confluence.demo.world import ADMIN, PAGE, AccountSession, DemoPerson, Space, Version, World
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
class LoggedRequest:
    """A request that the server answered; the status is None without a whole response."""

    method: str
    path: str
    status: int | None
    fault: FaultKind | None = None


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
        spaces: Iterable[tuple[str, str]] = SPACES,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.flavour = flavour
        self.log: list[LoggedRequest] = []
        self._now = now
        self._file = file
        self._lock = threading.RLock()
        self.world = _read_world(file, flavour) if file and file.exists() else World(flavour)
        self.world.people[ADMIN.id] = ADMIN
        self.inject(())
        for key, name in spaces:
            if all(space.key != key for space in self.world.spaces):
                space = Space(self.world.new_id(), key, name)
                self.world.spaces.append(space)
                space.homepage_id = self.session().create(PAGE, space, None, Version(f"{name} home", "<p />")).id

    @classmethod
    def list_rules(cls, flavour: Flavour) -> Iterator[Rule]:
        """List the routes; the endpoint of a rule is a function, or the name of a method."""
        for methods, path, handler in (cloud if flavour is Flavour.CLOUD else datacenter).ROUTES:
            yield Rule(path, methods=methods.split(), endpoint=handler)
        for path in CONTROLS:
            yield Rule(f"{path}/requests", methods=["GET", "DELETE"], endpoint="control_requests")
            yield Rule(f"{path}/faults", methods=["PUT"], endpoint="control_faults")

    @classmethod
    @cache
    def _compile_routes(cls, flavour: Flavour) -> Map:
        return Map(cls.list_rules(flavour), strict_slashes=False, redirect_defaults=False)

    def inject(self, faults: Iterable[Fault]) -> None:
        """Replace the faults, and count from zero."""
        self._faults = [(fault, 0) for fault in faults]

    def session(self, person: DemoPerson = ADMIN) -> AccountSession:
        """Return a session of an account, for changes without a request."""
        now = self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return AccountSession(self.world, person, now)

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
        """Answer a request, or let the first fault that strikes it change the response."""
        method, path, body = request.method, request.path, request.get_data(cache=True)
        with self._lock, request:
            if path.startswith(CONTROLS):
                return Exchange(self._answer(request))
            self._faults = [(fault, seen + fault.matches(method, path, body)) for fault, seen in self._faults]
            fault = next((f for f, seen in self._faults if f.matches(method, path, body) and f.strikes(seen)), None)
            response = self._answer(request) if fault is None or fault.kind.executes else None
            if fault is not None:
                response = fault.apply(Call(request, self.session()), response, self._now().astimezone(UTC))
            cut = fault is not None and fault.kind is FaultKind.TRUNCATED
            status = None if response is None or cut else response.status_code
            self.log.append(LoggedRequest(method, path, status, fault.kind if fault else None))
        return Exchange(response, fault.seconds if fault and fault.kind is FaultKind.SLOW else 0.0, cut)

    def handle(self, call: Call) -> Answer:
        """Call the function of a route."""
        routes = self._compile_routes(self.flavour).bind(call.request.host)
        endpoint, arguments = routes.match(call.request.path, call.request.method)
        function = getattr(self, endpoint) if isinstance(endpoint, str) else endpoint
        answer: Answer = function(call, **arguments)
        return answer

    def _answer(self, request: Request) -> Response:
        is_api = request.path.startswith(("/wiki/api", "/wiki/rest", "/rest"))
        request.trusted_hosts = [HOST, "localhost"]  # a web page cannot reach the server under a name of its own
        person = self._authenticate(request) if is_api else ADMIN  # a browser needs no login
        if person is None:
            return refuse_login(self.flavour)
        call = Call(request, self.session(person))
        try:
            answer = self.handle(call)
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
        given = request.authorization
        token = None if given is None else given.token or given.password
        if given is None or not token:
            return None
        for person in self.world.people.values():
            name = person.email if self.flavour is Flavour.CLOUD else person.id
            known = given.type == "bearer" or (given.type == "basic" and given.username == name)
            if known and hmac.compare_digest(person.token.encode(), token.encode()):
                return person
        return None

    def control_requests(self, call: Call) -> Response:
        """List the answered requests, or forget them."""
        if call.request.method == "DELETE":
            self.log.clear()
        requests = [vars(one) for one in self.log]
        return reply({"count": len(requests), "requests": requests})

    def control_faults(self, call: Call) -> Response:
        """Replace the faults; the JSON body protects the control from web pages that happen to be open."""
        try:
            faults = [parse_fault(each) for each in call.request.get_json()]
        except (UserError, TypeError) as error:
            raise Refusal(400, str(error)) from None
        self.inject(faults)
        return reply({"faults": len(faults)})


def _read_world(file: Path, flavour: Flavour) -> World:
    data = file.read_bytes()
    if data.startswith(b"SQLite format 3"):
        raise UserError(f"{file} is from an earlier version: delete it, or name another file, and publish again")
    try:
        world = TypeAdapter(World).validate_json(data)
    except ValidationError as error:
        raise UserError(f"{file} is not a file of the demo server: name another one, or delete it") from error
    if world.flavour is not flavour:
        raise UserError(f"{file} has the flavour {world.flavour}, not {flavour}: name another file")
    return world


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
