"""The age of traffic is that of its last day, and a book without traffic has no finding about it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from generator.checks import RULES, check
from generator.evidence.records import Evidence
from tests.checks.books import build_context
from tests.evidence.records import traffic_source

CARDS = "{kind: model, id: ryl, name: RYL, summary: Ranks., lifecycle: production, serving: online}\n"


@pytest.mark.parametrize(
    ("last_on", "messages"),
    [
        (date(2026, 8, 21), ["the traffic ends on 2026-08-21: expected traffic of the last 90 days"]),
        (date(2026, 8, 22), []),
        (None, []),
    ],
)
def test_traffic_is_stale_after_the_days_of_the_settings(last_on: date | None, messages: list[str], tmp_path: Path):
    context, _ = build_context({"all.yml": CARDS}, tmp_path / "cards")
    evidence = Evidence(traffic=(traffic_source(last_on),))
    found = [one for one in check(replace(context, evidence=evidence), RULES) if one.code == "MB706"]
    assert [one.message for one in found] == messages
    assert [one.position.file for one in found] == ["evidence/traffic.jsonl"] * len(messages)


def test_a_line_from_a_wrong_clock_does_not_make_the_traffic_recent(tmp_path: Path):
    context, _ = build_context({"all.yml": CARDS}, tmp_path / "cards")
    evidence = Evidence(traffic=(traffic_source(date(2025, 1, 1)), traffic_source(date(9999, 12, 31))))
    found = [one for one in check(replace(context, evidence=evidence), RULES) if one.code == "MB706"]
    assert [one.message for one in found] == ["the traffic ends on 2025-01-01: expected traffic of the last 90 days"]


def test_a_book_without_traffic_has_no_finding_about_it(tmp_path: Path):
    context, _ = build_context({"all.yml": CARDS}, tmp_path / "cards")
    assert [one for one in check(context, RULES) if one.code.startswith("MB71")] == []
