"""Operations of OpenAPI 3 documents: their request, their response and their examples."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.contracts.data import Data, Schema, find_excess, resolve_reference
from generator.contracts.openapi_schemas import Side, convert_schema
from generator.names import suggest_name

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_MOST_HOPS = 20


class OpenapiError(ValueError):
    """A document that is not OpenAPI 3, or has no such operation; `hint` is the fix."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class NamedExample:
    """An example and its name in the document."""

    name: str
    value: Data


@dataclass(frozen=True, slots=True)
class ContractOperation:
    """An operation with self-contained schemas (JSON Schema 2020-12)."""

    name: str
    """Its operationId, or `METHOD /path`."""
    method: str
    """In capitals."""
    request: Schema | None
    """The schema of the JSON body; None without one."""
    response: Schema | None
    """The schema of the JSON body of the first success; None without one."""
    request_examples: tuple[NamedExample, ...]
    response_examples: tuple[NamedExample, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """An operation as it is written in the document."""

    method: str
    path: str
    definition: dict[str, Data]

    @property
    def names(self) -> tuple[str, ...]:
        """Its operationId, if it has one, and its method with its path."""
        own = self.definition.get("operationId")
        return (*([own] if isinstance(own, str) else []), f"{self.method} {self.path}")


def list_operation_names(document: Data) -> tuple[str, ...]:
    """Return the name of every operation, its operationId or `METHOD /path`, in the order of the document."""
    return tuple(entry.names[0] for entry in _list_entries(document))


def find_operation(document: Data, name: str) -> ContractOperation:
    """Return an operation by its operationId or `METHOD /path`; raise OpenapiError with the nearest name."""
    version = document.get("openapi") if isinstance(document, dict) else None
    if not str(version).startswith("3."):
        hint = "it starts with `openapi: 3.…`; convert older ones with a Swagger converter"
        raise OpenapiError("this is not an OpenAPI 3 document", hint)
    reason = find_excess(document)
    if reason is not None:
        raise OpenapiError(f"the document {reason}")
    entries = list(_list_entries(document))
    method, _, path = name.strip().partition(" ")
    normalized = f"{method.upper()} {path.strip()}"
    for entry in entries:
        if name.strip() in entry.names or normalized in entry.names:
            return _read_operation(document, entry)
    known = [known for entry in entries for known in entry.names]
    raise OpenapiError(f"no operation {name!r}", suggest_name(normalized if path else name, known))


def _list_entries(document: Data) -> Iterator[_Entry]:
    paths = document.get("paths") if isinstance(document, dict) else None
    for path, written in paths.items() if isinstance(paths, dict) else ():
        item = _follow(document, written)
        for method in _METHODS:
            definition = item.get(method)
            if isinstance(definition, dict):
                yield _Entry(method.upper(), str(path), definition)


def _follow(document: Data, part: Data) -> dict[str, Data]:
    """Return an object, or the object that a reference refers to; {} for anything else, and for circular references."""
    for _ in range(_MOST_HOPS):
        reference = part.get("$ref") if isinstance(part, dict) else None
        if not isinstance(reference, str):
            return part if isinstance(part, dict) else {}
        part = resolve_reference(document, reference)
    return {}


def _read_operation(document: Data, entry: _Entry) -> ContractOperation:
    body = _find_json(document, _follow(document, entry.definition.get("requestBody")))
    responses = entry.definition.get("responses")
    answers = (
        {str(code): _follow(document, part) for code, part in responses.items()} if isinstance(responses, dict) else {}
    )
    good = [answers[code] for code in sorted(answers) if code.startswith("2")]
    with_content = [answer for answer in good if answer.get("content")]
    answer = _find_json(document, next(iter([*with_content, *good]), answers.get("default", {})))
    request, response = _convert(document, body, "request"), _convert(document, answer, "response")
    return ContractOperation(
        entry.names[0],
        entry.method,
        request,
        response,
        _list_examples(document, body, request),
        _list_examples(document, answer, response),
    )


def _find_json(document: Data, holder: dict[str, Data]) -> dict[str, Data]:
    """Return the part of a request or a response that describes its JSON body."""
    content = holder.get("content")
    for name, media in content.items() if isinstance(content, dict) else ():
        kind = str(name).partition(";")[0].strip().lower()
        if kind in {"application/json", "*/*", "application/*"} or kind.endswith("+json"):
            return _follow(document, media)
    return {}


def _convert(document: Data, media: dict[str, Data], side: Side) -> Schema | None:
    return convert_schema(document, media["schema"], side) if "schema" in media else None


def _list_examples(document: Data, media: dict[str, Data], schema: Schema | None) -> tuple[NamedExample, ...]:
    """Return the examples of a body, or those of its schema."""
    named = media.get("examples")
    found: list[NamedExample] = []
    for name, written in named.items() if isinstance(named, dict) else ():
        example = _follow(document, written)
        if "value" in example:
            summary = example.get("summary")
            title = summary.strip() if isinstance(summary, str) else ""
            found.append(NamedExample(title or str(name), example["value"]))
    if "example" in media:
        found.append(NamedExample("", media["example"]))
    own = schema.get("examples") if isinstance(schema, dict) else None
    if not found and isinstance(own, list):
        found = [NamedExample("", value) for value in own]
    return tuple(found)
