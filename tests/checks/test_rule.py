from collections.abc import Iterator
from pathlib import Path

import pytest

from generator.checks import RuleContext, check, rule
from generator.checks.rule import Violation
from generator.findings import Severity
from generator.names import Ref
from generator.schema import Model, Team
from tests.checks.books import build_context

BOOK = """\
{kind: team, id: b, name: B}
---
{kind: team, id: a, name: A}
---
{kind: model, id: ryl, name: RYL, summary: Ranks., lifecycle: retired, serving: online}
"""


@rule("MB999", "every-team", Severity.WARNING)
def every_team(context: RuleContext) -> Iterator[Violation]:
    """Teams are listed, last first.

    Why: the test wants them so.
    Fix: nothing at all.
    """
    for loaded, team in reversed(list(context.list_cards(Team))):
        severity = Severity.INFO if team.id == "a" else None
        yield Violation(loaded.at("name"), team.name, "", team.ref, severity)
        yield Violation(loaded.at("name"), team.name, "", team.ref, severity)


@pytest.fixture
def context(tmp_path: Path) -> RuleContext:
    return build_context({"all.yml": BOOK}, tmp_path)[0]


def test_findings_are_sorted_without_duplicates_with_their_severity(context: RuleContext):
    found = check(context, [every_team, every_team])
    assert [(each.message, each.severity) for each in found] == [("B", Severity.WARNING), ("A", Severity.INFO)]
    assert {(each.code, each.name) for each in found} == {("MB999", "every-team")}


def test_the_docstring_is_the_explanation():
    assert every_team.rule.summary == "Teams are listed, last first."
    assert every_team.rule.explanation.endswith("Why: the test wants them so.\nFix: nothing at all.")


def test_cards_are_found_by_kind_and_by_reference(context: RuleContext):
    assert [team.id for _, team in context.list_cards(Team)] == ["b", "a"]
    ryl = context.find_model("ryl")
    assert ryl is not None
    assert ryl is context.find(Ref("model", "ryl"), Model)
    assert context.find(Ref("team", "a"), Model) is None
    assert context.find_model("b") is context.find_model(None) is None
