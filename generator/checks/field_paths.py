"""Whether a field such as `items[].score` exists in a JSON Schema, and which fields a schema promises."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from generator.contracts.data import Data, resolve_reference
from generator.names import suggest_name

_STEP = re.compile(r"[^.\[\]]+|\[[^\]]*\]")
_CHOICES = ("allOf", "anyOf", "oneOf")
_LARGEST = 200
"""Parts of a schema that are looked at side by side; nobody reads a contract with more alternatives."""
_DEEPEST = 8
ADD_FIELD = "correct the field, or add it to the schema"
"""The hint for a missing field that is similar to no other."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The step of a path that leads nowhere."""

    step: str
    parts: tuple[dict[str, Data], ...]
    """The parts of the schema that have no such field."""

    @property
    def hint(self) -> str:
        """The nearest field that there is, or the choice; slow in a large schema."""
        known = sorted({name for part in self.parts for name in _properties(part)})
        return suggest_name(self.step, known) or ADD_FIELD


def missing_step(schema: Data, path: str) -> Missing | None:
    """Where a path leaves a schema; None where it leads to a field, or where the schema leaves open what there is.

    A list is entered by `[]` or `[0]`. Alternatives (`anyOf` and its like) count together, and `$ref` is followed.
    """
    here = _parts(schema, [schema])
    for step in _STEP.findall(path.removeprefix("$").removeprefix(".")):
        following = [found for part in here for found in _entered(part, step)]
        if not following:
            return Missing(step, tuple(here))
        if any(found is True or found == {} for found in following):
            return None
        here = _parts(schema, following)
    return None


def promised(schema: Data) -> tuple[str, ...]:
    """The fields that are in every answer: `required` at each level, lists entered; the first 200, to eight levels."""
    return tuple(dict.fromkeys(islice(_promised(schema, schema, "", _DEEPEST), _LARGEST)))


def _promised(root: Data, schema: Data, prefix: str, depth: int) -> Iterator[str]:
    for part in _parts(root, [schema], choices=("allOf",)) if depth else ():
        properties = _properties(part)
        required = part.get("required")
        for name in required if isinstance(required, list) else ():
            path = f"{prefix}.{name}" if prefix else str(name)
            yield path
            yield from _promised(root, properties.get(str(name)), path, depth - 1)
        if isinstance(part.get("items"), dict):
            yield from _promised(root, part["items"], f"{prefix}[]", depth - 1)


def possible(schema: Data) -> dict[str, frozenset[str]]:
    """The outermost fields that an answer may have, lists entered, with their types; an integer is a number too.

    No types where the schema leaves them open; null is left out, since any field may be without a value.
    """
    found: dict[str, frozenset[str]] = {}
    _possible(schema, schema, "", _DEEPEST, found)
    return found


def _possible(root: Data, schema: Data, prefix: str, depth: int, found: dict[str, frozenset[str]]) -> None:
    for part in _parts(root, [schema]) if depth else ():
        for name, child in _properties(part).items():
            types = {str(each) for one in _parts(root, [child]) for each in _types(one)} - {"null"}
            types |= {"number"} if "integer" in types else set()
            found.setdefault(f"{prefix}.{name}" if prefix else str(name), frozenset(types))
        if isinstance(part.get("items"), dict):
            _possible(root, part["items"], f"{prefix}[]", depth - 1, found)


def _parts(root: Data, schemas: list[Data], choices: tuple[str, ...] = _CHOICES) -> list[dict[str, Data]]:
    """The schemas with what they refer to and what they are put together from, side by side."""
    found: list[dict[str, Data]] = []
    waiting = list(schemas)
    seen = set[int]()
    while waiting and len(found) < _LARGEST:
        schema = waiting.pop(0)
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        found.append(schema)
        reference = schema.get("$ref")
        if isinstance(reference, str):
            waiting.append(resolve_reference(root, reference))
        for keyword in choices:
            several = schema.get(keyword)
            waiting.extend(several if isinstance(several, list) else [])
        if choices is _CHOICES:
            waiting.extend(schema[keyword] for keyword in ("then", "else") if keyword in schema)
    return found


def _entered(part: dict[str, Data], step: str) -> Iterator[Data]:
    """What a step leads to in one part of a schema; True where the part leaves it open."""
    if step.startswith("["):
        if "items" in part:
            yield part["items"]
        elif "array" in _types(part):
            yield True
        return
    properties = _properties(part)
    if step in properties:
        yield properties[step]
    elif part.get("additionalProperties") or part.get("patternProperties") or _is_open(part):
        yield True


def _is_open(part: dict[str, Data]) -> bool:
    """Whether a schema says no more than that there is an object."""
    return part.get("type") == "object" and not _properties(part) and "additionalProperties" not in part


def _types(part: dict[str, Data]) -> list[Data]:
    types = part.get("type", [])
    return types if isinstance(types, list) else [types]


def _properties(part: dict[str, Data]) -> dict[str, Data]:
    properties = part.get("properties")
    return properties if isinstance(properties, dict) else {}
