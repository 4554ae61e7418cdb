"""Sends requests through atlassian-python-api's session, and again where that is safe; its only importer.

Of the library only the session with its authentication, proxies and TLS is used, over its raw
`request`. Its own retries are off (they sleep outside our pace and repeat a POST), redirects are not
followed (a token must not travel to where an answer points), and its answers are raw, so that nothing
it raises stands between the server's words and our exceptions. Its debug log repeats whole requests and
answers, so it is kept quiet.
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

from generator.confluence.rest.access import Access
from generator.confluence.rest.call import Answer, Call, Failure, Payload, Retry, Sent
from generator.confluence.rest.pace import Clock, Pace, pause_asked
from generator.confluence.rest.problems import problem
from generator.confluence.rest.redaction import secrets_of
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
"""Seconds without a word from the server before an answer counts as lost."""

Observer = Callable[[Sent], None]
Shaped = TypeVar("Shaped")


class Transport:
    """One account's way to one wiki; threads share it."""

    def __init__(
        self,
        access: Access,
        *,
        clock: Clock,
        observer: Observer,
        adapter: BaseAdapter | None = None,
        time_limit: int = TIME_LIMIT,
    ) -> None:
        self._clock = clock
        self._observer = observer
        self._pace = Pace(clock)
        self._client = _client(access, adapter, time_limit)
        self._secrets = secrets_of(access)
        self.base = access.base

    def ask(self, call: Call, shape: Callable[[Any], Shaped]) -> Shaped:
        """Sends a call and reads the answer's JSON; an answer of another shape is a problem, not a traceback."""
        answer = self.send(call)
        try:
            return shape(answer.data)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            said = "the answer is not what Confluence sends"
        raise (Refused if call.reads else LostAnswer)(str(call), said, answer.status)

    def send(self, call: Call) -> Answer:
        """Sends until there is an answer worth having; raises WikiProblem's kin."""
        uncertain = False
        last: Answer | Failure = Failure.NOT_SENT
        for attempt in range(1, ATTEMPTS + 1):
            try:
                last = self._attempt(call, attempt)
            except RateLimited as told:
                raise _in_doubt(call, told, uncertain=uncertain) from None
            if isinstance(last, Answer) and last.good:
                return last
            if not _worth_retrying(call, last):
                break
            uncertain = uncertain or _may_have_happened(last)
            if attempt < ATTEMPTS:
                self._back_off(last, attempt)
        raise _verdict(call, last, self._secrets, uncertain=uncertain)

    def _attempt(self, call: Call, attempt: int) -> Answer | Failure:
        """One request in its turn; RateLimited where the wiki wants a pause that nobody is to wait for."""
        with self._pace.turn(str(call)):
            outcome = _exchange(self._client, call)
        status = None
        if isinstance(outcome, Answer):
            status = outcome.status
            self._pace.heed(status, outcome.headers)
        self._observer(Sent(call.method, call.path, status, attempt))
        if status == 429:
            self._pace.check(str(call))
        return outcome

    def _back_off(self, last: Answer | Failure, attempt: int) -> None:
        """Waits with jitter; where the server named a time the shared pace already holds everybody for it."""
        held = isinstance(last, Answer) and pause_asked(last.status, last.headers, self._clock.now()) > 0
        step = 0.25 if held else min(30.0, 0.5 * 2 ** (attempt - 1))
        self._clock.sleep(step * (0.5 + self._clock.chance()))


def _client(access: Access, adapter: BaseAdapter | None, time_limit: int) -> AtlassianRestAPI:
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


def _exchange(client: AtlassianRestAPI, call: Call) -> Answer | Failure:
    """One request; every way in which it may fail is a Failure, so that no traceback holds the request."""
    body: Any = _body(call)  # the library's own type has no lists, which it encodes all the same
    try:
        response = client.request(
            call.method,
            path=call.path,
            params=dict(call.params),
            data=body,
            files=_files(call),
            headers=_headers(call),
            allow_redirects=False,
        )
        return _answer(response)
    except requests.exceptions.ConnectTimeout:
        return Failure.NOT_SENT
    except requests.exceptions.Timeout:
        return Failure.SLOW
    except (requests.exceptions.SSLError, requests.exceptions.ProxyError):
        return Failure.NOT_SENT
    except requests.exceptions.ConnectionError as error:
        return Failure.NOT_SENT if _never_connected(error) else Failure.BROKEN
    except requests.exceptions.RequestException:
        return Failure.BROKEN


