"""Which files of a folder are read, under which names, and which are ignored."""

import os
from pathlib import Path

import pytest

from generator.load.cards import Cards, load_cards
from generator.load.files import Folder, list_card_files
from generator.names import Ref

TEAM = "kind: team\nname: First\n"


@pytest.fixture
def cards(tmp_path: Path) -> Path:
    folder = tmp_path / "cards"
    folder.mkdir()
    return folder


def read(cards: Path) -> Cards:
    book, findings = load_cards(cards, cards.parent)
    assert findings == []
    return book


def names(book: Cards) -> list[str]:
    return [str(item.ref) for item in book.items]


def test_files_of_any_depth_are_read_in_order(cards: Path):
    (cards / "b" / "c").mkdir(parents=True)
    for name in ("z.yml", "b/c/y.yaml", "b/x.md", "a.yml"):
        (cards / name).write_text(f"---\n{TEAM}---\n" if name.endswith("md") else TEAM)
    assert names(read(cards)) == ["team:a", "team:y", "team:x", "team:z"]


def test_readme_in_lower_case_is_an_id(cards: Path):
    (cards / "a.yml").write_text(f"{TEAM}id: readme\n")
    assert names(read(cards)) == ["team:readme"]


def test_a_folder_may_end_like_a_card(cards: Path):
    (cards / "x.yml").mkdir()
    (cards / "x.yml" / "a.yml").write_text(TEAM)
    assert names(read(cards)) == ["team:a"]


def test_a_folder_of_a_thousand_levels_is_walked(cards: Path):
    folders = [f"{cards}{'/d' * depth}" for depth in range(1, 1201)]
    for folder in folders:
        Path(folder).mkdir()
    card = Path(folders[-1], "a.yml")
    card.write_text(TEAM)
    try:
        assert names(read(cards)) == ["team:a"]
    finally:
        card.unlink()
        for folder in reversed(folders):  # whoever clears temporary folders need not cope with this one
            Path(folder).rmdir()


def test_hidden_files_other_files_and_a_readme_are_left_alone(cards: Path):
    (cards / ".hidden").mkdir()
    for name in (".hidden/a.yml", ".a.yml", "picture.png", "a.json", "README.md"):
        (cards / name).write_text("no card")
    (cards / "b.yml").write_text(TEAM)
    assert names(read(cards)) == ["team:b"]


def test_a_readme_with_front_matter_is_a_card(cards: Path):
    (cards / "README.md").write_text(f"---\nid: first\n{TEAM}---\n")
    assert names(read(cards)) == ["team:first"]


def test_no_folder_no_cards(tmp_path: Path):
    book, findings = load_cards(tmp_path / "cards", tmp_path)
    assert book == Cards(())
    assert [finding.code for finding in findings] == ["MB003"]


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbfkind: team\r\nname: Gr\xc3\xb6\xc3\x9fe\r\n", b"kind: team\rname: Gr\xc3\xb6\xc3\x9fe"],
    ids=["windows", "old mac"],
)
def test_the_encoding_of_other_systems_makes_no_difference(cards: Path, data: bytes):
    (cards / "a.yml").write_bytes(data)
    book = read(cards)
    assert book.items[0].card.name == "Größe"
    assert (book.items[0].at("name").line, book.items[0].at("name").column) == (2, 7)
    assert book.texts["cards/a.yml"].split("\n")[:2] == ["kind: team", "name: Größe"]


def test_a_file_may_hold_several_cards(cards: Path):
    (cards / "a.yml").write_text(f"---\n{TEAM}---\n---\n{TEAM}id: second\n...\n---\n# nothing\n")
    book = read(cards)
    assert names(book) == ["team:a", "team:second"]
    assert [item.at("name").line for item in book.items] == [3, 7]


def test_the_body_of_a_markdown_card_is_its_prose(cards: Path):
    (cards / "a.md").write_text(f"--- \n{TEAM}---\n\n# Prose\n\n---\n\nMore\n")
    item = read(cards).items[0]
    assert item.body == "# Prose\n\n---\n\nMore"
    assert item.at("name").line == 3


