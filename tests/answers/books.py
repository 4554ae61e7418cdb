"""Books for the tests of answers: the repository's own, and small ones from text."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from generator.graph.edges import Graph
from generator.graph.resolve import build_graph
from generator.load.cards import Cards, load_cards

ROOT = Path(__file__).resolve().parents[2]
GOLDENS = Path(__file__).parent / "goldens"
TODAY = date(2026, 11, 20)
FUNCTIONS = {
    "ds": "Data Science",
    "product": "Product",
    "merch": "Merchandising",
    "merch_ops": "Merchandising Operations",
    "dsp": "Platform",
    "engineering": "Engineering",
}


@cache
def own_book() -> tuple[Cards, Graph]:
    """Read the cards of the repository and their graph."""
    cards, findings = load_cards(ROOT / "cards", ROOT)
    graph, dangling = build_graph(cards)
    assert not [*findings, *dangling]
    return cards, graph


def read_raw_texts(root: Path, cards: Cards) -> dict[str, str]:
    """Read the files of the cards with their line ends."""
    return {name: (root / name).read_bytes().decode("utf-8") for name in cards.texts}


def book(root: Path, files: Mapping[str, str]) -> Graph:
    """Write a book with the given files below cards/, and build its graph."""
    return cards_and_graph(root, files)[1]


def cards_and_graph(root: Path, files: Mapping[str, str]) -> tuple[Cards, Graph]:
    """Write a book with the given files below cards/, read its cards, and build their graph."""
    for name, text in files.items():
        path = root / "cards" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())
    cards, _ = load_cards(root / "cards", root)
    return cards, build_graph(cards)[0]
