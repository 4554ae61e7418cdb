"""The transport of requests, with retries if they are safe."""

from collections.abc import Callable
from typing import Any, TypeVar

from requests.adapters import BaseAdapter

from generator.confluence.rest.call import ApiRequest, ApiResponse, RequestAttempt, TransportFailure
from generator.confluence.rest.credentials import WikiCredentials
from generator.confluence.rest.network import Network
from generator.confluence.rest.problems import to_problem
from generator.confluence.rest.rate_limit import Clock, RateLimiter, compute_pause
from generator.confluence.wiki import (
    LostAnswer,
    NotFound,
    RateLimited,
    Refused,
    Unavailable,
    VersionConflict,
    WikiProblem,
)

ATTEMPTS = 6
FIRST_ATTEMPTS = 3
"""Attempts until the wiki has responded once, so that a wrong address is reported soon."""
TIME_LIMIT = 75
"""Seconds without data from the server until a response counts as lost."""

Observer = Callable[[RequestAttempt], None]
Shaped = TypeVar("Shaped")


class Transport:
    """The connection of one account to one wiki, shared by threads."""

    def __init__(
        self,
        access: WikiCredentials,
        *,
        clock: Clock,
        observer: Observer,
        adapter: BaseAdapter | None = None,
        time_limit: int = TIME_LIMIT,
    ) -> None:
        self._access = access
        self._clock = clock
        self._observer = observer
        self._pace = RateLimiter(clock)
        self._network = Network(access, adapter, time_limit)
        self._has_responded = False

    def fetch(self, call: ApiRequest, shape: Callable[[Any], Shaped]) -> Shaped:
        """Send a request and parse its JSON; an unexpected response is a WikiProblem, not a traceback."""
        answer = self.send(call)
        try:
            if isinstance(answer.data, dict):  # behind the gateway, the response names another address for readers
                answer.data.setdefault("_links", {}).setdefault("base", self._access.base)
            return shape(answer.data)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            message = "unexpected response: expected the JSON of Confluence"
        raise (Refused if call.reads else LostAnswer)(str(call), message, answer.status, call.content_id)

    def send(self, call: ApiRequest) -> ApiResponse:
        """Send a request until it succeeds or cannot be repeated; raise a WikiProblem if it has not succeeded."""
        uncertain = False
        last: ApiResponse | TransportFailure = TransportFailure("not sent")
        for attempt in range(1, ATTEMPTS + 1):
            try:
                last = self._attempt(call)
            except RateLimited as problem:
                raise _mark_uncertain(call, problem, uncertain=uncertain) from None
            if isinstance(last, ApiResponse) and last.good:
                return last
            uncertain = uncertain or last.uncertain
            is_unreachable = isinstance(last, TransportFailure) and not last.uncertain and not self._has_responded
            if not self._can_retry(call, last) or (is_unreachable and attempt == FIRST_ATTEMPTS):
                break
            if attempt < ATTEMPTS:  # wait with jitter, briefly if the rate limiter already delays all requests
                held = isinstance(last, ApiResponse) and compute_pause(last.status, last.headers, self._clock.now()) > 0
                step = 0.25 if held else min(30.0, 0.5 * 2 ** (attempt - 1))
                self._clock.sleep(step * (0.5 + self._clock.chance()))
        raise self._to_exception(call, last, uncertain=uncertain)

    def _attempt(self, call: ApiRequest) -> ApiResponse | TransportFailure:
        """Send a request once; raise RateLimited if the wiki asks for a long pause."""
        with self._pace.acquire_slot(str(call)):
            outcome = self._network.send(call)
        status = None
        if isinstance(outcome, ApiResponse):
            status = outcome.status
            self._has_responded = True
            self._pace.update_from_response(status, outcome.headers)
        self._observer(RequestAttempt(call.method, call.path, status))
        if status == 429:
            self._pace.check_open(str(call))
        return outcome

    def _can_retry(self, call: ApiRequest, outcome: ApiResponse | TransportFailure) -> bool:
        """Return whether a repetition may help and cannot apply the request twice."""
        if isinstance(outcome, TransportFailure):
            return not outcome.permanent and (call.repeatable or not outcome.uncertain)
        if outcome.status == 429:
            return True
        if outcome.status == 409:
            return call.settles and isinstance(to_problem(call, outcome, self._access), VersionConflict)
        return outcome.postponed or (outcome.status >= 500 and call.repeatable)

    def _to_exception(self, call: ApiRequest, last: ApiResponse | TransportFailure, *, uncertain: bool) -> WikiProblem:
        """Return the exception for a request that failed.

        A conflict or a missing page may be caused by an earlier attempt whose response was lost.
        """
        kind = LostAnswer if uncertain and not call.reads else Unavailable
        if isinstance(last, TransportFailure):
            return kind(str(call), last.message, None, call.content_id, fix=last.fix)
        if last.status >= 500:
            return kind(str(call), f"the wiki failed with HTTP {last.status}", last.status, call.content_id)
        problem = to_problem(call, last, self._access)
        if isinstance(problem, VersionConflict | NotFound | RateLimited):
            return _mark_uncertain(call, problem, uncertain=uncertain)
        return problem


def _mark_uncertain(call: ApiRequest, problem: WikiProblem, *, uncertain: bool) -> WikiProblem:
    """Return the problem, or LostAnswer if an earlier attempt may have succeeded."""
    return (
        LostAnswer(problem.call, problem.message, problem.status, problem.content_id)
        if uncertain and not call.reads
        else problem
    )
