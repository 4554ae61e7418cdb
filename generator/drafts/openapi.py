"""An OpenAPI document to a draft for each operation that looks like a prediction.

The card refers to the document, which is copied to `contracts/` unchanged, with the files beside it that it refers to.
Only the values that the card itself has are read here: endpoints, method, headers, parameters and examples.
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import cast

from msgspec.structs import replace

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.markdown_text import split_description
from generator.drafts.openapi_document import OpenApiDocument, SourceOperation, list_endpoints
from generator.drafts.openapi_naming import find_model_parameter, name_model, split_words
from generator.drafts.reading import Plain, parse_first_document
from generator.drafts.results import DraftFile, ImportResult, Note, build_notes, merge_results
from generator.drafts.text_cleaning import make_id, make_unique_ids, to_one_line
from generator.errors import UserError
from generator.load.files import SIZE_LIMIT as FILE_LIMIT
from generator.load.nodes import as_list, as_mapping
from generator.load.reference_bundles import bundle_files, list_references
from generator.schema.base import find_unbounded_numbers, to_plain_data

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE"})
_END_IN_WORDS = re.compile(
    r"\b(deprecat\w+|sunset\w*|decommission\w*|superseded|replaced by|no longer (maintained|supported)|"
    r"end[- ]of[- ]life|will be (removed|retired|switched off))\b",
    re.IGNORECASE,
)


def import_openapi(
    text: str,
    file: str,
    *,
    every: bool = False,
    models: Sequence[str] = (),
    read: Callable[[str], str | None] = lambda _name: None,
) -> ImportResult:
    """Return drafts of the models behind an OpenAPI document; `file` is its name.

    An operation looks like a prediction if it takes JSON by POST. `every` drafts the others as well. If a path has a
    parameter for any model, `models` are the models to draft. `read` returns the text of a file in the same folder.
    """
    name = PurePosixPath(file.replace("\\", "/")).name
    files: dict[str, str] = {}
    document = _open_document(text, file, name, read, files)
    operations = document.list_operations()
    chosen = [one for one in operations if one.looks_like_prediction or (every and one.method in _METHODS)]
    omitted = [operation for operation in operations if operation not in chosen]
    notes = tuple(
        Note(
            f"{file}: {one.key}",
            "a card has no such method" if every or one.method not in _METHODS else "it takes no JSON by POST",
        )
        for one in omitted
    )
    unread = {target for _, target in list_references(dict(document.data)) if not target.startswith("#")}
    messages = [
        f"{target!r} is no file in the folder of the document: bundle the documents into one file first"
        for target in sorted(unread)
    ]
    named = _name_operations(chosen, models, as_mapping(document.data.get("info")).get("title"), messages)
    ids = make_unique_ids(stated for stated, _ in named)
    stem, _, ending = name.rpartition(".")
    folder = f"contracts/{make_id(stem or ending)}"
    contract = f"{folder}.{ending if ending in {'json', 'yml', 'yaml'} else 'yml'}"
    drafts = {contract: text}
    if files:
        contract = f"{folder}/{name}"
        drafts = {contract: text, **{f"{folder}/{beside}": content for beside, content in files.items()}}
    cards = [
        _build_model(document, operation, card, stated, contract, tuple(drafts))
        for (stated, operation), card in zip(named, ids, strict=True)
    ]
    copied = tuple(DraftFile(path, content) for path, content in drafts.items()) if cards else ()
    messages += _list_api_details(parse_first_document(text, file))
    return merge_results([*cards, ImportResult(copied, notes), build_notes(file, messages)])


def _open_document(
    text: str, file: str, name: str, read: Callable[[str], str | None], files: dict[str, str]
) -> OpenApiDocument:
    """Return a document with the files beside it embedded, and add their texts to `files`; refuse other formats."""
    data = _parse_data(text, file)
    if not isinstance(data, dict) or not isinstance(data.get("paths"), dict):
        raise UserError(f"{file} is not an OpenAPI document: it has no `paths`")
    if "openapi" not in data:
        version = data.get("swagger", "unknown")
        convert = f"convert it to OpenAPI 3, as with `npx swagger2openapi {name} -o openapi.yaml`"
        raise UserError(f"{file} has version {version}: {convert}")
    if len(text.encode()) > FILE_LIMIT:
        raise UserError(f"{file} is larger than {FILE_LIMIT:,} bytes: reduce it to the operations of the models")

    def read_data(beside: str) -> Plain:
        content = None if beside.startswith("../") else read(beside)
        if content is None or len(content.encode()) > FILE_LIMIT:
            return None
        value = _parse_data(content, beside)
        if value is not None:
            files[beside] = content
        return value

    bundled = bundle_files(data, name, read_data)
    return OpenApiDocument(file, as_mapping(bundled))


def _parse_data(text: str, file: str) -> Plain:
    typed = parse_first_document(text, file)
    unbounded = next(find_unbounded_numbers(typed), None)
    if unbounded is not None:
        raise UserError(f"{file} has a number that is out of range: {to_one_line('.'.join(map(str, unbounded)), 80)}")
    return cast(Plain, to_plain_data(typed))


def _name_operations(
    operations: Sequence[SourceOperation], models: Sequence[str], title: Plain, messages: list[str]
) -> list[tuple[str, SourceOperation]]:
    """Return the operations with the names of their models; one whose path has any model is repeated for each."""
    named: list[tuple[str, SourceOperation]] = []
    of_any = [operation for operation in operations if find_model_parameter(operation.path)]
    for operation in operations:
        if operation in of_any:
            continue
        stated = name_model(operation.path)
        if not stated and len(operations) == 1 and isinstance(title, str) and title.strip():
            stated = title
        stated = stated or split_words(operation.get_text("operationId")) or operation.key
        if any(make_id(stated) == make_id(known) for known, _ in named):
            verb = operation.path.rpartition("/")[2].partition(":")[2]
            stated = f"{stated} {verb or operation.get_text('operationId') or operation.method.lower()}"
        named.append((stated, operation))
    by_length = sorted(of_any, key=lambda operation: (operation.path.count("{"), len(operation.path)))
    for operation in by_length:
        parameter = find_model_parameter(operation.path)
        if not models:
            reason = f"`{{{parameter}}}` is any model, so the operation is no model: name them, as in `--model ryl`"
            messages.append(f"{operation.method} {operation.path}: {reason}")
        elif operation is not by_length[0]:
            messages.append(f"{operation.key}: the drafts have {by_length[0].key} of the same models")
        for model in models if operation is by_length[0] else ():
            path = operation.path.replace(f"${{{parameter}}}", model).replace(f"{{{parameter}}}", model)
            named.append((model, replace(operation, path=path)))
    return named


def _build_model(
    document: OpenApiDocument, operation: SourceOperation, card: str, stated: str, contract: str, needs: tuple[str, ...]
) -> ImportResult:
    guesses: dict[str, str] = {}
    problems: list[str] = []
    key = next(one.key for one in document.list_operations() if one.data is operation.data)
    docs = as_mapping(operation.data.get("externalDocs") or document.data.get("externalDocs")).get("url")
    contact = as_mapping(as_mapping(document.data.get("info")).get("contact"))
    address = contact.get("url") or (f"mailto:{contact['email']}" if contact.get("email") else "")
    optional = {
        "method": operation.method if operation.method != "POST" else None,
        "headers": _list_headers(document, operation, problems),
        "parameters": _list_parameters(document, operation),
        "examples": _list_examples(document, operation),
    }
    summary = operation.get_text("summary")
    first, notes, prose = split_description(operation.data.get("description") or "")
    identifier = operation.get_text("operationId")
    is_of_any = key != operation.key or operation.path not in as_mapping(document.data.get("paths"))
    values: dict[str, object] = {
        "summary": summary or first,
        "aliases": [identifier] if identifier and not is_of_any and identifier.lower() != card.lower() else [],
        "lifecycle": "deprecated" if operation.data.get("deprecated") is True else None,
        "serving": "online",
        "tags": [to_one_line(tag, 60) for tag in as_list(operation.data.get("tags")) if isinstance(tag, str)],
        "endpoints": list_endpoints(operation, guesses, problems),
        "contract": {
            "openapi": f"../{contract}",
            "operation": key,
            **{key: value for key, value in optional.items() if value},
        },
        "links": {name: to_one_line(link, 2000) for name, link in {"docs": docs, "contact": address}.items() if link},
        "notes": notes or ("" if prose or not summary or first == summary else first),
        "x-openapi": {"contact": dict(contact)} if contact else {},
    }
    lines = f"{summary}\n{operation.data.get('description') or ''}".splitlines()
    sentences = (sentence for line in lines for sentence in re.split(r"(?<=[.!?])\s+", line))
    stated_end = next((to_one_line(one, 200) for one in sentences if _END_IN_WORDS.search(one)), "")
    if stated_end and not values["lifecycle"]:
        guesses["lifecycle"] = f"the source says {stated_end!r}"
        problems.append(f"its text says {stated_end!r}: is it deprecated, and what is its successor?")
    origin = f"the operation {operation.key} of {document.file}"
    draft = CardDraft("model", card, split_words(stated), origin, values, guesses, prose, needs)
    return build_draft(draft, problems)


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
    for parameter in operation.parameters:
        name = to_one_line(parameter.get("name") or "", 100)
        if name and parameter.get("in") == "header" and parameter.get("required") is True:
            example = document.find_parameter_example(parameter)
            placeholder = "$" + (re.sub(r"\W+", "_", name).upper().strip("_") or "HEADER")
            headers.setdefault(name, to_one_line(example) if example is not None else placeholder)
    return headers


def _list_parameters(document: OpenApiDocument, operation: SourceOperation) -> dict[str, Plain]:
    """Return the examples of the parameters that a call needs in its address, by name."""
    examples: dict[str, Plain] = {}
    for parameter in operation.parameters:
        name = to_one_line(parameter.get("name") or "", 100)
        in_path = parameter.get("in") == "path" and f"{{{name}}}" in operation.path
        example = document.find_parameter_example(parameter)
        if example is not None and (in_path or (parameter.get("in") == "query" and parameter.get("required") is True)):
            examples[name] = example
    return examples


def _list_examples(document: OpenApiDocument, operation: SourceOperation) -> list[dict[str, Plain]]:
    """Return the requests with the responses of the same name, and the other responses.

    One request and one response belong together under any name.
    """
    requests = document.list_examples(operation.request)
    responses = document.list_examples(operation.response)
    if len(requests) == 1 and len(responses) == 1:
        responses = dict(zip(requests, responses.values(), strict=True))
    paired: list[dict[str, Plain]] = [
        {"name": name, "request": request, **({"response": responses[name]} if name in responses else {})}
        for name, request in requests.items()
    ]
    return [*paired, *({"name": name, "response": one} for name, one in responses.items() if name not in requests)]


def _list_api_details(typed: Plain) -> Iterator[str]:
    """Yield what the document states about the API as a whole, as it was typed."""
    info = as_mapping(as_mapping(typed).get("info"))
    for key in ("version", "license", "termsOfService"):
        value = info.get(key)
        if value:
            text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else to_one_line(value)
            yield f"`info.{key}` describes the API, not a model: {to_one_line(text, 2000)}"
