"""Operations of OpenAPI documents as self-contained schemas."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.data import Data
from generator.contracts.fields import list_fields
from generator.contracts.openapi import (
    ContractOperation,
    NamedExample,
    OpenapiError,
    OperationReader,
    convert_schema,
    list_operation_names,
)
from generator.contracts.validation import find_example_mismatches, find_schema_mismatches
from tests.contracts.test_validation import json_values

INFERENCE = Path(__file__).parents[1] / "drafts" / "real" / "dataplane.json"
"""The document of the Open Inference Protocol, unchanged (OpenAPI 3.0)."""


def document(**operations: Data) -> dict[str, Data]:
    return {
        "openapi": "3.0.3",
        "servers": [{"url": "https://{stage}.example.com/v1/", "variables": {"stage": {"default": "ml"}}}],
        "paths": {"/rank/{city}": {"parameters": [{"$ref": "#/components/parameters/City"}], **operations}},
        "components": {
            "parameters": {"City": {"in": "path", "name": "city", "schema": {"$ref": "#/components/schemas/Name"}}},
            "requestBodies": {
                "Rank": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rank"}}}}
            },
            "schemas": {
                "Name": {"type": "string", "nullable": True},
                "Rank": {
                    "type": "object",
                    "required": ["id", "made"],
                    "properties": {
                        "id": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "example": 42},
                        "made": {"type": "string", "readOnly": True},
                        "note": {"allOf": [{"$ref": "#/components/schemas/Name"}], "nullable": True},
                        "size": {"type": "string", "enum": ["s", "l"], "nullable": True},
                        "parent": {"$ref": "#/components/schemas/Rank"},
                        "other": {"$ref": "other.yaml#/X"},
                    },
                },
            },
        },
    }


def find_operation(data: Data, name: str) -> ContractOperation:
    return OperationReader(data).find_operation(name)


POST: dict[str, Data] = {
    "operationId": "rank",
    "summary": " Ranks. ",
    "parameters": [
        {"in": "query", "name": "limit", "required": True, "description": "How many.", "schema": {"type": "integer"}},
        {"in": "header", "name": "X-Team", "required": True, "schema": {"type": "string"}},
        {"in": "header", "name": "X-Trace", "schema": {"type": "string"}},
    ],
    "requestBody": {"$ref": "#/components/requestBodies/Rank"},
    "responses": {
        "400": {"content": {"application/json": {"schema": {"type": "string"}}}},
        "204": {"description": "nothing"},
        "201": {
            "content": {
                "text/plain": {"schema": {"type": "string"}},
                "application/json; charset=utf-8": {
                    "schema": {"type": "object", "required": ["made"], "properties": {"made": {"readOnly": True}}},
                    "examples": {
                        "two": {"summary": "two results", "value": {"made": "x"}},
                        "lost": {"$ref": "#/nowhere"},
                    },
                },
            }
        },
    },
}


def test_an_operation_is_read():
    found = find_operation(document(post=POST), "rank")
    assert (found.name, found.method) == ("rank", "POST")
    assert found.response_examples == (NamedExample("two results", {"made": "x"}),)
    assert find_operation(document(get={}), "get /rank/{city}").name == "GET /rank/{city}"


def test_an_openapi_3_0_schema_is_converted_to_draft_2020_12():
    request = find_operation(document(post=POST), "POST /rank/{city}").request
    assert isinstance(request, dict)
    rank = request["$defs"]
    assert isinstance(rank, dict)
    assert rank["Rank"] == {
        "type": "object",
        "required": ["id"],
        "properties": {
            "id": {"type": "integer", "exclusiveMinimum": 0, "examples": [42]},
            "made": {"type": "string", "readOnly": True},
            "note": {"anyOf": [{"allOf": [{"$ref": "#/$defs/Name"}]}, {"type": "null"}]},
            "size": {"type": ["string", "null"], "enum": ["s", "l", None]},
            "parent": {"$ref": "#/$defs/Rank"},
            "other": {"$ref": "other.yaml#/X"},
        },
    }
    without_file = json.loads(json.dumps(request).replace("other.yaml#/X", "#"))
    assert find_example_mismatches(without_file, {"id": 1, "note": None, "size": None, "parent": {"id": 2}}) == ()
    found = find_example_mismatches(without_file, {"id": 0, "parent": {}})
    assert [each.pointer for each in found] == [
        "/id",
        "/parent",
    ]


def test_the_first_successful_json_response_is_used():
    response = find_operation(document(post=POST), "rank").response
    assert response == {"type": "object", "required": ["made"], "properties": {"made": {"readOnly": True}}}
    assert (
        find_operation(
            document(get={"responses": {"default": {"content": {"*/*": {"schema": {}}}}}}), "get /rank/{city}"
        ).response
        == {}
    )
    assert (
        find_operation(document(get={"responses": {"200": {"description": "none"}}}), "GET /rank/{city}").response
        is None
    )


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [("rnak", "did you mean 'rank'?"), ("POST /rank", "did you mean 'POST /rank/{city}'?"), ("xyz", "choose one of: ")],
)
def test_an_unknown_operation_is_reported_with_the_closest_one(wanted, hint):
    with pytest.raises(OpenapiError, match="no operation") as caught:
        find_operation(document(post=POST), wanted)
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize("data", [None, [], {}, {"swagger": "2.0", "paths": {}}, {"openapi": 2}])
def test_a_document_other_than_openapi_3_is_rejected(data):
    with pytest.raises(OpenapiError, match="not an OpenAPI 3 document"):
        find_operation(data, "x")


def test_the_document_of_the_inference_protocol_is_read():
    data: Data = json.loads(INFERENCE.read_text(encoding="utf-8").replace('"bytes"', '"string"'))
    assert "model-inference" in list_operation_names(data)
    found = find_operation(data, "model-inference")
    assert (found.name, found.method) == ("model-inference", "POST")
    assert found.request is not None
    assert found.response is not None
    for schema in (found.request, found.response):
        assert find_schema_mismatches(schema) == ()
    rows = {row.path: row for row in list_fields(found.request)}
    assert rows["inputs"].required
    assert rows["inputs[].shape"].type == "array of integer"
    good: Data = {"inputs": [{"name": "x", "shape": [1, 2], "datatype": "FP32", "data": [1.0, 2.0]}]}
    assert find_example_mismatches(found.request, good) == ()
    bad: Data = {"inputs": [{"name": "x", "shape": ["1"], "datatype": "FP32", "data": []}]}
    assert [each.pointer for each in find_example_mismatches(found.request, bad)] == ["/inputs/0/shape/0"]


def test_an_error_in_a_real_document_is_reported():
    data: Data = json.loads(INFERENCE.read_text(encoding="utf-8"))
    assert len(list_operation_names(data)) == 15
    mistakes = set()
    for name in list_operation_names(data):
        found = find_operation(data, name)
        for schema in (found.request, found.response):
            mistakes |= {(each.pointer, each.message.split(":")[0]) for each in find_schema_mismatches(schema or {})}
    assert mistakes == {("/$defs/TensorData/oneOf/1/type", 'invalid value "bytes"')}
    request = find_operation(data, "model-inference").request
    example: Data = {"inputs": [{"name": "x", "shape": [1], "datatype": "FP32", "data": [1.0]}]}
    assert request is not None
    assert "the schema is malformed" in find_example_mismatches(request, example)[0].message


def test_definitions_with_the_same_name_stay_separate():
    schema: Data = {"a": {"X": {"type": "string"}}, "b": {"X": {"type": "integer"}}}
    made = convert_schema(schema, {"oneOf": [{"$ref": "#/a/X"}, {"$ref": "#/b/X"}, {"$ref": "#/a/X"}]}, "request")
    assert made == {
        "oneOf": [{"$ref": "#/$defs/X"}, {"$ref": "#/$defs/X_2"}, {"$ref": "#/$defs/X"}],
        "$defs": {"X": {"type": "string"}, "X_2": {"type": "integer"}},
    }


def test_circular_references_and_deep_documents_are_limited():
    circle: Data = {"$ref": "#/components/schemas/A"}
    data = document(post={"requestBody": {"$ref": "#/paths/~1rank~1{city}/post/requestBody"}, "parameters": [circle]})
    data["components"] = {"schemas": {"A": circle}}
    assert find_operation(data, "POST /rank/{city}").request is None
    deep: Data = {}
    for _ in range(5_000):
        deep = {"items": deep}
    with pytest.raises(OpenapiError, match="levels deep"):
        find_operation(document(post={"requestBody": deep}), "POST /rank/{city}")


KEYS = [
    "openapi", "paths", "/a", "get", "post", "parameters", "requestBody", "responses", "200", "content", "schema",
    "$ref",
    "servers", "application/json", "url", "examples", "operationId", "in", "name", "properties", "nullable",
]  # fmt: skip
openapi_like = st.recursive(
    json_values | st.sampled_from(["#/paths", "#", "3.0.0", "path"]),
    lambda inner: st.dictionaries(st.sampled_from(KEYS), inner | st.lists(inner, max_size=2), max_size=5),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(openapi_like, openapi_like)
def test_any_data_is_read_or_rejected(item, parts):
    data: Data = {"openapi": "3.1.0", "paths": {"/a": item, "/b": {"post": parts}}, "servers": parts}
    for name in list_operation_names(data):
        found = find_operation(data, name)
        for schema in (found.request, found.response):
            assert schema is None or isinstance(schema, dict | bool)
