"""Any contract, whatever its schemas, pointers, numbers and examples are: findings at most."""

import json
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks import RULES, check
from generator.contracts.fields import list_fields
from generator.contracts.openapi import resolve_contracts
from generator.findings import Finding
from generator.graph.resolve import build_graph
from generator.load.explain import describe_value
from generator.schema import Model
from tests.checks.books import build_context
from tests.load.writing import as_yaml

DIGITS = "7" * 5000
POINTERS = [
    "#", "#/", "#x", "#/$defs/a", "#/$defs/b", "#/anyOf/0", "#/anyOf/-1", "#/anyOf/x", "#/anyOf/00", "#/properties/a",
    "#/properties/default", f"#/anyOf/{DIGITS}", f"#/prefixItems/{DIGITS}", "#/%", "#/%zz/%ff", "#/~", "#/~2", "#/~0~1",
    "#/$defs/~1%7E", "#%2F$defs%2Fa", "#/\ue000", "a", "urn:a", "http://[", "//[", "#/type/0",
    "#/enum/0", "#/const", "#/examples/0", "#/required", "",
]  # fmt: skip
NUMBERS: list[Any] = [
    0, 1, -1, 0.0, -0.0, 0.1, 0.3, 0.5, 1e308, -1e308, 5e-324, 1e-320, 10**30, 10**399, -(10**399), 2**63, True, 3.0,
]  # fmt: skip
PATTERNS = ["", "a", "(", "[", "a{99999}", "(a+)+$", "(?=a)", "\\p{L}", "\\", "(?<n>a)\\k<n>", "x*" * 30]
NAMES = ["a", "b", "default", "examples", "const", "enum", "$ref", "$id", "~", "/", "%", "", "0", "properties", "anyOf"]

leaves = st.one_of(st.sampled_from([*NUMBERS, None, "a", DIGITS, *POINTERS[:6]]), st.text(max_size=3))
data = st.recursive(
    leaves,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(NAMES), inner, max_size=3)),
    max_leaves=6,
)


