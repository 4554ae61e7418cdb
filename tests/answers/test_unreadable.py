"""The places of cards that could not be read."""

from pathlib import Path

import pytest

from generator.answers.unreadable import find_unreadable, list_unread_lines
from generator.findings import Position
from generator.load.cards import load_cards

GOOD = "kind: team\nid: t\nname: T\n"
MODEL = "kind: model\nid: m\nname: M\nlifecycle: production\nowners: [t]\n"  # without summary and serving


def found(root: Path, files: dict[str, str | bytes], *, told: bool = True) -> list[str]:
    for name, content in files.items():
        path = root / "cards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    cards, findings = load_cards(root / "cards", root)
    return [f"{place.file}:{place.line}" for place in find_unreadable(cards, findings if told else ())]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.yml", MODEL, ["cards/a.yml:1"]),
        ("a.yml", f"{GOOD}---\n{MODEL}", ["cards/a.yml:5"]),
        ("a.yml", f"{MODEL}---\n{GOOD}", ["cards/a.yml:1"]),
        ("a.yml", f"{GOOD}---\n{GOOD}", ["cards/a.yml:5"]),
        ("a.yml", f"{GOOD}---\nkind: team\nid: [\n", ["cards/a.yml:6"]),
        ("a.yml", f"{GOOD}---\nname: no kind\n", ["cards/a.yml:5"]),
        ("a.yml", f"{GOOD}name: Again\n", ["cards/a.yml:4"]),
        ("a.yml", "", ["cards/a.yml:1"]),
        ("a.yml", b"\xff\xfek\x00", ["cards/a.yml:1"]),
        ("a.md", f"---\n{MODEL}---\nprose\n", ["cards/a.md:2"]),
        ("a.md", "no front matter\n", ["cards/a.md:1"]),
        ("README.md", "what this folder is\n", []),
        ("a.yml", GOOD, []),
        ("a.yml", f"{GOOD}owner: nobody  # an unknown key\n", ["cards/a.yml:1"]),
    ],
)
def test_every_card_that_is_not_in_the_graph_is_found(
    tmp_path: Path, name: str, content: str, expected: list[str]
) -> None:
    assert found(tmp_path, {name: content}) == expected


def test_a_finding_that_is_switched_off_hides_no_card(tmp_path: Path) -> None:
    assert found(tmp_path, {"a.yml": f"{GOOD}---\n{MODEL}", "b.yml": MODEL}, told=False) == [
        "cards/a.yml:5",
        "cards/b.yml:1",
    ]


def test_a_file_that_a_contract_refers_to_is_no_card(tmp_path: Path) -> None:
    whole = MODEL.replace("owners", "summary: s\nserving: online\ncontract: {request: {$ref: eta.yml}}\nowners")
    assert found(tmp_path, {"m.yml": whole, "eta.yml": "type: object\n", "bad.yml": MODEL}) == ["cards/bad.yml:1"]


def test_the_unread_lines_are_those_of_no_card() -> None:
    text = f"{GOOD}---\n{MODEL}---\n{GOOD}"
    places = [Position("a.yml", 5)]
    assert list_unread_lines(text, places, [Position("a.yml", 1), Position("a.yml", 11)]) == [4, 5, 6, 7, 8, 9, 10]
    assert list_unread_lines(f"---\n{MODEL}---\nprose\n", [Position("a.md", 2)], []) == [2, 3, 4, 5, 6]
