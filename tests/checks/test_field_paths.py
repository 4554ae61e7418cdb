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
def test_a_field_that_is_there_is_found(path: str):
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
def test_one_that_is_not_gets_the_nearest(path: str, step: str, hint: str):
    missing = find_missing_step(SCHEMA, path)
    assert missing is not None
    assert missing.step == step
    assert missing.hint.startswith(hint)


def test_a_schema_that_leaves_everything_open_lacks_nothing():
    assert find_missing_step({"type": "object"}, "a.b[].c") is None
    assert find_missing_step({"type": "object", "additionalProperties": False}, "a") is not None
    assert find_missing_step({"type": "array"}, "a") is not None


def test_what_every_answer_holds_is_promised():
    assert list_required_fields(SCHEMA) == ("items", "items[].id")
    assert list_required_fields({"allOf": [{"required": ["a"]}, {"anyOf": [{"required": ["b"]}]}]}) == ("a",)
    recursive: Data = {"required": ["child"], "properties": {"child": {"$ref": "#"}}}
    assert len(list_required_fields(recursive)) == 8
    wide: Data = {"required": list("abcdef"), "properties": {name: {"$ref": "#"} for name in "abcdef"}}
    assert len(list_required_fields(wide)) <= 200
    assert list_required_fields({}) == list_required_fields(None) == ()
