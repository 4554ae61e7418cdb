"""The reference pages: the fields of every kind of card, and the codes of findings."""

from dataclasses import dataclass

from generator.findings import Finding, Rule
from generator.pages.book import Book
from generator.schema.fields import KindDoc, list_kind_docs


@dataclass(frozen=True, slots=True)
class FieldsView:
    """Every field of every kind."""

    kinds: tuple[KindDoc, ...]


def fields_view(_: Book) -> FieldsView:
    """The reference of the schema, from its declaration."""
    return FieldsView(list_kind_docs())


@dataclass(frozen=True, slots=True)
class Family:
    """The codes that start alike."""

    prefix: str
    title: str
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class CodesView:
    """Every code, by family."""

    families: tuple[Family, ...]


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


def codes_view(book: Book) -> CodesView:
    """The codes by family; a family without codes is left out."""
    families = (
        Family(prefix, title, tuple(rule for rule in book.rules if rule.code.startswith(prefix)))
        for prefix, title in _FAMILIES.items()
    )
    return CodesView(tuple(family for family in families if family.rules))


@dataclass(frozen=True, slots=True)
class CodeView:
    """One code: what it asks, why, how to mend it, and where the book breaks it."""

    rule: Rule
    paragraphs: tuple[str, ...]
    findings: tuple[Finding, ...]


def code_view(book: Book, rule: Rule) -> CodeView:
    """The page of a code, from the rule itself."""
    found = tuple(finding for finding in book.findings if finding.code == rule.code)
    return CodeView(rule, paragraphs(rule), found)


def paragraphs(rule: Rule) -> tuple[str, ...]:
    """The explanation's paragraphs: the promise, then `Why:` and `Fix:`, each on one line."""
    blocks: list[str] = []
    for line in rule.explanation.splitlines():
        starts = line.startswith(("Why:", "Fix:")) or not blocks or not line.strip()
        if line.strip() and starts:
            blocks.append(line.strip())
        elif line.strip():
            blocks[-1] = f"{blocks[-1]} {line.strip()}" if blocks[-1] else line.strip()
        elif blocks and blocks[-1]:
            blocks.append("")
    return tuple(block for block in blocks if block)
