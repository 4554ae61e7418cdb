from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.load.cards import load_cards
from generator.load.files import FrontMatter, extract_yaml, parse_front_matter

CARD = "kind: team\nid: eng\nname: Engineering\nnotes: |\n  One line.\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("---\na: 1\n---\nProse.\n", FrontMatter(4, "a: 1\n", "Prose.\n", is_closed=True)),
        ("---\na: 1\n...\nProse.", FrontMatter(4, "a: 1\n", "Prose.", is_closed=True)),
        ("\ufeff--- \r\na: 1\r\n---\r\n\r\nProse.", FrontMatter(7, "a: 1\r\n", "\r\nProse.", is_closed=True)),
        ("---\n---", FrontMatter(4, "", "", is_closed=True)),
        ("---\na: |\n  ---\n---\n", FrontMatter(4, "a: |\n  ---\n", "", is_closed=True)),
        ("---\na: 1\n", FrontMatter(4, "", "", is_closed=False)),
        ("---", FrontMatter(3, "", "", is_closed=False)),
        ("", None),
        ("Prose.\n---\na: 1\n---\n", None),
        ("----\na: 1\n---\n", None),
    ],
)
def test_front_matter_is_split_from_the_prose(text, expected):
    assert parse_front_matter(text) == expected


def test_the_yaml_of_either_kind_of_file():
    assert extract_yaml("\ufeffa: 1\n", "x.yml") == (1, "a: 1\n")
    assert extract_yaml("---\na: 1\n---\n", "x.yml") == (0, "---\na: 1\n---\n")
    assert extract_yaml("---\na: 1\n---\n", "x.md") == (4, "a: 1\n")
    assert extract_yaml("Prose.", "x.md") == (6, "")


@settings(max_examples=200, deadline=None)
@given(st.text("-.a: \r\n\ufeff\u2028", max_size=30))
def test_the_offset_of_the_yaml_is_its_position_in_the_text(text):
    matter = parse_front_matter(text)
    if matter is not None:
        assert text[matter.start :].startswith(matter.yaml)
        assert text.endswith(matter.body)


def test_both_kinds_of_files_give_the_same_card(tmp_path: Path):
    said = []
    for name, text in (("eng.yml", CARD), ("eng.md", f"---\n{CARD}---\nProse.\n")):
        folder = tmp_path / name.replace(".", "-")
        folder.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
        cards, findings = load_cards(folder, tmp_path)
        assert findings == []
        said.append(cards.items[0].card)
    assert said[0] == said[1]
