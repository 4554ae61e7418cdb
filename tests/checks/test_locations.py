from pathlib import Path

import pytest

from generator.checks.locations import LineIndex, extend_path, locate_offset
from generator.findings import Position
from tests.checks.books import build_context

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
def test_the_place_of_each_character(text: str):
    index = LineIndex(text, "a.yml")
    for offset in range(len(text) + 1):
        before = text[:offset].split("\n")
        assert index.locate(offset) == Position("a.yml", len(before), len(before[-1]) + 1)
