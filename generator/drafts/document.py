"""An OpenAPI document as far as a draft needs it: its operations, their servers, bodies and examples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from generator.drafts.reading import Plain
from generator.drafts.words import one_line

_VERBS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_HOPS = 20
"""How many references are followed one after the other."""

Object: TypeAlias = Mapping[str, Plain]


@dataclass(frozen=True, slots=True)
class Document:
    """The whole document, as plain data."""

    file: str
    data: Object

    def mapping(self, key: str) -> Object:
        """The mapping under a key at the top; empty where there is none."""
        return _mapping(self.data.get(key))

    def at(self, *steps: str) -> Plain:
        """The value at a path; None where there is none."""
        value: Plain = dict(self.data)
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        return value

    def followed(self, value: Plain) -> Object:
        """A mapping, or the one that its `$ref` within the document leads to."""
        for _ in range(_HOPS):
            found = _mapping(value)
            target = found.get("$ref")
            if not isinstance(target, str):
                return found
            steps = target[2:].split("/") if target.startswith("#/") else [""]
            value = self.at(*(step.replace("~1", "/").replace("~0", "~") for step in steps))
        return {}

    def examples(self, media: Object) -> dict[str, Plain]:
        """The examples of a body, by their names."""
        named = {
            one_line(name): followed["value"]
            for name, example in _mapping(media.get("examples")).items()
            if (followed := self.followed(example)) and followed.get("value") is not None
        }
        if named:
            return named
        schema = self.followed(media.get("schema"))
        several = schema.get("examples")
        choice = (
            media.get("example"),
            schema.get("example"),
            several[0] if isinstance(several, list) and several else None,
        )
        return next(({"example": value} for value in choice if value is not None), {})

    def foreign_references(self) -> list[str]:
        """Every `$ref` that leads out of the document, each once."""
        found: dict[str, None] = {}
        waiting: list[Plain] = [dict(self.data)]
        while waiting:
            value = waiting.pop()
            if isinstance(value, dict):
                target = value.get("$ref")
                if isinstance(target, str) and not target.startswith("#"):
                    found[target] = None
                waiting.extend(value.values())
            elif isinstance(value, list):
                waiting.extend(value)
        return sorted(found)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with what it inherits from its path and from the document."""

    path: str
    method: str
    data: Object
    servers: tuple[Object, ...]
    security: tuple[str, ...]
    request: Object
    """The JSON body that it takes; empty where it takes none."""
    response: Object
    """The JSON body of its success; empty where there is none."""

    @property
    def key(self) -> str:
        """What a contract calls it: its operationId, or `POST /path`."""
        return self.text("operationId") or f"{self.method} {self.path}"

    @property
    def looks_like_prediction(self) -> bool:
        """Whether it takes JSON by POST."""
        return self.method == "POST" and bool(self.request)

    def text(self, key: str) -> str:
        """A text that it says about itself; empty where it does not."""
        value = self.data.get(key)
        return one_line(value, 5000) if isinstance(value, str) else ""

    def listed(self, key: str) -> list[Plain]:
        """A list that it holds; empty where it does not."""
        value = self.data.get(key)
        return value if isinstance(value, list) else []


def operations(document: Document) -> tuple[Operation, ...]:
    """Every operation, in the order of the document."""
    return tuple(
        _operation(document, path, verb.upper(), item, operation)
        for path, item in _paths(document)
        for verb, operation in item.items()
        if verb in _VERBS and isinstance(operation, dict)
    )


def _paths(document: Document) -> Iterator[tuple[str, Object]]:
    for path, item in document.mapping("paths").items():
        yield path, document.followed(item)


def _operation(document: Document, path: str, method: str, item: Object, data: Object) -> Operation:
    servers = data.get("servers") or item.get("servers") or document.data.get("servers")
    security = data.get("security", document.data.get("security"))
    first = _mapping(security[0]) if isinstance(security, list) and security else {}
    return Operation(
        path,
        method,
        data,
        tuple(server for server in servers if isinstance(server, dict)) if isinstance(servers, list) else (),
        tuple(first),
        _json(document, document.followed(data.get("requestBody"))),
        _json(document, _success(document, _mapping(data.get("responses")))),
    )


def _success(document: Document, responses: Object) -> Object:
    codes = [code for code in ("200", "201", "202", "2XX", "2xx", "default") if code in responses]
    return document.followed(responses[codes[0]]) if codes else {}


def _json(document: Document, body: Object) -> Object:
    for kind, media in _mapping(body.get("content")).items():
        name = kind.partition(";")[0].strip().lower()
        if name == "application/json" or name.endswith("+json"):
            return document.followed(media)
    return {}


def _mapping(value: object) -> Object:
    return value if isinstance(value, Mapping) else {}
