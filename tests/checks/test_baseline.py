import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.checks import ALL_RULES
from generator.checks.baseline import (
    Comparison,
    InvalidBaselineError,
    compare_revisions,
    compare_with_baseline,
    to_baseline,
)
from generator.checks.locations import FieldLocator
from generator.findings import Finding, Position, Severity
from generator.names import Ref

CARD = """\
kind: migration
id: move
waves:
  - traffic: 1
    moves: [topic:one]
  - traffic: 5
x-notes: ~
---
kind: team
id: ranking
"""
TEXTS = {"cards/a.yml": CARD, "cards/b.md": f"---\n{CARD.partition('---')[0]}---\nProse.\n"}
LOCATOR = FieldLocator(TEXTS)

_RULES = st.sampled_from(ALL_RULES)
_FILES = st.sampled_from(["cards/a.yml", "cards/b.md"])
_SUBJECTS = st.one_of(st.none(), st.builds(Ref, st.just("model"), st.sampled_from(["ryl", "tpfy"])))
_MESSAGES = st.one_of(
    st.sampled_from(["model:ryl has no contact for ds", "the first one is at cards/a.yml:12:3", "flow home, step 4"]),
    st.text(max_size=20),
)


@st.composite
def _findings(draw: st.DrawFn) -> Finding:
    position = Position(draw(_FILES), draw(st.integers(1, 9)), draw(st.integers(1, 9)))
    return draw(_RULES).at(position, draw(_MESSAGES), "a hint", draw(_SUBJECTS))


MANY = st.lists(_findings(), max_size=12, unique=True)


def compare(findings: list[Finding], known: list[Finding], texts: dict[str, str] | None = None) -> Comparison:
    return compare_with_baseline(findings, to_baseline(known, LOCATOR), FieldLocator(texts or TEXTS))


def find_at(line: int, column: int = 1, message: str = "wrong", severity: Severity = Severity.ERROR) -> Finding:
    return replace(ALL_RULES[0].at(Position("cards/a.yml", line, column), message), severity=severity)


@settings(deadline=None, max_examples=60)
@given(MANY)
def test_a_baseline_knows_all_findings_that_it_was_written_from(findings: list[Finding]):
    found = compare(findings, findings)
    assert (found.new, found.fixed, found.is_old_format) == ([], [], False)
    assert set(found.known) == set(findings)


@settings(deadline=None, max_examples=60)
@given(MANY, st.integers(1, 40))
def test_lines_added_above_a_finding_do_not_make_it_new(findings: list[Finding], lines: int):
    moved = [
        replace(
            finding,
            position=msgspec.structs.replace(finding.position, line=finding.position.line + lines),
            message=finding.message.replace("a.yml:12:3", f"a.yml:{12 + lines}:5").replace("step 4", "step 5"),
        )
        for finding in findings
    ]
    texts = {"cards/a.yml": "#\n" * lines + CARD, "cards/b.md": "---\n" + "#\n" * lines + TEXTS["cards/b.md"][4:]}
    in_yaml = [
        finding for finding in moved if finding.position.line > lines + 1 or finding.position.file.endswith("yml")
    ]
    assert compare(in_yaml, findings, texts).new == []
    assert compare_revisions(moved, findings).new == []


@settings(deadline=None, max_examples=60)
@given(MANY, MANY)
def test_each_finding_is_either_new_or_known(before: list[Finding], after: list[Finding]):
    for found in (compare(after, before), compare_revisions(after, before)):
        assert {*found.new, *found.known} == set(after)
        assert len(found.new) == len(after) - len(found.known)
        assert len(found.fixed) >= len(before) - len(after)


def test_a_reworded_message_is_not_new_in_a_baseline():
    assert compare([find_at(4, 14, "reworded")], [find_at(4, 14)]).new == []
    assert len(compare_revisions([find_at(4, 14, "reworded")], [find_at(4, 14)]).new) == 1


def test_a_finding_in_another_field_is_new():
    traffic, moves, card = find_at(4, 14), find_at(5, 12), find_at(1)
    for known, other in ((traffic, moves), (moves, traffic), (card, traffic), (traffic, card)):
        assert compare([known, other], [known]).new == [other]


def test_findings_in_one_field_are_counted():
    first, second = find_at(4, 14), find_at(6, 14)
    assert (compare([second, first], [first]).new, compare([first], [first, second]).new) == ([second], [])
    assert len(compare([first], [first, second]).fixed) == 1


def test_the_second_of_two_equal_findings_is_new():
    found = compare_revisions([find_at(9), find_at(3)], [find_at(3)])
    assert (found.new, found.known, found.fixed) == ([find_at(9)], [find_at(3)], [])


@pytest.mark.parametrize("before", Severity)
@pytest.mark.parametrize("after", Severity)
def test_a_finding_is_new_if_its_severity_has_risen(before: Severity, after: Severity):
    found = compare([find_at(3, severity=after)], [find_at(3, severity=before)])
    assert (len(found.new), len(found.known)) == ((1, 0) if after.rank < before.rank else (0, 1))
    assert found.fixed == []


