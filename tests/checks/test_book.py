"""The book in the repository keeps its own rules."""

from pathlib import Path

from generator.checks import RULES, check
from generator.findings import Severity
from generator.settings import Settings
from tests.books import open_own_book
from tests.checks.books import read_context

PROJECT = Path(__file__).parents[2]
FUNCTIONS = {
    "ds": "Data Science",
    "product": "Product",
    "merch": "Merchandising",
    "merch_ops": "Merchandising operations",
    "dsp": "Data science platform",
    "engineering": "Engineering",
}


def test_the_own_book_has_only_notes_and_exceptions_with_a_reason():
    project = open_own_book()
    assert len(project.cards.items) > 50
    assert [finding for finding in project.findings if finding.severity is not Severity.INFO] == []
    assert {one.finding.code for one in project.suppressed} >= {"MB701", "MB703", "MB708", "MB711", "MB713"}


def test_the_own_book_has_a_note():
    context, _ = read_context(PROJECT / "cards", PROJECT, Settings(functions=FUNCTIONS))
    found = {(finding.code, str(finding.subject)) for finding in check(context, RULES)}
    assert ("MB502", "experiment:ryl-v3-ab") in found
    assert ("MB203", "model:coupon-uplift") in found
