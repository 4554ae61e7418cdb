"""JSON data of contracts: how it is walked, limited and pointed into."""

import json
from collections.abc import Iterator
from functools import cached_property
from typing import TypeAlias
from urllib.parse import unquote

from generator.schema.fields import parse_list_index, parse_pointer

Data: TypeAlias = dict[str, "Data"] | list["Data"] | str | int | float | bool | None
"""A JSON value."""

Schema: TypeAlias = dict[str, Data] | bool
"""A JSON Schema: an object, or True (accepts everything) and False (accepts nothing)."""

MAXIMUM_DEPTH = 64
MAXIMUM_VALUES = 200_000
NAMED_SCHEMAS = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
"""The keywords whose value has a schema for each name."""
_LONGEST_ID = 20


def walk(data: Data) -> Iterator[tuple[tuple[str | int, ...], Data]]:
    """Yield every value with its path, parents first, down to MAXIMUM_DEPTH.

    Iterative, and limited in depth, so that hostile nesting exhausts neither the stack nor the memory.
    """
    waiting: list[tuple[tuple[str | int, ...], Data]] = [((), data)]
    while waiting:
        steps, value = waiting.pop()
        yield steps, value
        if len(steps) >= MAXIMUM_DEPTH:
            continue
        if isinstance(value, dict):
            waiting.extend(((*steps, key), child) for key, child in reversed(value.items()))
        elif isinstance(value, list):
            waiting.extend(((*steps, index), value[index]) for index in range(len(value) - 1, -1, -1))


def list_objects(data: Data) -> list[dict[str, Data]]:
    """List the objects in data, the outermost first, down to MAXIMUM_DEPTH."""
    found: list[dict[str, Data]] = []
    level = [data]
    for _ in range(MAXIMUM_DEPTH + 1):
        below: list[Data] = []
        for value in level:
            if isinstance(value, dict):
                found.append(value)
                below += value.values()
            elif isinstance(value, list):
                below += value
        if not below:
            break
        level = below
    return found


def find_excess(data: Data) -> str | None:
    """Return why data is too large or too deep to be processed; None if it is not."""
    level, seen = [data], 1
    for _ in range(MAXIMUM_DEPTH + 1):  # level by level, which takes a tenth of the time of a walk
        below: list[Data] = []
        for value in level:
            if isinstance(value, dict):
                below += value.values()
            elif isinstance(value, list):
                below += value
        seen += len(below)
        if not below:
            return None
        if seen > MAXIMUM_VALUES:
            return f"has more than {MAXIMUM_VALUES} values"
        level = below
    return f"is nested more than {MAXIMUM_DEPTH} levels deep"


def format_value(value: object, limit: int = 80) -> str:
    """Return a value as JSON on one line, cut after `limit` characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= limit else text[: limit - 1] + "…"


def get_at_pointer(document: Data, pointer: str) -> Data:
    """Return the value at a JSON Pointer; None if it does not exist."""
    value = document
    for name in parse_pointer(pointer):
        if isinstance(value, dict) and name in value:
            value = value[name]
        elif isinstance(value, list) and (index := parse_list_index(name, len(value))) is not None:
            value = value[index]
        else:
            return None
    return value


class References:
    """The targets of the references within a document; nothing is ever fetched.

    `referencing` was measured and not taken: it is three times slower, accepts `#/anyOf/-1` and `#/anyOf/00`, which
    RFC 6901 and jsonschema-rs do not, and raises five kinds of exceptions on malformed schemas.
    """

    def __init__(self, document: Data) -> None:
        self._document = document

    @cached_property
    def _named(self) -> dict[str, Data]:
        """The parts with a name: `#` and the anchor, or the end of the `$id`."""
        found: dict[str, Data] = {}
        for _, part in walk(self._document):
            if isinstance(part, dict):
                names = [f"#{part[key]}" for key in ("$anchor", "$dynamicAnchor") if isinstance(part.get(key), str)]
                own = part.get("$id")
                steps = own.split("/")[-_LONGEST_ID:] if isinstance(own, str) else []
                for name in [*names, *("/".join(steps[index:]) for index in range(len(steps)))]:
                    found.setdefault(name, part)
        return found

    def resolve(self, reference: str) -> Data:
        """Return the target of `#`, `#/a/b`, `#anchor` or the `$id` of a part; None if it is unresolved."""
        name = unquote(reference)
        if reference in {"", "#"} or name.startswith("#/"):
            return get_at_pointer(self._document, name) if reference else None
        return self._named.get(name if reference.startswith("#") else reference)

    @cached_property
    def _owners(self) -> dict[int, list[Data]]:
        """The innermost parts with an `$id` around each part, by its identity: YAML can have one part in two places."""
        found: dict[int, list[Data]] = {}
        owners: dict[tuple[str | int, ...], Data] = {}
        for steps, part in walk(self._document):
            owner = owners[steps[:-1]] if steps else self._document
            if isinstance(part, dict) and isinstance(part.get("$id"), str):
                owner = part
            if isinstance(part, dict | list):
                owners[steps] = owner
                known = found.setdefault(id(part), [])
                known += [] if any(owner is one for one in known) else [owner]
        return found

    @cached_property
    def _resources(self) -> list[tuple[str, Data]]:
        """The parts with an `$id`, and the last step of it."""
        parts = [part for _, part in walk(self._document) if isinstance(part, dict)]
        return [(_get_last_step(str(part["$id"])), part) for part in parts if isinstance(part.get("$id"), str)]

    @cached_property
    def _anchored(self) -> list[tuple[str, Data]]:
        parts = [part for _, part in walk(self._document) if isinstance(part, dict)]
        return [(str(part[key]), part) for part in parts for key in ("$anchor", "$dynamicAnchor") if key in part]

    def find_targets(self, holder: Data, reference: str) -> list[Data]:
        """Return every part that the reference of a part may lead to, for any base of its URI."""
        base, _, fragment = unquote(reference).partition("#")
        if fragment and not fragment.startswith("/"):
            return [part for name, part in self._anchored if name == fragment]
        roots = self._owners.get(id(holder), [self._document])
        if base:
            step = _get_last_step(base)
            roots = [part for name, part in self._resources if not step or not name or name == step]
        targets = [root if not fragment else get_at_pointer(root, f"#{fragment}") for root in roots]
        return [target for target in targets if target is not None]


def _get_last_step(identifier: str) -> str:
    """Return the end of a URI without its fragment, "" if only its base would show it."""
    step = unquote(identifier).partition("#")[0].rstrip("/").rpartition("/")[2]
    return "" if step in {".", ".."} or "?" in step else step


def resolve_reference(document: Data, reference: str) -> Data:
    """Return the target of one reference within a document; None if it is unresolved."""
    return References(document).resolve(reference)
