"""The reference pages: the fields of every kind of card, and the rules."""

import re
from collections import Counter

from generator.checks.examples import RuleExample, read_example
from generator.findings import Rule, Severity
from generator.pages.book import Book
from generator.schema.fields import KindDoc, list_kind_docs
from generator.values import FrozenValue

_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=(?:Why|Fix):)")


class FieldsView(FrozenValue):
    """Every field of every kind."""

    kinds: tuple[KindDoc, ...]


def build_fields_view(_: Book) -> FieldsView:
    """Build the reference of all fields from the schema."""
    return FieldsView(list_kind_docs())


class RuleEntry(FrozenValue):
    """A rule with its examples, as the page of rules shows it."""

    code: str
    name: str
    severity: Severity
    summary: str
    paragraphs: tuple[str, ...]
    example: RuleExample | None
    count: int
    """The number of its findings in the book."""


class CodeFamily(FrozenValue):
    """The rules about one topic."""

    title: str
    rules: tuple[RuleEntry, ...]


class CodesView(FrozenValue):
    """Every rule, by family."""

    families: tuple[CodeFamily, ...]


_FAMILIES = {
    "MB0": "Cards and templates",
    "MB1": "References",
    "MB2": "People",
    "MB3": "Endpoints and contracts",
    "MB4": "Life cycle",
    "MB5": "Experiments",
    "MB6": "Migrations",
    "MB7": "Evidence",
    "MB9": "Confluence",
}
"""The topics of the codes by their first letters."""


def build_codes_view(book: Book) -> CodesView:
    """Build the page of all rules by family, without empty families."""
    counts = Counter(code for _, code, _, _ in book.list_finding_kinds())
    families: list[CodeFamily] = []
    for prefix, title in _FAMILIES.items():
        rules = [rule for rule in book.rules if rule.code.startswith(prefix)]
        entries: list[RuleEntry] = []
        for rule in rules:
            example, count = read_example(rule.code), counts[rule.code]
            shown = example.redacted() if example else None
            paragraphs = split_paragraphs(rule)
            entries.append(RuleEntry(rule.code, rule.name, rule.severity, rule.summary, paragraphs, shown, count))
        families += [CodeFamily(title, tuple(entries))] if entries else []
    return CodesView(tuple(families))


def split_paragraphs(rule: Rule) -> tuple[str, ...]:
    """Return the paragraphs of an explanation, each on one line; `Why:` and `Fix:` begin new ones."""
    return tuple(" ".join(text.split()) for text in _PARAGRAPH.split(rule.explanation) if text.strip())
