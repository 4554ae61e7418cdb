"""Live endpoints: a request within limits of time and size, and the comparison of its answer with the contract.

Only `modelbook verify` imports this module: no other command sends a request to an endpoint. Nothing of an answer is
kept apart from its status and the place of the first difference from the contract.
"""

import json
import ssl
import threading
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from queue import SimpleQueue

import msgspec

from generator.contracts.data import MAXIMUM_DEPTH, Data, Schema
from generator.contracts.validation import find_answer_mismatches
from generator.evidence.live_http import Answer, NoAnswerError, RequestLimits, fetch_answer
from generator.evidence.live_requests import ENVIRONMENT_VARIABLE, LiveRequest, get_origin
from generator.evidence.records import AnswerShape, Verification
from generator.grouping import group_pairs
from generator.schema import Model
from generator.secrets.redaction import redact

_TOO_DEEP = f"response: the answer is nested more than {MAXIMUM_DEPTH} levels deep, so the answer is not checked"
_MOST_HOSTS = 8
"""The most hosts that get requests at the same time."""
_KNOWN_TYPES = frozenset({"text/html", "text/plain", "text/xml", "application/xml", "application/octet-stream"})
"""The media types that a problem names; any other is a value of the answer."""
_STATUS_PROBLEMS = {
    400: "the request is refused",
    401: "the credentials are missing or refused",
    403: "access is denied",
    404: "nothing is at this address",
    405: "the method is refused",
    415: "the media type is refused",
    422: "the request is refused",
    429: "there are too many requests",
}


def verify_endpoint(
    request: LiveRequest, variables: Mapping[str, str], day: date, limits: RequestLimits, tls: ssl.SSLContext
) -> Verification:
    """Send the request of an endpoint and compare the answer with the contract.

    `variables` has the values of the variables in the headers of the request.
    """
    headers = {
        name: ENVIRONMENT_VARIABLE.sub(lambda match: variables[match[1] or match[2]], value)
        for name, value in request.headers
    }
    start = time.monotonic()
    try:
        answer = fetch_answer(request, headers, limits, tls)
    except NoAnswerError as error:
        status, milliseconds, shape, problem = None, None, AnswerShape.NO_ANSWER, str(error)
    else:
        status, milliseconds = answer.status, round((time.monotonic() - start) * 1000)
        shape, problem = _judge_answer(answer, request.response)
    return Verification(
        ref=str(request.ref),
        environment=request.environment,
        instance=request.instance,
        day=day,
        valid_on=day if shape is AnswerShape.VALID else None,
        status=status,
        milliseconds=milliseconds,
        shape=shape,
        problem=redact(problem),
    )


def verify_hosts(
    requests: Iterable[LiveRequest], verify: Callable[[LiveRequest], Verification]
) -> Generator[Verification, None, None]:
    """Verify endpoints of several hosts at once, one after the other on each host; yield each result when it is there.

    Whoever stops to read the results ends the run: requests that were not sent yet are dropped.
    """
    by_host = group_pairs((get_origin(request.url)[1], request) for request in requests)
    results: SimpleQueue[Verification | BaseException] = SimpleQueue()
    is_over = threading.Event()

    def verify_host(of_host: Iterable[LiveRequest]) -> None:
        for request in of_host:
            if is_over.is_set():
                return
            try:
                results.put(verify(request))
            except BaseException as error:  # noqa: BLE001 - the reader raises it
                results.put(error)
                return

    with ThreadPoolExecutor(_MOST_HOSTS) as pool:
        for of_host in by_host.values():
            pool.submit(verify_host, of_host)
        try:
            for _ in range(sum(map(len, by_host.values()))):
                result = results.get()
                if isinstance(result, BaseException):
                    raise result
                yield result
        finally:
            is_over.set()


def merge_verifications(
    previous: Iterable[Verification], found: Iterable[Verification], models: Iterable[Model]
) -> tuple[Verification, ...]:
    """Return the last answers of all endpoints: those found now, and earlier ones of other endpoints in the book."""
    known = {
        (str(model.ref), instance, environment)
        for model in models
        for instance, endpoints in (("", model.endpoints), *((one.id, one.endpoints) for one in model.instances))
        for environment in endpoints
    }
    merged = {one.key: one for one in previous if one.key in known}
    for one in found:
        before = merged.get(one.key)
        valid_on = one.valid_on or (before.valid_on if before is not None else None)
        merged[one.key] = msgspec.structs.replace(one, valid_on=valid_on)
    return tuple(merged[key] for key in sorted(merged))


def _judge_answer(answer: Answer, response: Schema) -> tuple[AnswerShape, str]:
    """Return how an answer compares with the contract, with the first problem."""
    if not 200 <= answer.status < 300:
        meaning = "the server failed" if answer.status >= 500 else _STATUS_PROBLEMS.get(answer.status, "")
        problem = answer.problem or meaning
        return AnswerShape.REFUSED, f"status {answer.status}{f': {problem}' if problem else ''}"
    if answer.problem:
        return AnswerShape.INVALID, answer.problem
    if answer.media_type and not (answer.media_type == "application/json" or answer.media_type.endswith("+json")):
        named = answer.media_type if answer.media_type in _KNOWN_TYPES else "another type"
        return AnswerShape.INVALID, f"Content-Type is {named}: expected application/json"
    try:
        data: Data = json.loads(answer.content, parse_constant=_refuse_constant)
    except RecursionError:  # some versions of Python read deeper data, which the contract then refuses
        return AnswerShape.INVALID, _TOO_DEEP
    except ValueError:  # also of text that is not UTF-8, and of numbers with thousands of digits
        return AnswerShape.INVALID, "the answer is not JSON" if answer.content else "the answer is empty"
    found = find_answer_mismatches(response, data)
    if not found:
        return AnswerShape.VALID, ""
    first = found[0]
    place = f"response.{first.pointer}".replace(".[", "[") if first.pointer else "response"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    is_judged = bool(first.keyword) or first.message.startswith("the answer")
    return AnswerShape.INVALID if is_judged else AnswerShape.UNCHECKED, f"{place}: {first.message}{more}"


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity, which Python reads
