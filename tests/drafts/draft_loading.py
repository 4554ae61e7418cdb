"""Drafts as loaded cards, and results of imports as text."""

from pathlib import Path

from generator.drafts.results import ImportResult, write_drafts
from generator.findings import DRAFT_TAG
from generator.load.cards import Cards, load_cards


def load_drafts(drafts: ImportResult, project: Path) -> Cards:
    """Write and load drafts, and check that all of them load and are marked as drafts."""
    report = write_drafts(drafts, project / "cards")
    assert report.skipped == {}
    cards, findings = load_cards(project / "cards", project)
    assert findings == [] or not drafts.files  # a folder without cards is a finding
    assert {card.ref for card in cards.items} == {file.ref for file in drafts.files if file.ref is not None}
    for card in cards.items:
        assert DRAFT_TAG in card.card.tags
        assert cards.texts[card.document.file].lstrip("-\n").startswith("# Draft made from ")
    return cards


def render_result(drafts: ImportResult) -> str:
    """Return a result as a readable golden: the files, then the notes."""
    files = "".join(f"=== {file.path}\n{file.text}" for file in drafts.files if file.ref is not None)
    others = "".join(f"=== {file.path} ({len(file.text)} characters)\n" for file in drafts.files if file.ref is None)
    notes = "".join(f"- {note}\n" for note in drafts.notes)
    return f"{files}{others}=== left out\n{notes}"
