"""Turns a schema of an OpenAPI document into one of JSON Schema 2020-12 that stands on its own."""

from dataclasses import dataclass, field
from typing import Literal

from generator.contracts.data import Data, resolve_reference

Side = Literal["request", "response"]

_ONE = frozenset(
    {"items", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames", "unevaluatedItems",
     "unevaluatedProperties"}
)  # fmt: skip
_NAMED = frozenset({"properties", "patternProperties", "$defs", "definitions", "dependentSchemas"})
_SEVERAL = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
_OPENAPI_ONLY = frozenset({"nullable", "discriminator", "xml", "externalDocs", "example"})
_NOTES: tuple[str, ...] = ("title", "description", "default", "examples")
_NOT_SENT: dict[Side, str] = {"request": "readOnly", "response": "writeOnly"}


@dataclass(slots=True)
class _Conversion:
    """What a schema has been found to refer to."""

    document: Data
    side: Side
    names: dict[str, str] = field(default_factory=dict)
    """The name under `$defs` for each reference."""
    waiting: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)


def self_contained(document: Data, schema: Data, side: Side) -> tuple[dict[str, Data] | bool, tuple[str, ...]]:
    """The schema with all that it refers to under its own `$defs`, and the references that lead nowhere.

    A definition is taken once however often it is referred to, so schemas that contain themselves stay finite.
    OpenAPI 3.0's `nullable`, `example` and Boolean `exclusiveMinimum` become what 2020-12 has for them, and fields
    that this side never sends are not required. Expects a document that `data.find_excess` lets pass.
    """
    conversion = _Conversion(document, side)
    converted = _converted(conversion, schema)
    definitions: dict[str, Data] = {}
    while conversion.waiting:
        reference = conversion.waiting.pop(0)
        definitions[conversion.names[reference]] = _converted(conversion, resolve_reference(document, reference))
    if definitions and isinstance(converted, dict):
        own = converted.get("$defs")
        converted = {**converted, "$defs": {**(own if isinstance(own, dict) else {}), **definitions}}
    return converted if isinstance(converted, dict | bool) else True, tuple(conversion.outside)


def _converted(conversion: _Conversion, schema: Data) -> Data:
    if not isinstance(schema, dict):
        return schema
    made: dict[str, Data] = {}
    for keyword, value in schema.items():
        if keyword == "$ref" and isinstance(value, str):
            made[keyword] = _referred(conversion, value)
        elif keyword in _ONE and isinstance(value, dict):
            made[keyword] = _converted(conversion, value)
        elif keyword in _NAMED and isinstance(value, dict):
            made[keyword] = {name: _converted(conversion, child) for name, child in value.items()}
        elif keyword in _SEVERAL and isinstance(value, list):
            made[keyword] = [_converted(conversion, child) for child in value]
        elif keyword not in _OPENAPI_ONLY:
            made[keyword] = value
    if "example" in schema:
        made.setdefault("examples", [schema["example"]])
    _exclusive(made, "minimum", "exclusiveMinimum")
    _exclusive(made, "maximum", "exclusiveMaximum")
    _only_sent(conversion, schema, made)
    return _or_null(made) if schema.get("nullable") is True else made


def _referred(conversion: _Conversion, reference: str) -> str:
    """The reference as it reads once its target stands under `$defs`."""
    if resolve_reference(conversion.document, reference) is None:
        conversion.outside.append(reference)
        return reference
    if reference not in conversion.names:
        stem = reference.rstrip("/").rpartition("/")[2] or "root"
        taken = set(conversion.names.values())
        name, number = stem, 2
        while name in taken:
            name, number = f"{stem}_{number}", number + 1
        conversion.names[reference] = name
        conversion.waiting.append(reference)
    return f"#/$defs/{conversion.names[reference]}"


def _exclusive(made: dict[str, Data], limit: str, exclusive: str) -> None:
    """OpenAPI 3.0 says with a Boolean whether a limit is itself allowed."""
    flag = made.get(exclusive)
    if isinstance(flag, bool):
        del made[exclusive]
        if flag and limit in made:
            made[exclusive] = made.pop(limit)


def _only_sent(conversion: _Conversion, schema: dict[str, Data], made: dict[str, Data]) -> None:
    """Take the fields that this side never sends out of the required ones."""
    required, properties = made.get("required"), schema.get("properties")
    if not isinstance(required, list) or not isinstance(properties, dict):
        return
    unsent = {name for name, child in properties.items() if _has_flag(conversion, child)}
    if unsent & set(map(str, required)):
        made["required"] = [name for name in required if name not in unsent]


def _has_flag(conversion: _Conversion, schema: Data) -> bool:
    if not isinstance(schema, dict):
        return False
    reference = schema.get("$ref")
    target = resolve_reference(conversion.document, reference) if isinstance(reference, str) else None
    flag = _NOT_SENT[conversion.side]
    return schema.get(flag) is True or (isinstance(target, dict) and target.get(flag) is True)


def _or_null(schema: dict[str, Data]) -> dict[str, Data]:
    """The schema with null allowed besides."""
    kind = schema.get("type")
    if not isinstance(kind, str) or {"$ref", "allOf", "anyOf", "oneOf", "const"} & set(schema):
        notes: dict[str, Data] = {name: schema.pop(name) for name in _NOTES if name in schema}
        return {**notes, "anyOf": [schema, {"type": "null"}]}
    choices = schema.get("enum")
    if isinstance(choices, list) and None not in choices:
        schema = {**schema, "enum": [*choices, None]}
    return {**schema, "type": [kind, "null"]}
