"""The field of a card that a column of a spreadsheet, or a tag, fills. A similar name alone is only proposed."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from itertools import chain

from generator.drafts.reading import read_vocabulary
from generator.errors import UserError
from generator.names import suggest_name

_SYNONYMS = read_vocabulary("fields")
_CONTACT_WORDS = frozenset({"contact", "contacts", "poc", "spoc", "point of contact", "lead", "dri", "owner", "person"})
_SIMILARITY = 0.75


class MatchConfidence(StrEnum):
    """How the field of a column was found."""

    GIVEN = "as given"
    SAME = "same name"
    SYNONYM = "synonym"
    PROPOSED = "similar name, not used"
    UNKNOWN = "unknown"
    DUPLICATE = "duplicate field, not used"


@dataclass(frozen=True, slots=True)
class Column:
    """A column with its field."""

    number: int
    """From 0."""
    header: str
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
    several, known = tuple(headers), index_fields(functions)
    fields = {*_SYNONYMS.values(), *(f"contacts.{function}" for function in functions)}
    for header, field in given.items():
        if normalize_header(header) not in map(normalize_header, several):
            message = f"unknown column {header!r}: {suggest_name(header, several)}"
            raise UserError(message)
        if field and field not in fields:
            message = f"unknown field {field!r}: {suggest_name(field, fields)}"
            raise UserError(message)
    given_names = {normalize_header(header): field for header, field in given.items()}
    found: list[Column] = []
    for number, header in enumerate(several):
        field, confidence = _match_field(normalize_header(header), known, given_names)
        column = Column(number, header, field, confidence)
        if column.is_used and field in {one.field for one in found if one.is_used}:
            column = Column(number, header, field, MatchConfidence.DUPLICATE)
        found.append(column)
    return tuple(found)


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
    similar = get_close_matches(name, sorted(known), n=1, cutoff=_SIMILARITY) if name else []
    contained = (one for one in sorted(known, key=len, reverse=True) if len(one) > 3 and one in name)
    proposed = next(chain(similar, contained), None)
    return (known[proposed], MatchConfidence.PROPOSED) if proposed else ("", MatchConfidence.UNKNOWN)


def normalize_header(text: str) -> str:
    """Return a header in lower case without accents, marks and brackets: `Deployed On (date) *` is `deployed on`."""
    without = re.sub(r"\([^)]*\)|\[[^]]*\]", " ", text)
    plain = unicodedata.normalize("NFKD", without).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain))
