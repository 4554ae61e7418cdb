"""The JSON Schema of cards, for completion and checks in an editor."""

import re
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from generator.schema import KINDS, Card
from generator.schema.base import Strict
from generator.schema.fields import get_keys, list_nested_mappings

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_EMPTY: tuple[object, ...] = (None, "", [], {})


class _EditorSchema(GenerateJsonSchema):
    """A JSON Schema with short alternatives, without titles that repeat a key, without empty defaults."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ANN401, ARG002 - pydantic's own signature
        return False

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        """Return the schema of a text; it also allows a number, since an editor reads an unquoted `2.10` as one."""
        made = super().str_schema(schema)
        pattern = made.get("pattern")
        return made if pattern and not re.search(pattern, "1") else {**made, "type": ["string", "number"]}

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Return `type: [string, null]` if possible: editors show a clearer message for it than for `anyOf`."""
        made = super().nullable_schema(schema)
        first, *others = made.get("anyOf", [made])
        if "type" not in first or "enum" in first or others != [{"type": "null"}]:
            return made
        given = first["type"] if isinstance(first["type"], list) else [first["type"]]
        return {**first, "type": [*given, "null"]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Return the schema of a mapping; keys that do not match its pattern are invalid, not ignored."""
        made = super().dict_schema(schema)
        for pattern, item in made.pop("patternProperties", {}).items():
            made |= {"propertyNames": {"pattern": pattern}, "additionalProperties": item}
        return made

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema with its default, unless that is empty."""
        made = super().default_schema(schema)
        return {key: item for key, item in made.items() if key != "default" or item not in _EMPTY}


def build_json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a card, whose keys depend on `kind`.

    It has `if` and `then` instead of `oneOf`, so that an editor reports the wrong key and not eight kinds that do not
    match. Unlike `modelbook check`, it does not allow an unquoted `true` as text: an editor would then complete `true`
    and `false` for every text.
    """
    _, made = models_json_schema([(model, "validation") for model in KINDS.values()], schema_generator=_EditorSchema)
    definitions = made["$defs"]
    conditions = []
    models: list[type[Strict]] = list(KINDS.values())
    for model in models:  # it grows
        keys, definition = get_keys(model), definitions[model.__name__]
        for name, item in definition["properties"].items():
            # As pydantic sorts them.
            definition["properties"][name] = dict(sorted({**item, "description": keys[name].description}.items()))
        inner = (inner for key in keys.values() for _, inner in list_nested_mappings(key.annotation))
        models += dict.fromkeys(one for one in inner if one not in models)
    for kind, model in KINDS.items():
        keys, definition = get_keys(model), definitions[model.__name__]
        properties = {
            name: {"description": keys[name].description, **item} for name, item in definition["properties"].items()
        }
        properties["kind"] = {"const": kind, "description": keys["kind"].description}
        required = [key.name for key in keys.values() if key.required]
        definitions[model.__name__] = {**definition, "properties": properties, "required": required}
        chosen = {"type": "object", "properties": {"kind": {"const": kind}}, "required": ["kind"]}
        conditions.append({"if": chosen, "then": {"$ref": f"#/$defs/{model.__name__}"}})
    return {
        "$schema": DIALECT,
        "title": "Modelbook card",
        "description": "A card of a book of models. `kind` determines the other keys.",
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(KINDS), "description": get_keys(Card)["kind"].description}},
        "allOf": conditions,
        "$defs": definitions,
    }
