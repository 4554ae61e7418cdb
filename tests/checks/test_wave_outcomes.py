"""The size of a first wave by the share of its scope, and waves that were reverted."""

from pathlib import Path

import pytest

from generator.checks import RULES, check
from generator.findings import Finding
from tests.checks.books import build_context

MIGRATION = "kind: migration\nid: shift\nname: Shift\nstatus: running\nmoves: [topic:orders]\nwaves:\n"
REST = "  - {scope: {city: [all]}, traffic: 100, planned_on: 2026-12-15}\n"


def find(root: Path, waves: str, *codes: str) -> list[Finding]:
    context, unread = build_context({"a.yml": MIGRATION + waves}, root / "cards")
    assert unread == []
    found = check(context, RULES)
    return [finding for finding in found if finding.code in codes]


@pytest.mark.parametrize(
    "wave",
    [
        "{scope: {city: [hamar]}, traffic: 100}",
        "{scope: {kitchen: [k-17]}, traffic: 60}",
        "{scope: {city: [hamar, oslo]}, traffic: 100, share: 9 %}",
        "{scope: {city: [oslo]}, traffic: 10, share: 0.7}",
    ],
)
def test_a_small_part_of_all_traffic_is_a_small_first_wave(tmp_path: Path, wave: str) -> None:
    assert find(tmp_path, f"  - {wave}\n{REST}", "MB611") == []


@pytest.mark.parametrize(
    ("wave", "severity", "message"),
    [
        ("{scope: {city: [oslo, stockholm]}, traffic: 100, share: 0.7}", "error", "has 70 % of the traffic"),
        (
            "{scope: {city: [oslo, stockholm]}, traffic: 100}",
            "info",
            "of city: oslo, stockholm, whose share is unknown",
        ),
        ("{scope: {city: [all]}, traffic: 50}", "error", "has 50 % of the traffic"),
    ],
)
def test_a_large_first_wave_is_judged_by_the_share_of_its_scope(
    tmp_path: Path, wave: str, severity: str, message: str
) -> None:
    (finding,) = find(tmp_path, f"  - {wave}\n{REST}", "MB611")
    assert (finding.severity, message in finding.message) == (severity, True)


REVERTED = (
    "  - {scope: {city: [hamar]}, traffic: 5, done_on: 2026-11-02, outcome: reverted, reverted_after: 10 minutes}\n"
)


def test_a_reverted_wave_is_not_done_until_a_wave_repeats_it(tmp_path: Path) -> None:
    (finding,) = find(tmp_path, REVERTED + REST, "MB623")
    assert "wave 1 of 2 was reverted after 10 minutes, no wave repeats it" in finding.message
    again = "  - {scope: {city: [hamar]}, traffic: 5, planned_on: 2026-12-01}\n"
    assert find(tmp_path, REVERTED + again + REST, "MB623", "MB613", "MB614") == []


def test_a_failed_wave_is_reported_and_a_done_wave_is_not(tmp_path: Path) -> None:
    assert find(tmp_path, REVERTED.replace("reverted,", "failed,").replace(", reverted_after: 10 minutes", ""), "MB623")
    assert (
        find(tmp_path, REVERTED.replace("outcome: reverted, reverted_after: 10 minutes", "outcome: done"), "MB623")
        == []
    )


def test_other_words_for_the_end_of_a_wave_are_corrected(tmp_path: Path) -> None:
    wave = "  - {traffic: 5, done_on: 2026-11-02, outcome: revert, reverted_on: 2026-11-02}\n"
    _, unread = build_context({"a.yml": MIGRATION + wave}, tmp_path / "cards")
    assert {"did you mean 'reverted'?", "did you mean 'reverted_after'?"} <= {finding.hint for finding in unread}