def keywords(schema: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A schema, mostly of keywords with the values that they are for, some with any."""
    named = st.dictionaries(st.sampled_from(NAMES), schema, max_size=3)
    several = st.lists(schema, min_size=1, max_size=3)
    number, size, pointer = st.sampled_from(NUMBERS), st.sampled_from([0, 1, 10**399]), st.sampled_from(POINTERS)
    types = st.sampled_from(["string", "number", "integer", "boolean", "null", "array", "object"])
    right: dict[str, st.SearchStrategy[Any]] = {
        "$ref": pointer, "$dynamicRef": pointer, "$id": pointer, "$anchor": st.sampled_from(["x", "", [], {}, 1]),
        "$dynamicAnchor": st.sampled_from(["x", "", [], {}, 1]), "$defs": named, "definitions": named,
        "$schema": st.sampled_from(["https://json-schema.org/draft/2020-12/schema", "http://[", "x", 1, []]),
        "type": st.one_of(types, st.lists(types, max_size=2)), "properties": named,
        "patternProperties": st.dictionaries(st.sampled_from(PATTERNS), schema, max_size=2),
        "additionalProperties": schema, "unevaluatedProperties": schema, "unevaluatedItems": schema, "items": schema,
        "prefixItems": several, "contains": schema, "anyOf": several, "oneOf": several, "allOf": several,
        "not": schema, "if": schema, "then": schema, "propertyNames": schema, "dependentSchemas": named,
        "dependentRequired": st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES)), max_size=2),
        "required": st.lists(st.sampled_from(NAMES), max_size=2, unique=True), "multipleOf": number, "minimum": number,
        "maximum": number, "exclusiveMinimum": number, "minLength": size, "maxItems": size, "minContains": size,
        "minProperties": size, "uniqueItems": st.booleans(), "pattern": st.sampled_from(PATTERNS), "const": data,
        "enum": st.lists(data, max_size=3), "default": data, "examples": st.lists(data, max_size=2),
        "format": st.sampled_from(["date", "date-time", "regex", "ipv6", "uri", "uuid", "x", 1]), "description": data,
    }  # fmt: skip
    few = st.lists(st.sampled_from(sorted(right)), max_size=5, unique=True).flatmap(
        lambda names: st.fixed_dictionaries({name: right[name] for name in names})
    )
    wrong = st.dictionaries(st.sampled_from(sorted(right)), data, max_size=2)
    return st.one_of(few, few, few, wrong)


schemas: st.SearchStrategy[Any] = st.recursive(st.one_of(st.booleans(), st.just({})), keywords, max_leaves=8)


def findings_of(
    contract: dict[str, Any], curl: str | None = None, files: dict[str, str] | None = None
) -> list[Finding]:
    """All findings about a model with the contract; its fields are put into rows, as for its page."""
    card: dict[str, Any] = {
        "kind": "model", "id": "m", "name": "M", "summary": "s", "lifecycle": "production", "serving": "online",
        "endpoints": {"production": "https://ml.example.com/v1/m"}, "contract": contract,
        "consumers": [{"system": "s", "why": "w", "fields": ["a[].b", "default.a", "$.x"]}],
    }  # fmt: skip
    if curl is not None:
        card["curl"] = curl
    text = json.dumps(card) if "\\u" in json.dumps(card) else as_yaml(card)
    with tempfile.TemporaryDirectory() as folder:
        context, findings = build_context({"cards/m.yml": text, **(files or {})}, Path(folder))
        filled, more = resolve_contracts(context.cards)
        for loaded in filled.items:
            model = loaded.card
            if isinstance(model, Model) and model.contract is not None:
                list_fields(model.contract.request)
                list_fields(model.contract.response)
        return [*findings, *more, *check(replace(context, cards=filled, graph=build_graph(filled)[0]), RULES)]


@settings(max_examples=300, deadline=None)
@given(schemas, data)
def test_any_schema_with_any_example_is_checked(schema: Any, example: Any):
    body = json.dumps(example).replace("'", "")
    findings_of(
        {"request": schema, "response": schema, "examples": [{"request": example, "response": example}]},
        f"curl https://ml.example.com/v1/m --json '{body}'",
    )


@settings(max_examples=100, deadline=None)
@given(schemas, schemas, data, st.sampled_from(POINTERS), data)
def test_any_openapi_document_is_checked(schema: Any, shared: Any, example: Any, reference: str, odd: Any):
    media = {"schema": schema, "example": example}
    operation = {
        "operationId": "predict", "requestBody": {"content": {"application/json": media}},
        "parameters": [{"in": "query", "name": "q", "schema": shared}, {"$ref": reference}],
        "responses": {"200": {"content": {"application/json": {**media, "examples": {"e": {"$ref": reference}}}}},
                      "default": {"$ref": reference}},
    }  # fmt: skip
    document = {"openapi": "3.0.3", "info": odd, "servers": odd, "paths": {"/a": {"post": operation, "get": odd}},
                "$defs": {"a": shared, "b": {"$ref": reference}}}  # fmt: skip
    findings_of({"openapi": "api.json", "operation": "predict"}, files={"cards/api.json": json.dumps(document)})


def test_the_schemas_of_an_openapi_document_are_checked():
    schema = {"anyOf": [True], "properties": {"x": {"$ref": f"#/paths/{DIGITS}"}}}
    operation = {"requestBody": {"content": {"application/json": {"schema": schema}}}}
    document = json.dumps({"openapi": "3.0.3", "paths": {"/a": {"post": operation}}})
    assert codes_of({"openapi": "api.json"}, "MB307", files={"cards/api.json": document})


def codes_of(contract: dict[str, Any], *about: str, **more: Any) -> list[tuple[str, str]]:
    """The code and the message of the findings about the contract."""
    return [(one.code, one.message) for one in findings_of(contract, **more) if one.code in about]


@pytest.mark.parametrize("anchor", [["dish"], {"a": 1}, 1, None, True])
@pytest.mark.parametrize("keyword", ["$anchor", "$dynamicAnchor", "$id"])
@pytest.mark.parametrize("reference", ["$ref", "$dynamicRef"])
def test_an_anchor_must_be_text(keyword: str, anchor: Any, reference: str):
    found = codes_of({"request": {"$defs": {"dish": {keyword: anchor}}, reference: "#dish"}}, "MB307")
    assert any(f"at /$defs/dish/{keyword}" in message for _, message in found)


@pytest.mark.parametrize("index", [DIGITS, "1", "-1", "00", "+0", "x", "", "1e0", "0_0"])
@pytest.mark.parametrize("reference", ["$ref", "$dynamicRef"])
def test_an_invalid_index_is_reported(index: str, reference: str):
    found = codes_of({"request": {"anyOf": [{"type": "object"}], reference: f"#/anyOf/{index}"}}, "MB307")
    assert [message.partition("unresolved ")[1] for _, message in found] == ["unresolved "]
    assert len(found[0][1]) < 250


def test_a_reference_is_a_uri_reference():
    found = codes_of({"request": {"anyOf": [True], "$ref": "#/anyOf/\u0660"}}, "MB307")
    assert [message.partition(": ")[2] for _, message in found] == [
        'invalid value "#/anyOf/\u0660": expected the format uri-reference'
    ]


@pytest.mark.parametrize("target", ["#/required", "#/title", "#/minimum", "#/anyOf"])
def test_a_pointer_to_a_value_that_is_not_a_schema_is_reported(target: str):
    schema = {"required": [], "title": "t", "minimum": 1, "anyOf": [True], "$ref": target}
    contract = {"request": schema, "examples": [{"request": 3}]}
    assert codes_of(contract, "MB306", "MB307") == [
        (
            "MB307",
            f"the request schema of model:m at /$ref: invalid $ref '{target}': expected a subschema within the schema",
        )
    ]


def test_a_field_may_have_the_name_of_a_keyword():
    lost = {"$ref": "#/anyOf/x"}
    assert len(codes_of({"request": {"anyOf": [True], "properties": {"default": lost, "enum": lost}}}, "MB307")) == 2
    assert codes_of({"request": {"default": lost, "enum": [lost], "examples": [lost]}}, "MB307") == []


@pytest.mark.parametrize("index", [DIGITS, "2", "00", "x"])
def test_an_index_points_into_a_file(index: str):
    files = {"cards/apis/list.yaml": "- {type: object}\n- {type: string}\n"}
    found = codes_of({"request": {"$ref": f"apis/list.yaml#/{index}"}}, "MB015", files=files)
    assert [message.partition(": ")[2] for _, message in found] == [f"there is no {describe_value(index)}"]
    assert codes_of({"request": {"$ref": "apis/list.yaml#/1"}}, "MB015", "MB307", files=files) == []


@pytest.mark.parametrize(
    ("number", "factor", "fits"),
    [
        (10**300, 0.5, True), (10**300, 3, False), (-(10**308), 10**308, True), (1e308, 5e-324, True),
        (0.3, 0.1, True), (4.35, 0.01, True), (19.99, 0.01, True),
        (0.35, 0.1, False), (1, 1e308, False), (0, 1e308, True), (7, 7.0, True),
    ],
)  # fmt: skip
def test_multiples_are_exact(number: float, factor: float, fits: bool):
    contract = {"request": {"multipleOf": factor}, "examples": [{"request": number}]}
    assert [code for code, _ in codes_of(contract, "MB306", "MB307")] == ([] if fits else ["MB306"])


@pytest.mark.parametrize("factor", [0, -1, 0.0, "a", True, [1]])
def test_an_invalid_factor_is_reported(factor: Any):
    contract = {"request": {"multipleOf": factor}, "examples": [{"request": 3}]}
    assert [code for code, _ in codes_of(contract, "MB306", "MB307")] == ["MB307"]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", DIGITS, f"0.{DIGITS}", "1" * 400])
def test_a_number_in_the_body_of_a_curl_is_compared(number: str):
    schema = {"properties": {"a": {"multipleOf": 2, "minimum": 0, "enum": [2], "uniqueItems": True}}}
    curl = f"curl https://ml.example.com/v1/m --json '{{\"a\": {number}}}'"
    assert codes_of({"request": schema}, "MB309", curl=curl)


CYCLES: list[Any] = [
    {"$ref": "#"},
    {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    {"allOf": [{"$ref": "#"}]}, {"properties": {"a": {"$ref": "#"}}}, {"items": {"$ref": "#"}}, {"not": {"$ref": "#"}},
    {"$dynamicAnchor": "x", "items": {"$dynamicRef": "#x"}}, {"additionalProperties": {"$ref": "#"}},
]  # fmt: skip


@pytest.mark.parametrize("schema", [True, False, *CYCLES])
def test_a_schema_that_contains_itself_is_checked(schema: Any):
    example = {"a": {"a": [[1]]}}
    findings_of({"request": schema, "response": schema, "examples": [{"request": example, "response": example}]})
