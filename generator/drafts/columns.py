"""The columns of a spreadsheet with the fields of a model's card that they fill."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from enum import StrEnum

from generator.drafts.reading import read_vocabulary
from generator.drafts.text_cleaning import to_one_line
from generator.errors import UserError
from generator.names import suggest_name
from generator.values import FrozenValue

_SYNONYMS = read_vocabulary("fields")
_CONTACT_WORDS = frozenset({"contact", "contacts", "poc", "spoc", "point of contact", "lead", "dri", "owner", "person"})
_WORD_SIMILARITY = 0.85
"""How similar each word of a header and of a name are at least, so that the name is proposed."""
_AFTER_NOUN = re.compile(r" (of|for|in|by|on|to|per|from|at|with) .*")


class MatchConfidence(StrEnum):
    """How the field of a column was found."""

    GIVEN = "as given"
    SAME = "same name"
    SYNONYM = "synonym"
    PROPOSED = "similar name, not used"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate field, not used"


class Column(FrozenValue):
    """A column with its field."""

    number: int
    """From 0."""
    header: str
    """On one line."""
    label: str
    """Its name among the columns of its table: `Limits`, `Limits 2`, `column 4`."""
    field: str
    """The field that it fills or that is proposed; empty if no field matches."""
    confidence: MatchConfidence

    @property
    def is_used(self) -> bool:
        """Whether cards have its cells in a field."""
        return self.confidence in {MatchConfidence.GIVEN, MatchConfidence.SAME, MatchConfidence.SYNONYM}


def match_columns(headers: Iterable[str], functions: Mapping[str, str], given: Mapping[str, str]) -> tuple[Column, ...]:
    """Return the columns with their fields: as given, else by name or synonym, else a proposal.

    `functions` are the functions of the company with their titles: `DS contact` is `contacts.ds`. `given` has fields by
    header; an empty field excludes a column.
    """
    several, known = tuple(to_one_line(header, 100) for header in headers), index_fields(functions)
    fields = {*_SYNONYMS.values(), *(f"contacts.{function}" for function in functions)}
    for header, name in given.items():
        if normalize_header(header) not in map(normalize_header, several):
            raise UserError(f"unknown column {header!r}: {suggest_name(header, filter(None, several))}")
        if name and name not in fields:
            raise UserError(f"unknown field {name!r}: {suggest_name(name, fields)}")
    given_names = {normalize_header(header): field for header, field in given.items()}
    matches = [_match_field(normalize_header(header), known, given_names) for header in several]
    labels = list_labels(several)
    taken = {field for field, confidence in matches if field and confidence is MatchConfidence.GIVEN}
    found: list[Column] = []
    for number, (header, (field, confidence)) in enumerate(zip(several, matches, strict=True)):
        column = Column(number, header, labels[number], field, confidence)
        is_second = field in {one.field for one in found if one.is_used}
        if column.is_used and (is_second or (field in taken and confidence is not MatchConfidence.GIVEN)):
            column = Column(number, header, labels[number], field, MatchConfidence.DUPLICATE)
        found.append(column)
    return tuple(found)


def list_labels(headers: Iterable[str]) -> list[str]:
    """Return a different name for each column: its header, with a number if another column has the same one."""
    several = list(headers)
    found: list[str] = []
    for number, header in enumerate(several, 1):
        label, count = header or f"column {number}", 1
        while label in found or (count > 1 and label in several):
            count += 1
            label = f"{header or f'column {number}'} {count}"
        found.append(label)
    return found


def index_fields(functions: Mapping[str, str]) -> dict[str, str]:
    """Return the fields by each of their names and synonyms, in the form of `normalize_header`."""
    known = {normalize_header(name): field for word, field in _SYNONYMS.items() for name in (field, word)}
    for function, title in functions.items():
        for name in {normalize_header(function), normalize_header(title)}:
            known |= {f"{name} {role}": f"contacts.{function}" for role in _CONTACT_WORDS}
            known |= {f"{role} {name}": f"contacts.{function}" for role in _CONTACT_WORDS}
            known.setdefault(name, f"contacts.{function}")
    return known


def _match_field(name: str, known: Mapping[str, str], given: Mapping[str, str]) -> tuple[str, MatchConfidence]:
    if name in given:
        return given[name], MatchConfidence.GIVEN if given[name] else MatchConfidence.UNKNOWN
    if name in known:
        is_same = name == normalize_header(known[name])
        return known[name], MatchConfidence.SAME if is_same else MatchConfidence.SYNONYM
    proposed = _propose_name(name, known)
    return (known[proposed], MatchConfidence.PROPOSED) if proposed else ("", MatchConfidence.UNKNOWN)


def _propose_name(header: str, known: Mapping[str, str]) -> str:
    """Return the known name that a header means, by whole words; an empty text if there is none.

    It is the name at the end of the noun: `use case name` is a name, `date of the last release` a date.
    """
    noun = _AFTER_NOUN.sub("", header)
    words = noun.split()
    for start in range(len(words)):
        if (name := " ".join(words[start:])) in known:
            return name
    same_length = [name for name in sorted(known) if name.count(" ") == len(words) - 1] if words else []
    rated = [(_rate_similarity(words, name.split()), name) for name in same_length]
    rating, name = max(rated, default=(0.0, ""))
    return name if rating >= _WORD_SIMILARITY else ""


def _rate_similarity(words: list[str], others: list[str]) -> float:
    """Return the similarity of the two words that are the least similar; short words are equal or different."""
    return min(
        SequenceMatcher(None, word, other).ratio() if min(len(word), len(other)) > 3 else float(word == other)
        for word, other in zip(words, others, strict=True)
    )


def normalize_header(text: str) -> str:
    """Return a header in lower case without accents, marks and brackets: `Deployed On (date) *` is `deployed on`."""
    without = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", text)
    plain = unicodedata.normalize("NFKD", without).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain))
