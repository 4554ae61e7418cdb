"""MB308, MB309: the curl that somebody wrote by hand."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from generator.checks.places import place_within
from generator.checks.rule import Facts, rule
from generator.checks.schemas import ContractSchema
from generator.contracts.curl import Curl, CurlError, parse
from generator.contracts.examples import example_mismatches
from generator.findings import Finding
from generator.load.bind import LoadedCard
from generator.names import nearest
from generator.scan.secrets import redact
from generator.schema import Model
from generator.schema.base import Data
from generator.schema.model import Lifecycle

_VARIABLE = re.compile(r"\$\{?\w+\}?|\$\([^)]*\)|<[\w -]+>")
_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})


def _written(facts: Facts) -> Iterator[tuple[LoadedCard, Model, str]]:
    """The models with a curl, and its text to the character."""
    for loaded, model in facts.of(Model):
        if model.curl is not None and model.lifecycle is not Lifecycle.RETIRED:
            yield loaded, model, str(loaded.document.root.find(("curl",))[0].content)


@rule("MB308", "curl-unreadable")
def curl_unreadable(facts: Facts) -> Iterator[Finding]:
    """A hand-written curl is a command that a shell and curl accept.

    Why: people paste it during an outage.
    Fix: close the quote or write the option that the message names; or remove `curl:`, and one is made from
    endpoint, contract and example.
    """
    for loaded, model, written in _written(facts):
        try:
            unknown = parse(written).options_unknown
        except CurlError as error:
            position = place_within(facts.cards, loaded, error.offset, "curl")
            hint = "mend it, or remove `curl:` to have one made"
            yield curl_unreadable.at(position, f"the curl of {model.ref}: {redact(str(error))}", hint, model.ref)
            continue
        if unknown:
            position = place_within(facts.cards, loaded, max(written.find(unknown[0].split(" ")[-1]), 0), "curl")
            message = f"the curl of {model.ref}: curl does not accept {redact(' '.join(unknown))!r}"
            yield curl_unreadable.at(position, message, "write it as `curl --help all` shows", model.ref)


@rule("MB309", "curl-disagrees")
def curl_disagrees(facts: Facts) -> Iterator[Finding]:
    """A hand-written curl calls an endpoint of the model, in the way of its contract.

    Why: it is the first thing that people try; when it fails they doubt the model, or call the wrong one.
    Fix: correct the curl or the contract, whichever is wrong; or remove `curl:`, and one is made from both.
    Variables such as `$TOKEN` stand for anything, and a body from a file is not looked at.
    """
    for loaded, model, written in _written(facts):
        try:
            curl = parse(written)
        except CurlError:
            continue
        if curl.options_unknown:
            continue  # what they would have changed cannot be told
        for each in _disagreements(curl, model, facts.schemas.get(model.ref, {}).get("request")):
            position = place_within(facts.cards, loaded, max(written.find(each.words), 0), "curl")
            message = f"the curl of {model.ref} {redact(each.message)}"
            yield curl_disagrees.at(position, message, each.hint, model.ref)


@dataclass(frozen=True, slots=True)
class _Disagreement:
    """What a curl says otherwise than the card."""

    message: str
    hint: str
    words: str
    """What to look for in the curl to find the place."""


def _disagreements(curl: Curl, model: Model, request: ContractSchema | None) -> Iterator[_Disagreement]:
    yield from _address(curl, model)
    contract = model.contract
    if contract is None:
        return
    if contract.openapi is None and curl.method != contract.method:
        hint = f"write -X {contract.method}, or correct `contract.method`"
        yield _Disagreement(f"sends {curl.method}; the contract says {contract.method}", hint, curl.method)
    yield from _headers(curl, contract.headers)
    if request is not None and not request.problems and isinstance(request.schema, dict):
        yield from _payload(curl, request.schema)


def _address(curl: Curl, model: Model) -> Iterator[_Disagreement]:
    address = curl.url.partition("#")[0].partition("?")[0].rstrip("/")
    endpoints = [url.partition("?")[0].rstrip("/") for url in model.endpoints.values()]
    if endpoints and not any(_fits(address, endpoint) for endpoint in endpoints):
        close = nearest(address, endpoints) or endpoints[0]
        message = f"calls {address}, which is none of its endpoints"
        yield _Disagreement(message, f"call {close}, or correct `endpoints`", curl.url.partition("?")[0])


def _fits(address: str, endpoint: str) -> bool:
    """Whether an address is an endpoint; `{id}` in the one and variables in the other stand for anything."""
    if "://" not in address and not _VARIABLE.match(address):
        address = f"{urlsplit(endpoint).scheme}://{address}"
    known = re.split(r"\{[^}]*\}", endpoint)
    pattern = r"[^/]+".join(re.escape(part) for part in known)
    if not _VARIABLE.search(address):
        return re.fullmatch(pattern, address, re.IGNORECASE) is not None
    parts = (re.escape(part) for part in _VARIABLE.split(address))
    return re.fullmatch(r".*".join(parts), endpoint, re.IGNORECASE) is not None


def _headers(curl: Curl, wanted: dict[str, str]) -> Iterator[_Disagreement]:
    sent = {name.lower(): value for name, value in curl.headers}
    if curl.user is not None:
        sent.setdefault("authorization", "$BASIC")
    for name, value in wanted.items():
        given = sent.get(name.lower())
        if given is None:
            yield _Disagreement(f"lacks the header {name}", f"add -H '{name}: {redact(value)}'", "curl")
        elif given != value and not _VARIABLE.search(given) and not _VARIABLE.search(value):
            message = f"sends the header {name}: {given}; the contract says {value}"
            yield _Disagreement(message, "correct one of the two", name)


def _payload(curl: Curl, schema: dict[str, Data]) -> Iterator[_Disagreement]:
    if curl.body_file is not None or curl.form:
        return
    if curl.body is None:
        yield from _query(curl, schema)
        return
    try:
        payload: Data = json.loads(curl.body)
    except (ValueError, RecursionError):
        if not _VARIABLE.search(curl.body):
            yield _Disagreement("sends a body that is not JSON", "write it as JSON in single quotes", curl.body[:20])
        return
    if curl.content_type == "application/x-www-form-urlencoded":
        hint = "add -H 'Content-Type: application/json'"
        yield _Disagreement("sends JSON and calls it a form, as curl does by itself", hint, curl.body)
    for mismatch in example_mismatches(schema, payload):
        if not _VARIABLE.search(mismatch.message):
            where = f" at {mismatch.pointer}" if mismatch.pointer else ""
            message = f"sends a body that the request schema refuses{where}: {mismatch.message}"
            yield _Disagreement(message, "correct the body, or the schema", curl.body)


def _query(curl: Curl, schema: dict[str, Data]) -> Iterator[_Disagreement]:
    """Without a body the required fields stand in the query or in the path; or nothing is sent at all."""
    required = schema.get("required")
    names = [str(name) for name in required] if isinstance(required, list) else []
    if curl.method not in _WITHOUT_BODY:
        if names:
            yield _Disagreement("sends no body", f"send {', '.join(names)} with --data", curl.method)
        return
    query = urlsplit(curl.url).query
    given = {name for name, _ in parse_qsl(query, keep_blank_values=True, max_num_fields=1000)}
    if "$" not in query and query:
        for name in names:
            if name not in given:
                yield _Disagreement(f"lacks {name!r} in its query", f"add it: --data '{name}=…' with -G", "curl")


RULES = (curl_unreadable, curl_disagrees)
