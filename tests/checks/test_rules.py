"""Every rule is explained, and has an example that readers see; more cases are in `cards/<code>.yml`.

The cards of the bad section have exactly the marked findings of the code, those of the good section have none. In an
example the mark is the code. In `cards/` it is `# <- here`, followed by words of the message or the fix.
"""

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from generator import project
from generator.checks import ALL_RULES, RULES, check
from generator.checks.examples import RuleExample, read_example, split_files
from generator.checks.rule import CheckedRule
from generator.findings import Finding, Rule
from generator.names import Ref
from tests.checks.books import build_section_context
from tests.conftest import Golden

CARDS = Path(__file__).parent / "cards"
VERSIONS = {Ref("model", name): ("2.9", "2.10") for name in ("ryl", "tpfy", "by-commit")}
MARK = re.compile(r"# <- here(?:: (?P<words>.*))?$", re.MULTILINE)
WITHOUT_EXAMPLE = {"MB004", "MB017"}
"""A file that is too large, and one that cannot be read."""


def read_cases(code: str) -> RuleExample:
    path = CARDS / f"{code}.yml"
    if not path.exists():
        return RuleExample("", "")
    _, bad, good = re.split(r"^# (?:bad|good)\n", path.read_text(encoding="utf-8"), flags=re.M)
    return RuleExample(bad, good)


def get_example(code: str) -> RuleExample:
    example = read_example(code)
    assert example is not None
    return example


def find(code: str, section: str, folder: Path) -> list[Finding]:
    context, unreadable = build_section_context(section, folder, VERSIONS)
    assert unreadable == []
    return [finding for finding in check(context, RULES) if finding.code == code]


by_code = pytest.mark.parametrize("checked", RULES, ids=lambda checked: checked.rule.code)


@by_code
def test_a_rule_finds_the_marked_lines_of_its_example_only(checked: CheckedRule, tmp_path: Path):
    code = checked.rule.code
    example = get_example(code)
    marked = [
        (name, number)
        for name, text in sorted(split_files(example.bad).items())
        for number, line in enumerate(text.split("\n"), 1)
        if line.endswith(f"# {code}")
    ]
    assert marked
    found = [finding.position for finding in find(code, example.bad, tmp_path / "bad")]
    assert [(position.file, position.line) for position in found] == marked
    assert find(code, example.good, tmp_path / "good") == []


@by_code
def test_a_rule_finds_the_marked_lines_of_its_cases_only(checked: CheckedRule, tmp_path: Path):
    code = checked.rule.code
    cases = read_cases(code)
    found = find(code, cases.bad, tmp_path / "bad") if cases.bad else []
    marks = [
        ((name, text[: mark.start()].count("\n") + 1), mark["words"] or "")
        for name, text in sorted(split_files(cases.bad).items())
        for mark in MARK.finditer(text)
    ]
    assert [(finding.position.file, finding.position.line) for finding in found] == [place for place, _ in marks]
    for finding, (_, words) in zip(found, marks, strict=True):
        assert words in f"{finding.message} | {finding.hint}"
    assert not cases.good or find(code, cases.good, tmp_path / "good") == []


@by_code
def test_every_finding_has_a_card_and_a_fix(checked: CheckedRule, tmp_path: Path):
    for number, text in enumerate((get_example(checked.rule.code).bad, read_cases(checked.rule.code).bad)):
        context, _ = build_section_context(text, tmp_path / str(number))
        for finding in check(context, [checked]):
            assert finding.subject in context.cards.by_ref
            assert finding.hint


OTHERS = [
    rule for rule in ALL_RULES
    if rule.code not in WITHOUT_EXAMPLE | {checked.rule.code for checked in RULES} and rule.code < "MB9"
]  # fmt: skip
"""The rules of reading, references, contracts and templates; those of Confluence are about pages, not cards."""


@pytest.mark.parametrize("rule", OTHERS, ids=lambda rule: rule.code)
@pytest.mark.parametrize("section", ["bad", "good"])
def test_reading_a_book_finds_the_marked_lines_of_an_example_only(rule: Rule, section: str, tmp_path: Path):
    example = get_example(rule.code)
    files = {"mkdocs.yml": "site_name: Book\nplugins: [modelbook]\n"}
    files |= split_files(example.bad if section == "bad" else example.good)
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    marked = [
        (name, number)
        for name, text in files.items()
        for number, line in enumerate(text.split("\n"), 1)
        if f"# {rule.code}" in line
    ]
    opened = project.open_project(tmp_path, date(2026, 11, 20))
    findings = [*opened.findings, *opened.check_templates()]
    found = [finding.position for finding in findings if finding.code == rule.code]
    assert bool(marked) == (section == "bad")
    assert [(position.file, position.line) for position in found] == marked


def test_the_messages_of_all_rules(golden: Golden, tmp_path: Path):
    """All messages of all bad cards, to be read as their authors do."""
    lines: list[str] = []
    for checked in RULES:
        code = checked.rule.code
        for kind, text in (("example", get_example(code).bad), ("cases", read_cases(code).bad)):
            for finding in find(code, text, tmp_path / code / kind) if text else ():
                place = f"{kind} {finding.position.line}:{finding.position.column}"
                lines += [f"{code} {finding.severity} {place} {finding.message}", f"      {finding.hint}"]
    golden(Path(__file__).parent / "messages.txt", "\n".join([*lines, ""]))


def test_all_cases_belong_to_a_rule():
    assert {path.stem for path in CARDS.iterdir()} <= {checked.rule.code for checked in RULES}


def test_codes_and_names_are_unique_and_sorted():
    assert [rule.code for rule in ALL_RULES] == sorted({rule.code for rule in ALL_RULES})
    assert Counter(rule.name for rule in ALL_RULES).most_common(1)[0][1] == 1
    assert len(RULES) + 20 < len(ALL_RULES)


@pytest.mark.parametrize("rule", ALL_RULES, ids=lambda rule: rule.code)
def test_every_rule_has_an_expectation_a_reason_and_a_fix(rule: Rule):
    assert re.fullmatch(r"MB\d{3}", rule.code)
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.name)
    expectation, why, fix = re.split(r"\n(?:Why|Fix): ", rule.explanation)
    assert all(len(part.split()) > 3 for part in (expectation, why, fix))
    assert rule.summary[-1] in ".;"


@by_code
def test_a_check_has_the_name_of_its_rule(checked: CheckedRule):
    assert checked.check.__name__ == checked.rule.name.replace("-", "_")
    assert checked.rule.summary.startswith("Checks that ")