def _never_connected(error: requests.exceptions.ConnectionError) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _headers(call: Call) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    if call.upload is None:
        return headers | {"Content-Type": "application/json"}
    return headers | {"X-Atlassian-Token": "nocheck"}


def _body(call: Call) -> Payload | None:
    """JSON for the library to encode, or the form fields beside a file."""
    if call.upload is None:
        return call.payload
    return {"comment": call.upload.comment, "minorEdit": "true" if call.upload.minor else "false"}


def _files(call: Call) -> dict[str, tuple[str, bytes, str]] | None:
    upload = call.upload
    return None if upload is None else {"file": (upload.name, upload.content, upload.media_type)}


def _answer(response: requests.Response) -> Answer | Failure:
    """The answer with its JSON; a good answer whose JSON is cut short is as lost as a broken connection."""
    text = response.text
    if response.is_redirect:
        host = urlsplit(response.headers["Location"]).hostname or "another page"
        text = f"it points elsewhere, to {host}: set CONFLUENCE_URL to the wiki itself"
        return Answer(response.status_code, response.headers, None, text)
    data: Any = None
    if text and "json" in response.headers.get("Content-Type", ""):
        try:
            data = json.loads(text)
        except ValueError:
            if response.ok:
                return Failure.BROKEN
    return Answer(response.status_code, response.headers, data, text)


def _worth_retrying(call: Call, outcome: Answer | Failure) -> bool:
    """Whether sending it again may help and cannot do it twice."""
    if isinstance(outcome, Failure):
        return outcome is Failure.NOT_SENT or call.retry is not Retry.NEVER
    if outcome.status == 429:
        return True
    if outcome.status == 409:
        return call.settles and isinstance(problem(call, outcome, ()), VersionConflict)
    return _turned_away(outcome) or (outcome.status >= 500 and call.retry is not Retry.NEVER)


def _turned_away(answer: Answer) -> bool:
    """Whether the server named a time to come back at, and so has not begun."""
    return answer.status == 503 and "Retry-After" in answer.headers


def _may_have_happened(outcome: Answer | Failure) -> bool:
    if isinstance(outcome, Failure):
        return outcome is not Failure.NOT_SENT
    return outcome.status >= 500 and not _turned_away(outcome)


def _verdict(call: Call, last: Answer | Failure, secrets: tuple[str, ...], *, uncertain: bool) -> WikiProblem:
    """The exception for a call that did not succeed, after however many attempts.

    A conflict, or nothing there, may be our own doing once an answer was lost: only a look can tell.
    """
    lost = uncertain or _may_have_happened(last)
    if isinstance(last, Failure) or last.status >= 500:
        said = _no_answer(last)
        status = last.status if isinstance(last, Answer) else None
        return (LostAnswer if lost and not call.reads else Unavailable)(str(call), said, status)
    told = problem(call, last, secrets)
    if isinstance(told, VersionConflict | NotFound | RateLimited):
        return _in_doubt(call, told, uncertain=lost)
    return told


def _in_doubt(call: Call, told: WikiProblem, *, uncertain: bool) -> WikiProblem:
    """What was told, or that an answer is lost where an attempt before may have done it."""
    return LostAnswer(told.call, told.said, told.status) if uncertain and not call.reads else told


def _no_answer(last: Answer | Failure) -> str:
    if isinstance(last, Answer):
        return f"the wiki failed with HTTP {last.status}"
    return {
        Failure.NOT_SENT: "no connection to the wiki: check CONFLUENCE_URL, the proxy and the certificate",
        Failure.BROKEN: "the connection broke before the answer was complete",
        Failure.SLOW: "the wiki did not answer in time",
    }[last]
