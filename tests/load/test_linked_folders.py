"""Symbolic links of the cards folder into the folders that `linked_folders` names."""

from pathlib import Path

import pytest

from generator.findings import Severity
from generator.names import Ref
from generator.project import Project
from tests.books import MKDOCS, open_book, write_book
from tests.locked_books import TEAMS, build_model

LINKED = MKDOCS.replace("as_of: 2026-11-20", "as_of: 2026-11-20, linked_folders: [../code/cards]")
PHOTOS = Ref("model", "photos")


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A book beside a folder of code, which has cards and something else."""
    code = tmp_path / "code"
    (code / "cards/more").mkdir(parents=True)
    (code / "cards/photos.yml").write_text(build_model("photos"))
    (code / "cards/more/tips.yml").write_text(build_model("tips"))
    (code / "secret.yml").write_text(build_model("secret"))
    return write_book(tmp_path / "book", {"teams.yml": TEAMS}, LINKED)


def list_errors(project: Project) -> list[tuple[str, str]]:
    return [(one.code, one.position.file) for one in project.findings if one.severity is Severity.ERROR]


def test_a_card_can_be_a_link_into_a_linked_folder(book: Path):
    (book / "cards/photos.yml").symlink_to("../../code/cards/photos.yml")
    project = open_book(book)
    assert list_errors(project) == []
    assert project.cards.by_ref[PHOTOS].at().file == "cards/photos.yml"


def test_without_the_setting_the_finding_names_both_ways(book: Path):
    (book / "mkdocs.yml").write_text(MKDOCS)
    (book / "cards/photos.yml").symlink_to("../../code/cards/photos.yml")
    (finding,) = [one for one in open_book(book).findings if one.code == "MB006"]
    assert "`linked_folders`" in finding.hint
    assert "modelbook collect" in finding.hint


def test_a_folder_can_be_a_link_into_a_linked_folder(book: Path):
    (book / "cards/code").symlink_to("../../code/cards", target_is_directory=True)
    project = open_book(book)
    assert list_errors(project) == []
    assert project.cards.by_ref[Ref("model", "tips")].at().file == "cards/code/more/tips.yml"


def test_a_link_elsewhere_is_refused(book: Path):
    (book / "cards/secret.yml").symlink_to("../../code/secret.yml")
    (book.parent / "code/cards/over.yml").symlink_to("../secret.yml")
    (book / "cards/code").symlink_to("../../code/cards", target_is_directory=True)
    assert list_errors(open_book(book)) == [("MB006", "cards/code/over.yml"), ("MB006", "cards/secret.yml")]


def test_links_in_a_circle_end(book: Path):
    (book.parent / "code/cards/more/up").symlink_to("..", target_is_directory=True)
    (book / "cards/code").symlink_to("../../code/cards", target_is_directory=True)
    project = open_book(book)
    assert list_errors(project) == [("MB017", "cards/code/more/up")]
    assert PHOTOS in project.cards.by_ref


def test_a_contract_is_read_through_a_link_but_not_by_a_path_out_of_the_cards(book: Path):
    (book.parent / "code/cards/schema.json").write_text('{"type": "object"}')
    (book / "cards/schema.json").symlink_to("../../code/cards/schema.json")
    (book / "cards/a.yml").write_text(build_model("a", more="contract: {request: {$ref: schema.json}}\n"))
    path = "../../code/cards/schema.json"
    (book / "cards/b.yml").write_text(build_model("b", more=f"contract: {{request: {{$ref: {path}}}}}\n"))
    assert list_errors(open_book(book)) == [("MB006", "cards/b.yml")]
