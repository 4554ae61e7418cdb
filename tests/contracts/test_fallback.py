"""What a fallback must answer to stand in for a model."""

import pytest

from generator.contracts.data import Data, Schema
from generator.contracts.fallback import fallback_mismatches
from tests.contracts.test_validation import branching, deep

ITEM: dict[str, Data] = {
    "type": "object",
    "required": ["restaurant_id", "score"],
    "properties": {"restaurant_id": {"type": "string"}, "score": {"type": "number"}, "why": {"type": "string"}},
}
MODEL: Schema = {
    "type": "object",
    "required": ["items"],
    "properties": {"items": {"type": "array", "items": {"$ref": "#/$defs/item"}}, "debug": {"type": "object"}},
    "$defs": {"item": ITEM},
}


def answering(item: Schema) -> Schema:
    return {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": item}}}


def test_a_fallback_with_the_same_promises_stands_in():
    assert fallback_mismatches(MODEL, MODEL) == ()
    without_optional: Schema = {
        **ITEM,
        "properties": {"restaurant_id": {"type": "string"}, "score": {"type": "integer"}},
    }
    assert fallback_mismatches(MODEL, answering(without_optional)) == ()


@pytest.mark.parametrize(
    ("fallback", "pointer", "message"),
    [
        (answering({**ITEM, "properties": {"restaurant_id": {"type": "string"}}}), "/items/*/score", "does not answer"),
        (answering({**ITEM, "required": ["restaurant_id"]}), "/items/*/score", "may leave it out"),
        (
            answering(
                {**ITEM, "properties": {"restaurant_id": {"type": "string"}, "score": {"type": ["number", "null"]}}}
            ),
            "/items/*/score",
            "is number | null here, callers expect number",
        ),
        ({"type": "array", "items": ITEM}, "", "is array of object here, callers expect object"),
        (answering({}), "/items/*", "is any here, callers expect object"),
        ({"type": "object"}, "/items", "does not answer"),
    ],
)
def test_a_broken_promise_is_named(fallback, pointer, message):
    (found,) = fallback_mismatches(MODEL, fallback)
    assert found.pointer == pointer
    assert message in found.message


@pytest.mark.parametrize(
    "schema", [True, {}, {"properties": {"a": {"type": "string"}}}, {"oneOf": [{"type": "string"}, {}]}]
)
def test_a_model_that_promises_nothing_is_satisfied_by_anything(schema):
    assert fallback_mismatches(schema, {"properties": {"b": {}}}) == ()


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}},
        deep(10_000),
        branching(40),
    ],
    ids=["recursive", "deep", "branching"],
)
def test_hostile_schemas_end(schema: Data):
    assert fallback_mismatches(schema, schema) == ()
