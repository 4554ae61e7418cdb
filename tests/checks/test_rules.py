"""Every rule has a card that breaks it and a card that keeps it: `cards/<code>.yml`.

The cards under `# bad` give exactly the marked findings of the code: `# <- here` stands on their lines, and what
follows a colon stands in the message or the hint. The cards under `# good` give none.
"""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.checks import ALL_RULES, RULES, check
from generator.checks.rule import CheckedRule
from generator.findings import Finding
from generator.names import Ref
from tests.checks.books import build_context
from tests.conftest import Golden

CARDS = Path(__file__).parent / "cards"
VERSIONS = {Ref("model", name): ("2.9", "2.10") for name in ("ryl", "tpfy", "by-commit")}
MARK = re.compile(r"# <- here(?:: (?P<words>.*))?$")


@dataclass(frozen=True)
class Case:
    """The two groups of cards of a rule, each as the text of a file."""

    bad: str
    good: str

    @property
    def marks(self) -> list[tuple[int, str]]:
        """The lines where findings are due, with the words that they hold."""
        found = ((number, MARK.search(line)) for number, line in enumerate(self.bad.splitlines(), 1))
        return [(number, match["words"] or "") for number, match in found if match]


def case_of(code: str) -> Case:
    _, bad, good = re.split(r"^# (?:bad|good)\n", (CARDS / f"{code}.yml").read_text(encoding="utf-8"), flags=re.M)
    return Case(bad, good)


def found_in(text: str, folder: Path) -> list[Finding]:
    context, unreadable = build_context({"all.yml": text}, folder, VERSIONS)
    assert unreadable == []
    return check(context, RULES)


by_code = pytest.mark.parametrize("checked", RULES, ids=lambda checked: checked.rule.code)


@by_code
def test_a_bad_card_is_found_at_its_line(checked: CheckedRule, tmp_path: Path):
    case = case_of(checked.rule.code)
    found = [finding for finding in found_in(case.bad, tmp_path) if finding.code == checked.rule.code]
    assert case.marks
    assert [finding.position.line for finding in found] == [line for line, _ in case.marks], found
    for finding, (_, words) in zip(found, case.marks, strict=True):
        assert words in f"{finding.message} | {finding.hint}"


@by_code
def test_a_good_card_is_left_alone(checked: CheckedRule, tmp_path: Path):
    found = found_in(case_of(checked.rule.code).good, tmp_path)
    assert [finding for finding in found if finding.code == checked.rule.code] == []


@by_code
def test_every_finding_names_its_card_and_what_to_do(checked: CheckedRule, tmp_path: Path):
    context, _ = build_context({"all.yml": case_of(checked.rule.code).bad}, tmp_path)
    for finding in check(context, [checked]):
        assert finding.subject in context.cards.by_ref
        assert finding.hint


def test_what_authors_read(golden: Golden, tmp_path: Path):
    """All messages of all bad cards, to be read as their authors would."""
    lines: list[str] = []
    for checked in RULES:
        folder = tmp_path / checked.rule.code
        for finding in found_in(case_of(checked.rule.code).bad, folder):
            if finding.code == checked.rule.code:
                place = f"{finding.position.line}:{finding.position.column}"
                lines += [f"{finding.code} {finding.severity} {place} {finding.message}", f"      {finding.hint}"]
    golden(Path(__file__).parent / "messages.txt", "\n".join([*lines, ""]))


def test_there_is_no_card_without_a_rule():
    assert {path.stem for path in CARDS.iterdir()} == {checked.rule.code for checked in RULES}


def test_codes_and_names_are_unique_and_sorted():
    assert [rule.code for rule in ALL_RULES] == sorted({rule.code for rule in ALL_RULES})
    assert Counter(rule.name for rule in ALL_RULES).most_common(1)[0][1] == 1
    assert len(RULES) + 20 < len(ALL_RULES)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.code)
def test_every_rule_explains_itself(rule):
    assert re.fullmatch(r"MB\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    promise, why, fix = re.split(r"\n(?:Why|Fix): ", rule.explanation)
    assert all(len(part.split()) > 3 for part in (promise, why, fix))
    assert promise.strip()[-1] in ".;"


@by_code
def test_a_check_is_called_what_its_rule_is_called(checked: CheckedRule):
    assert checked.check.__name__ == checked.rule.name.replace("-", "_")
