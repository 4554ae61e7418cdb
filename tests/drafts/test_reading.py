import json
from pathlib import Path

import pytest

from generator.drafts.reading import SIZE_LIMIT, parse_documents, parse_first_document, read_bytes, read_text
from generator.errors import UserError
from generator.schema.base import Scalar

BOMB = "a: &a [l, l, l, l, l, l, l, l, l]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefg", "bcdefgh", strict=True)
)


def test_scalars_stay_as_typed():
    value = parse_first_document("version: 2.10\nflag: no\n", "a")
    assert value == {"version": "2.10", "flag": "no"}
    assert isinstance(value, dict)
    assert isinstance(value["version"], Scalar)


def test_json_escapes_and_numbers_are_read():
    assert parse_first_document('{"a": "\\ud83d\\ude00", "b": 1.0}', "a") == {"a": "😀", "b": 1.0}


def test_documents_have_line_numbers():
    assert [found.line for found in parse_documents("a: 1\n---\n---\n# c\nb: 2\n", "a")] == [1, 3, 5]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\na: 2\n", {"a": "2"}),
        ("a: &x {b: 1}\nc: {<<: *x, d: 2}\n", {"a": {"b": "1"}, "c": {"<<": {"b": "1"}, "d": "2"}}),
        ("name: {{ values.name }}\ntype: x\n", {"name": {"…": None}, "type": "x"}),
        ("a: 'b\u2028c\x85d'\n", {"a": "b c d"}),
    ],
    ids=["duplicate key", "merge key", "placeholder", "line breaks of Unicode"],
)
def test_yaml_that_cards_cannot_have_is_read(text: str, value: object):
    assert parse_first_document(text, "a") == value


def test_a_yaml_tag_does_not_run_code(tmp_path: Path):
    text = f"a: !!python/object/apply:pathlib.Path.touch [{tmp_path}/made]\n"
    parse_first_document(text, "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text",
    [BOMB, "[" * 5000, "{a: " * 5000, '{"a": ' * 5000 + "1" + "}" * 5000, "- " * 5000, "[" + "1," * 300_000 + "1]"],
    ids=["bomb", "brackets", "braces", "json", "lists", "wide"],
)
def test_deep_and_large_documents_are_refused(text: str):
    with pytest.raises(UserError, match=r"evil\.yaml"):
        parse_documents(text, "evil.yaml")


@pytest.mark.parametrize("text", ["a: [1\nb: 2", "a: b: c", "\tx: 1", "a: *nothing", 'a: "x', "a: !<tag b"])
def test_a_syntax_error_names_its_line(text: str):
    with pytest.raises(UserError, match=r"^cannot read cat\.yaml:\d+: "):
        parse_documents(text, "cat.yaml")


@pytest.mark.parametrize(
    "number", ["7" * 309, "7" * 5000, "-" + "1" * 100_000, "1e309", "-1E+99999", "0." + "1" * 9 + "e999"]
)
def test_a_number_out_of_range_is_named_with_its_line(number: str):
    with pytest.raises(UserError, match=r"^api\.json:3 has a number that is out of range: -?[017]") as caught:
        parse_first_document('{"a": 1,\n "b":\n  ' + number + "}", "api.json")
    assert len(str(caught.value)) < 100


def test_numbers_equal_those_of_the_json_module():
    digits = "7" * 300
    numbers = f'{{"a": {digits}, "b": -{digits}, "c": -0.5E-3, "d": 1e300, "e": 10, "f": 1e-999, "g": 2.0}}'
    assert parse_first_document(numbers, "api.json") == json.loads(numbers)


def test_an_unpaired_surrogate_is_refused():
    with pytest.raises(UserError, match="unpaired surrogate"):
        parse_first_document('{"a": ["\\ud83d"]}', "a.json")


def test_files_have_limits(tmp_path: Path):
    large, latin, folder = tmp_path / "large", tmp_path / "latin", tmp_path / "folder"
    large.write_bytes(b"x" * (SIZE_LIMIT + 1))
    latin.write_bytes("Größe".encode("latin-1"))
    folder.mkdir()
    for path, told in (
        (large, "larger than"),
        (latin, "not UTF-8"),
        (folder, "is a folder"),
        (tmp_path / "none", "no file"),
    ):
        with pytest.raises(UserError, match=told):
            read_text(path)
    assert read_bytes(latin) == b"Gr\xf6\xdfe"
