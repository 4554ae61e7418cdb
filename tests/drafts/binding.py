"""What every import is held to: its drafts, written out, are cards that the book loads without a finding."""

from pathlib import Path

from generator.drafts.results import DRAFT_TAG, ImportResult, write_drafts
from generator.findings import Finding
from generator.graph.edges import Graph
from generator.graph.resolve import build_graph
from generator.load.cards import Cards, load_cards


def bound(drafts: ImportResult, project: Path) -> Cards:
    """The drafts as loaded cards; every one of them binds, and says that it is a draft."""
    report = write_drafts(drafts, project / "cards")
    assert report.skipped == {}
    cards, findings = load_cards(project / "cards", project)
    assert findings == [] or not drafts.files  # a folder without cards is a finding
    assert {card.ref for card in cards.items} == {file.ref for file in drafts.files if file.ref is not None}
    for card in cards.items:
        assert DRAFT_TAG in card.card.tags
        assert cards.texts[card.document.file].lstrip("-\n").startswith("# Draft made from ")
    return cards


def resolved(cards: Cards) -> tuple[Graph, list[Finding]]:
    return build_graph(cards)


def told(drafts: ImportResult) -> str:
    """An import as a golden that a person can read: the files, then what could not be carried over."""
    files = "".join(f"=== {file.path}\n{file.text}" for file in drafts.files if file.ref is not None)
    others = "".join(f"=== {file.path} ({len(file.text)} characters)\n" for file in drafts.files if file.ref is None)
    notes = "".join(f"- {note}\n" for note in drafts.notes)
    return f"{files}{others}=== not carried over\n{notes}"
