"""The JSON Schema for editors, compared with the binding of cards."""

import copy
import functools
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from generator.load.cards import load_cards
from generator.load.nodes import Document
from generator.load.yaml_reader import read_documents
from generator.schema import KINDS
from generator.schema.base import to_plain_data
from generator.schema.json_schema import build_json_schema
from generator.schema.topology import VERBS
from tests.conftest import Golden
from tests.load.writing import as_yaml
from tests.schema.strategies import Data, any_card, declared_mappings, get_at, kind_of

PROJECT = Path(__file__).parents[2]
EXAMPLES = settings(max_examples=100, deadline=None)


@functools.cache
def get_editor() -> Draft202012Validator:
    """Return the validator of an editor."""
    return Draft202012Validator(build_json_schema(), format_checker=FormatChecker(["date"]))


def build_document(card: Data) -> Document:
    documents, findings = read_documents(as_yaml(card), "cards/a.yml")
    assert findings == []
    return documents[0]


def is_bound(card: Data) -> bool:
    from_text = build_document(card).root.to_plain()
    try:
        KINDS[card["kind"]].model_validate(from_text)
    except ValueError:
        return False
    return True


def test_it_is_a_readable_json_schema(golden: Golden):
    schema = build_json_schema()
    Draft202012Validator.check_schema(schema)
    golden(Path(__file__).parent / "card.schema.json", json.dumps(schema, indent=2, ensure_ascii=False) + "\n")


def test_every_property_is_described():
    definitions = build_json_schema()["$defs"]
    models = {name: definition for name, definition in definitions.items() if "properties" in definition}
    assert set(models) > {model.__name__ for model in KINDS.values()}
    for name, definition in models.items():
        assert definition["description"], name
        assert definition["additionalProperties"] is False, name
        assert "^x-" in definition["patternProperties"], name
        assert "extras" not in definition["properties"], name
        for key, item in definition["properties"].items():
            assert item["description"], f"{name}.{key}"
            assert "title" not in item, f"{name}.{key}"


@EXAMPLES
@given(any_card)
def test_a_valid_card_matches_the_json_schema(card: Data):
    assert [error.message for error in get_editor().iter_errors(card)] == []


@EXAMPLES
@given(any_card)
def test_an_unquoted_version_matches_the_json_schema(card: Data):
    seen = to_plain_data(build_document({**card, "name": 2.1, "tags": [1, "two"]}).root.to_plain())
    assert isinstance(seen, dict)
    assert seen["name"] == 2.1
    assert get_editor().is_valid(seen)


OTHERS: st.SearchStrategy[Any] = st.sampled_from(
    [[], {}, [[]], [["a"]], {"zz": [1]}, {"zz": {"y": 1}}, None, 5, "text", "a:b", "2026-01-01"]
)


@settings(max_examples=250, deadline=None)
@given(any_card, st.data())
def test_json_schema_and_binding_reject_the_same_cards(card: Data, data: st.DataObject):
    path, _ = data.draw(st.sampled_from(declared_mappings(card, kind_of(card))))
    wrong = copy.deepcopy(card)
    mapping = get_at(wrong, path)
    mistake = data.draw(st.sampled_from(["add", "drop", "misspell", "retype"]))
    names = [name for name in mapping if name != "kind" and (path or name != "id")]
    if mistake == "add" or not names:
        mapping["zz"] = 1
    else:
        key = data.draw(st.sampled_from(names))
        value = mapping.pop(key)
        if mistake == "misspell":
            mapping[f"{key}z"] = value
        elif mistake == "retype":
            mapping[key] = data.draw(OTHERS)
            assume(not (key in VERBS and mapping[key] is None))  # an empty verb is one to JSON Schema, and none to us
    assert get_editor().is_valid(wrong) == is_bound(wrong)


def test_the_message_is_about_the_key_and_not_about_eight_kinds():
    errors = list(get_editor().iter_errors({"kind": "team", "name": "A", "ownrs": ["b"]}))
    assert "'ownrs'" in errors[0].message
    assert len(errors) == 1


@pytest.mark.parametrize("card", [{}, {"kind": "modle"}, {"name": "A"}, [], "kind: model"])
def test_a_card_of_an_unknown_kind_has_no_other_errors(card: Any):
    assert len(list(get_editor().iter_errors(card))) == 1


def test_extras_are_allowed_at_every_level():
    wave = {"traffic": 1, "x-own": [1]}
    card = {
        "kind": "migration",
        "name": "A",
        "status": "planned",
        "moves": ["model:a"],
        "x-own": {"a": 1},
        "waves": [wave],
    }
    assert get_editor().is_valid(card)


def test_an_id_and_the_name_of_a_resource_are_optional():
    assert get_editor().is_valid({"kind": "resource", "type": "topic"})
    assert not get_editor().is_valid({"kind": "team"})


@pytest.mark.parametrize("request_", [{"$ref": "contracts/a.yml"}, {"type": "object"}, True])
def test_a_contract_is_a_schema_or_a_file(request_: Any):
    card = {"kind": "model", "name": "A", "summary": "A", "lifecycle": "retired", "serving": "both"}
    contract = {"request": request_, "openapi": "api.yml", "operation": "predict"}
    assert get_editor().is_valid({**card, "contract": contract})


def test_the_cards_of_the_repository_match_the_json_schema():
    book, _ = load_cards(PROJECT / "cards", PROJECT)
    for item in book.items:
        seen = to_plain_data(item.document.root.to_plain())
        assert [f"{item.ref}: {error.message}" for error in get_editor().iter_errors(seen)] == []
