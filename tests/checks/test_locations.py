from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.checks.locations import FieldLocator, LineIndex, extend_path, locate_offset
from generator.findings import Position
from generator.load.nodes import Node
from generator.settings import Settings
from tests.books import REPOSITORY
from tests.checks.books import build_context, read_context

MODEL = "kind: model\nid: ryl\nname: RYL\nsummary: Ranks.\nlifecycle: production\nserving: online\n"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("curl: |\n  curl \\\n    HERE\n", 9, 5),
        ("curl: |-\n  HERE\n", 8, 3),
        ("curl: |2+\n    HERE\n\n", 8, 5),
        ("curl: |\n\n  curl \\\n\n    HERE\n", 11, 5),
        ("curl: >\n  curl\n  HERE\n", 7, 7),
        ("curl: 'curl HERE'\n", 7, 13),
        ('curl: "curl HERE"\n', 7, 13),
        ("curl: curl HERE\n", 7, 12),
        ("curl: 'it''s HERE'\n", 7, 7),
        ('curl: "\\u0063url HERE"\n', 7, 7),
        ("curl: curl\n  HERE\n", 7, 7),
    ],
)
@pytest.mark.parametrize("front_matter", [False, True])
def test_a_character_is_found_in_a_literal_block(
    text: str, line: int, column: int, *, front_matter: bool, tmp_path: Path
):
    files = {"ryl.md": f"---\n{MODEL}{text}---\nProse.\n"} if front_matter else {"ryl.yml": MODEL + text}
    context, unreadable = build_context(files, tmp_path)
    assert unreadable == []
    (loaded,) = context.cards.items
    offset = str(loaded.document.root.find(("curl",)).content).index("HERE")
    expected = Position(loaded.document.file, line + front_matter, column)
    assert locate_offset(context.cards, loaded, offset, "curl") == expected


def test_a_json_pointer_is_followed_through_lists_and_odd_keys(tmp_path: Path):
    text = MODEL + "contract:\n  request:\n    a/b:\n      - x: 1\n      - x~y: 2\n    '0': here\n"
    context, _ = build_context({"ryl.yml": text}, tmp_path)
    (loaded,) = context.cards.items
    base = ("contract", "request")
    assert loaded.at(*extend_path(loaded, base, "/a~1b/1/x~0y")).line == 11
    assert loaded.at(*extend_path(loaded, base, "/0")).line == 12
    assert loaded.at(*extend_path(loaded, base, "/a~1b/9/z")).line == 10
    assert extend_path(loaded, base, "") == base


@pytest.mark.parametrize("text", ["", "a", "\n", "a\nbc\n\nd", "ä\n\n"])
def test_each_character_of_a_text_is_located(text: str):
    index = LineIndex(text, "a.yml")
    for offset in range(len(text) + 1):
        before = text[:offset].split("\n")
        assert index.locate(offset) == Position("a.yml", len(before), len(before[-1]) + 1)


def list_values(node: Node, field: tuple[str, ...] = ()) -> Iterator[tuple[Node, tuple[str, ...]]]:
    match node.content:
        case dict() as mapping:
            for key, child in mapping.items():
                yield from list_values(child, (*field, key))
        case list() as sequence:
            for child in sequence:
                yield from list_values(child, field)
        case _:
            yield node, field


def test_each_value_of_the_own_book_has_its_field():
    context, _ = read_context(REPOSITORY / "cards", REPOSITORY, Settings())
    locator = FieldLocator(context.cards.texts)
    for loaded in context.cards.items:
        for node, field in list_values(loaded.document.root):
            assert locator.find_field(loaded.document.position(node.mark)) == ".".join(field)


@pytest.mark.parametrize(
    ("line", "column", "field"),
    [
        (1, 1, ""),
        (1, 7, "kind"),
        (2, 1, "waves"),
        (3, 5, "waves"),
        (3, 14, "waves.traffic"),
        (4, 5, "waves.moves"),
        (4, 20, "waves.moves"),
        (5, 9, "x-a"),
        (7, 7, "kind"),
        (9, 3, "notes"),
    ],
)
def test_a_place_has_the_field_that_begins_before_it(line: int, column: int, field: str):
    text = (
        "kind: migration\nwaves:\n  - traffic: &few 5\n    moves: [topic:one]\nx-a:    *few\n---\n"
        "kind: team\nnotes: |\n  two\n  lines\n"
    )
    assert FieldLocator({"a.yml": text}).find_field(Position("a.yml", line, column)) == field


def test_prose_is_no_field_of_its_card():
    locator = FieldLocator({"a.md": f"---\n{MODEL}---\n\nProse.\n"})
    places = {line: locator.find_field(Position("a.md", line, 3)) for line in (3, 7, 8, 10)}
    assert places == {3: "id", 7: "serving", 8: "", 10: ""}


@pytest.mark.parametrize("name", ["a.yml", "a.md", "mkdocs.toml", "a.json"])
def test_a_file_without_a_readable_card_has_no_fields(name: str):
    assert FieldLocator({name: "{[: \x00"}).find_field(Position(name, 1, 2)) == ""
    assert FieldLocator({}).find_field(Position(name, 1, 2)) == ""
