"""Comparison of a hand-written curl with the endpoints and the contract of its model."""

import json
import re
from collections.abc import Iterator, Mapping

from generator.contracts.addresses import (
    VARIABLE,
    Endpoint,
    EndpointAddress,
    can_match,
    find_nearest_endpoint,
)
from generator.contracts.curl import WITHOUT_BODY, Curl
from generator.contracts.data import Data, Schema, get_at_pointer, walk
from generator.contracts.render import quote_expanding
from generator.contracts.validation import Mismatch, find_example_mismatches
from generator.contracts.views import build_view
from generator.names import suggest_name
from generator.schema.fields import parse_pointer
from generator.secrets.redaction import redact_named
from generator.values import FrozenValue

_VARIABLE_PREFIX = "__variable__"
"""The prefix of a variable in place of a whole value, which may be a number, a list, anything.

Plain letters, so that a message contains it unchanged, from which it is removed.
"""

_STRING_OR_VARIABLE = re.compile(rf'"(?:[^"\\]|\\.)*+"?|{VARIABLE.pattern}', re.DOTALL)
"""A string without its end extends to the end of the text, so that none is searched twice."""

_TEXT_KEYWORDS = frozenset({"pattern", "format", "enum", "const", "minLength", "maxLength"})
"""The keywords that a string with a variable may satisfy."""

_SHAPE_KEYWORDS = frozenset({"type", "required", "additionalProperties", "minItems", "maxItems"})
"""The keywords that an object or a list violates whatever its values are."""

NO_JSON: Data = {_VARIABLE_PREFIX: None}
"""A body that is not JSON; no JSON text has this value."""
_FORM = "application/x-www-form-urlencoded"
_SCHEMA_KEYWORDS = frozenset({"", "$ref"})
"""The keywords of mismatches that are about the schema itself."""


class ContractCall(FrozenValue):
    """The request of a contract; None and () if it does not define them."""

    method: str | None = None
    request: Schema | None = None
    headers: tuple[tuple[str, str], ...] = ()


class Disagreement(FrozenValue):
    """A difference of a curl from the endpoint or the contract, without secrets."""

    message: str
    """A predicate whose subject is the curl: `sends PUT: expected POST`."""
    hint: str
    words: tuple[str, ...] = ()
    """Words of the curl that lead to the place: each is searched after the one before it."""

    def find_offset(self, text: str) -> int:
        """Return the offset of the difference in the text of the curl; 0 if the words are not found."""
        offset = 0
        for word in self.words:
            offset = max(text.find(word, offset), offset)
        return offset


def compare_curl(curl: Curl, endpoints: Mapping[str, str], contract: ContractCall) -> list[Disagreement]:
    """Return the differences of address, method, headers, body and query; [] if they agree.

    Variables such as `$TOKEN` match anything, `{city}` in an endpoint any one step of the path. Unknown values, such
    as the contents of a file, are not differences.
    """
    endpoint = find_nearest_endpoint(curl.url, endpoints)
    found: list[Disagreement] = []
    if endpoint is not None and endpoint.differences:
        message = f"{' and '.join(endpoint.differences)}, unlike the {endpoint.environment} endpoint"
        found.append(Disagreement(message, f"call {endpoint.url}, or correct `endpoints`", (_get_base(curl),)))
    wanted = contract.method
    if wanted is not None and curl.method != wanted and not VARIABLE.search(curl.method):
        reason = "methods are case-sensitive" if curl.method.upper() == wanted else f"expected {wanted}"
        hint = f"write --request {wanted}, or correct `contract.method`"
        found.append(Disagreement(f"sends {curl.method}: {reason}", hint, (curl.method,)))
    return [*found, *_compare_headers(curl, contract), *_compare_content(curl, contract, endpoint)]


def _get_base(curl: Curl) -> str:
    """Return the address as it is in the text, without the fields that -G adds."""
    return curl.url.partition("?")[0]


def _compare_headers(curl: Curl, contract: ContractCall) -> Iterator[Disagreement]:
    sent = {name.lower(): (name, value) for name, value in curl.headers}
    if curl.user is not None or EndpointAddress.parse(curl.url).has_user:
        sent.setdefault("authorization", ("Authorization", "$BASIC"))
    for name, value in contract.headers:
        shown = redact_named(name, value)
        written = f"--header {quote_expanding(f'{name}: {shown}')}"
        if name.lower() not in sent:
            yield Disagreement(f"lacks the header {name}", f"add {written}, or correct `contract.headers`")
            continue
        word, given = sent[name.lower()]
        is_media_type = name.lower() == "content-type" and ";" not in value  # which may omit its parameters
        if not can_match(given.partition(";")[0].rstrip() if is_media_type else given, value):
            hint = f"write {written}, or correct `contract.headers`"
            message = f"sends the header {name}: {redact_named(name, given)}: expected {shown}"
            yield Disagreement(message, hint, (word,))


