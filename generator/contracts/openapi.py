"""One operation of an OpenAPI 3 document: what it takes and answers, where it is called, with which examples."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.contracts.data import Data, Schema, find_excess, resolve_reference
from generator.contracts.openapi_schemas import Side, self_contained
from generator.names import suggest_name

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_HOPS = 20


class OpenapiError(ValueError):
    """The document is none that can be read, or has no such operation; `hint` says what to write instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class NamedExample:
    """An example and what the document calls it."""

    name: str
    value: Data


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation with self-contained schemas (JSON Schema 2020-12)."""

    method: str
    """In capitals."""
    path: str
    operation_id: str | None
    summary: str
    request: Schema | None
    """Of the JSON body; None where it takes none."""
    response: Schema | None
    """Of the JSON answer of the first success; None where it answers none."""
    parameters: Schema | None
    """Of the path and query parameters, as one object; None where there are none."""
    headers: tuple[str, ...]
    """Names of the headers that a call must have."""
    servers: tuple[str, ...]
    """Base addresses, their variables at their defaults."""
    request_examples: tuple[NamedExample, ...]
    response_examples: tuple[NamedExample, ...]
    unresolved: tuple[str, ...]
    """References that lead nowhere within the document; nothing is fetched."""

    @property
    def urls(self) -> tuple[str, ...]:
        """Where it is called, on each server."""
        return tuple(server.rstrip("/") + self.path for server in self.servers)


@dataclass(frozen=True, slots=True)
class _Entry:
    """An operation as the document has it."""

    method: str
    path: str
    item: dict[str, Data]
    definition: dict[str, Data]

    @property
    def names(self) -> tuple[str, ...]:
        """What it may be asked for by: its id, where it has one, and its method with its path."""
        own = self.definition.get("operationId")
        return (*([own] if isinstance(own, str) else []), f"{self.method} {self.path}")


def operation_names(document: Data) -> tuple[str, ...]:
    """The name of every operation, its operationId or else `METHOD /path`, in the order of the document."""
    return tuple(entry.names[0] for entry in _entries(document))


def operation(document: Data, wanted: str) -> Operation:
    """The operation of that operationId, or `METHOD /path`; raises OpenapiError with the nearest name."""
    version = document.get("openapi") if isinstance(document, dict) else None
    if not str(version).startswith("3."):
        message = "this is no OpenAPI 3 document"
        raise OpenapiError(message, "it starts with `openapi: 3.…`; convert older ones with a Swagger converter")
    reason = find_excess(document)
    if reason is not None:
        message = f"the document {reason}"
        raise OpenapiError(message)
    entries = list(_entries(document))
    method, _, path = wanted.strip().partition(" ")
    asked = f"{method.upper()} {path.strip()}"
    for entry in entries:
        if wanted.strip() in entry.names or asked in entry.names:
            return _read(document, entry)
    message = f"no operation {wanted!r}"
    known = [name for entry in entries for name in entry.names]
    raise OpenapiError(message, suggest_name(asked if path else wanted, known))


def _entries(document: Data) -> Iterator[_Entry]:
    paths = document.get("paths") if isinstance(document, dict) else None
    for path, written in paths.items() if isinstance(paths, dict) else ():
        item = _followed(document, written)
        for method in _METHODS:
            definition = item.get(method)
            if isinstance(definition, dict):
                yield _Entry(method.upper(), str(path), item, definition)


def _followed(document: Data, part: Data) -> dict[str, Data]:
    """The object itself or what it refers to; {} for anything else, and for a circle of references."""
    for _ in range(_MOST_HOPS):
        reference = part.get("$ref") if isinstance(part, dict) else None
        if not isinstance(reference, str):
            return part if isinstance(part, dict) else {}
        part = resolve_reference(document, reference)
    return {}


def _read(document: Data, entry: _Entry) -> Operation:
    body = _json_media(document, _followed(document, entry.definition.get("requestBody")))
    answer = _json_media(document, _success(document, entry))
    request, lost_in_request = _schema(document, body, "request")
    response, lost_in_response = _schema(document, answer, "response")
    parameters, headers, lost_in_parameters = _parameters(document, entry)
    own = entry.definition.get("operationId")
    return Operation(
        entry.method,
        entry.path,
        own if isinstance(own, str) else None,
        _text(entry.definition.get("summary")) or _text(entry.definition.get("description")),
        request,
        response,
        parameters,
        headers,
        _servers(document, entry),
        _examples(document, body, request),
        _examples(document, answer, response),
        tuple(dict.fromkeys((*lost_in_request, *lost_in_response, *lost_in_parameters))),
    )


def _success(document: Data, entry: _Entry) -> dict[str, Data]:
    """The first 2xx answer that has content, else any 2xx one, else the default."""
    responses = entry.definition.get("responses")
    answers = (
        {str(code): _followed(document, answer) for code, answer in responses.items()}
        if isinstance(responses, dict)
        else {}
    )
    good = [answers[code] for code in sorted(answers) if code.startswith("2")]
    with_content = [answer for answer in good if answer.get("content")]
    return next(iter([*with_content, *good]), answers.get("default", {}))


def _json_media(document: Data, holder: dict[str, Data]) -> dict[str, Data]:
    """What a body or an answer says about JSON."""
    content = holder.get("content")
    for name, media in content.items() if isinstance(content, dict) else ():
        kind = str(name).partition(";")[0].strip().lower()
        if kind in {"application/json", "*/*", "application/*"} or kind.endswith("+json"):
            return _followed(document, media)
    return {}


def _schema(document: Data, media: dict[str, Data], side: Side) -> tuple[Schema | None, tuple[str, ...]]:
    return self_contained(document, media["schema"], side) if "schema" in media else (None, ())


def _parameters(document: Data, entry: _Entry) -> tuple[Schema | None, tuple[str, ...], tuple[str, ...]]:
    """Path and query parameters as an object, the names of required headers, and lost references."""
    merged: dict[tuple[str, str], dict[str, Data]] = {}
    for holder in (entry.item, entry.definition):
        written = holder.get("parameters")
        for part in written if isinstance(written, list) else ():
            parameter = _followed(document, part)
            merged[str(parameter.get("in")), str(parameter.get("name"))] = parameter
    properties: dict[str, Data] = {}
    required: list[Data] = []
    for (place, name), parameter in merged.items():
        if place in {"path", "query"}:
            properties[name] = _parameter_schema(document, parameter)
            if place == "path" or parameter.get("required") is True:
                required.append(name)
    headers = tuple(name for (place, name), one in merged.items() if place == "header" and one.get("required") is True)
    if not properties:
        return None, headers, ()
    schema, lost = self_contained(
        document, {"type": "object", "properties": properties, "required": required}, "request"
    )
    return schema, headers, lost


def _parameter_schema(document: Data, parameter: dict[str, Data]) -> Data:
    """The schema as the document has it, with what the parameter says about itself."""
    schema = parameter.get("schema", _json_media(document, parameter).get("schema", True))
    description = _text(parameter.get("description"))
    return {"description": description, **schema} if isinstance(schema, dict) and description else schema


def _servers(document: Data, entry: _Entry) -> tuple[str, ...]:
    """Of the operation, else of its path, else of the document."""
    for holder in (entry.definition, entry.item, document):
        servers = holder.get("servers") if isinstance(holder, dict) else None
        if isinstance(servers, list) and servers:
            return tuple(_address(server) for server in servers if isinstance(server, dict) and server.get("url"))
    return ()


def _address(server: dict[str, Data]) -> str:
    address, variables = str(server["url"]), server.get("variables")
    for name, variable in variables.items() if isinstance(variables, dict) else ():
        if isinstance(variable, dict) and "default" in variable:
            address = address.replace(f"{{{name}}}", str(variable["default"]))
    return address


def _examples(document: Data, media: dict[str, Data], schema: Schema | None) -> tuple[NamedExample, ...]:
    """The examples of a body or an answer: its own, else those of its schema."""
    named = media.get("examples")
    found: list[NamedExample] = []
    for name, written in named.items() if isinstance(named, dict) else ():
        example = _followed(document, written)
        if "value" in example:
            found.append(NamedExample(_text(example.get("summary")) or str(name), example["value"]))
    if "example" in media:
        found.append(NamedExample("", media["example"]))
    own = schema.get("examples") if isinstance(schema, dict) else None
    if not found and isinstance(own, list):
        found = [NamedExample("", value) for value in own]
    return tuple(found)


def _text(value: Data) -> str:
    return value.strip() if isinstance(value, str) else ""
