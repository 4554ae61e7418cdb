"""Where a hand-written curl disagrees with the endpoints and the contract of the model that it is meant to call."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, urlsplit

from generator.contracts.curl import Curl
from generator.contracts.data import Data, Schema
from generator.contracts.examples import Mismatch, example_mismatches
from generator.contracts.globs import fits, pieces
from generator.names import did_you_mean

VARIABLE = re.compile(r"\$(?:[A-Za-z_]\w*|\{[^}\n]*\}|\([^)\n]*\))|<[\w. -]+>|`[^`\n]*`")
"""What stands for a value that only the caller knows."""

_STRING_OR_VARIABLE = re.compile(rf'"(?:[^"\\]|\\.)*+"|{VARIABLE.pattern}')
_PATH_PARAMETER = re.compile(r"\{[^/{}]*\}")
_UNQUOTED = "\x00variable\x00"
_LIMITS = frozenset({"pattern", "format", "enum", "const", "minLength", "maxLength"})
_PORTS = {"https": 443, "http": 80}
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})


class Aspect(StrEnum):
    """What about the request is meant."""

    URL = "url"
    METHOD = "method"
    HEADER = "header"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Called:
    """How a model is called, as its contract says; None and () where it says nothing."""

    method: str | None = None
    request: Schema | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that the curl does otherwise than endpoint or contract say."""

    aspect: Aspect
    message: str
    hint: str = ""
    pointer: str = ""
    """Where in the body, as a JSON Pointer."""
    is_certain: bool = True
    """False where it could not be checked: a body that is read from a file, or one that a variable makes up."""


def compare(curl: Curl, endpoints: Mapping[str, str], contract: Called) -> list[Disagreement]:
    """Every disagreement: address, method, headers, body; [] where the curl does what is written.

    Variables such as `$TOKEN` stand for anything, `{city}` in an endpoint for any one step of the path.
    """
    return [
        *_address(curl, endpoints),
        *_method(curl, contract),
        *_headers(curl, contract),
        *_content(curl, contract),
    ]


def _address(curl: Curl, endpoints: Mapping[str, str]) -> list[Disagreement]:
    """The differences from the endpoint that the curl is closest to; none where it is one of them."""
    found = {name: list(_differences(curl.url, endpoint)) for name, endpoint in endpoints.items()}
    if not found or not all(found.values()):
        return []
    name = min(found, key=lambda each: len(found[each]))
    return [
        Disagreement(Aspect.URL, f"{words}, unlike the {name} endpoint", f"that endpoint is {endpoints[name]}")
        for words in found[name]
    ]


def _differences(url: str, endpoint: str) -> Iterator[str]:
    """What tells an address from an endpoint, in words."""
    there = _split(endpoint)
    if there is None:
        return
    if VARIABLE.match(url):  # a variable in front may stand for scheme, host and the first steps of the path
        if not fits(pieces(url.partition("?")[0].rstrip("/"), VARIABLE), endpoint.partition("?")[0].rstrip("/")):
            yield f"calls {url}"
        return
    here = _split(url if "://" in url else f"{there.scheme}://{url}")
    if here is None:
        yield f"calls {url!r}, which is no address"
        return
    if here.scheme != there.scheme:
        yield f"uses {here.scheme}"
    if not _same(_host(here), _host(there)):
        yield f"calls the host {_host(here)}"
    elif _port(here, there.scheme) != _port(there, there.scheme) and not VARIABLE.search(here.netloc):
        yield f"calls the port {_port(here, there.scheme)}"
    if not _same_path(here.path, there.path):
        yield f"calls the path {here.path or '/'}"
    yield from _query_differences(here.query, there.query)


def _query_differences(query: str, expected: str) -> Iterator[str]:
    """What the endpoint's own query has and the curl's has not; more than that may be said in a curl."""
    given = dict(_query(query))
    for name, value in _query(expected):
        if name not in given and not VARIABLE.search(query):
            yield f"lacks {name}={value} in the query"
        elif name in given and not _same(given[name], value):
            yield f"has {name}={given[name]} in the query"


