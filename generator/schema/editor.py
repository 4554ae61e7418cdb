"""One JSON Schema for all cards: an editor completes and checks with it while the author types."""

import re
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from generator.schema import KINDS
from generator.schema.card import Card
from generator.schema.fields import keys

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EMPTY: tuple[object, ...] = (None, "", [], {})


class _EditorSchema(GenerateJsonSchema):
    """Pydantic's schema, less noise: short alternatives, no titles that repeat a key, no empty defaults."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's own signature
        return False

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """Text; an editor reads an unquoted `2.10` as a number, and it is text all the same."""
        made = super().str_schema(schema)
        pattern = made.get("pattern")
        return made if pattern and not re.search(pattern, "1") else {**made, "type": ["string", "number"]}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """`type: [string, null]` where it says all: its message is clearer than that of `anyOf`."""
        made = super().nullable_schema(schema)
        first, *others = made.get("anyOf", [made])
        if "type" not in first or "enum" in first or others != [{"type": "null"}]:
            return made
        given = first["type"] if isinstance(first["type"], list) else [first["type"]]
        return {**first, "type": [*given, "null"]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """A mapping whose keys have a form: keys of another form are refused, not ignored."""
        made = super().dict_schema(schema)
        for pattern, item in made.pop("patternProperties", {}).items():
            made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": item}
        return made

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """With the default only where there is something to say."""
        made = super().default_schema(schema)
        return {key: item for key, item in made.items() if key != "default" or item not in _EMPTY}


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a card: `kind` chooses which keys there are.

    `if`/`then` instead of `oneOf`, so that an editor names the one wrong key and not eight kinds that do not fit.
    It is stricter than `modelbook check` in one thing: an unquoted `true` where text is expected is refused,
    since an editor would otherwise offer `true` and `false` for every text.
    """
    _, made = models_json_schema([(model, "validation") for model in KINDS.values()], schema_generator=_EditorSchema)
    definitions = made["$defs"]
    chosen = {kind: _with_kind(kind, model, definitions[model.__name__]) for kind, model in KINDS.items()}
    return {
        "$schema": DIALECT,
        "title": "Modelbook card",
        "description": "A card of the book of models; `kind` says what it describes.",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(KINDS), "description": Card.model_fields["kind"].description}},
        "allOf": [_when(kind, model) for kind, model in KINDS.items()],
        "$defs": definitions | {KINDS[kind].__name__: definition for kind, definition in chosen.items()},
    }


def _when(kind: str, model: type[Card]) -> dict[str, Any]:
    chosen = {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}
    return {"if": chosen, "then": {"$ref": f"#/$defs/{model.__name__}"}}


def _with_kind(kind: str, model: type[Card], definition: dict[str, Any]) -> dict[str, Any]:
    declared = keys(model)
    properties = {
        name: {"description": declared[name].description, **item} for name, item in definition["properties"].items()
    }
    properties["kind"] = {"const": kind, "description": declared["kind"].description}
    return {**definition, "properties": properties, "required": [key.name for key in declared.values() if key.required]}