def test_a_rule_in_the_text_of_the_front_matter_does_not_end_it(cards: Path):
    (cards / "a.md").write_text(f"---\n{TEAM}notes: |\n  one\n  ---\n  two\n---\nProse\n")
    item = read(cards).items[0]
    assert (item.card.notes, item.body) == ("one\n---\ntwo", "Prose")


def test_a_link_within_the_folder_is_followed(cards: Path):
    (cards / "a.yml").write_text(TEAM)
    (cards / "b.yml").symlink_to("a.yml")
    assert names(read(cards)) == ["team:a", "team:b"]


def test_the_folder_itself_may_be_a_link(tmp_path: Path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "a.yml").write_text(TEAM)
    (tmp_path / "cards").symlink_to("elsewhere")
    assert names(read(tmp_path / "cards")) == ["team:a"]


def test_positions_are_those_of_values_and_keys(cards: Path):
    (cards / "a.yml").write_text(f"{TEAM}links:\n  wiki: https://wiki.example.com\naliases: [one, two]\n")
    item = read(cards).items[0]
    places = [item.at("links", "wiki"), item.at_key("links", "wiki"), item.at("aliases", 1), item.at("lead"), item.at()]
    assert [(place.line, place.column) for place in places] == [(4, 9), (4, 3), (5, 16), (1, 1), (1, 1)]
    assert str(item.at("links", "none")) == "cards/a.yml:4:3"


def test_a_card_that_cannot_be_used_is_known_to_exist(cards: Path):
    (cards / "a.yml").write_text("kind: team\nnmae: First\n")
    (cards / "b.yml").write_text("kind: resource\ntype: topic\nid: orders\ncolour: red\n")
    (cards / "c.yml").write_text("kind: [team]\n")
    book, findings = load_cards(cards, cards.parent)
    assert len(findings) == 3
    known = [ref for ref in map(Ref.parse, ("team:a", "topic:orders", "team:c")) if book.unread.find([ref])]
    assert known == [Ref("team", "a"), Ref("topic", "orders"), Ref("team", "c")]
    assert book.unread.find([Ref("team", "d"), Ref("model", "a"), Ref("topic", "other")]) is None


def test_the_first_of_two_cards_with_one_id_is_kept(cards: Path):
    (cards / "a.yml").write_text("kind: team\nid: x\nname: First\n")
    (cards / "b.yml").write_text("kind: team\nid: x\nname: Second\n")
    book, findings = load_cards(cards, cards.parent)
    assert [card.card.name for card in book.items] == ["First"]
    assert [str(finding.position) for finding in findings] == ["cards/b.yml:2:5"]
    assert "cards/a.yml:2:5" in findings[0].hint


def test_the_digest_follows_every_text(cards: Path):
    (cards / "a.yml").write_text(TEAM)
    before = read(cards).digest
    assert read(cards).digest == before
    (cards / "a.yml").write_text(TEAM + "# a comment\n")
    assert read(cards).digest != before


as_root = pytest.mark.skipif(os.geteuid() == 0, reason="root may read what nobody may")


@as_root
def test_a_file_without_permission_is_named(cards: Path):
    (cards / "a.yml").write_text(TEAM)
    (cards / "a.yml").chmod(0)
    _, findings = load_cards(cards, cards.parent)
    assert [(finding.code, finding.position.file) for finding in findings] == [("MB017", "cards/a.yml")]


@as_root
def test_a_folder_without_permission_is_named(cards: Path):
    (cards / "a").mkdir(mode=0)
    _, findings = load_cards(cards, cards.parent)
    (cards / "a").chmod(0o700)
    assert [(finding.code, finding.position.file) for finding in findings] == [("MB017", "cards/a")]


def test_a_folder_that_cannot_be_listed_is_yielded_itself(cards: Path, monkeypatch: pytest.MonkeyPatch):
    (cards / "a").mkdir()
    monkeypatch.setattr(os, "access", lambda path, _mode: Path(path) != cards / "a")
    assert list(list_card_files(Folder(cards, cards.parent))) == [cards / "a"]
    _, findings = load_cards(cards, cards.parent)
    assert [finding.message for finding in findings] == ["the folder cannot be listed"]
