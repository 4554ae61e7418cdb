"""An OpenAPI document to a draft for each operation that looks like a prediction.

The card refers to the document, which is copied to `contracts/` unchanged. Only the values that the card itself has are
read here: endpoints, method, headers and examples.
"""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from generator.drafts.cards import Draft, build_draft
from generator.drafts.openapi_document import OpenApiDocument, SourceOperation, list_endpoints
from generator.drafts.reading import Plain, as_list, as_mapping, parse_first_document
from generator.drafts.results import DraftFile, ImportResult, build_notes, merge_results
from generator.drafts.text_cleaning import assign_ids, extract_remainder, extract_summary, make_id, to_one_line
from generator.errors import UserError
from generator.load.files import SIZE_LIMIT as FILE_LIMIT
from generator.schema.base import find_unbounded_numbers, to_plain_data

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


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
    return build_draft(Draft("model", card, name, origin, values, guesses, needs=(contract,)), problems)


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