def _split(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:  # brackets that do not pair
        return None


def _host(url: SplitResult) -> str:
    """The host as written, without user and port: urlsplit's own would take `$HOST` apart."""
    address = url.netloc.rpartition("@")[2]
    return re.sub(r":\d*\Z", "", address).lower() if not VARIABLE.search(address) else re.sub(r":\d*\Z", "", address)


def _port(url: SplitResult, scheme: str) -> int | None:
    """The port as written, or that of the scheme."""
    written = re.search(r":(\d{1,5})\Z", url.netloc)
    return int(written[1]) if written else _PORTS.get(scheme)


def _query(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True, max_num_fields=1_000) if query.count("&") < 1_000 else []


def _same(given: str, expected: str) -> bool:
    """Whether a text with variables can stand for an expected one, which may itself have variables."""
    if VARIABLE.search(expected):
        return fits(pieces(expected, VARIABLE), given) or bool(VARIABLE.search(given))
    return fits(pieces(given, VARIABLE), expected)


def _same_path(given: str, expected: str) -> bool:
    """Step by step, so that a path parameter never stands for more than one."""
    here, there = given.rstrip("/").split("/"), expected.rstrip("/").split("/")
    if len(here) != len(there):
        return False
    return all(_same_step(step, other) for step, other in zip(here, there, strict=True))


def _same_step(given: str, expected: str) -> bool:
    if _PATH_PARAMETER.search(expected):
        literal = pieces(expected, _PATH_PARAMETER)
        return bool(VARIABLE.search(given)) or given == expected or (given != "" and fits(literal, given))
    return _same(given, expected)


def _method(curl: Curl, contract: Called) -> Iterator[Disagreement]:
    if contract.method is None or curl.method == contract.method or VARIABLE.search(curl.method):
        return
    if curl.method.upper() == contract.method:
        message = f"sends the method {curl.method}; methods are told apart by case"
    else:
        message = f"sends {curl.method}, the contract says {contract.method}"
    yield Disagreement(Aspect.METHOD, message, f"write --request {contract.method}")


def _headers(curl: Curl, contract: Called) -> Iterator[Disagreement]:
    sent = {name.lower(): value for name, value in curl.headers}
    if curl.user is not None:
        sent.setdefault("authorization", "$BASIC")
    for name, value in contract.headers:
        given = sent.get(name.lower())
        if given is None:
            yield Disagreement(Aspect.HEADER, f"lacks the header {name}", f"add --header '{name}: {value}'")
        elif not _same(given, value):
            yield Disagreement(Aspect.HEADER, f"sends {name}: {given}, the contract says {value}")


def _content(curl: Curl, contract: Called) -> Iterator[Disagreement]:
    """The body, or the query of a method without one, against the request schema."""
    if contract.request is None or curl.form:
        return
    if curl.body_file is not None:
        message = f"the body is read from {curl.body_file!r} and cannot be checked"
        yield Disagreement(Aspect.BODY, message, is_certain=False)
    elif curl.body is not None:
        yield from _body(curl, curl.body, contract.request)
    elif curl.method in _WITHOUT_BODY:
        yield from _query_fields(curl, contract.request)
    elif example_mismatches(contract.request, None):
        yield Disagreement(Aspect.BODY, "sends no body, the contract asks for one", "add --data '…'")


def _body(curl: Curl, body: str, request: Schema) -> Iterator[Disagreement]:
    payload = _payload(body)
    if payload is _NO_JSON:
        is_certain = not VARIABLE.search(body)
        yield Disagreement(
            Aspect.BODY, "sends a body that is not JSON", "write it as JSON in single quotes", is_certain=is_certain
        )
        return
    kind = curl.content_type or ""
    if not VARIABLE.search(kind) and kind != "application/json" and not kind.endswith("+json"):
        hint = "add --header 'Content-Type: application/json'"
        yield Disagreement(Aspect.HEADER, f"sends JSON as {kind}", hint)
    for mismatch in example_mismatches(request, payload):
        if not _is_open(mismatch, payload):
            yield Disagreement(Aspect.BODY, mismatch.message, "correct the body, or the schema", mismatch.pointer)


_NO_JSON: Data = {_UNQUOTED: None}
"""Stands for a body that is no JSON: a value that no JSON text has."""


def _payload(body: str) -> Data:
    """The body as data; a variable that stands where a whole value belongs becomes a text of its own."""
    for text in (body, _STRING_OR_VARIABLE.sub(_as_text, body)):
        try:
            payload: Data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return payload
    return _NO_JSON


def _as_text(match: re.Match[str]) -> str:
    return match.group() if match.group().startswith('"') else json.dumps(_UNQUOTED + match.group())


def _is_open(mismatch: Mismatch, payload: Data) -> bool:
    """Whether a variable at the place of a mismatch may yet make it right."""
    value = payload
    for step in mismatch.pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        value = value[int(name)] if isinstance(value, list) else value[name] if isinstance(value, dict) else None
    if not isinstance(value, str):
        return False
    return value.startswith(_UNQUOTED) or (bool(VARIABLE.search(value)) and mismatch.keyword in _LIMITS)


def _query_fields(curl: Curl, request: Schema) -> Iterator[Disagreement]:
    """Names only: in a query every value is text."""
    properties, required = (
        (request.get(key) for key in ("properties", "required")) if isinstance(request, dict) else (None, None)
    )
    if not isinstance(properties, dict):
        return
    query = curl.url.partition("#")[0].partition("?")[2]
    if VARIABLE.search(query) and "=" not in query:
        return
    given = {name for name, _ in _query(query)}
    in_path = VARIABLE.search(curl.url.partition("?")[0]) is not None
    for name in required if isinstance(required, list) and not in_path else ():
        if name not in given:
            yield Disagreement(Aspect.BODY, f"lacks {name} in the query", f"add --data-urlencode '{name}=…' with --get")
    for name in sorted(given - set(properties)):
        if not VARIABLE.search(name):
            yield Disagreement(
                Aspect.BODY, f"sends {name}, which the contract does not know", did_you_mean(name, properties)
            )
