"""Sample calls: a body of stated values only, or no call and the reason."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.contracts.samples import make_example, make_sample_call
from generator.contracts.validation import find_example_mismatches
from generator.schema import Model

NO_EXAMPLE = "There is no sample call, because the contract has no example of a request."
URL = "https://ml.example.com/v1/prep:predict"


def make_model(contract: dict[str, Any] | None, url: str = URL) -> Model:
    return Model.model_validate(
        {
            "id": "prep",
            "name": "Prep",
            "summary": "S",
            "lifecycle": "production",
            "serving": "online",
            "endpoints": {"staging": "https://stg.example.com", "production": url},
            "contract": contract,
        }
    )


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"properties": {"id": {"examples": ["o-771"]}, "rush": {"default": False}}}, {"id": "o-771", "rush": False}),
        ({"properties": {"id": {"example": "k-17"}}}, {"id": "k-17"}),
        ({"properties": {"dish": {"const": "soup"}, "qty": {"enum": [1, 2]}}}, {"dish": "soup", "qty": 1}),
        ({"properties": {"lines": {"items": {"properties": {"qty": {"enum": [1]}}}}}}, {"lines": [{"qty": 1}]}),
        ({"properties": {"a": {"const": 1}, "b": {"type": "string"}}}, {"a": 1}),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"properties": {"x": {"default": 3}}}}}, {"x": 3}),
        ({"allOf": [{"properties": {"a": {"const": 1}}}, {"properties": {"b": {"const": 2}}}]}, {"a": 1, "b": 2}),
        ({"oneOf": [{"required": ["a"], "properties": {"a": {}}}, {"properties": {"b": {"const": 2}}}]}, {"b": 2}),
        ({"type": "array", "items": {"examples": ["a"]}}, ["a"]),
        ({"examples": [{"whole": 1}], "properties": {"a": {"const": 2}}}, {"whole": 1}),
    ],
)
def test_a_value_is_made_of_stated_values(schema: dict[str, Any], value: Any):
    assert make_example(schema) == value


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object"},
        {"properties": {"a": {"type": "string"}}},
        {"required": ["a"], "properties": {"a": {"type": "string"}, "b": {"const": 1}}},
        {"properties": {"a": {"default": None}}},
        {"properties": {"a": {"type": "string", "default": 3}}},
        {"properties": {"next": {"$ref": "#"}}},
        {"properties": {"a": {"$ref": "other.json"}}},
        {"items": {"type": "string"}},
        {"minProperties": 2, "properties": {"a": {"const": 1}}},
        True,
        None,
    ],
)
def test_nothing_is_invented(schema: Any):
    assert make_example(schema) is None


SCALARS = st.one_of(st.integers(), st.text(max_size=3), st.booleans())
SCHEMAS = st.recursive(
    st.one_of(
        st.builds(lambda value: {"const": value}, SCALARS),
        st.builds(lambda value: {"type": "string", "default": value}, SCALARS),
        st.builds(lambda values: {"enum": values}, st.lists(SCALARS, max_size=2)),
        st.just({"type": "string"}),
    ),
    lambda inner: st.one_of(
        st.builds(
            lambda properties, required: {"type": "object", "properties": properties, "required": required},
            st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
            st.lists(st.sampled_from("abc"), max_size=2, unique=True),
        ),
        st.builds(lambda items: {"type": "array", "items": items}, inner),
        st.builds(lambda options: {"anyOf": options}, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=8,
)


@given(SCHEMAS)
def test_a_made_value_is_valid(schema: Any):
    value = make_example(schema)
    assert value is None or find_example_mismatches(schema, value) == ()


@pytest.mark.parametrize(
    ("contract", "url", "parts", "origin"),
    [
        ({"examples": [{"request": {"a": 1}}]}, URL, ['"a": 1'], "the endpoint, the contract and its first example."),
        ({"request": {"properties": {"a": {"const": 7}}}}, URL, ['"a": 7'], "and the examples of its fields."),
        ({"request": {"properties": {"a": {"const": 7}}}}, f"{URL}/{{city}}", ['"a": 7', "{city}"],
         "and the examples of its fields. Replace {city} first."),
        ({"request": {"properties": {"a": {"const": 7}}}, "parameters": {"city": "oslo", "top": 3}}, f"{URL}/{{city}}",
         ["predict/oslo?top=3", '"a": 7'], "and the examples of its fields."),
        ({"method": "GET"}, URL, ["curl --request GET"], "the endpoint and the contract."),
        ({"method": "GET", "parameters": {"top": 3}}, URL, ["?top=3"], "the endpoint and the contract."),
        ({"openapi": "api.yml", "operation": "reload"}, URL, ["curl --request POST"], "the endpoint and the contract."),
    ],
)  # fmt: skip
def test_a_call_says_what_it_was_made_of(contract: dict[str, Any], url: str, parts: list[str], origin: str):
    call = make_sample_call(make_model(contract, url))
    assert all(part in call.command for part in parts)
    assert call.origin.startswith("Generated from ")
    assert call.origin.endswith(origin)


@pytest.mark.parametrize(
    ("contract", "url", "origin"),
    [
        (None, URL, "There is no sample call, because the card has no contract."),
        ({"response": {}}, URL, NO_EXAMPLE),
        ({"request": {"type": "object"}}, URL, NO_EXAMPLE),
        ({"examples": [{"response": {"load": 1}}], "request": {}}, URL, NO_EXAMPLE),
        ({"examples": [{"request": {"a": 1}}]}, "grpc://ml.example.com", ""),
    ],
)  # fmt: skip
def test_without_an_example_the_reason_is_said(contract: dict[str, Any] | None, url: str, origin: str):
    call = make_sample_call(make_model(contract, url))
    assert (call.command, call.origin) == ("", origin)
