"""Mismatches of an answer name places of the contract, and nothing that only the answer has."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.contracts.data import Data, Schema
from generator.contracts.validation import find_answer_mismatches, find_example_mismatches

SCHEMA: Schema = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["id"],
                "properties": {"id": {"type": "string"}, "the score": {"type": "number", "maximum": 1}},
                "additionalProperties": False,
            },
        },
        "by_customer": {"additionalProperties": {"enum": ["high", "low"]}},
        "at": {"type": "string", "format": "date-time"},
        "kind": {"const": "ranking"},
        "pattern": {"type": "string", "format": "regex"},
        "names": {"propertyNames": {"maxLength": 3}},
        "either": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["a"]}]},
        "never": False,
    },
}


@pytest.mark.parametrize(
    ("answer", "pointer", "message"),
    [
        ({}, "", "missing field 'items'"),
        ([], "", "invalid value: expected object"),
        ({"items": [{}]}, "items[]", "missing field 'id'"),
        ({"items": [{"id": "secret", "the score": 7}]}, 'items[]["the score"]', "invalid value: expected at most 1"),
        ({"items": [{"id": "a", "secret": 1, "other": 2}]}, "items[]", "unexpected field: the schema allows no others"),
        ({"items": [], "by_customer": {"secret": 3}}, "by_customer.*", 'invalid value: expected one of "high", "low"'),
        ({"items": [], "at": "secret"}, "at", "invalid value: expected the format date-time"),
        ({"items": [], "kind": "secret"}, "kind", 'invalid value: expected "ranking"'),
        ({"items": [], "pattern": "secret("}, "pattern", "invalid value: expected the format regex"),
        ({"items": [], "names": {"secret": 1}}, "names",
         "invalid field name: invalid value: expected at most 3 characters"),
        ({"items": [], "either": {"secret": 1}}, "either", "missing field 'a'"),
        ({"items": [], "never": "secret"}, "never", "unexpected value: the schema allows none"),
    ],
)  # fmt: skip
def test_a_mismatch_of_an_answer_is_a_place_in_the_contract(answer: Data, pointer: str, message: str):
    found = find_answer_mismatches(SCHEMA, answer)
    assert (found[0].pointer, found[0].message) == (pointer, message)


def test_an_answer_that_is_too_deep_is_not_compared():
    answer: Data = []
    for _ in range(70):
        answer = [answer]
    assert [one.message for one in find_answer_mismatches({"type": "array"}, answer)] == [
        "the answer is nested more than 64 levels deep, so the answer is not checked"
    ]


SECRETS = st.text("äöüßÄÖÜ", min_size=6, max_size=12)
"""Texts of letters that the contract does not have."""
ANSWERS = st.recursive(
    SECRETS | st.integers(10**9, 10**12) | st.none() | st.booleans(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            SECRETS | st.sampled_from(["items", "id", "by_customer", "either", "names"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(ANSWERS)
def test_nothing_that_only_the_answer_has_is_told(answer):
    found = find_answer_mismatches(SCHEMA, answer)
    told = json.dumps([[one.pointer, one.message] for one in found], ensure_ascii=False)
    assert not set(told) & set("äöüßÄÖÜ")
    assert not any(character.isdigit() for character in told.replace("at most 1", "").replace("at most 3", ""))
    assert bool(found) == bool(find_example_mismatches(SCHEMA, answer))
