"""Properties of every card that can be written, and of any other text in a file."""

import copy
import re
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.findings import Finding
from generator.load.cards import Cards, load_cards
from generator.schema import KINDS
from tests.load.writing import as_yaml
from tests.schema.strategies import Data, any_card, cards, declared_mappings, get_at, kind_of

EXAMPLES = settings(max_examples=60, deadline=None)


def loaded(data: bytes, name: str = "a.yml") -> tuple[Cards, list[Finding]]:
    with tempfile.TemporaryDirectory() as project:
        folder = Path(project) / "cards"
        folder.mkdir()
        (folder / name).write_bytes(data)
        return load_cards(folder, Path(project))


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_written_cards_are_read_back(kind: str, data: st.DataObject):
    card = data.draw(cards(kind))
    book, findings = loaded(as_yaml(card).encode())
    assert findings == []
    assert [item.card for item in book.items] == [KINDS[kind].model_validate(card)]


@EXAMPLES
@given(any_card, st.data())
def test_an_unknown_key_is_reported_at_its_position(card: Data, data: st.DataObject):
    path, _ = data.draw(st.sampled_from(declared_mappings(card, kind_of(card))))
    wrong = copy.deepcopy(card)
    _insert(get_at(wrong, path), data.draw(st.integers(0, 9)), "zz_unknown", 1)
    text = as_yaml(wrong)
    book, findings = loaded(text.encode())
    assert book.items == ()
    assert [finding.code for finding in findings] == ["MB010"]
    lines = text.split("\n")
    line = next(number for number, line in enumerate(lines, 1) if "zz_unknown" in line)
    assert (findings[0].position.line, findings[0].position.column) == (line, lines[line - 1].index('"zz_unknown') + 1)


def _insert(mapping: Data, index: int, key: str, value: Any) -> None:
    items = list(mapping.items())
    mapping.clear()
    mapping.update([*items[:index], (key, value), *items[index:]])


@EXAMPLES
@given(any_card, st.data())
def test_a_value_of_the_wrong_type_is_reported_at_its_position(card: Data, data: st.DataObject):
    path, _ = data.draw(st.sampled_from(declared_mappings(card, kind_of(card))))
    names = [
        name for name in get_at(card, path) if name in {"name", "why", "system", "from", "lifecycle", "note", "surface"}
    ]
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    wrong = copy.deepcopy(card)
    get_at(wrong, path)[name] = ["zz_wrong"]
    text = as_yaml(wrong)
    _, findings = loaded(text.encode())
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "zz_wrong" in line)
    assert ("MB012", line) in [(finding.code, finding.position.line) for finding in findings]


@EXAMPLES
@given(any_card, st.data())
def test_a_missing_key_is_named(card: Data, data: st.DataObject):
    path, model = data.draw(st.sampled_from(declared_mappings(card, kind_of(card))))
    required = [
        name for name, field in model.model_fields.items() if field.is_required() and name not in {"id", "kind"}
    ]
    names = [model.model_fields[name].alias or name for name in required]
    if not names:
        return
    name = data.draw(st.sampled_from(names))
    wrong = copy.deepcopy(card)
    del get_at(wrong, path)[name]
    _, findings = loaded(as_yaml(wrong).encode())
    assert any(
        finding.code == "MB011" and re.fullmatch(rf"missing key `(.*\.)?{name}`", finding.message)
        for finding in findings
    )


@EXAMPLES
@given(st.binary(max_size=300), st.sampled_from(["a.yml", "a.md"]))
def test_any_bytes_end_in_a_finding_or_a_card(data: bytes, name: str):
    book, findings = loaded(data, name)
    assert book.items or findings


LINES = [
    "kind: model\n",
    "id: a\n",
    "steps:\n",
    "contract:\n",
    "  request: {$ref: a.yml}\n",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
]
MARKS = ["- ", "  ", "\n", ": ", "{", "}", "[", "]", ", ", '"', "'", "? ", "# ", "|\n", ">-\n", "@", "`", "\\x", "\t"]
WORDS = [
    "name: ",
    "x-a: ",
    "&a ",
    "*a",
    "<<: ",
    "!!str ",
    "!x ",
    "~",
    "null",
    "0o17",
    "é",
    "\ufeff",
    "\r",
    "\r\n",
    "\u2028",
]
TOKENS = st.sampled_from([*LINES, *MARKS, *WORDS])


@settings(max_examples=250, deadline=None)
@given(st.lists(TOKENS, max_size=30), st.sampled_from(["", "---\n"]))
def test_anything_like_yaml_ends_in_a_finding_or_a_card(tokens: list[str], start: str):
    text = start + "".join(tokens)
    for name in ("a.yml", "a.md"):
        book, findings = loaded(text.encode(), name)
        assert book.items or findings
        lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        for finding in findings:
            assert 1 <= finding.position.line <= len(lines)
            assert 1 <= finding.position.column <= len(lines[finding.position.line - 1]) + 1
