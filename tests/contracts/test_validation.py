"""The validation of examples, also with hostile schemas."""

import json
import socket
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.contracts.data import Data, Schema
from generator.contracts.validation import find_example_mismatches, find_schema_mismatches

REQUEST: Schema = {
    "type": "object",
    "required": ["customer_id", "city"],
    "properties": {
        "customer_id": {"type": "string", "pattern": "^c-[0-9]+$"},
        "city": {"enum": ["mysuru", "pune"]},
        "on": {"type": "string", "format": "date"},
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}, "uniqueItems": True},
    },
    "patternProperties": {"^x-": {"type": "integer"}},
    "additionalProperties": False,
    "$defs": {"item": {"type": "object", "properties": {"score": {"type": "number", "minimum": 0}}}},
}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch):
    def refused(*arguments, **named):
        raise AssertionError("a schema made us open a connection")

    monkeypatch.setattr(socket, "socket", refused)


def where(example: Data) -> list[tuple[str, str]]:
    return [(mismatch.pointer, mismatch.keyword) for mismatch in find_example_mismatches(REQUEST, example)]


def test_a_valid_example_has_no_mismatches():
    assert where({"customer_id": "c-42", "city": "pune", "on": "2026-10-05", "items": [{"score": 1}], "x-a": 1}) == []


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        ({"customer_id": "c-1"}, [("", "required")]),
        ({"customer_id": "42", "city": "pune"}, [("/customer_id", "pattern")]),
        ({"customer_id": "c-1", "city": "goa"}, [("/city", "enum")]),
        ({"customer_id": "c-1", "city": "pune", "on": "2026-02-30"}, [("/on", "format")]),
        (
            {"customer_id": "c-1", "city": "pune", "items": [{"score": 1}, {"score": -1}]},
            [("/items/1/score", "minimum")],
        ),
        (
            {"customer_id": "c-1", "city": "pune", "items": [{"score": 1}, {"score": 1.0}]},
            [("/items", "uniqueItems")],
        ),
        ({"customer_id": "c-1", "city": "pune", "ctiy": 1}, [("", "additionalProperties")]),
        ({"customer_id": "c-1", "city": "pune", "x-a": "1"}, [("/x-a", "type")]),
        ([], [("", "type")]),
    ],
)
def test_a_mismatch_has_json_pointers(example, expected):
    assert where(example) == expected


def test_messages_contain_the_value_and_are_short():
    (mismatch,) = find_example_mismatches({"type": "string"}, {"a": "x" * 5_000})
    assert "expected string" in mismatch.message
    assert len(mismatch.message) <= 240
    assert mismatch.keyword == "type"


@pytest.mark.parametrize("rule", [{"additionalProperties": False}, {"unevaluatedProperties": False}])
@pytest.mark.parametrize("properties", [{}, {"properties": {"city": True}}])
def test_unexpected_fields_are_listed_without_their_values(rule, properties):
    (mismatch,) = find_example_mismatches({**rule, **properties}, {"ctiy": "mysuru"})
    assert mismatch.message == "unexpected field 'ctiy': the schema allows no others"
    assert mismatch.keyword in rule


@pytest.mark.parametrize("rule", [{"minLength": 40}, {"pattern": "^x"}, {"format": "date"}, {"type": "integer"}])
def test_messages_do_not_contain_the_value_of_a_secret_key(rule):
    password = "Qorvex77hdr"
    schema: Schema = {"properties": {"password": {"items": rule}, "login": {"type": "array"}, "city": rule}}
    example: Data = {"password": [password], "login": {"password": password}, "city": "mysuru"}
    found = find_example_mismatches(schema, example)
    assert [each.pointer for each in found] == ["/password/0", "/login", "/city"]
    assert all(password[:5] not in each.message for each in found)
    assert "████" in found[0].message
    assert '"mysuru"' in found[2].message


def test_the_closest_of_the_failed_alternatives_is_reported():
    schema: Schema = {"properties": {"score": {"anyOf": [{"type": "number", "minimum": 0}, {"type": "null"}]}}}
    (mismatch,) = find_example_mismatches(schema, {"score": -1})
    assert mismatch.pointer == "/score"
    assert "-1" in mismatch.message


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("date", "2026-02-28", "2026-2-8"),
        ("date-time", "2026-10-05T12:00:00Z", "2026-10-05T25:00:00Z"),
        ("date-time", "2026-10-05 12:00:00Z", "2026-10-05_12:00:00Z"),
        ("time", "12:30:00+05:30", "12:30"),
        ("duration", "P1DT2H", "1 day"),
        ("email", "asha@example.com", "asha"),
        ("hostname", "ml.example.com", "-x-"),
        ("ipv4", "10.0.0.1", "10.0.0.256"),
        ("ipv6", "::1", "12345::"),
        ("uri", "https://example.com/a", "no scheme"),
        ("uuid", "6fa459ea-ee8a-3ca4-894e-db77e160355e", "6fa459ea"),
        ("regex", "^a+$", "("),
        ("house-number", "anything", None),
    ],
)
def test_formats_are_checked(form, good, bad):
    schema: Schema = {"format": form}
    assert find_example_mismatches(schema, good) == ()
    assert find_example_mismatches(schema, 7) == ()
    if bad is not None:
        assert find_example_mismatches(schema, bad)[0].keyword == "format"


