import pytest

from generator.checks.field_paths import find_missing_step, list_required_fields
from generator.contracts.data import Data

ITEM: Data = {
    "type": "object",
    "required": ["id"],
    "properties": {"id": {"type": "string"}, "score": {"type": "number"}},
}
SCHEMA: Data = {
    "type": "object",
    "required": ["items"],
    "properties": {
        "items": {"type": "array", "items": {"$ref": "#/$defs/item"}},
        "city": {"type": "string"},
        "anything": {"type": "object"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "tags": {"type": "array"},
        "either": {"oneOf": [{"properties": {"a": {}}}, {"allOf": [{"properties": {"b": True}}]}]},
        "self": {"$ref": "#"},
        "loop": {"$ref": "#/properties/loop"},
    },
    "$defs": {"item": ITEM},
}


@pytest.mark.parametrize(
    "path",
    ["items", "items[]", "items[].id", "items[0].score", "$.items[].id", "city", "anything.x.y", "labels.x", "tags[].x",
     "either.a", "either.b", "either.a.whatever", "self.self.items[].id", ""],
)  # fmt: skip
def test_an_existing_field_is_found(path: str):
    assert find_missing_step(SCHEMA, path) is None


@pytest.mark.parametrize(
    ("path", "step", "hint"),
    [
        ("item", "item", "did you mean 'items'?"),
        ("items[].scroe", "scroe", "did you mean 'score'?"),
        ("items.id", "id", "correct the field"),
        ("city[]", "[]", "correct the field"),
        ("either.c", "c", "choose one of: a, b"),
        ("loop.x", "x", "correct the field"),
        ("self.items[].nothing", "nothing", "choose one of: id, score"),
    ],
)
def test_the_fix_of_a_missing_field_is_the_most_similar_one(path: str, step: str, hint: str):
    missing = find_missing_step(SCHEMA, path)
    assert missing is not None
    assert missing.step == step
    assert missing.hint.startswith(hint)


def test_an_open_schema_has_every_field():
    assert find_missing_step({"type": "object"}, "a.b[].c") is None
    assert find_missing_step({"type": "object", "additionalProperties": False}, "a") is not None
    assert find_missing_step({"type": "array"}, "a") is not None


def test_the_required_fields_are_listed():
    assert list_required_fields(SCHEMA) == ("items", "items[].id")
    assert list_required_fields({"allOf": [{"required": ["a"]}, {"anyOf": [{"required": ["b"]}]}]}) == ("a",)
    recursive: Data = {"required": ["child"], "properties": {"child": {"$ref": "#"}}}
    assert len(list_required_fields(recursive)) == 8
    wide: Data = {"required": list("abcdef"), "properties": {name: {"$ref": "#"} for name in "abcdef"}}
    assert len(list_required_fields(wide)) <= 200
    assert list_required_fields({}) == list_required_fields(None) == ()
