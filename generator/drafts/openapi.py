"""An OpenAPI document to a draft for each operation that looks like a prediction.

The card refers to the document, which is copied to `contracts/` unchanged. Only the values that the card itself has are
read here: endpoints, method, headers and examples.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TypeAlias
from urllib.parse import urlsplit

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.reading import Plain, iterate_values, parse_first_document
from generator.drafts.results import DraftFile, ImportResult, build_notes, merge_results
from generator.drafts.text_cleaning import assign_ids, extract_remainder, extract_summary, make_id, to_one_line
from generator.errors import UserError
from generator.load.files import SIZE_LIMIT as FILE_LIMIT
from generator.load.nodes import as_list, as_mapping, as_mappings
from generator.schema.base import find_unbounded_numbers, to_plain_data

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_OPERATION_KEYS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_SUCCESS_CODES = ("200", "201", "202", "2XX", "2xx", "default")
_REFERENCE_LIMIT = 20
"""References that are followed one after the other."""
_ENVIRONMENTS = (
    ("production", r"\b(prod|production|live)\b"),
    ("staging", r"\b(staging|stage|stg|preprod|pre-prod|uat)\b"),
    ("test", r"\b(test|testing|qa|sandbox)\b"),
    ("development", r"\b(dev|development|local|localhost)\b|127\.0\.0\.1"),
)

Object: TypeAlias = Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class SourceOperation:
    """An operation with the values that it inherits from its path and from the document."""

    path: str
    method: str
    data: Object
    servers: tuple[Object, ...]
    security: tuple[str, ...]
    request: Object
    """Its JSON request body; empty if it has none."""
    response: Object
    """The JSON body of its first success response; empty if it has none."""

    @property
    def key(self) -> str:
        """The name that a contract has for it: its operationId, or `POST /path`."""
        return self.get_text("operationId") or f"{self.method} {self.path}"

    @property
    def looks_like_prediction(self) -> bool:
        """Whether it takes JSON by POST."""
        return self.method == "POST" and bool(self.request)

    def get_text(self, key: str) -> str:
        """Return one of its texts; an empty text if it is missing."""
        value = self.data.get(key)
        return to_one_line(value, 5000) if isinstance(value, str) else ""


@dataclass(frozen=True, slots=True)
class OpenApiDocument:
    """An OpenAPI document as plain data."""

    file: str
    data: Object

    def resolve(self, value: Plain) -> Object:
        """Return a mapping, or the target of its `$ref` within the document; an empty mapping for other values."""
        for _ in range(_REFERENCE_LIMIT):
            found = as_mapping(value)
            target = found.get("$ref")
            if not isinstance(target, str):
                return found
            value = dict(self.data)
            for step in target[2:].split("/") if target.startswith("#/") else [""]:
                value = as_mapping(value).get(step.replace("~1", "/").replace("~0", "~"))
        return {}

    def list_operations(self) -> tuple[SourceOperation, ...]:
        """Return all operations in the order of the document."""
        return tuple(
            self._build_operation(path, method.upper(), item, operation)
            for path, value in as_mapping(self.data.get("paths")).items()
            for item in [self.resolve(value)]
            for method, operation in item.items()
            if method in _OPERATION_KEYS and isinstance(operation, dict)
        )

    def list_examples(self, media: Object) -> dict[str, Plain]:
        """Return the examples of a body by name."""
        named = {
            to_one_line(name): example["value"]
            for name, value in as_mapping(media.get("examples")).items()
            if (example := self.resolve(value)).get("value") is not None
        }
        if named:
            return named
        schema = self.resolve(media.get("schema"))
        several = schema.get("examples")
        first = several[0] if isinstance(several, list) and several else None
        values = (media.get("example"), schema.get("example"), first)
        return next(({"example": value} for value in values if value is not None), {})

    def list_external_references(self) -> list[str]:
        """Return every `$ref` to another document, sorted and without duplicates."""
        targets = (value.get("$ref") for _, value in iterate_values(dict(self.data)) if isinstance(value, dict))
        return sorted({target for target in targets if isinstance(target, str) and not target.startswith("#")})

    def _build_operation(self, path: str, method: str, item: Object, data: Object) -> SourceOperation:
        security = as_mappings(data.get("security", self.data.get("security")))
        responses = as_mapping(data.get("responses"))
        success = next((responses[code] for code in _SUCCESS_CODES if code in responses), None)
        return SourceOperation(
            path,
            method,
            data,
            tuple(as_mappings(data.get("servers") or item.get("servers") or self.data.get("servers"))),
            tuple(security[0]) if security else (),
            self._get_json_body(data.get("requestBody")),
            self._get_json_body(success),
        )

    def _get_json_body(self, value: Plain) -> Object:
        for kind, media in as_mapping(self.resolve(value).get("content")).items():
            name = kind.partition(";")[0].strip().lower()
            if name == "application/json" or name.endswith("+json"):
                return self.resolve(media)
        return {}


def list_endpoints(operation: SourceOperation, guesses: dict[str, str], problems: list[str]) -> dict[str, str]:
    """Return the addresses of an operation by environment, and add a guess and the problems of servers.

    The environment of a server is production if nothing else is known.
    """
    found: dict[str, str] = {}
    assumed: list[str] = []
    for server in operation.servers:
        address = to_one_line(server.get("url") or "")
        for name, variable in as_mapping(server.get("variables")).items():
            if as_mapping(variable).get("default") is not None:
                address = address.replace(f"{{{name}}}", to_one_line(as_mapping(variable)["default"]))
        address = f"https:{address}" if address.startswith("//") else address
        try:
            has_host = bool(urlsplit(address).hostname)
        except ValueError:
            has_host = False
        described = f"{to_one_line(server.get('description') or '')} {address}".lower().replace("_", "-")
        stated = next((name for name, pattern in _ENVIRONMENTS if re.search(pattern, described)), None)
        environment = stated or ("production" if "production" not in found else f"server-{len(found) + 1}")
        if not has_host:
            problems.append(f"the server {address!r} has no host, so the endpoint is unknown")
        elif environment in found:
            problems.append(f"duplicate server {address!r} for {environment}")
        else:
            found[environment] = address.rstrip("/") + operation.path
            assumed += [] if stated else [f"the environment of {address} is assumed to be {environment}"]
    if not operation.servers:
        problems.append("the document has no server, so the endpoint is unknown")
    if assumed:
        guesses["endpoints"] = "; ".join(assumed)
    return found


def import_openapi(text: str, file: str, *, every: bool = False) -> ImportResult:
    """Return drafts of the models behind an OpenAPI document; `file` is its name.

    An operation looks like a prediction if it takes JSON by POST. `every` drafts the others as well.
    """
    typed = parse_first_document(text, file)
    unbounded = next(find_unbounded_numbers(typed), None)
    if unbounded is not None:
        message = f"{file} has a number that is out of range: {to_one_line('.'.join(map(str, unbounded)), 80)}"
        raise UserError(message)
    data = as_mapping(to_plain_data(typed))
    if not isinstance(data.get("paths"), dict):
        message = f"{file} is not an OpenAPI document: it has no `paths`"
        raise UserError(message)
    if "openapi" not in data:
        message = f"{file} has version {data.get('swagger', 'unknown')}: convert it to OpenAPI 3"
        raise UserError(message)
    if len(text.encode()) > FILE_LIMIT:
        message = f"{file} is larger than {FILE_LIMIT:,} bytes: reduce it to the operations of the models"
        raise UserError(message)
    document = OpenApiDocument(file, data)
    operations = document.list_operations()
    chosen = [one for one in operations if one.looks_like_prediction or (every and one.method in _METHODS)]
    ids = assign_ids(operation.key for operation in chosen)
    stem, _, ending = PurePosixPath(file.replace("\\", "/")).name.rpartition(".")
    contract = f"contracts/{make_id(stem or ending)}.{ending if ending in {'json', 'yml', 'yaml'} else 'yml'}"
    cards = [_build_model(document, operation, ids[operation.key], contract) for operation in chosen]
    files = (DraftFile(contract, text),) if cards else ()
    omitted = [operation for operation in operations if operation not in chosen]
    messages = [*_list_omissions(document, omitted, every=every), *_list_api_details(typed)]
    return merge_results([*cards, ImportResult(files), build_notes(file, messages)])


def _build_model(document: OpenApiDocument, operation: SourceOperation, card: str, contract: str) -> ImportResult:
    guesses: dict[str, str] = {}
    problems: list[str] = []
    docs = as_mapping(operation.data.get("externalDocs") or document.data.get("externalDocs")).get("url")
    optional = {
        "method": operation.method if operation.method != "POST" else None,
        "headers": _list_headers(document, operation, problems),
        "examples": _list_examples(document, operation),
    }
    values: dict[str, object] = {
        "summary": extract_summary(operation.get_text("summary") or operation.get_text("description")),
        "lifecycle": "deprecated" if operation.data.get("deprecated") is True else None,
        "serving": "online",
        "tags": [to_one_line(tag, 60) for tag in as_list(operation.data.get("tags")) if isinstance(tag, str)],
        "endpoints": list_endpoints(operation, guesses, problems),
        "contract": {
            "openapi": f"../{contract}",
            "operation": operation.key,
            **{key: value for key, value in optional.items() if value},
        },
        "links": {"docs": to_one_line(docs)} if docs else {},
        "notes": extract_remainder(operation.get_text("description"), operation.get_text("summary")),
    }
    name = to_one_line(operation.get_text("summary") or operation.key, 120)
    origin = f"the operation {operation.key} of {document.file}"
    return build_draft(CardDraft("model", card, name, origin, values, guesses, needs=(contract,)), problems)


def _list_headers(document: OpenApiDocument, operation: SourceOperation, problems: list[str]) -> dict[str, str]:
    """Return the headers that a call needs, with placeholders; add a problem for any other authentication."""
    headers: dict[str, str] = {}
    schemes = as_mapping(as_mapping(document.data.get("components")).get("securitySchemes"))
    for name in operation.security:
        scheme = document.resolve(schemes.get(name))
        kind, header = to_one_line(scheme.get("type") or ""), to_one_line(scheme.get("name") or "")
        if kind == "http" and to_one_line(scheme.get("scheme") or "").lower() == "basic":
            headers["Authorization"] = "Basic $CREDENTIALS"
        elif kind in {"http", "oauth2", "openIdConnect"}:
            headers["Authorization"] = "Bearer $TOKEN"
        elif kind == "apiKey" and scheme.get("in") == "header" and header:
            headers[header] = "$API_KEY"
        else:
            problems.append(f"a card has no place for the authentication {name!r}")
    return headers


def _list_examples(document: OpenApiDocument, operation: SourceOperation) -> list[dict[str, Plain]]:
    """Return the requests with the responses of the same name; one of each belong together under any name."""
    requests = document.list_examples(operation.request)
    responses = document.list_examples(operation.response)
    if len(requests) == 1 and len(responses) == 1:
        responses = dict(zip(requests, responses.values(), strict=True))
    return [
        {"name": name, "request": request, **({"response": responses[name]} if name in responses else {})}
        for name, request in requests.items()
    ]


def _list_omissions(document: OpenApiDocument, omitted: list[SourceOperation], *, every: bool) -> Iterator[str]:
    for operation in omitted:
        is_unsupported = every or operation.method not in _METHODS
        yield f"{operation.key}: {'a card has no such method' if is_unsupported else 'it takes no JSON by POST'}"
    for target in document.list_external_references():
        yield f"{target!r} is in another document: bundle the documents into one file first"


def _list_api_details(typed: Plain) -> Iterator[str]:
    """Yield what the document states about the API as a whole, as it was typed."""
    info = as_mapping(as_mapping(typed).get("info"))
    for key in ("version", "contact", "license", "termsOfService"):
        value = info.get(key)
        if value:
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else to_one_line(value)
            yield f"`info.{key}` describes the API, not a model: {to_one_line(text, 120)}"
