import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.checks import ALL_RULES
from generator.checks.baseline import fingerprint, new_only, to_baseline
from generator.errors import UserError
from generator.findings import Finding, Position, Severity
from generator.names import Ref

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


@settings(deadline=None, max_examples=60)
@given(MANY)
def test_a_baseline_knows_all_that_it_was_made_of(findings: list[Finding]):
    new, known, gone = new_only(findings, to_baseline(findings))
    assert (new, gone) == ([], [])
    assert set(known) == set(findings)


@settings(deadline=None, max_examples=60)
@given(MANY, st.integers(1, 40))
def test_lines_that_are_added_above_change_nothing(findings: list[Finding], lines: int):
    moved = [
        replace(
            finding,
            position=replace(finding.position, line=finding.position.line + lines),
            message=finding.message.replace("a.yml:12:3", f"a.yml:{12 + lines}:5").replace("step 4", "step 5"),
        )
        for finding in findings
    ]
    assert new_only(moved, to_baseline(findings))[0] == []
    assert to_baseline(moved) == to_baseline(findings)


@settings(deadline=None, max_examples=60)
@given(MANY, MANY)
def test_new_known_and_gone_are_told_apart(before: list[Finding], after: list[Finding]):
    new, known, gone = new_only(after, to_baseline(before))
    assert {*new, *known} == set(after)
    old_prints, new_prints = {fingerprint(each) for each in before}, {fingerprint(each) for each in after}
    assert {fingerprint(each) for each in new} >= new_prints - old_prints
    assert {fingerprint(each) for each in known} == new_prints & old_prints
    assert set(gone) >= old_prints - new_prints
    assert len(new) == len(after) - len(known)


def test_the_second_of_a_kind_is_new():
    first = ALL_RULES[0].at(Position("cards/a.yml", 3), "the same")
    second = ALL_RULES[0].at(Position("cards/a.yml", 9), "the same")
    assert new_only([second, first], to_baseline([first])) == ([second], [first], [])
    assert len(new_only([first], to_baseline([first, second]))[2]) == 1


def as_bad_as(severity: Severity, line: int = 3) -> Finding:
    return replace(ALL_RULES[0].at(Position("cards/a.yml", line), "the same"), severity=severity)


@pytest.mark.parametrize("before", Severity)
@pytest.mark.parametrize("after", Severity)
def test_what_is_worse_than_it_was_is_new(before: Severity, after: Severity):
    new, known, gone = new_only([as_bad_as(after)], to_baseline([as_bad_as(before)]))
    assert (len(new), len(known), gone) == ((1, 0, []) if after.rank < before.rank else (0, 1, []))


def test_of_several_of_a_kind_each_is_held_against_one_that_is_as_bad():
    known = to_baseline([as_bad_as(Severity.ERROR), as_bad_as(Severity.INFO, 4)])
    assert new_only([as_bad_as(Severity.INFO), as_bad_as(Severity.ERROR, 9)], known)[0] == []
    worse = [as_bad_as(Severity.ERROR), as_bad_as(Severity.ERROR, 9)]
    assert new_only(worse, known)[0] == worse[1:]


def test_a_baseline_from_before_severities_were_kept_accepts_any():
    old = to_baseline([as_bad_as(Severity.INFO)]).replace(', "severity": "info"', "")
    assert new_only([as_bad_as(Severity.ERROR)], old)[0] == []


def test_it_reads_well():
    ref = Ref("model", "ryl")
    findings = [
        ALL_RULES[1].at(Position("cards/b.yml", 7), "a “second” one"),
        ALL_RULES[0].at(Position("cards/a.yml", 3), "see cards/a.yml:12:3", subject=ref),
        ALL_RULES[0].at(Position("cards/a.yml", 4), "see cards/a.yml:13:3", subject=ref),
    ]
    assert to_baseline(findings) == (
        '{"baseline": 1, "findings": [\n'
        '  {"code": "MB001", "on": "model:ryl", "message": "see cards/a.yml", "severity": "error", "times": 2},\n'
        '  {"code": "MB002", "on": "cards/b.yml", "message": "a “second” one", "severity": "error"}\n'
        "]}\n"
    )
    assert json.loads(to_baseline([])) == {"baseline": 1, "findings": []}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no list `findings`"),
        ('{"baseline": 1, "findings": {}}', "no list `findings`"),
        ('{"baseline": 2, "findings": []}', "its format is 2, not 1"),
        ('{"baseline": 1, "findings": [3]}', "finding 1 has not"),
        ('{"baseline": 1, "findings": [{"code": "MB001", "on": 3, "message": ""}]}', "finding 1 has not"),
        ('{"baseline": 1, "findings": [{"code": "", "on": "", "message": "", "times": 0}]}', "`times` of finding 1"),
        (
            '{"baseline": 1, "findings": [{"code": "", "on": "", "message": "", "severity": 1}]}',
            "`severity` of finding 1",
        ),
    ],
)
def test_a_malformed_baseline_is_wrong_use(text: str, why: str):
    with pytest.raises(UserError, match=why) as caught:
        new_only([], text)
    assert "\n" not in str(caught.value)
