"""The schemas of contracts, and the fields that they define, such as `items[].score`."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice

from generator.contracts.data import Data, resolve_reference
from generator.contracts.validation import Mismatch, find_schema_mismatches
from generator.names import suggest_name
from generator.schema import Card, Model
from generator.values import FrozenValue

_STEP = re.compile(r"[^.\[\]]+|\[[^\]]*\]")
_CHOICES = ("allOf", "anyOf", "oneOf")
_LARGEST = 200
"""The parts of a schema that are searched together."""
_DEEPEST = 8
ADD_FIELD = "correct the field, or add it to the schema"
"""The fix for a missing field that is similar to no other."""


class ContractSchema(FrozenValue):
    """A schema of a contract with its mistakes."""

    schema: Data
    path: tuple[str | int, ...]
    """The place of the schema in the card."""
    problems: tuple[Mismatch, ...]


def get_contract_schemas(
    card: Card, checked: dict[str, tuple[Mismatch, ...]] | None = None
) -> Mapping[str, ContractSchema]:
    """Return the schemas of a model's contract by `request` and `response`; none for any other card.

    Checking a schema takes a millisecond, so equal ones are checked once; `checked` keeps them for the next call.
    """
    checked = {} if checked is None else checked
    found: dict[str, ContractSchema] = {}
    contract = card.contract if isinstance(card, Model) else None
    sides = {"request": contract.request, "response": contract.response} if contract is not None else {}
    for side, schema in sides.items():
        if schema is not None:
            key = json.dumps(schema)
            if key not in checked:
                checked[key] = find_schema_mismatches(schema)
            found[side] = ContractSchema(schema, ("contract", side), checked[key])
    return found


class MissingStep(FrozenValue):
    """The step of a path that a schema does not have."""

    step: str
    parts: tuple[dict[str, Data], ...]
    """The parts of the schema that have no such field."""

    @property
    def hint(self) -> str:
        """The fix: the most similar field, or all fields; slow in a large schema."""
        known = sorted({name for part in self.parts for name in _properties(part)})
        return suggest_name(self.step, known) or ADD_FIELD


def find_missing_step(schema: Data, path: str) -> MissingStep | None:
    """Find the first step of a path that a schema does not have; None if it has the field, or allows any field.

    `[]` or `[0]` enters a list. Alternatives such as `anyOf` count together, and `$ref` is followed.
    """
    parts = _list_parts(schema, [schema])
    for step in _STEP.findall(path.removeprefix("$").removeprefix(".")):
        following = [found for part in parts for found in _enter(part, step)]
        if not following:
            return MissingStep(step, tuple(parts))
        if any(found is True or found == {} for found in following):
            return None
        parts = _list_parts(schema, following)
    return None


def list_required_fields(schema: Data) -> tuple[str, ...]:
    """List the fields that each response has: `required` at each level and in lists; the first 200, to eight levels."""
    return tuple(dict.fromkeys(islice(_list_required(schema, schema, "", _DEEPEST), _LARGEST)))


def _list_required(root: Data, schema: Data, prefix: str, depth: int) -> Iterator[str]:
    for part in _list_parts(root, [schema], choices=("allOf",)) if depth else ():
        properties = _properties(part)
        required = part.get("required")
        for name in required if isinstance(required, list) else ():
            path = f"{prefix}.{name}" if prefix else str(name)
            yield path
            yield from _list_required(root, properties.get(str(name)), path, depth - 1)
        if isinstance(part.get("items"), dict):
            yield from _list_required(root, part["items"], f"{prefix}[]", depth - 1)


def list_field_types(schema: Data) -> dict[str, frozenset[str]]:
    """List the outermost fields that a response may have, also in lists, with their types.

    An integer is a number too. There are no types if the schema allows any. Null is left out.
    """
    found: dict[str, frozenset[str]] = {}
    _add_field_types(schema, schema, "", _DEEPEST, found)
    return found


def _add_field_types(root: Data, schema: Data, prefix: str, depth: int, found: dict[str, frozenset[str]]) -> None:
    for part in _list_parts(root, [schema]) if depth else ():
        for name, child in _properties(part).items():
            types = {str(each) for one in _list_parts(root, [child]) for each in _types(one)} - {"null"}
            types |= {"number"} if "integer" in types else set()
            found.setdefault(f"{prefix}.{name}" if prefix else str(name), frozenset(types))
        if isinstance(part.get("items"), dict):
            _add_field_types(root, part["items"], f"{prefix}[]", depth - 1, found)


def _list_parts(root: Data, schemas: list[Data], choices: tuple[str, ...] = _CHOICES) -> list[dict[str, Data]]:
    """List the schemas, the schemas that they refer to, and their alternatives."""
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


def _enter(part: dict[str, Data], step: str) -> Iterator[Data]:
    """Yield the values of a step in one part of a schema; True if the part allows any."""
    if step.startswith("["):
        if "items" in part:
            yield part["items"]
        elif "array" in _types(part):
            yield True
        return
    properties = _properties(part)
    is_open = part.get("type") == "object" and not properties and "additionalProperties" not in part
    if step in properties:
        yield properties[step]
    elif part.get("additionalProperties") or part.get("patternProperties") or is_open:
        yield True


def _types(part: dict[str, Data]) -> list[Data]:
    types = part.get("type", [])
    return types if isinstance(types, list) else [types]


def _properties(part: dict[str, Data]) -> dict[str, Data]:
    properties = part.get("properties")
    return properties if isinstance(properties, dict) else {}
