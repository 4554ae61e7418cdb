from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from generator.checks import RULES, RuleContext, check
from generator.checks.book_facts import LEADS
from generator.checks.book_indexes import ADDRESSES, LABELS, PRODUCTION
from generator.checks.card_findings import check_book, check_cards
from generator.checks.rule import CheckedRule
from generator.findings import Finding, sort_findings
from generator.graph.edges import INCOMING, OUTGOING
from generator.reads import ALL, has_read, hash_read
from generator.schema import Team
from generator.schema.card import WHOLE_CARD
from tests.books import open_own_book
from tests.checks.books import build_context, build_section_context
from tests.checks.test_rules import VERSIONS, by_code, get_example, read_cases


def check_one_by_one(context: RuleContext) -> list[Finding]:
    """What the rules find if each card is checked alone, in another order, and what they find in the book."""
    found = check_cards(context, RULES, context.cards.items[::-1])
    alone = (finding for of_card in found.values() for finding in of_card.findings)
    return sort_findings([*alone, *check_book(context, RULES)])


def list_sections(code: str) -> Iterator[str]:
    for example in (get_example(code), read_cases(code)):
        yield from (section for section in (example.bad, example.good) if section)


@by_code
def test_cards_that_are_checked_one_by_one_have_the_findings_of_the_whole_book(checked: CheckedRule, tmp_path: Path):
    for number, section in enumerate(list_sections(checked.rule.code)):
        context, _ = build_section_context(section, tmp_path / str(number), VERSIONS)
        assert check_one_by_one(context) == check(context, RULES)


def test_the_cards_of_the_demo_have_the_same_findings_one_by_one():
    project = open_own_book()
    context = RuleContext(
        project.cards, project.graph, project.today, project.configuration.settings, evidence=project.evidence
    )
    assert check_one_by_one(context) == check(replace(context, given_facts=None), RULES)


BOOK = """\
{kind: team, id: a, name: A}
---
{kind: team, id: b, name: B}
---
{kind: person, id: p, name: B, team: a}
"""


@pytest.fixture
def context(tmp_path: Path) -> RuleContext:
    return build_context({"all.yml": BOOK, "README.md": "# Read me\n"}, tmp_path)[0]


def test_a_narrow_context_lists_its_cards_and_knows_the_others(context: RuleContext):
    a, b, _ = context.cards.items
    narrow = context.narrow([b])
    assert [loaded for loaded, _ in narrow.list_cards(Team)] == [b]
    assert narrow.find(a.ref, Team) is a.card
    assert narrow.select({a.ref, b.ref}) == [b.ref]
    assert narrow.facts is context.facts


def test_a_file_is_checked_with_its_first_card_and_one_without_cards_with_the_rest(context: RuleContext):
    a, b, _ = context.cards.items
    assert [file for file, _ in context.narrow([a]).list_files()] == [a.document.file]
    assert list(context.narrow([b]).list_files()) == []
    rest = context.narrow([], has_rest=True)
    assert [Path(file).name for file, _ in rest.list_files()] == ["README.md"]


def test_a_card_has_read_what_its_findings_depend_on(context: RuleContext):
    found = check_cards(context, RULES, context.cards.items)
    b = next(loaded for loaded in context.cards.items if loaded.ref.id == "b")
    assert [finding.code for finding in found[b.ref].findings if finding.code == "MB019"] == []
    assert has_read(found[b.ref].reads, [hash_read(LABELS, "team or person:b")])
    assert not has_read(found[b.ref].reads, [hash_read(LABELS, "team or person:a")])


@by_code
def test_no_rule_for_cards_walks_over_a_table(checked: CheckedRule, tmp_path: Path):
    context, _ = build_section_context(get_example(checked.rule.code).bad, tmp_path, VERSIONS)
    walks = [hash_read(table, ALL) for table in (WHOLE_CARD, OUTGOING, INCOMING, LABELS, ADDRESSES, PRODUCTION, LEADS)]
    found = check_cards(context, [checked], context.cards.items)
    assert [ref for ref, of_card in found.items() if has_read(of_card.reads, walks)] == []
