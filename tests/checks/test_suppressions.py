from pathlib import Path

import pytest

from generator.checks import ALL_RULES, RULES, check
from generator.checks.suppressions import SECRET, Suppressed, apply_suppressions, may_be_suppressed
from generator.findings import Finding, Rule
from tests.checks.books import build_context

TEAM = """\
kind: team
id: ranking
name: Ranking
"""


def judged(
    text: str, folder: Path, rules: tuple[Rule, ...] = ALL_RULES
) -> tuple[list[Finding], list[Suppressed], list[Finding]]:
    """What is kept, what is suppressed, and what there was before."""
    context, unreadable = build_context({"all.yml": text}, folder)
    before = [*unreadable, *check(context, RULES)]
    return *apply_suppressions(before, context.cards, rules), before


def test_an_accepted_finding_has_its_reason(tmp_path: Path):
    kept, suppressed, before = judged(TEAM + "x-allow: {MB208: the lead starts in June}\n", tmp_path)
    assert [(each.finding.code, each.reason) for each in suppressed] == [("MB208", "the lead starts in June")]
    assert [finding.code for finding in kept] == ["MB209"]
    assert {*kept, *(each.finding for each in suppressed)} == set(before)


def test_a_suppression_applies_to_its_own_card(tmp_path: Path):
    other = "---\n" + TEAM.replace("ranking", "other")
    kept, suppressed, _ = judged(TEAM + "x-allow: {MB208: the lead starts in June}\n" + other, tmp_path)
    assert [str(finding.subject) for finding in kept if finding.code == "MB208"] == ["team:other"]
    assert [str(each.finding.subject) for each in suppressed] == ["team:ranking"]


def test_a_suppression_without_effect_is_reported_at_its_key(tmp_path: Path):
    kept, _, _ = judged(TEAM + "lead: li\nx-allow:\n  MB208: the lead starts in June\n", tmp_path)
    found = [finding for finding in kept if finding.code == "MB020"]
    assert [(finding.position.line, finding.message) for finding in found] == [
        (6, "MB208 (team-without-lead) has no findings on team:ranking")
    ]


def test_entries_and_links_are_not_reported_while_a_card_cannot_be_read(tmp_path: Path):
    files = {
        "cards/a.md": f"---\n{TEAM}lead: li\nx-allow:\n  MB208: in June\n---\n[A](model:ryl) and [b](model:no).\n",
        "cards/ryl.yml": "kind: model\nid: ryl\nlifecycle: prodution\n",
    }
    context, unread = build_context(files, tmp_path)
    kept, _ = apply_suppressions([*unread, *check(context, RULES)], context.cards, ALL_RULES)
    assert not [finding for finding in kept if finding.code == "MB020"]
    assert ["model:no" in finding.message for finding in kept if finding.code == "MB106"] == [True]


def test_a_suppression_of_a_rule_that_was_not_run_is_not_reported(tmp_path: Path):
    text = TEAM + "x-allow: {MB799: generated code names it}\n"
    assert "MB020" not in {finding.code for finding in judged(text, tmp_path)[0]}
    evidence = Rule("MB799", "hard-coded", RULES[0].rule.severity, "Said elsewhere.")
    assert "MB020" in {finding.code for finding in judged(text, tmp_path / "run", (*ALL_RULES, evidence))[0]}


@pytest.mark.parametrize("reason", ["todo", "TBD", "n/a", "-", "...", "?", "FIXME!", "ignored", "ok"])
def test_an_invalid_reason_suppresses_nothing(reason: str, tmp_path: Path):
    kept, suppressed, _ = judged(TEAM + f"x-allow:\n  MB208: {reason!r}\n", tmp_path)
    assert suppressed == []
    assert [finding.position.line for finding in kept if finding.code == "MB021"] == [5]
    assert "MB208" in {finding.code for finding in kept}


@pytest.mark.parametrize("written", ["MB208:", "MB208: ''", "MB208: '  '"])
def test_an_empty_reason_is_refused_while_reading(written: str, tmp_path: Path):
    context, unreadable = build_context({"all.yml": TEAM + f"x-allow:\n  {written}\n"}, tmp_path)
    assert [finding.position.line for finding in unreadable] == [5]
    assert context.cards.items == ()


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("team-without-lead", "write its code, MB208"),
        ("MB20", "a code looks like MB203"),
        ("mb208", "did you mean 'MB208'?"),
    ],
)
def test_the_fix_of_an_unknown_code_is_the_most_similar_one(code: str, hint: str, tmp_path: Path):
    kept, suppressed, _ = judged(TEAM + f"x-allow: {{{code}: the lead starts in June}}\n", tmp_path)
    assert suppressed == []
    refused = next(finding for finding in kept if finding.code == "MB022")
    assert hint in refused.hint or refused.hint.startswith("did you mean")


@pytest.mark.parametrize("code", ["MB013", "MB020", "MB101", "MB102", SECRET])
def test_reading_references_and_secrets_cannot_be_accepted(code: str, tmp_path: Path):
    assert not may_be_suppressed(code)
    text = TEAM + f"lead: nobody\nx-allow: {{{code}: we know about it}}\n"
    kept, suppressed, _ = judged(text, tmp_path)
    assert suppressed == []
    assert {"MB022", "MB101"} <= {finding.code for finding in kept}
