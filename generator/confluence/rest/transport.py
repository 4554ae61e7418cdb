"""The transport of requests, with retries if they are safe. The only importer of atlassian-python-api.

Only the session of the library is used, with its authentication, proxies and TLS, through its raw `request`:

- Its retries are off: they sleep outside of the rate limit and repeat a POST.
- Redirects are not followed: the token must not be sent to the target.
- Its responses are raw, so that it raises no exceptions itself.
- Its debug log is off: it contains whole requests and responses.
"""

import json
import logging
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import requests
from atlassian.rest_client import AtlassianRestAPI
from requests.adapters import BaseAdapter
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from generator.confluence.rest.call import ApiRequest, ApiResponse, RequestAttempt, RetryPolicy, TransportFailure
from generator.confluence.rest.credentials import WikiCredentials
from generator.confluence.rest.problems import to_problem
from generator.confluence.rest.rate_limit import Clock, RateLimiter, compute_pause
from generator.confluence.rest.redaction import list_secrets
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
        self._clock = clock
        self._observer = observer
        self._pace = RateLimiter(clock)
        self._client = _build_client(access, adapter, time_limit)
        self._secrets = list_secrets(access)
        self.base = access.base

    def fetch(self, call: ApiRequest, shape: Callable[[Any], Shaped]) -> Shaped:
        """Send a request and parse its JSON; an unexpected response is a WikiProblem, not a traceback."""
        answer = self.send(call)
        try:
            return shape(answer.data)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            said = "unexpected response: expected the JSON of Confluence"
        raise (Refused if call.reads else LostAnswer)(str(call), said, answer.status, call.content_id)

    def send(self, call: ApiRequest) -> ApiResponse:
        """Send a request until it succeeds or cannot be repeated.

        Raises:
            WikiProblem: The request failed, or its outcome is unknown.

        """
        uncertain = False
        last: ApiResponse | TransportFailure = TransportFailure.NOT_SENT
        for attempt in range(1, ATTEMPTS + 1):
            try:
                last = self._attempt(call, attempt)
            except RateLimited as told:
                raise _mark_uncertain(call, told, uncertain=uncertain) from None
            if isinstance(last, ApiResponse) and last.good:
                return last
            if not _can_retry(call, last):
                break
            uncertain = uncertain or _may_have_happened(last)
            if attempt < ATTEMPTS:
                self._back_off(last, attempt)
        raise _to_exception(call, last, self._secrets, uncertain=uncertain)

    def _attempt(self, call: ApiRequest, attempt: int) -> ApiResponse | TransportFailure:
        """Send a request once; raise RateLimited if the wiki asks for a long pause."""
        with self._pace.acquire_slot(str(call)):
            outcome = _send_once(self._client, call)
        status = None
        if isinstance(outcome, ApiResponse):
            status = outcome.status
            self._pace.update_from_response(status, outcome.headers)
        self._observer(RequestAttempt(call.method, call.path, status, attempt))
        if status == 429:
            self._pace.check_open(str(call))
        return outcome

    def _back_off(self, last: ApiResponse | TransportFailure, attempt: int) -> None:
        """Wait with jitter; briefly if the rate limiter already delays all requests."""
        held = isinstance(last, ApiResponse) and compute_pause(last.status, last.headers, self._clock.now()) > 0
        step = 0.25 if held else min(30.0, 0.5 * 2 ** (attempt - 1))
        self._clock.sleep(step * (0.5 + self._clock.chance()))


def _build_client(access: WikiCredentials, adapter: BaseAdapter | None, time_limit: int) -> AtlassianRestAPI:
    logging.getLogger("atlassian").setLevel(logging.WARNING)
    session = requests.Session()
    session.trust_env = not access.loopback  # a proxy must not see what is meant for this machine
    if adapter is not None:
        session.mount("http://", adapter)
        session.mount("https://", adapter)
    return AtlassianRestAPI(
        access.base,
        username=access.user or None,
        password=access.token if access.user else None,
        token=None if access.user else access.token,
        timeout=time_limit,
        session=session,
        retry_with_header=False,
        backoff_and_retry=False,
        advanced_mode=True,
    )


