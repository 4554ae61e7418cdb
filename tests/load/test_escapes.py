"""Escapes of JSON for characters beyond U+FFFF, as every JSON writer makes them of an emoji."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from generator.load import yaml_reader
from generator.load.yaml_reader import read_documents
from generator.schema.base import to_plain_data

SOUP = "\N{POT OF FOOD}"


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch):
    if request.param == "python":
        monkeypatch.setattr(yaml_reader, "_Loader", yaml.SafeLoader)


def value(text: str) -> object:
    (document,), findings = read_documents(text, "cards/a.yml")
    assert findings == []
    return to_plain_data(document.root.to_plain())


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r'"Soup \ud83c\udf72"', f"Soup {SOUP}"),
        (r'"\uD83C\uDF72\ud83c\udf72"', SOUP * 2),
        (r'{"\ud83c\udf72": ["\ud83c\udf72"]}', {SOUP: [SOUP]}),
        (r'"\\ud83c\\udf72"', r"\ud83c\udf72"),
        (r'"\\\ud83c\udf72"', rf"\{SOUP}"),
        ('["\\ud83c\\udf72", "\ue83c\uef72"]', [SOUP, "\ue83c\uef72"]),
        (r'["\ud83c\udf72", "\ue83c\uef72", "\ud83c\udf72"]', [SOUP, "\ue83c\uef72", SOUP]),
        (r"""["\ud83c\udf72", '\ud83C\uDF72', \uD83c\udF72]""", [SOUP, r"\ud83C\uDF72", r"\uD83c\udF72"]),
        (
            '- "\\ud83c\\udf72"\n- |\n  \\ud83c\\udf72\n- >\n  \\uD83C\\uDF72',
            [SOUP, "\\ud83c\\udf72\n", r"\uD83C\uDF72"],
        ),
    ],
)
def test_a_pair_in_double_quotes_is_one_character(text: str, expected: object):
    assert value(text) == expected


# YAML allows 1,024 characters in a key on one line: https://yaml.org/spec/1.2.2/#741-flow-sequences
KEYS = st.text(max_size=80)


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner)))
def test_ascii_json_is_read_back(data: object):
    assert value(json.dumps([data])) == [data]


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("half", [r"\ud83c", r"\udf72", r"\ud83c\ud83c", r"\udf72\ud83c", r"\uD83C x \uDF72"])
def test_half_a_character_is_a_finding(half: str):
    documents, (finding,) = read_documents(f'name: "a {half}"\n', "cards/a.yml")
    assert documents == []
    assert (finding.code, finding.position.line) == ("MB001", 1)
    assert finding.message == r"invalid escape: half a character, expected a pair such as \ud83c\udf72"


@pytest.mark.usefixtures("parser")
def test_an_escape_beyond_unicode_is_a_finding():
    _, (finding,) = read_documents('name: "\\U0011ffff"\n', "cards/a.yml")
    assert finding.code == "MB001"


def test_escapes_do_not_move_positions():
    text = r'{"a": "\ud83c\udf72\ud83c\udf72", "b": 1}'
    (document,), _ = read_documents(text, "cards/a.yml")
    assert document.at("b").column == text.index("1") + 1
    _, (finding,) = read_documents(text.replace("1}", "]"), "cards/a.yml")
    assert finding.position.column == text.index("1") + 1