def _compare_content(curl: Curl, contract: ContractCall, endpoint: Endpoint | None) -> Iterator[Disagreement]:
    """Compare the body, or the query of a method without one, with the request schema."""
    request = contract.request
    if request is None or curl.body_file is not None:
        return
    if curl.form:
        yield from _find_unexpected_form(curl, contract, request)
    elif curl.body is not None:
        yield from _compare_body(curl.body, request)
        # The type that curl adds itself; an explicit one, such as text/plain, is intended.
        is_default = not any(name.lower() == "content-type" for name, _ in contract.headers)
        if curl.content_type == _FORM and is_default and read_body(curl.body) is not NO_JSON:
            message = f"sends JSON as {_FORM}, the default of curl"
            yield Disagreement(message, "add --header 'Content-Type: application/json'", (curl.body,))
    elif (contract.method or curl.method).upper() in WITHOUT_BODY:
        yield from _compare_query(curl, request, endpoint)
    elif not VARIABLE.search(curl.method) and list(_find_mismatches(request, None)):
        fields = ", ".join(f'"{name}": …' for name in build_view(request, request).required)
        hint = f"add --json '{{{fields}}}'"
        yield Disagreement("sends no body: expected one", hint, (_get_base(curl),))


def _find_unexpected_form(curl: Curl, contract: ContractCall, request: Schema) -> Iterator[Disagreement]:
    """Find a form although the contract is JSON: its headers have no other type, and no field is a file."""
    types = [value for name, value in contract.headers if name.lower() == "content-type"]
    takes_file = any(map(_is_file, build_view(request, request).properties.values()))
    if not takes_file and all("json" in each.lower() for each in types):
        name, _ = curl.form[0]
        hint = "send it with --json, or write `Content-Type: multipart/form-data` in `contract.headers`"
        yield Disagreement("sends a multipart form: expected JSON", hint, (f"{name}=",))


def _is_file(field: Data) -> bool:
    """Return whether a field is an upload of OpenAPI, or a list of them."""
    if not isinstance(field, dict):
        return False
    return field.get("format") == "binary" or "contentMediaType" in field or _is_file(field.get("items"))


def _compare_body(body: str, request: Schema) -> Iterator[Disagreement]:
    payload = read_body(body)
    if payload is NO_JSON:
        if not VARIABLE.search(body):
            yield Disagreement("sends a body that is not JSON", "write it as JSON in single quotes", (body,))
        return
    for mismatch in _find_mismatches(request, payload):
        if not can_become_valid(mismatch, payload):
            where = f" at {mismatch.pointer}" if mismatch.pointer else ""
            message = f"sends an invalid body{where}: {mismatch.message.replace(_VARIABLE_PREFIX, '')}"
            names = (f'"{step}"' for step in parse_pointer(mismatch.pointer) if not step.isdecimal())
            yield Disagreement(message, "correct the body, or the schema", (body, *names))


def _find_mismatches(request: Schema, payload: Data) -> Iterator[Mismatch]:
    """Return the mismatches of a payload; those of the schema itself are reported at the schema."""
    return (each for each in find_example_mismatches(request, payload) if each.keyword not in _SCHEMA_KEYWORDS)


def _compare_query(curl: Curl, request: Schema, endpoint: Endpoint | None) -> Iterator[Disagreement]:
    """Compare the names of the fields in the query and the path, where every value is text."""
    address = EndpointAddress.parse(curl.url)
    names = {name for name, _ in address.fields}
    if address.may_have_more or (endpoint is None and not names):  # then the path may hold them all
        return
    seen = build_view(request, request)
    in_path = endpoint.path_parameters if endpoint is not None else frozenset[str]()
    for name in seen.required:
        if name not in names | in_path:
            hint = f"add --get --data-urlencode {quote_expanding(f'{name}=…')}"
            yield Disagreement(f"lacks {name!r} in its query", hint, (_get_base(curl),))
    own = {name for name, _ in EndpointAddress.parse(endpoint.url).fields} if endpoint is not None else set[str]()
    # Further fields are wrong only if the schema excludes them, as in a body.
    if seen.keywords.get("additionalProperties") is False and "patternProperties" not in seen.keywords:
        for name in sorted(names - own - set(seen.properties)):
            hint = suggest_name(name, seen.properties) or "remove it, or add it to the request schema"
            yield Disagreement(f"sends {name!r}, which the request schema does not define", hint, (f"{name}=",))


def read_body(body: str) -> Data:
    """Return a body as data, NO_JSON if it is not JSON; a variable in place of a value becomes a string."""
    for text in (body, _STRING_OR_VARIABLE.sub(_quote_variable, body)):
        try:
            payload: Data = json.loads(text)
        except (ValueError, RecursionError):
            continue
        return payload
    return NO_JSON


def _quote_variable(match: re.Match[str]) -> str:
    return match.group() if match.group().startswith('"') else json.dumps(_VARIABLE_PREFIX + match.group())


def can_become_valid(mismatch: Mismatch, payload: Data) -> bool:
    """Return whether a variable at the place of a mismatch may have a valid value."""
    value = get_at_pointer(payload, mismatch.pointer)
    if isinstance(value, str):
        return value.startswith(_VARIABLE_PREFIX) or (
            VARIABLE.search(value) is not None and mismatch.keyword in _TEXT_KEYWORDS
        )
    if isinstance(value, dict) and any(VARIABLE.search(name) for name in value):
        return True
    inside = (part for _, part in walk(value) if isinstance(part, str))
    return mismatch.keyword not in _SHAPE_KEYWORDS and any(VARIABLE.search(part) for part in inside)
