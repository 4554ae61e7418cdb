"""Findings and the ledger name the same duties, on any day."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.answers.debt import DebtItem
from generator.checks import ALL_RULES, RULES, RuleContext, check
from generator.checks.suppressions import apply_suppressions
from generator.findings import Finding, Severity
from generator.names import Ref
from generator.schema.rollouts import ExperimentStatus
from generator.settings import InventorySettings
from tests.answers.books import cards_and_graph
from tests.answers.duty_books import EXPERIMENT, build_ledger, cards, with_functions

OVERDUE = {"MB203", "MB403", "MB406", "MB407", "MB501", "MB504", "MB513", "MB515", "MB615", "MB622"}
OVERDUE |= {"MB420", "MB421", "MB423", "MB424"}
OPEN = {"MB404", "MB502", "MB503"}
PEOPLE = "kind: team\nid: one\nname: One\n---\nkind: person\nid: p\nname: P\nteam: one\n"


def of_findings(findings: list[Finding], codes: set[str]) -> Counter[tuple[Ref | None, str]]:
    """How many duties of a card the findings name; a note for an experimental model does not count."""
    named = Counter[tuple[Ref | None, str]]()
    for one in findings:
        if one.code in codes and (one.code, one.severity) != ("MB203", Severity.INFO):
            named[Ref("model", "m") if one.code == "MB406" else one.subject, one.code] += max(1, len(one.parts))
    return named


def of_items(items: list[DebtItem]) -> Counter[tuple[Ref | None, str]]:
    return Counter((item.subject, item.duty.code) for item in items)


@settings(max_examples=150, deadline=None)
@given(files=cards(), today=st.dates(date(2026, 9, 1), date(2027, 12, 31)))
def test_findings_and_ledger_have_the_same_duties(
    files: dict[str, str], today: date, tmp_path_factory: pytest.TempPathFactory
) -> None:
    loaded, graph = cards_and_graph(tmp_path_factory.mktemp("book"), {**files, "people.yml": PEOPLE})
    tiers = InventorySettings(tiers={"1": 30, "2": None})
    asked = with_functions("ds", "product").model_copy(update={"inventory": tiers})
    findings = check(RuleContext(loaded, graph, today, asked), RULES)
    kept, _ = apply_suppressions(findings, loaded, ALL_RULES)
    ledger = build_ledger(graph, asked, today)
    overdue, named = of_items(list(ledger.entries)), of_findings(kept, OVERDUE)
    assert set(overdue) == set(named)
    # Several cards may name one consumer: one duty, a finding on each.
    assert all(named[key] == count for key, count in overdue.items() if key[1] != "MB406")
    experiment = graph.cards[Ref("experiment", "ab")].card
    announced = [item for item in ledger.open if is_announced(item, experiment.status, today)]  # type: ignore[attr-defined]
    assert set(of_items(announced)) == set(of_findings(kept, OPEN))


def is_announced(item: DebtItem, status: ExperimentStatus, today: date) -> bool:
    """Whether a finding tells of an open item: its day is near, or it has none although the experiment is over."""
    if item.due is None:
        return item.duty.code == "MB503" and status is ExperimentStatus.CONCLUDED
    return item.duty.code in OPEN and (item.due - today).days <= 30


def test_findings_and_ledger_change_on_the_same_day(tmp_path: Path) -> None:
    text = EXPERIMENT + "status: cleaned\ncleanup: {due: 2026-08-01, items: [{remove: 'topic:a'}]}\n"
    loaded, graph = cards_and_graph(tmp_path, {"ab.yml": text})
    (item,) = build_ledger(graph, with_functions(), date(2026, 11, 20)).entries
    found = check(RuleContext(loaded, graph, date(2026, 11, 20), with_functions()), RULES)
    (finding,) = [one for one in found if one.code.startswith("MB50")]
    assert (finding.code, finding.message) == (item.duty.code, f"{item.subject}: {item.what}")
    assert (item.due, item.days) == (date(2026, 8, 1), 110)