def test_each_of_several_findings_is_compared_with_one_that_is_as_bad():
    known = [find_at(4, 14), find_at(6, 14, severity=Severity.INFO)]
    assert compare([find_at(4, 14, severity=Severity.INFO), find_at(6, 14)], known).new == []
    worse = [find_at(4, 14), find_at(6, 14)]
    assert compare(worse, known).new == worse[1:]


def find_gaps(*functions: str) -> Finding:
    """The finding of a card without contacts for some functions."""
    gaps = tuple(f"no contact for {name}" for name in functions)
    return replace(find_at(4, 14, f"no contact for {', '.join(functions)}"), parts=gaps)


@pytest.mark.parametrize("number", [1, 2])
def test_a_baseline_with_an_entry_for_each_function_knows_the_finding_of_the_card(number: int):
    once = to_baseline([find_at(4, 14)], LOCATOR).replace('"baseline": 2', f'"baseline": {number}')
    old = once.replace('"field"', '"message"' if number == 1 else '"field"').replace('"error"}', '"error", "times": 3}')
    all_gaps, fewer, more = find_gaps("a", "b", "c"), find_gaps("c"), find_gaps("a", "b", "c", "d")
    found = compare_with_baseline([all_gaps], old, LOCATOR)
    assert (found.new, found.known, found.fixed) == ([], [all_gaps], [])
    found = compare_with_baseline([fewer], old, LOCATOR)
    assert (found.new, found.known, len(found.fixed)) == ([], [fewer], 2)
    assert compare_with_baseline([more], old, LOCATOR).new == [more]


def test_a_baseline_counts_the_problems_that_a_finding_names():
    assert to_baseline([find_gaps("a", "b")], LOCATOR) == to_baseline(
        [find_at(4, 14, "a"), find_at(6, 14, "b")], LOCATOR
    )


def test_a_contact_that_was_added_makes_no_finding_new_and_one_that_was_removed_does():
    fewer, more = find_gaps("ds"), find_gaps("ds", "product")
    assert compare_revisions([fewer], [more]).new == []
    assert compare_revisions([more], [fewer]).new == [more]


def test_a_baseline_without_severities_accepts_any():
    old = to_baseline([find_at(3, severity=Severity.INFO)], LOCATOR).replace(', "severity": "info"', "")
    assert compare_with_baseline([find_at(3)], old, LOCATOR).new == []


def test_a_baseline_of_format_1_matches_by_code_and_card():
    old = (
        '{"baseline": 1, "findings": [\n'
        '  {"code": "MB001", "on": "cards/a.yml", "message": "as it was", "severity": "error", "times": 2}\n]}'
    )
    found = compare_with_baseline([find_at(3), find_at(5, 12), find_at(9)], old, LOCATOR)
    assert (len(found.known), len(found.new), found.fixed, found.is_old_format) == (2, 1, [], True)
    assert compare_with_baseline([find_at(3, severity=Severity.INFO)], old, LOCATOR).new == []


def test_a_baseline_is_readable():
    ref = Ref("model", "ryl")
    findings = [
        ALL_RULES[1].at(Position("cards/b.md", 7, 14), "second"),
        ALL_RULES[0].at(Position("cards/a.yml", 4, 14), "see cards/a.yml:12:3", subject=ref),
        ALL_RULES[0].at(Position("cards/a.yml", 6, 14), "another", subject=ref),
        ALL_RULES[2].at(Position("mkdocs.yml", 6, 14), "not a card"),
    ]
    assert to_baseline(findings, LOCATOR) == (
        '{"baseline": 2, "findings": [\n'
        '  {"code": "MB001", "on": "model:ryl", "field": "waves.traffic", "severity": "error", "times": 2},\n'
        '  {"code": "MB002", "on": "cards/b.md", "field": "waves.traffic", "severity": "error"},\n'
        '  {"code": "MB003", "on": "mkdocs.yml", "field": "", "severity": "error"}\n'
        "]}\n"
    )
    assert json.loads(to_baseline([], LOCATOR)) == {"baseline": 2, "findings": []}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no list `findings`"),
        ('{"baseline": 1, "findings": {}}', "no list `findings`"),
        ('{"baseline": 3, "findings": []}', "unknown format 3"),
        ('{"baseline": [], "findings": []}', r"unknown format \[\]"),
        ('{"baseline": 1, "findings": [3]}', "finding 1 does not have code, on and message"),
        ('{"baseline": 2, "findings": [{"code": "MB001", "on": "a", "message": ""}]}', "code, on and field"),
        ('{"baseline": 1, "findings": [{"code": "MB001", "on": 3, "message": ""}]}', "finding 1 does not have"),
        ('{"baseline": 2, "findings": [{"code": "", "on": "", "field": "", "times": 0}]}', "`times` of finding 1"),
        (
            '{"baseline": 2, "findings": [{"code": "", "on": "", "field": "", "times": 1000000000000}]}',
            "`times` of finding 1 is 1000000000000",
        ),
        (
            '{"baseline": 1, "findings": [{"code": "", "on": "", "message": "", "severity": 1}]}',
            "`severity` of finding",
        ),
    ],
)
def test_an_invalid_baseline_is_refused_with_the_reason(text: str, reason: str):
    with pytest.raises(InvalidBaselineError, match=reason) as caught:
        compare_with_baseline([], text, LOCATOR)
    assert "\n" not in str(caught.value)