def _send_once(client: AtlassianRestAPI, call: ApiRequest) -> ApiResponse | TransportFailure:
    """Send a request and return every error as a TransportFailure, so that no traceback contains the request."""
    upload = call.upload
    headers = {"Accept": "application/json"}
    body: Any = call.payload  # the library encodes lists too, though its type has none
    files = None
    if upload is None:
        headers["Content-Type"] = "application/json"
    else:
        # Without this header an upload is refused as cross-site. Cloud accepts `nocheck` as well, Data Center does not:
        # https://github.com/sooperset/mcp-atlassian/issues/1207
        headers["X-Atlassian-Token"] = "no-check"
        body = {"comment": upload.comment, "minorEdit": "true" if upload.minor else "false"}
        files = {"file": (upload.name, upload.content, upload.media_type)}
    try:
        response = client.request(
            call.method,
            path=call.path,
            params=dict(call.params),
            data=body,
            files=files,
            headers=headers,
            allow_redirects=False,
        )
        return _parse_response(response)
    except requests.exceptions.ConnectTimeout:
        return TransportFailure.NOT_SENT
    except requests.exceptions.Timeout:
        return TransportFailure.SLOW
    except (requests.exceptions.SSLError, requests.exceptions.ProxyError):
        return TransportFailure.NOT_SENT
    except requests.exceptions.ConnectionError as error:
        reason = getattr(error.args[0], "reason", None) if error.args else None
        is_connected = not isinstance(reason, NewConnectionError | ConnectTimeoutError)
        return TransportFailure.BROKEN if is_connected else TransportFailure.NOT_SENT
    except requests.exceptions.RequestException:
        return TransportFailure.BROKEN


def _parse_response(response: requests.Response) -> ApiResponse | TransportFailure:
    """Return a response with its JSON; a successful response with incomplete JSON counts as lost."""
    text = response.text
    if response.is_redirect:
        host = urlsplit(response.headers["Location"]).hostname or "another page"
        text = f"redirected to {host}: set CONFLUENCE_URL to the address of the wiki"
        return ApiResponse(response.status_code, response.headers, None, text)
    data: Any = None
    if text and "json" in response.headers.get("Content-Type", ""):
        try:
            data = json.loads(text)
        except ValueError:
            if response.ok:
                return TransportFailure.BROKEN
    return ApiResponse(response.status_code, response.headers, data, text)


def _can_retry(call: ApiRequest, outcome: ApiResponse | TransportFailure) -> bool:
    """Return whether a repetition may help and cannot apply the request twice."""
    if isinstance(outcome, TransportFailure):
        return outcome is TransportFailure.NOT_SENT or call.retry is not RetryPolicy.NEVER
    if outcome.status == 429:
        return True
    if outcome.status == 409:
        return call.settles and isinstance(to_problem(call, outcome, ()), VersionConflict)
    return _is_postponed(outcome) or (outcome.status >= 500 and call.retry is not RetryPolicy.NEVER)


def _is_postponed(answer: ApiResponse) -> bool:
    """Return whether the server named a time to retry, and so has not started."""
    return answer.status == 503 and "Retry-After" in answer.headers


def _may_have_happened(outcome: ApiResponse | TransportFailure) -> bool:
    if isinstance(outcome, TransportFailure):
        return outcome is not TransportFailure.NOT_SENT
    return outcome.status >= 500 and not _is_postponed(outcome)


def _to_exception(
    call: ApiRequest, last: ApiResponse | TransportFailure, secrets: tuple[str, ...], *, uncertain: bool
) -> WikiProblem:
    """Return the exception for a request that failed.

    A conflict or a missing page may be caused by an earlier attempt whose response was lost.
    """
    lost = uncertain or _may_have_happened(last)
    if isinstance(last, TransportFailure) or last.status >= 500:
        said = _describe_failure(last)
        status = last.status if isinstance(last, ApiResponse) else None
        return (LostAnswer if lost and not call.reads else Unavailable)(str(call), said, status, call.content_id)
    told = to_problem(call, last, secrets)
    if isinstance(told, VersionConflict | NotFound | RateLimited):
        return _mark_uncertain(call, told, uncertain=lost)
    return told


def _mark_uncertain(call: ApiRequest, told: WikiProblem, *, uncertain: bool) -> WikiProblem:
    """Return the problem, or LostAnswer if an earlier attempt may have succeeded."""
    return LostAnswer(told.call, told.said, told.status, call.content_id) if uncertain and not call.reads else told


def _describe_failure(last: ApiResponse | TransportFailure) -> str:
    if isinstance(last, ApiResponse):
        return f"the wiki failed with HTTP {last.status}"
    return {
        TransportFailure.NOT_SENT: "no connection to the wiki: check CONFLUENCE_URL, the proxy and the certificate",
        TransportFailure.BROKEN: "the connection was closed before the response was complete",
        TransportFailure.SLOW: "the wiki did not respond in time",
    }[last]
