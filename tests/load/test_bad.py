"""Bad cards: one small case for each message, with its findings in a golden file next to it."""

import shutil
from pathlib import Path

import pytest

from generator.findings import Finding, sort_findings
from generator.load import rules
from generator.load.cards import Cards, load_cards
from tests.conftest import Golden
from tests.load.generated import GENERATED

BAD = Path(__file__).parent / "bad"
WRITTEN = sorted(path for path in BAD.iterdir() if path.suffix != ".expected")


def load_project(project: Path) -> tuple[Cards, list[Finding]]:
    cards, findings = load_cards(project / "cards", project)
    return cards, sort_findings(findings)


def format_finding(finding: Finding) -> str:
    hint = f" | {finding.hint}" if finding.hint else ""
    return f"{finding.position} {finding.code} {finding.message}{hint}\n"


def as_golden(cards: Cards, findings: list[Finding]) -> str:
    read = "".join(f"read: {ref}\n" for ref in sorted(str(ref) for ref in cards.by_ref))
    return read + "".join(format_finding(finding) for finding in findings)


def assert_within_the_files(project: Path, findings: list[Finding]) -> None:
    for finding in findings:
        place = finding.position
        path = project / place.file
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        lines = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert 1 <= place.line <= len(lines), format_finding(finding)
        assert 1 <= place.column <= len(lines[place.line - 1]) + 1, format_finding(finding)


@pytest.mark.parametrize("case", WRITTEN, ids=lambda path: path.name)
def test_written(case: Path, tmp_path: Path, golden: Golden):
    target = tmp_path / "cards"
    if case.is_dir():
        shutil.copytree(case, target)
    else:
        target.mkdir()
        shutil.copy(case, target)
    cards, findings = load_project(tmp_path)
    assert findings
    assert_within_the_files(tmp_path, findings)
    golden(case.parent / f"{case.name}.expected", as_golden(cards, findings))


@pytest.mark.parametrize("name", GENERATED)
def test_generated(name: str, tmp_path: Path, golden: Golden):
    target = tmp_path / "cards"
    target.mkdir()
    GENERATED[name](target)
    cards, findings = load_project(tmp_path)
    assert findings
    assert_within_the_files(tmp_path, findings)
    golden(BAD / f"{name}.expected", as_golden(cards, findings))


def test_every_code_of_reading_has_a_case():
    reported = {word for path in BAD.glob("*.expected") for word in path.read_text(encoding="utf-8").split()}
    elsewhere = {rules.BAD_SETTING, rules.CLAIMED_ID, rules.CHANGED_FILE, rules.BAD_LOCK}  # mkdocs.yml, collected cards
    codes = {rule.code for rule in rules.RULES} - {rule.code for rule in elsewhere}
    assert codes - reported == set()


def test_every_golden_has_its_case():
    names = {path.name for path in WRITTEN} | set(GENERATED)
    assert {path.name.removesuffix(".expected") for path in BAD.glob("*.expected")} == names
