"""An OpenAPI document to a draft for each operation that looks like a prediction.

The card refers to the document, which goes along unchanged into `contracts/`; only what a card says itself is read
here: where it is called, by which method and headers, and with which examples.
"""

import json
from collections.abc import Iterator
from pathlib import PurePosixPath

from generator.drafts.cards import Draft, drafted
from generator.drafts.document import Document, Operation, operations
from generator.drafts.reading import Plain, part
from generator.drafts.servers import endpoints
from generator.drafts.values import DraftFile, Drafts, Note, gathered
from generator.drafts.words import beyond, identifier, identifiers, one_line, summary
from generator.errors import UserError
from generator.schema.base import find_unbounded_numbers, to_plain_data

FILE_LIMIT = 1_000_000
"""Bytes of a file that the cards folder takes."""
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})


def openapi(text: str, file: str, *, every: bool = False) -> Drafts:
    """Drafts of the models behind an OpenAPI document; `file` is its name.

    An operation looks like a prediction when it takes JSON by POST; `every` takes the others as well.
    """
    typed = part(text, file)
    document = _document(typed, text, file)
    found = operations(document)
    chosen = [one for one in found if (every and one.method in _METHODS) or one.looks_like_prediction]
    names = identifiers(one.key for one in chosen)
    contract = f"contracts/{_file_name(file)}"
    cards = [_drafted(document, one, names[one.key], contract) for one in chosen]
    files = (DraftFile(contract, text),) if cards else ()
    left = [one for one in found if one not in chosen]
    return gathered([*cards, Drafts(files, (*_left_out(document, left, every=every), *_of_the_api(document, typed)))])


def _document(typed: Plain, text: str, file: str) -> Document:
    unbounded = next(find_unbounded_numbers(typed), None)
    if unbounded is not None:
        message = f"{file} has a number that is out of range: {one_line('.'.join(map(str, unbounded)), 80)}"
        raise UserError(message)
    data = to_plain_data(typed)
    if not isinstance(data, dict) or not isinstance(data.get("paths"), dict):
        message = f"{file} is no OpenAPI document: it has no `paths`"
        raise UserError(message)
    if "openapi" not in data:
        message = f"{file} is of version {data.get('swagger', 'unknown')}; convert it to OpenAPI 3 first"
        raise UserError(message)
    if len(text.encode()) > FILE_LIMIT:
        message = f"{file} is larger than {FILE_LIMIT:,} bytes; cut it down to the operations of the models"
        raise UserError(message)
    return Document(file, data)


def _file_name(file: str) -> str:
    name = PurePosixPath(file.replace("\\", "/")).name
    stem, ending = name.rpartition(".")[::2]
    return f"{identifier(stem or name)}.{ending if ending in {'json', 'yml', 'yaml'} else 'yml'}"


def _drafted(document: Document, operation: Operation, card: str, contract: str) -> Drafts:
    origin = f"the operation {operation.key} of {document.file}"
    where = endpoints(operation)
    headers, unknown = _headers(document, operation)
    values: dict[str, object] = {
        "summary": summary(operation.text("summary") or operation.text("description")),
        "lifecycle": "deprecated" if operation.data.get("deprecated") is True else None,
        "serving": "online",
        "tags": [one_line(tag, 60) for tag in operation.listed("tags") if isinstance(tag, str)],
        "endpoints": where.addresses,
        "contract": {
            "openapi": f"../{contract}",
            "operation": operation.key,
            **({} if operation.method == "POST" else {"method": operation.method}),
            **({"headers": headers} if headers else {}),
            **({"examples": examples} if (examples := _examples(document, operation)) else {}),
        },
        "links": _links(document, operation),
        "notes": beyond(operation.text("description"), operation.text("summary")),
    }
    name = one_line(operation.text("summary") or operation.key, 120)
    guesses = {"endpoints": where.guessed} if where.guessed else {}
    draft = Draft("model", card, name, origin, values, guesses, needs=(contract,))
    notes = tuple(Note(origin, message) for message in (*where.problems, *unknown))
    return gathered([drafted(draft), Drafts(notes=notes)])


def _headers(document: Document, operation: Operation) -> tuple[dict[str, str], list[str]]:
    """The headers that a call needs, with placeholders, and the ways to authenticate that are none."""
    headers: dict[str, str] = {}
    unknown: list[str] = []
    for name in operation.security:
        scheme = document.followed(document.at("components", "securitySchemes", name))
        kind, where = one_line(scheme.get("type") or ""), one_line(scheme.get("name") or "")
        if kind == "http" and one_line(scheme.get("scheme") or "").lower() == "basic":
            headers["Authorization"] = "Basic $CREDENTIALS"
        elif kind in {"http", "oauth2", "openIdConnect"}:
            headers["Authorization"] = "Bearer $TOKEN"
        elif kind == "apiKey" and scheme.get("in") == "header" and where:
            headers[where] = "$API_KEY"
        else:
            unknown.append(f"a card cannot say how {name!r} authenticates a call")
    return headers, unknown


def _examples(document: Document, operation: Operation) -> list[dict[str, Plain]]:
    """Requests with the answers of the same name; a single one each belong together whatever they are called."""
    requests = document.examples(operation.request)
    answers = document.examples(operation.response)
    if len(requests) == 1 and len(answers) == 1:
        name = next(iter(requests))
        return [{"name": name, "request": requests[name], "response": next(iter(answers.values()))}]
    return [
        {"name": name, "request": request, **({"response": answers[name]} if name in answers else {})}
        for name, request in requests.items()
    ]


def _links(document: Document, operation: Operation) -> dict[str, str]:
    docs = operation.data.get("externalDocs") or document.data.get("externalDocs")
    return {"docs": one_line(docs["url"])} if isinstance(docs, dict) and docs.get("url") else {}


def _left_out(document: Document, left: list[Operation], *, every: bool) -> Iterator[Note]:
    for operation in left:
        reason = (
            "a card has no such method" if every or operation.method not in _METHODS else "it takes no JSON by POST"
        )
        yield Note(document.file, f"{operation.key}: {reason}")
    for target in document.foreign_references():
        yield Note(document.file, f"{target!r} leads out of the document; bundle it into one file first")


def _of_the_api(document: Document, typed: Plain) -> Iterator[Note]:
    """What the document says of the API as a whole, as it was typed."""
    info = typed.get("info") if isinstance(typed, dict) else None
    for key in ("version", "contact", "license", "termsOfService"):
        value = info.get(key) if isinstance(info, dict) else None
        if value:
            told = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else one_line(value)
            yield Note(document.file, f"`info.{key}` is of the API, not of a model: {one_line(told, 120)}")
