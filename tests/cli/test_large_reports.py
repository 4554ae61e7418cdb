"""The time for a report is linear in the number of cards and findings, even in one file."""

import click
import pytest

from generator.book_findings import ALL_RULES
from generator.checks.redaction import RedactedTexts, redact_excerpt
from generator.checks.suppressions import apply_suppressions
from generator.cli.console import format_lines, print_lines
from generator.cli.reports import REPORTS, SARIF_LIMIT, CheckResult
from generator.findings import MOST_OF_A_RULE, Finding, Position, Severity, apply_severities, sort_findings
from generator.load.cards import Cards, load_cards
from generator.names import Ref
from tests.books import MODEL, write_book
from tests.cli.running import run
from tests.limits import limit_cpu_time


@pytest.fixture(scope="module")
def number_of_findings(pytestconfig) -> int:
    return 60_000 if pytestconfig.getoption("--all") else 20_000


@pytest.fixture(scope="module")
def large_result(number_of_findings) -> CheckResult:
    """Make the result of a check with many findings in one file."""
    text = "".join(f"dish_{n}: 1 # 猫\n" for n in range(number_of_findings))
    cards = Cards((), texts={"cards/soup.yml": text})
    rule, subject = ALL_RULES[10], Ref("model", "soup")
    found = [
        rule.at(Position("cards/soup.yml", n + 1), f"unknown key dish_{n}", "x", subject)
        for n in range(number_of_findings)
    ]
    with limit_cpu_time(5):
        kept, suppressed = apply_suppressions(found, cards, ALL_RULES)
        kept = sort_findings(apply_severities(kept, {}))
    return CheckResult(tuple(kept), RedactedTexts(cards.texts), tuple(suppressed))


@pytest.mark.parametrize(("form", "seconds"), [("text", 5), ("github", 5), ("json", 10), ("junit", 10), ("sarif", 20)])
def test_the_time_for_a_report_is_linear_in_the_findings_of_a_file(
    large_result, number_of_findings, form, seconds, capsys
):
    """Splitting the file for each of 60,000 findings would take an hour."""
    with limit_cpu_time(seconds * number_of_findings / 60_000):
        print_lines(REPORTS[form](large_result))
    printed = capsys.readouterr().out
    assert (f"{number_of_findings - 100:,} more" in printed) is (form == "text")
    last = min(number_of_findings, SARIF_LIMIT) if form == "sarif" else number_of_findings
    assert (f"dish_{last - 1}" in printed) is (form != "text")


@pytest.mark.sample(2)
@pytest.mark.parametrize(
    "text",
    [
        "".join(f"password_{n}: hunter{n}abc\n" for n in range(30_000)),
        "x: [" + ", ".join(f"sk-ant-api03-{n:030d}" for n in range(20_000)) + "]\n",
        "password: " + "abc " * 250_000,
        "\n".join(["password: |"] + ["  correct horse battery"] * 40_000),
    ],
    ids=["passwords", "tokens", "a long password", "a folded password"],
)
def test_redaction_of_a_file_full_of_secrets_is_linear(text):
    assert len(text) < 1_100_000
    with limit_cpu_time(10):
        shown = redact_excerpt(text, "cards/soup.yml")
    assert shown.count("\n") == text.count("\n")


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


def test_forty_thousand_invalid_suppressions_are_checked_in_time(tmp_path):
    codes = ", ".join(f"foo_{number}: why" for number in range(40_000))
    root = write_book(tmp_path, {"ryl.yml": f"{MODEL}x-allow: {{{codes}}}\n"})
    cards, _ = load_cards(root / "cards", root)
    with limit_cpu_time(3):
        kept, _ = apply_suppressions([], cards, ALL_RULES)
    assert len(kept) == 40_000


def test_a_book_with_eighty_thousand_findings_is_checked_with_its_pages_in_time(tmp_path):
    """Making the pages that list findings, to find mistakes in templates, took half a minute."""
    root = write_book(tmp_path, {"ryl.yml": f"{MODEL}x-list:\n" + "  - !d x\n" * 80_000})
    (root / "templates/pages").mkdir(parents=True)
    (root / "templates/pages/attention.md.j2").write_text("{{ nothing.at.all }}", "utf-8")
    with limit_cpu_time(10):
        ran = run("check", "-C", root)
    assert (ran.code, ran.err) == (1, "")
    assert "79,900 more" in ran.out
    assert "templates/pages/attention.md.j2:1:1 error" in ran.out
