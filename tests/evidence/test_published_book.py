"""catalog.json gives a scan the same cards, names and dependencies as the book itself."""

import json

import pytest

from generator.errors import UserError
from generator.evidence.names import list_names
from generator.evidence.published_book import parse_catalog
from generator.evidence.sightings import is_documented
from tests.books import open_own_book


def test_the_catalog_has_all_names_and_dependencies_of_the_book():
    project = open_own_book()
    book = parse_catalog(project.render_catalog().join(), "catalog.json")
    cards = tuple(project.graph.cards[ref].card for ref in sorted(project.graph.cards))
    assert book.unreadable == 0
    assert {card.ref: card for card in book.cards} == {card.ref: card for card in cards}
    assert list_names(book.cards, book.named, project.today) == list_names(cards, project.graph.named, project.today)
    systems = [ref for ref in project.graph.refs if ref.kind == "system"]
    for user in systems:
        for target in project.graph.refs:
            assert book.is_documented(user, target) == is_documented(project.graph, user, target)


def test_a_card_with_keys_of_a_newer_version_is_counted():
    node = {"ref": "model:x", "card": {"kind": "model", "id": "x", "name": "X", "newer": 1}}
    book = parse_catalog(
        json.dumps({"format": "modelbook-catalog", "version": 1, "nodes": [node], "edges": []}).encode(), "f"
    )
    assert (book.cards, book.unreadable, book.named) == ((), 1, ())


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>", "is not a catalog.json"),
        (b"[" * 100_000, "is not a catalog.json"),
        (b"\xff", "is not a catalog.json"),
        (b'{"format": "modelbook-catalog", "version": 1, "nodes": []}', "is not a catalog.json"),
        (b'{"format": "modelbook-catalog", "version": 1, "nodes": [{"ref": "../x"}], "edges": []}', "is no"),
        (b'{"format": "modelbook-catalog", "version": 2, "nodes": [], "edges": []}', "expected 'modelbook-catalog' 1"),
        (b'{"format": "other", "version": 1, "nodes": [], "edges": []}', "expected 'modelbook-catalog' 1"),
    ],
)  # fmt: skip
def test_another_file_is_refused(content: bytes, words: str):
    with pytest.raises(UserError, match=r"^https://x ") as refused:
        parse_catalog(content, "https://x")
    assert words in str(refused.value)
