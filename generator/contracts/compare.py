"""Where a hand-written curl disagrees with the endpoints and the contract of the model that it is meant to call."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from generator.contracts.addresses import (
    VARIABLE,
    Endpoint,
    EndpointAddress,
    can_match,
    find_nearest_endpoint,
    split_literals,
)
from generator.contracts.curl import WITHOUT_BODY, Curl
from generator.contracts.data import Data, Schema, get_at_pointer, walk
from generator.contracts.render import quote_expanding
from generator.contracts.validation import Mismatch, find_example_mismatches
from generator.contracts.views import SchemaView, build_view
from generator.names import suggest_name
from generator.schema.pointers import parse_pointer
from generator.secrets.redaction import redact_named

_UNQUOTED = "__variable__"
"""Marks a variable that stands where a whole value belongs, so that it may be a number, a list, anything.

Plain letters, so that a message shows it as it is and `in_words` can take it out.
"""

_STRING_OR_VARIABLE = re.compile(rf'"(?:[^"\\]|\\.)*+"?|{VARIABLE.pattern}', re.DOTALL)
"""A text without its end counts to the end of all, so that none is searched twice."""

_OF_TEXT = frozenset({"pattern", "format", "enum", "const", "minLength", "maxLength"})
"""The keywords that a text with a variable in it may yet satisfy."""

_OF_SHAPE = frozenset({"type", "required", "additionalProperties", "minItems", "maxItems"})
"""The keywords that an object or a list breaks whatever its values turn out to be."""

NO_JSON: Data = {_UNQUOTED: None}
"""Stands for a body that is no JSON: a value that no JSON text is read as."""
_FORM = "application/x-www-form-urlencoded"
_OF_THE_SCHEMA = frozenset({"", "$ref"})
"""The keywords under which the check speaks of the schema itself and not of what it was given."""


@dataclass(frozen=True, slots=True)
class ContractCall:
    """How a model is called, as its contract says; None and () where it says nothing."""

    method: str | None = None
    request: Schema | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that the curl does otherwise than endpoint or contract say; what a name calls a secret is masked."""

    message: str
    """A predicate whose subject is the curl: `sends PUT; the contract says POST`."""
    hint: str
    words: tuple[str, ...] = ()
    """What stands at the place in the text of the curl: each found behind the one before it."""

    def offset_in(self, text: str) -> int:
        """The character of the curl's text that it is about; the first where the words stand otherwise there."""
        offset = 0
        for word in self.words:
            offset = max(text.find(word, offset), offset)
        return offset


def compare_curl(curl: Curl, endpoints: Mapping[str, str], contract: ContractCall) -> list[Disagreement]:
    """Every disagreement: address, method, headers, body or query; [] where the curl does what is written.

    Variables such as `$TOKEN` stand for anything, `{city}` in an endpoint for any one step of the path. What cannot
    be told, such as what a file holds, is no disagreement.
    """
    endpoint = find_nearest_endpoint(curl.url, endpoints)
    return [
        *_address(curl, endpoint),
        *_method(curl, contract),
        *_headers(curl, contract),
        *_content(curl, contract, endpoint),
    ]


def _address(curl: Curl, endpoint: Endpoint | None) -> Iterator[Disagreement]:
    if endpoint is not None and endpoint.differences:
        message = f"{' and '.join(endpoint.differences)}, unlike the {endpoint.environment} endpoint"
        yield Disagreement(message, f"call {endpoint.url}, or correct `endpoints`", (_base(curl),))


def _base(curl: Curl) -> str:
    """The address as it stands in the text: what -G adds to it stands elsewhere."""
    return curl.url.partition("?")[0]


def _method(curl: Curl, contract: ContractCall) -> Iterator[Disagreement]:
    wanted = contract.method
    if wanted is None or curl.method == wanted or VARIABLE.search(curl.method):
        return
    reason = "methods are told apart by case" if curl.method.upper() == wanted else f"the contract says {wanted}"
    hint = f"write --request {wanted}, or correct `contract.method`"
    yield Disagreement(f"sends {curl.method}; {reason}", hint, (curl.method,))


def _headers(curl: Curl, contract: ContractCall) -> Iterator[Disagreement]:
    sent = {name.lower(): (name, value) for name, value in curl.headers}
    if curl.user is not None or EndpointAddress.parse(curl.url).names_a_user:
        sent.setdefault("authorization", ("Authorization", "$BASIC"))
    for name, value in contract.headers:
        shown = redact_named(name, value)
        written = f"--header {quote_expanding(f'{name}: {shown}')}"
        found = sent.get(name.lower())
        if found is None:
            hint = f"add {written}, or correct `contract.headers`"
            yield Disagreement(f"lacks the header {name}", hint)
        elif not _same_value(name, found[1], value):
            hint = f"write {written}, or correct `contract.headers`"
            message = f"sends the header {name}: {redact_named(name, found[1])}; the contract says {shown}"
            yield Disagreement(message, hint, (found[0],))


def _same_value(name: str, given: str, expected: str) -> bool:
    """Whether both may be the same once variables are filled in; of a media type the parameters may be left out."""
    if name.lower() == "content-type" and ";" not in expected:
        given = given.partition(";")[0].rstrip()
    return can_match(split_literals(given, VARIABLE), split_literals(expected, VARIABLE))


