"""The fields of a schema as table rows, and limits for hostile schemas."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.data import Data, Schema
from generator.contracts.fields import Field, list_fields
from tests.contracts.test_validation import branching, deep, schema_like
from tests.limits import limit_cpu_time

GOLDEN = Path(__file__).parent / "goldens" / "fields.txt"

EVERYTHING: Schema = {
    "type": "object",
    "required": ["customer_id", "items"],
    "properties": {
        "customer_id": {"type": "string", "pattern": "^c-", "description": "Who asks.", "examples": ["c-42"]},
        "city": {"anyOf": [{"type": "string", "enum": ["mysuru", "pune"]}, {"type": "null"}], "default": None},
        "items": {"type": "array", "minItems": 1, "maxItems": 5, "items": {"$ref": "#/$defs/item"}},
        "tags": {"type": "array", "items": {"type": "string"}},
        "codes": {"type": "array", "uniqueItems": True, "items": {"enum": list(range(20))}},
        "payment": {
            "oneOf": [{"$ref": "#/$defs/Card"}, {"title": "Transfer", "properties": {"iban": {"type": "string"}}}]
        },
        "limit": {"anyOf": [{"type": "integer"}, {"type": "string"}], "deprecated": True},
        "labels": {"type": "object", "additionalProperties": {"type": "number", "exclusiveMinimum": 0}},
        "extras": {"type": "object", "patternProperties": {"^x-": {"type": "boolean"}}, "additionalProperties": False},
        "first.name": {"type": ["string", "null"], "maxLength": 1},
        "on": {"type": "string", "format": "date", "readOnly": True},
        "tree": {"$ref": "#/$defs/node"},
        "point": {"prefixItems": [{"type": "number"}, {"type": "number"}]},
        "elsewhere": {"$ref": "https://example.com/x.json"},
        "nowhere": {"$ref": "#/$defs/missing"},
        "merged": {
            "allOf": [
                {"properties": {"q": {"type": "integer"}}, "required": ["q"]},
                {"properties": {"r": {"const": "x"}}},
            ],
            "description": "Outermost description counts.",
        },
        "matrix": {"type": "array", "items": {"type": "array", "items": {"type": "number", "maximum": 1}}},
        "anything": True,
        "nothing": False,
        "conditional": {"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}},
    },
    "$defs": {
        "item": {
            "required": ["score"],
            "properties": {"score": {"type": "number", "minimum": 0}, "id": {"type": "string"}},
        },
        "Card": {"type": "object", "properties": {"number": {"type": "string"}}},
        "node": {
            "type": "object",
            "properties": {
                "value": {"type": "integer"},
                "next": {"$ref": "#/$defs/node"},
                "kids": {"type": "array", "items": {"$ref": "#/$defs/node"}},
            },
        },
    },
}


def line(row: Field) -> str:
    indented = "  " * row.depth + row.path
    must = "required" if row.required else ""
    return " | ".join(
        [f"{indented:<18}", f"{row.type:<24}", f"{must:<8}", row.description, "; ".join(row.constraints)]
    ).rstrip()


def rows(schema: Data) -> dict[str, Field]:
    return {row.path: row for row in list_fields(schema)}


def test_golden(golden):
    golden(GOLDEN, "\n".join(map(line, list_fields(EVERYTHING))) + "\n")


@pytest.mark.parametrize(
    ("schema", "path", "type_in_words"),
    [
        ({"type": "array", "items": {"properties": {"score": {"type": "number"}}}}, "[].score", "number"),
        ({"type": "string"}, "", "string"),
        ({"type": "object"}, "", "object"),
        (True, "", "any"),
        (False, "", "never"),
        ("no schema at all", "", "any"),
        ({"properties": {"a": {"enum": [1, "x", None]}}}, "a", "integer | string | null"),
        ({"properties": {"a": {"anyOf": [{"type": "null"}]}}}, "a", "null"),
    ],
)
def test_the_payload_itself_is_a_row(schema, path, type_in_words):
    assert rows(schema)[path].type == type_in_words


def test_a_field_can_be_required_by_any_subschema():
    schema: Schema = {"allOf": [{"required": ["a"]}, {"$ref": "#/$defs/x"}], "$defs": {"x": {"properties": {"a": {}}}}}
    assert rows(schema)["a"].required


def test_a_nullable_type_is_not_listed_as_an_alternative():
    schema: Schema = {
        "properties": {"a": {"anyOf": [{"$ref": "#/$defs/x"}, {"type": "null"}]}},
        "$defs": {"x": {"type": "object", "properties": {"b": {"type": "integer"}}}},
    }
    assert rows(schema)["a"].type == "object | null"
    assert rows(schema)["a.b"] == Field("a.b", "integer", required=False, description="", constraints=(), depth=1)


def test_recursion_ends_with_a_marker():
    schema: Schema = {"properties": {"left": {"$ref": "#"}, "value": {"type": "integer"}}, "$ref": "#"}
    assert rows(schema)["left"].constraints == ("contains # again",)


WIDE: Schema = {"properties": {f"f{n}": {"type": "string"} for n in range(5_000)}}
FORKING: Schema = {
    "$ref": "#/$defs/a0",
    "$defs": {
        f"a{n}": {"properties": {"l": {"$ref": f"#/$defs/a{n + 1}"}, "r": {"$ref": f"#/$defs/a{n + 1}"}}}
        for n in range(40)
    },
}


@pytest.mark.parametrize(
    ("schema", "most"),
    [
        (deep(10_000), 20),
        (branching(40), 5),
        (WIDE, 1_001),
        (FORKING, 1_001),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, 1),
        ({"properties": {"a": {"enum": list(range(100_000))}}}, 1),
        ({"allOf": [{"$ref": "#"}] * 1_000}, 1),
        ({"properties": {"a": {"anyOf": [{"properties": {"b": {"$ref": "#"}}}] * 1_000}}}, 1_001),
    ],
    ids=["deep", "branching", "wide", "forking", "cycle", "enum", "allOf", "anyOf"],
)
def test_hostile_schemas_have_a_limited_number_of_rows(schema, most):
    with limit_cpu_time():
        found = list_fields(schema)
    assert 1 <= len(found) <= most
    assert all(len(row.type) < 500 and len(" ".join(row.constraints)) < 1_500 for row in found)


def test_omitted_fields_are_reported():
    assert list_fields(WIDE)[-1].description == "more fields are not shown"
    assert "not shown any deeper" in list_fields(deep(100))[-1].constraints


@settings(max_examples=300, deadline=None)
@given(schema_like)
def test_any_data_is_converted_to_rows(schema):
    found = list_fields(schema)
    assert found
    assert list_fields(schema) == found


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4))
def test_the_path_of_a_nested_field_contains_its_names(names):
    schema: Data = {"type": "integer"}
    for name in reversed(names):
        schema = {"type": "object", "properties": {name: schema}, "required": [name]}
    row = list_fields(schema)[-1]
    assert (row.path, row.type, row.required, row.depth) == (".".join(names), "integer", True, len(names) - 1)
