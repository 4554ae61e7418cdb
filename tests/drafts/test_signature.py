import json
from typing import Any

import pytest

from generator.drafts.mlflow_signature import SignatureError, build_contract, convert_example


def model(**parts: Any) -> dict[str, Any]:
    return {"signature": {key: json.dumps(value) for key, value in parts.items()}}


def test_columns_of_older_versions_are_required_unless_optional():
    found = build_contract(
        model(inputs=[{"name": "a", "type": "long"}, {"name": "b", "type": "string", "optional": True}])
    )
    assert found is not None
    items = found["request"]["properties"]["dataframe_records"]["items"]
    assert items["required"] == ["a"]
    assert items["properties"]["b"] == {"type": ["string", "null"]}


def test_columns_without_names_are_arrays():
    found = build_contract(model(inputs=[{"type": "long"}, {"type": "string"}], outputs=[{"type": "double"}]))
    assert found == {
        "request": {
            "type": "object",
            "required": ["dataframe_split"],
            "properties": {
                "dataframe_split": {
                    "type": "object",
                    "required": ["data"],
                    "properties": {
                        "data": {
                            "type": "array",
                            "items": {
                                "type": "array",
                                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                                "minItems": 2,
                                "maxItems": 2,
                            },
                        }
                    },
                }
            },
        },
        "response": {
            "type": "object",
            "required": ["predictions"],
            "properties": {"predictions": {"type": "array", "items": {"type": "number"}}},
        },
    }


def test_named_tensors_are_properties():
    spec = {"type": "tensor", "tensor-spec": {"dtype": "uint8", "shape": [-1, 3]}}
    found = build_contract(model(inputs=[{"name": "ids", **spec}, {"name": "mask", **spec}]))
    assert found is not None
    inputs = found["request"]["properties"]["inputs"]
    row = {"type": "array", "items": {"type": "integer"}, "minItems": 3, "maxItems": 3}
    assert inputs["properties"] == {name: {"type": "array", "items": row} for name in ("ids", "mask")}


@pytest.mark.parametrize("file", [None, "text", [], {}, {"signature": None}, {"signature": {"inputs": None}}])
def test_a_model_without_signature_has_no_contract(file: Any):
    assert build_contract(file) is None


def nested(depth: int) -> dict[str, Any]:
    spec: dict[str, Any] = {"type": "string"}
    for _ in range(depth):
        spec = {"type": "array", "items": spec}
    return spec


@pytest.mark.parametrize(
    "inputs",
    [
        "not json",
        {"type": "long"},
        ["long"],
        [{"name": "a", "type": "quaternion"}],
        [{"name": "a", "type": ["long"]}],
        [{"name": "a", **nested(30)}],
        [{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": "big"}}],
        [{"type": "tensor"}],
        [{"type": "tensor", "tensor-spec": {"dtype": "float32", "shape": [1] * 500}}],
    ],
)
def test_signatures_of_an_unexpected_form_are_refused(inputs: Any):
    text = inputs if isinstance(inputs, str) else json.dumps(inputs)
    with pytest.raises(SignatureError):
        build_contract({"signature": {"inputs": text}})


@pytest.mark.parametrize("text", ["", "[", "[1]", '{"dataframe_split": {"columns": 1}}', '{"prompt": "x"}'])
def test_examples_of_an_unexpected_form_are_omitted(text: str):
    request: dict[str, Any] = {"properties": {"dataframe_records": {}}}
    assert convert_example(text, request) is None