@pytest.mark.parametrize(
    ("schema", "pointer", "message"),
    [
        ({"type": "strng"}, "/type", "strng"),
        ({"properties": {"a": {"minimum": "0"}}}, "/properties/a/minimum", "number"),
        ({"required": "city"}, "/required", "array"),
        ({"properties": {"a": {"$ref": "#/$defs/nowhere"}}}, "/properties/a/$ref", "unresolved $ref"),
        ({"$ref": "https://example.com/schema.json"}, "/$ref", "unresolved $ref"),
        ({"properties": {"a": {"pattern": "(a"}}}, "/properties/a/pattern", "not closed"),
        ({"pattern": r"(a)\2\k<x>"}, "/pattern", "ECMA-262"),
        ({"patternProperties": {"[": {}}}, "/patternProperties", "not closed"),
        ([], "", "expected an object"),
    ],
)
def test_an_invalid_schema_is_reported_with_its_pointer(schema, pointer, message):
    found = find_schema_mismatches(schema)
    assert [mismatch.pointer for mismatch in found] == [pointer]
    assert message in found[0].message


def test_python_syntax_for_named_groups_is_accepted():
    schema: Schema = {"pattern": "^(?P<letter>[a-z])$"}
    assert find_schema_mismatches(schema) == ()
    assert find_example_mismatches(schema, "a") == ()
    assert find_example_mismatches(schema, "A")[0].keyword == "pattern"


def test_a_valid_schema_has_no_errors():
    assert find_schema_mismatches(REQUEST) == ()
    assert find_schema_mismatches(schema=True) == ()
    assert find_schema_mismatches({"enum": [{"$ref": "https://x"}], "properties": {"$ref": {"type": "string"}}}) == ()
    assert find_schema_mismatches({"$defs": {"a": {"$anchor": "here"}}, "$ref": "#here"}) == ()


def deep(levels: int) -> Schema:
    schema: Schema = {}
    for _ in range(levels):
        schema = {"properties": {"a": schema}}
    return schema


def branching(levels: int) -> Schema:
    """Return a schema that doubles the work at each level: 2 ** levels paths."""
    definitions: dict[str, Data] = {
        f"a{n}": {"allOf": [{"$ref": f"#/$defs/a{n + 1}"}, {"$ref": f"#/$defs/a{n + 1}"}]} for n in range(levels)
    }
    return {"$ref": "#/$defs/a0", "$defs": {**definitions, f"a{levels}": {"type": "object"}}}


HOSTILE: list[tuple[str, Schema, Data]] = [
    ("cycle", {"$ref": "#"}, {}),
    ("longer cycle", {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, 1),
    ("deep schema", deep(10_000), {}),
    ("deep example", {}, json.loads("[" * 900 + "]" * 900)),
    ("branching", branching(40), {}),
    ("another host", {"$ref": "http://10.255.255.1/schema.json"}, {}),
    ("metadata of another host", {"$schema": "http://10.255.255.1/draft", "$ref": "x.json"}, {}),
    ("a file", {"$ref": "file:///etc/passwd"}, {}),
    ("evil pattern", {"items": {"not": {"pattern": "(?=(a|aa)+$)b"}}}, ["a" * 3_000 + "!"] * 2_000),
    ("many unevaluated", {"unevaluatedProperties": False, "patternProperties": {"^(a+)+$": {}}}, {"a" * 40 + "!": 1}),
]


@pytest.mark.parametrize(
    ("name", "schema", "example"), HOSTILE, ids=lambda value: value if isinstance(value, str) else ""
)
def test_hostile_input_is_quickly_reported_as_one_mismatch(name, schema, example):
    start = time.process_time()
    found = find_example_mismatches(schema, example)
    find_schema_mismatches(schema)
    spent = time.process_time() - start
    assert len(found) == 1, found
    assert found[0].pointer == ""
    assert len(found[0].message) > 20
    assert spent < 20, "a hang would take years"


def test_a_large_valid_example_is_checked():
    rows: list[Data] = [{"score": n / 7, "name": f"item {n}", "on": "2026-10-05"} for n in range(1_000)]
    schema: Schema = {
        "items": {
            "type": "object",
            "required": ["score"],
            "properties": {
                "score": {"type": "number", "minimum": 0},
                "name": {"type": "string", "pattern": "^[a-z]+ [0-9]+$"},
                "on": {"type": "string", "format": "date"},
            },
        }
    }
    assert find_example_mismatches(schema, rows) == ()
    assert [m.pointer for m in find_example_mismatches(schema, [*rows, {"score": -1}])] == ["/1000/score"]


def test_a_huge_enum_is_checked_quickly():
    assert find_example_mismatches({"enum": list(range(50_000))}, 49_999) == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
KEYWORDS = ["type", "properties", "items", "required", "$ref", "allOf", "enum", "pattern", "format", "minimum", "$defs",
            "additionalProperties", "uniqueItems", "patternProperties", "not", "if", "$id", "prefixItems"]  # fmt: skip
schema_like = st.recursive(
    json_values | st.sampled_from(["object", "array", "string", "#", "#/properties/a", "(", "date"]),
    lambda inner: st.dictionaries(st.sampled_from([*KEYWORDS, "a"]), inner | st.lists(inner, max_size=2), max_size=4),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(schema_like, json_values)
def test_any_data_is_a_schema_or_a_schema_error(schema, example):
    problems = find_schema_mismatches(schema)
    assert all(problem.message for problem in problems)
    found = find_example_mismatches(schema, example) if isinstance(schema, dict | bool) else ()
    assert all(mismatch.message for mismatch in found)
