"""The time for a report is linear in the number of cards and findings, even in one file."""

import subprocess
import sys

import click
import pytest

from generator.checks.redaction import RedactedTexts
from generator.cli.console import format_lines
from generator.cli.reports import REPORTS, CheckResult
from generator.findings import MOST_OF_A_RULE, Finding, Position, Severity
from tests.books import MODEL, write_book
from tests.cli.running import run

REPORT = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (int(sys.argv[1]), int(sys.argv[1])))
from generator.checks.redaction import RedactedTexts
from generator.checks.suppressions import apply_suppressions
from generator.cli.console import print_lines
from generator.cli.reports import REPORTS, CheckResult
from generator.findings import Position, apply_severities, sort_findings
from generator.load.cards import Cards
from generator.names import Ref
from generator.project import ALL_RULES

text = "".join(f"dish_{n}: 1 # 猫\\n" for n in range(60_000))
cards = Cards((), frozenset(), {"cards/soup.yml": text})
subject = Ref("model", "soup")
rule, file = ALL_RULES[10], "cards/soup.yml"
found = [rule.at(Position(file, n + 1), f"unknown key dish_{n}", "x", subject) for n in range(60_000)]
kept, suppressed = apply_suppressions(found, cards, ALL_RULES)
kept = sort_findings(apply_severities(kept, {}))
print_lines(REPORTS[sys.argv[2]](CheckResult(tuple(kept), RedactedTexts(cards.texts), tuple(suppressed))))
"""


@pytest.mark.parametrize(("form", "seconds"), [("text", 5), ("github", 5), ("json", 10), ("junit", 10), ("sarif", 20)])
def test_a_report_of_sixty_thousand_findings_in_one_file_is_linear(form, seconds):
    """The process is killed when it takes more; splitting the file for each finding would take an hour."""
    done = subprocess.run(
        [sys.executable, "-c", REPORT, str(seconds), form], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ("59,900 more" in done.stdout) is (form == "text")
    assert ("dish_59999" in done.stdout) is (form != "text")


MASK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
from generator.checks.redaction import redact_excerpt
text = eval(sys.argv[1])
assert len(text) < 1_100_000
shown = redact_excerpt(text, "cards/soup.yml")
assert shown.count("\\n") == text.count("\\n")
"""


@pytest.mark.parametrize(
    "text",
    [
        "''.join(f'password_{n}: hunter{n}abc\\n' for n in range(30_000))",
        "'x: [' + ', '.join(f'sk-ant-api03-{n:030d}' for n in range(20_000)) + ']\\n'",
        "'password: ' + 'abc ' * 250_000",
        "'\\n'.join(['password: |'] + ['  correct horse battery'] * 40_000)",
    ],
)
def test_redaction_of_a_file_full_of_secrets_is_linear(text):
    done = subprocess.run([sys.executable, "-c", MASK, text], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def findings(file: str, code: str, number: int) -> list[Finding]:
    return [
        Finding(Position(file, line + 1), code, "a-name", Severity.ERROR, f"message {line}") for line in range(number)
    ]


def test_each_rule_is_limited_to_a_hundred_findings_in_a_file():
    several = sorted(
        [
            *findings("cards/a.yml", "MB010", 250),
            *findings("cards/a.yml", "MB011", 1200),
            *findings("cards/b.yml", "MB010", 100),
        ],
        key=lambda finding: finding.sort_key,
    )
    text = click.unstyle(format_lines(REPORTS["text"](CheckResult(tuple(several), {"cards/a.yml": "x\n" * 2000}))))
    for file, code, shown in (("a", "MB010", 100), ("a", "MB011", 100), ("b", "MB010", 100)):
        assert sum(line.startswith(f"cards/{file}.yml:") and f" {code} " in line for line in text.split("\n")) == shown
    assert "… and 150 more MB010 in cards/a.yml\n… and 1,100 more MB011 in cards/a.yml\n" in text
    assert "more MB010 in cards/b.yml" not in text
    assert text.endswith("\n1550 errors")


def test_each_file_is_redacted_once_for_a_report():
    asked = []

    class Texts(RedactedTexts):
        def __getitem__(self, name: str) -> str:
            asked.append(name)
            return super().__getitem__(name)

    checked = CheckResult(tuple(findings("cards/a.yml", "MB010", MOST_OF_A_RULE)), Texts({"cards/a.yml": "x\n" * 100}))
    assert format_lines(REPORTS["text"](checked)).count(" | x") == 100
    assert asked == ["cards/a.yml"]


def test_text_report_counts_the_rest_and_json_has_all_findings(tmp_path):
    (tmp_path / "cards").mkdir()
    (tmp_path / "mkdocs.yml").write_text("site_name: Large\nplugins:\n  - modelbook: {as_of: 2026-11-20}\n", "utf-8")
    head = "kind: model\nid: soup\nname: Soup\nsummary: s\nlifecycle: experimental\nserving: offline\n"
    (tmp_path / "cards/soup.yml").write_text(head + "".join(f"dish_{n}: 1\n" for n in range(150)), "utf-8")
    ran = run("check", "-C", tmp_path)
    assert ran.code == 1
    assert "… and 50 more MB010 in cards/soup.yml" in ran.out
    found = run("check", "-C", tmp_path, "--format", "json").data["findings"]
    assert sum(one["code"] == "MB010" for one in found) == 150


SUPPRESSIONS = """
import resource, sys, tempfile
from pathlib import Path
from generator.checks.suppressions import apply_suppressions
from generator.load.cards import load_cards
from generator.project import ALL_RULES

root = Path(sys.argv[1])
cards, _ = load_cards(root / "cards", root)
used = resource.getrusage(resource.RUSAGE_SELF)
limit = int(used.ru_utime + used.ru_stime) + 3
resource.setrlimit(resource.RLIMIT_CPU, (limit, limit))
kept, _ = apply_suppressions([], cards, ALL_RULES)
print(len(kept))
"""


def test_forty_thousand_invalid_suppressions_are_checked_in_time(tmp_path):
    codes = ", ".join(f"foo_{number}: why" for number in range(40_000))
    root = write_book(tmp_path, {"ryl.yml": f"{MODEL}x-allow: {{{codes}}}\n"})
    done = subprocess.run([sys.executable, "-c", SUPPRESSIONS, root], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "40000\n")


CHECK = """
import resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
from generator.cli import main
main(["check", "-C", sys.argv[1]])
"""


def test_a_book_with_eighty_thousand_findings_is_checked_with_its_pages_in_time(tmp_path):
    """Making the pages that list findings, to find mistakes in templates, took half a minute."""
    root = write_book(tmp_path, {"ryl.yml": f"{MODEL}x-list:\n" + "  - !d x\n" * 80_000})
    (root / "templates/pages").mkdir(parents=True)
    (root / "templates/pages/attention.md.j2").write_text("{{ nothing.at.all }}", "utf-8")
    done = subprocess.run([sys.executable, "-c", CHECK, root], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "79,900 more" in done.stdout
    assert "templates/pages/attention.md.j2:1:1 error" in done.stdout
