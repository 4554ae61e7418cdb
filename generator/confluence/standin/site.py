"""The stand-in itself: a request goes in, a reply comes out, whichever door it came through."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from http import HTTPStatus

from generator.confluence.standin import cloud, cloud_version1, control, datacenter, pages, people, view, words
from generator.confluence.standin.faults import Fault, Faults, Mishap
from generator.confluence.standin.log import Log, Logged
from generator.confluence.standin.messages import Reply, Request, Route, json_reply, route_for
from generator.confluence.standin.records import DemoPerson
from generator.confluence.standin.refusals import Reason, Refusal
from generator.confluence.standin.store import MEMORY, Store, Tables, bind_flavour
from generator.confluence.standin.visit import Visit, space_by_key
from generator.confluence.wiki import Flavour

ADMIN = DemoPerson("admin", "Ada Admin", "admin@example.com", "admin")
"""Who may do everything; the token is no secret, as the stand-in answers on this machine only."""

SPACES = (("BOOK", "Model book"),)

_BEFORE = {
    Mishap.RATE_LIMITED,
    Mishap.SERVER_ERROR,
    Mishap.RESET_BEFORE,
    Mishap.TOKEN_EXPIRED,
    Mishap.UNINDEXED,
    Mishap.UNSETTLED,
}
"""What happens in the place of the work."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a door has to do: wait, then send the reply, whole or cut; without a reply it hangs up."""

    reply: Reply | None
    wait: float = 0.0
    cut: bool = False


def _now() -> datetime:
    return datetime.now(UTC)


class Standin:
    """A Confluence of one flavour, in memory or in one file; safe to ask from several threads."""

    def __init__(
        self,
        flavour: Flavour,
        *,
        file: str = MEMORY,
        accounts: Sequence[DemoPerson] = (ADMIN,),
        spaces: Iterable[tuple[str, str]] = SPACES,
        faults: Iterable[Fault] = (),
        now: Callable[[], datetime] = _now,
    ) -> None:
        self.flavour = flavour
        self.faults = Faults(faults)
        self.log = Log()
        self._now = now
        self._store = Store(file)
        self._routes = _routes(flavour)
        with self._store.transaction() as tables:
            bind_flavour(tables, flavour)
            people.add(tables, accounts)
            for key, name in spaces:
                _add_space(self._visit(tables, ADMIN, Request("GET", "/")), key, name)

    def exchange(self, request: Request) -> Exchange:
        """Answers one request, faults included."""
        fault = None if request.path.startswith(control.PATH) else self.faults.strike(request)
        exchange = self._struck(request, fault) if fault else Exchange(self._answer(request))
        if not request.path.startswith(control.PATH):
            status = exchange.reply.status if exchange.reply and not exchange.cut else None
            self.log.note(Logged(request.method, request.path, status, fault.mishap if fault else None))
        return exchange

    @property
    def notifications(self) -> int:
        """How many messages people have been sent: for every page created and every edit that is not minor."""
        with self._store.transaction() as tables:
            return tables.number("SELECT count(*) FROM notification")

    def add_people(self, newcomers: Iterable[DemoPerson]) -> None:
        """Lets more people in, or changes what they may do."""
        with self._store.transaction() as tables:
            people.add(tables, newcomers)

    def close(self) -> None:
        """Lets go of the file."""
        self._store.close()

    def _struck(self, request: Request, fault: Fault) -> Exchange:
        if fault.mishap in _BEFORE:
            return Exchange(self._instead(request, fault))
        reply = self._answer(request)
        if fault.mishap is Mishap.RESET_AFTER:
            return Exchange(None)
        if fault.mishap is Mishap.ERROR_AFTER:
            return Exchange(words.failed(fault.status or 502))
        if fault.mishap is Mishap.NEAR_LIMIT:
            return Exchange(replace(reply, headers={**reply.headers, "X-RateLimit-NearLimit": "true"}))
        return Exchange(
            reply, wait=fault.seconds if fault.mishap is Mishap.SLOW else 0.0, cut=fault.mishap is Mishap.TRUNCATED
        )

    def _instead(self, request: Request, fault: Fault) -> Reply | None:
        if fault.mishap is Mishap.RATE_LIMITED:
            return words.rate_limited(self.flavour, fault.seconds, self._now())
        if fault.mishap is Mishap.SERVER_ERROR:
            return words.failed(fault.status or 500)
        if fault.mishap is Mishap.TOKEN_EXPIRED:
            return words.unauthorized(self.flavour)
        if fault.mishap is Mishap.UNINDEXED:
            return json_reply({"results": [], "start": 0, "limit": 25, "size": 0, "_links": {}})
        if fault.mishap is Mishap.UNSETTLED:
            return self._no(request, Refusal(Reason.UNSETTLED, "Conflict"))
        return None

    def _answer(self, request: Request) -> Reply:
        """Return the handler's reply; a refusal takes back whatever the handler did."""
        try:
            with self._store.transaction() as tables:
                at = self._visit(tables, self._person(tables, request), request)
                if request.path.startswith(control.PATH):
                    route, named = route_for(control.ROUTES, request)
                    return route.handler(control.Levers(self.log, self.faults, at), **named)
                route, named = route_for(self._routes, request)
                return route.handler(at, **named)
        except Refusal as refusal:
            return self._no(request, refusal)

    def _person(self, tables: Tables, request: Request) -> DemoPerson:
        """Whoever the credentials name; pages and the controls are open to everybody on this machine."""
        if request.path.startswith(control.PATH):
            return ADMIN
        if _is_api(request.path):
            return people.authenticated(tables, request)
        return people.READER

    def _no(self, request: Request, refusal: Refusal) -> Reply:
        if refusal.reason is Reason.UNAUTHORIZED:
            return words.unauthorized(self.flavour)
        if request.path.startswith(cloud.API):
            return words.v2(refusal)
        reply = words.v1(refusal)
        if _is_api(request.path) or request.path.startswith(control.PATH):
            return reply
        return view.problem(self.flavour, reply.status, HTTPStatus(reply.status).phrase, refusal.words)

    def _visit(self, tables: Tables, person: DemoPerson, request: Request) -> Visit:
        base = f"http://{request.headers.get('host', 'localhost')}"
        now = self._now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return Visit(tables, self.flavour, person, now, base, request)


def _routes(flavour: Flavour) -> tuple[Route, ...]:
    api = (*cloud.ROUTES, *cloud_version1.ROUTES) if flavour is Flavour.CLOUD else datacenter.ROUTES
    return (*api, *view.routes(flavour))


def _is_api(path: str) -> bool:
    return path.startswith((cloud.API, cloud_version1.API, datacenter.API))


def _add_space(at: Visit, key: str, name: str) -> None:
    """A space with a home page, unless the file has it."""
    if at.tables.number("SELECT count(*) FROM space WHERE key = ?", key):
        return
    space_id = at.tables.new_id()
    at.tables.run("INSERT INTO space VALUES(?, ?, ?, NULL)", space_id, key, name)
    home = pages.create(at, space_by_key(at, key), None, pages.Content(f"{name} home", "<p />"))
    at.tables.run("UPDATE space SET homepage_id = ? WHERE id = ?", home.id, space_id)
    at.tables.run("DELETE FROM notification WHERE page_id = ?", home.id)
