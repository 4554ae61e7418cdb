"""The reference pages: the fields of every kind of card, and the codes of findings."""

import re
from dataclasses import dataclass

from generator.checks.examples import RuleExample, read_example
from generator.findings import Finding, Rule
from generator.pages.book import Book
from generator.schema.fields import KindDoc, list_kind_docs

_PARAGRAPH = re.compile(r"\n\s*\n|\n(?=(?:Why|Fix):)")


@dataclass(frozen=True, slots=True)
class FieldsView:
    """Every field of every kind."""

    kinds: tuple[KindDoc, ...]


def build_fields_view(_: Book) -> FieldsView:
    """Build the reference of all fields from the schema."""
    return FieldsView(list_kind_docs())


@dataclass(frozen=True, slots=True)
class CodeFamily:
    """The rules whose codes have the same prefix."""

    prefix: str
    title: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class CodesView:
    """Every code, by family."""

    families: tuple[CodeFamily, ...]


_FAMILIES = {
    "MB0": "Reading",
    "MB1": "References",
    "MB2": "People",
    "MB3": "Endpoints and contracts",
    "MB4": "Life",
    "MB5": "Experiments",
    "MB6": "Migrations",
    "MB7": "Evidence",
    "MB9": "Confluence",
}


def build_codes_view(book: Book) -> CodesView:
    """Build the table of all codes by family, without empty families."""
    families = (
        CodeFamily(prefix, title, tuple(rule for rule in book.rules if rule.code.startswith(prefix)))
        for prefix, title in _FAMILIES.items()
    )
    return CodesView(tuple(family for family in families if family.rules))


@dataclass(frozen=True, slots=True)
class CodeView:
    """A rule with its example and its findings in the book."""

    rule: Rule
    paragraphs: tuple[str, ...]
    example: RuleExample | None
    findings: tuple[Finding, ...]


def build_code_view(book: Book, rule: Rule) -> CodeView:
    """Build the content of a code's page."""
    found = tuple(finding for finding in book.findings if finding.code == rule.code)
    example = read_example(rule.code)
    return CodeView(rule, split_paragraphs(rule), example.redacted() if example else None, found)


def split_paragraphs(rule: Rule) -> tuple[str, ...]:
    """Return the paragraphs of an explanation, each on one line; `Why:` and `Fix:` begin new ones."""
    return tuple(" ".join(text.split()) for text in _PARAGRAPH.split(rule.explanation) if text.strip())