def _content(curl: Curl, contract: ContractCall, endpoint: Endpoint | None) -> Iterator[Disagreement]:
    """The body, or the query of a method without one, against the request schema."""
    request = contract.request
    if request is None or curl.body_file is not None:
        return
    if curl.form:
        yield from _form(curl, contract, request)
    elif curl.body is not None:
        yield from _body(curl.body, request)
        if curl.content_type == _FORM and not any(name.lower() == "content-type" for name, _ in contract.headers):
            yield from _called_a_form(curl.body)
    elif (contract.method or curl.method).upper() in WITHOUT_BODY:
        yield from _query(curl, request, endpoint)
    elif not VARIABLE.search(curl.method) and list(_refused(request, None)):
        fields = ", ".join(f'"{name}": …' for name in build_view(request, request).required)
        hint = f"add --json '{{{fields}}}'"
        yield Disagreement("sends no body; the contract asks for one", hint, (_base(curl),))


def _form(curl: Curl, contract: ContractCall, request: Schema) -> Iterator[Disagreement]:
    """A contract is one of JSON unless its headers name another type, or a field of it takes a file."""
    types = [value for name, value in contract.headers if name.lower() == "content-type"]
    takes_file = any(map(_is_file, build_view(request, request).properties.values()))
    if not takes_file and all("json" in each.lower() for each in types):
        name, _ = curl.form[0]
        hint = "send it with --json, or write `Content-Type: multipart/form-data` in `contract.headers`"
        yield Disagreement("sends a multipart form; the contract describes JSON", hint, (f"{name}=",))


def _is_file(field: Data) -> bool:
    """Whether the schema of a field is how OpenAPI describes an upload, or a list of them."""
    if not isinstance(field, dict):
        return False
    return field.get("format") == "binary" or "contentMediaType" in field or _is_file(field.get("items"))


def _body(body: str, request: Schema) -> Iterator[Disagreement]:
    payload = read_body(body)
    if payload is NO_JSON:
        if not VARIABLE.search(body):
            yield Disagreement("sends a body that is not JSON", "write it as JSON in single quotes", (body,))
        return
    for mismatch in _refused(request, payload):
        if not can_become_valid(mismatch, payload):
            where = f" at {mismatch.pointer}" if mismatch.pointer else ""
            message = f"sends a body that the request schema refuses{where}: {describe_mismatch(mismatch)}"
            names = (f'"{step}"' for step in parse_pointer(mismatch.pointer) if not step.isdecimal())
            yield Disagreement(message, "correct the body, or the schema", (body, *names))


def _called_a_form(body: str) -> Iterator[Disagreement]:
    """A type that somebody chose, such as text/plain, is taken as meant; this one curl puts in by itself."""
    if read_body(body) is not NO_JSON:
        message = f"sends JSON as {_FORM}, as curl does unless told otherwise"
        yield Disagreement(message, "add --header 'Content-Type: application/json'", (body,))


def _refused(request: Schema, payload: Data) -> Iterator[Mismatch]:
    """What the schema has against a payload; what is wrong with the schema itself is reported where it stands."""
    return (each for each in find_example_mismatches(request, payload) if each.keyword not in _OF_THE_SCHEMA)


def _query(curl: Curl, request: Schema, endpoint: Endpoint | None) -> Iterator[Disagreement]:
    """The names of the fields, which stand in the query or the path; there every value is text."""
    address = EndpointAddress.parse(curl.url)
    names = {name for name, _ in address.fields}
    if address.may_hold_more or (endpoint is None and not names):  # then the path may hold them all
        return
    seen = build_view(request, request)
    in_path = endpoint.path_parameters if endpoint is not None else frozenset[str]()
    for name in seen.required:
        if name not in names | in_path:
            hint = f"add --get --data-urlencode {quote_expanding(f'{name}=…')}"
            yield Disagreement(f"lacks {name!r} in its query", hint, (_base(curl),))
    own = {name for name, _ in EndpointAddress.parse(endpoint.url).fields} if endpoint is not None else set[str]()
    yield from _unknown_fields(names - own, seen)


def _unknown_fields(names: Iterable[str], seen: SchemaView) -> Iterator[Disagreement]:
    """As for a body: further fields are wrong only where the schema says that there are none."""
    if seen.keywords.get("additionalProperties") is False and "patternProperties" not in seen.keywords:
        for name in sorted(set(names) - set(seen.properties)):
            hint = suggest_name(name, seen.properties) or "remove it, or add it to the request schema"
            yield Disagreement(f"sends {name!r}, which the request schema does not know", hint, (f"{name}=",))


def read_body(body: str) -> Data:
    """The body as data, NO_JSON where it is none; a variable that is a whole value becomes a text of its own."""
    for text in (body, _STRING_OR_VARIABLE.sub(_as_text, body)):
        try:
            payload: Data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return payload
    return NO_JSON


def _as_text(match: re.Match[str]) -> str:
    return match.group() if match.group().startswith('"') else json.dumps(_UNQUOTED + match.group())


def describe_mismatch(mismatch: Mismatch) -> str:
    """The message of a mismatch with the variables as they were written."""
    return mismatch.message.replace(_UNQUOTED, "")


def can_become_valid(mismatch: Mismatch, payload: Data) -> bool:
    """Whether a variable at the place of a mismatch may yet make it right."""
    value = get_at_pointer(payload, mismatch.pointer)
    if isinstance(value, str):
        return value.startswith(_UNQUOTED) or (VARIABLE.search(value) is not None and mismatch.keyword in _OF_TEXT)
    if isinstance(value, dict) and any(VARIABLE.search(name) for name in value):
        return True
    inside = (part for _, part in walk(value) if isinstance(part, str))
    return mismatch.keyword not in _OF_SHAPE and any(VARIABLE.search(part) for part in inside)
