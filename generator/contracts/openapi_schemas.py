"""Conversion of schemas of OpenAPI documents into self-contained ones of JSON Schema 2020-12."""

from typing import Literal

from generator.contracts.data import Data, References, Schema

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


def convert_schema(document: Data, schema: Data, side: Side) -> Schema:
    """Return a schema with everything that it refers to under its own `$defs`.

    A definition is included once however often it is referred to, so recursive schemas stay finite. OpenAPI 3.0's
    `nullable`, `example` and Boolean `exclusiveMinimum` become keywords of 2020-12, and fields that this side never
    sends are not required. Expects a document in which `data.find_excess` finds nothing.
    """
    conversion = _Conversion(document, side)
    converted = conversion.convert(schema)
    definitions: dict[str, Data] = {}
    while conversion.waiting:
        reference = conversion.waiting.pop(0)
        definitions[conversion.names[reference]] = conversion.convert(conversion.references.resolve(reference))
    if definitions and isinstance(converted, dict):
        own = converted.get("$defs")
        converted = {**converted, "$defs": {**(own if isinstance(own, dict) else {}), **definitions}}
    return converted if isinstance(converted, dict | bool) else True


class _Conversion:
    """The references found so far."""

    def __init__(self, document: Data, side: Side) -> None:
        self.references = References(document)
        self.names: dict[str, str] = {}
        """The name under `$defs` of each reference."""
        self.waiting: list[str] = []
        self._not_sent = _NOT_SENT[side]

    def convert(self, schema: Data) -> Data:
        """Return a schema with its references to `$defs`, which `waiting` lists."""
        if not isinstance(schema, dict):
            return schema
        made: dict[str, Data] = {}
        for keyword, value in schema.items():
            if keyword == "$ref" and isinstance(value, str):
                made[keyword] = self._rename_reference(value)
            elif keyword in _ONE and isinstance(value, dict):
                made[keyword] = self.convert(value)
            elif keyword in _NAMED and isinstance(value, dict):
                made[keyword] = {name: self.convert(child) for name, child in value.items()}
            elif keyword in _SEVERAL and isinstance(value, list):
                made[keyword] = [self.convert(child) for child in value]
            elif keyword not in _OPENAPI_ONLY:
                made[keyword] = value
        if "example" in schema:
            made.setdefault("examples", [schema["example"]])
        _convert_exclusive(made, "minimum", "exclusiveMinimum")
        _convert_exclusive(made, "maximum", "exclusiveMaximum")
        required, properties = made.get("required"), schema.get("properties")
        if isinstance(required, list) and isinstance(properties, dict):
            made["required"] = [name for name in required if not self._is_unsent(properties.get(str(name)))]
        return _add_null(made) if schema.get("nullable") is True else made

    def _rename_reference(self, reference: str) -> str:
        """Return a reference as it is once its target is under `$defs`; unchanged if it is unresolved."""
        if self.references.resolve(reference) is None:
            return reference
        if reference not in self.names:
            stem = reference.rstrip("/").rpartition("/")[2] or "root"
            taken = set(self.names.values())
            name, number = stem, 2
            while name in taken:
                name, number = f"{stem}_{number}", number + 1
            self.names[reference] = name
            self.waiting.append(reference)
        return f"#/$defs/{self.names[reference]}"

    def _is_unsent(self, schema: Data) -> bool:
        if not isinstance(schema, dict):
            return False
        reference = schema.get("$ref")
        target = self.references.resolve(reference) if isinstance(reference, str) else None
        return any(isinstance(part, dict) and part.get(self._not_sent) is True for part in (schema, target))


def _convert_exclusive(schema: dict[str, Data], limit: str, exclusive: str) -> None:
    """Replace the Boolean of OpenAPI 3.0, which excludes the limit itself, by the number of 2020-12."""
    flag = schema.get(exclusive)
    if isinstance(flag, bool):
        del schema[exclusive]
        if flag and limit in schema:
            schema[exclusive] = schema.pop(limit)


def _add_null(schema: dict[str, Data]) -> dict[str, Data]:
    kind = schema.get("type")
    if not isinstance(kind, str) or {"$ref", "allOf", "anyOf", "oneOf", "const"} & set(schema):
        notes: dict[str, Data] = {name: schema.pop(name) for name in _NOTES if name in schema}
        return {**notes, "anyOf": [schema, {"type": "null"}]}
    choices = schema.get("enum")
    if isinstance(choices, list) and None not in choices:
        schema = {**schema, "enum": [*choices, None]}
    return {**schema, "type": [kind, "null"]}
