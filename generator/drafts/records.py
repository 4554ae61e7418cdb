"""A row of a spreadsheet, or the tags of a registered model, as values of a card."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from itertools import chain

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.reading import read_vocabulary
from generator.drafts.results import ImportResult
from generator.drafts.text_cleaning import assign_ids, parse_email, split_items, to_one_line
from generator.errors import UserError
from generator.names import Ref, suggest_name

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
    for header, name in given.items():
        if normalize_header(header) not in map(normalize_header, several):
            message = f"unknown column {header!r}: {suggest_name(header, several)}"
            raise UserError(message)
        if name and name not in fields:
            message = f"unknown field {name!r}: {suggest_name(name, fields)}"
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


_CHOICES = {name: read_vocabulary(name) for name in ("lifecycle", "serving")}
"""The values of a field by the words that people write for them."""
DAY_FIELDS = ("deployed_on", "review_by")
_GROUPS = ("endpoints", "links", "card")
"""The fields that contain keys, as in `links.repo`."""
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_TEAM_WORDS = re.compile(
    r"\b(team|squad|tribe|guild|chapter|group|engineering|eng|platform|science|ds|ml|dsp|data|growth|merch|product|ops|"
    r"ranking|search|marketing|finance|analytics|infra|backend|frontend)\b",
    re.IGNORECASE,
)
_PERSON_NAME = re.compile(r"[^\W\d_][\w.'\u2019-]*(?: [^\W\d_][\w.'\u2019-]*){1,3}")


@dataclass(frozen=True, slots=True)
class DayFormat:
    """The order of day and month in a column."""

    day_first: bool | None
    """Whether 03/11 is the third of November; None if the column does not show it."""

    @classmethod
    def detect(cls, cells: Iterable[str]) -> "DayFormat":
        """Return the order of the cells that can be read in one way only."""
        pairs = [match for cell in cells if (match := re.fullmatch(r"(\d\d?)[./-](\d\d?)[./-]\d{2,4}", cell.strip()))]
        if any("." in match[0] for match in pairs):
            return cls(day_first=True)
        day, month = (any(int(match[group]) > 12 for match in pairs) for group in (1, 2))
        return cls(day_first=None if day == month else day)

    def parse(self, cell: str) -> str | None:
        """Return a day as 2025-11-03; None if the text is not a day, or could be two."""
        text = re.sub(r"[ T]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?( ?[AaPp][Mm])?Z?$", "", cell.strip())
        if match := re.fullmatch(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", text):
            year, month, day = match.groups()
        elif match := re.fullmatch(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})", text):
            if self.day_first is None and match[1] != match[2]:
                return None
            day, month, year = match.groups() if self.day_first else (match[2], match[1], match[3])
        elif match := re.fullmatch(r"(\d{1,2})(?:st|nd|rd|th)?[ -]([A-Za-z]{3})[a-z]*\.?[ ,-]+(\d{4}|\d{2})", text):
            day, month, year = match.groups()
        elif match := re.fullmatch(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", text):
            month, day, year = match.groups()
        else:
            return None
        name = month.lower()
        try:
            number = _MONTHS.index(name) + 1 if name.isalpha() else int(month)
            return date(int(year) + (2000 if len(year) == 2 else 0), number, int(day)).isoformat()
        except ValueError:
            return None


def parse_choice(field_name: str, text: str) -> str:
    """Return the value of `lifecycle` or `serving` for a word that people use; an empty text if it is unknown."""
    plain = " ".join(re.findall(r"[a-z]+", text.lower()))
    return _CHOICES[field_name].get(plain, "")


@dataclass(frozen=True, order=True, slots=True)
class Party:
    """A team or a person as a source names it."""

    kind: str
    name: str
    email: str = ""
    guessed: bool = False
    """Whether the source does not show if it is a team or a person."""


def parse_party(text: str, *, expected: str = "") -> Party:
    """Return the party of a text; an address is a person, `#channel` and words such as `squad` are a team."""
    line = to_one_line(text, 120)
    address = parse_email(line)
    if address is not None and expected != "team":
        return Party("person", *address)
    if expected:
        return Party(expected, line.lstrip("@#") or line)
    if line.startswith("#") or _TEAM_WORDS.search(line.replace("-", " ").replace("_", " ")):
        return Party("team", line.lstrip("#"))
    if line.startswith("@"):
        return Party("person", line.lstrip("@"), guessed=True)
    return Party("person" if _PERSON_NAME.fullmatch(line) else "team", line, guessed=True)


@dataclass(frozen=True)
class Record:
    """The texts of a source about one model, by the fields of a card."""

    texts: Mapping[str, str]
    """Without empty texts."""
    others: Mapping[str, str]
    """The texts without a field, by their names in the source."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """The names of the fields in the source, for messages."""

    def get(self, name: str) -> str:
        """Return the text for a field; an empty text if it is missing."""
        return self.texts.get(name, "")

    @property
    def party_fields(self) -> list[str]:
        """The fields that name teams and people."""
        return [
            name for name in self.texts if name in {"owners", "team", "stakeholders"} or name.startswith("contacts.")
        ]

    def list_parties(self, *names: str) -> tuple[Party, ...]:
        """Return the teams and people in some fields."""
        return tuple(
            parse_party(item, expected="team" if name == "team" else "person" if name.startswith("contacts.") else "")
            for name in names
            for item in split_items(self.get(name))
        )


@dataclass(frozen=True, slots=True)
class PartyDirectory:
    """All teams and people that a source names; one mention clears up what another leaves open."""

    refs: Mapping[Party, Ref]
    """The card of each mention."""
    parties: Mapping[Ref, Party]
    """The party of each card."""

    @classmethod
    def collect(cls, records: Iterable[Record]) -> "PartyDirectory":
        """Return the directory of some records."""
        mentions = [party for record in records for party in record.list_parties(*record.party_fields)]
        by_length = sorted(mentions, key=lambda party: len(party.name))  # an address has the longest of its names
        by_email = {party.email.lower(): party for party in by_length if party.email}
        sure = [by_email.get(party.email.lower(), party) for party in mentions if not party.guessed]
        by_name = {party.name.lower(): party for party in sure}
        resolved = {
            party: by_name.get(party.name.lower(), party) if party.guessed else by_email.get(party.email.lower(), party)
            for party in mentions
        }
        chosen: dict[tuple[str, str], Party] = {}
        for party in resolved.values():
            key = party.kind, party.name.lower()
            if key not in chosen or (party.email and not chosen[key].email):
                chosen[key] = party
        refs: dict[tuple[str, str], Ref] = {}
        for kind in ("team", "person"):
            ids = assign_ids(sorted(name for found, name in chosen if found == kind))
            refs |= {(kind, name): Ref(kind, card) for name, card in ids.items()}
        return cls(
            {mention: refs[party.kind, party.name.lower()] for mention, party in resolved.items()},
            {refs[key]: party for key, party in chosen.items()},
        )

    def build_drafts(self, source: str) -> Iterator[ImportResult]:
        """Yield the card of each party; `source` is the name of the file or registry."""
        for ref, party in self.parties.items():
            origin = f"the {'teams' if party.kind == 'team' else 'people'} in {source}"
            guesses = {"kind": "the source does not show if it is a team or a person"} if party.guessed else {}
            yield build_draft(CardDraft(ref.kind, ref.id, party.name, origin, {"email": party.email}, guesses))


def build_values(
    record: Record, directory: PartyDirectory, days: Mapping[str, DayFormat], messages: list[str]
) -> dict[str, object]:
    """Return the values that rows and tags have in common, and add a message for each text that was left out."""
    values: dict[str, object] = {name: list(split_items(record.get(name))) for name in ("aliases", "tags", "features")}
    contacts: dict[str, str] = {}
    for name in record.party_fields:
        if name.startswith("contacts."):
            people = record.list_parties(name)
            contacts |= {name.partition(".")[2]: directory.refs[person].id for person in people[:1]}
            messages += [f"{name} has one person: {person.name!r} was omitted" for person in people[1:]]
    values |= {
        "owners": list(dict.fromkeys(directory.refs[party].id for party in record.list_parties("team", "owners"))),
        "contacts": contacts,
        "stakeholders": [str(directory.refs[party]) for party in record.list_parties("stakeholders")],
    }
    for group in _GROUPS:
        keys = {name.partition(".")[2]: text for name, text in record.texts.items() if name.startswith(f"{group}.")}
        values[group] = keys if group == "card" else {key: to_one_line(text, 2000) for key, text in keys.items()}
    expected = {name: f"one of {', '.join(dict.fromkeys(words.values()))}" for name, words in _CHOICES.items()}
    expected |= dict.fromkeys(DAY_FIELDS, "an unambiguous day such as 2025-11-03")
    for name in expected:
        text = record.get(name)
        values[name] = days[name].parse(text) if name in DAY_FIELDS else parse_choice(name, text)
        if text and not values[name]:
            label = f"{record.labels[name]}: " if name in record.labels else ""
            messages.append(f"{label}invalid {name} {to_one_line(text, 60)!r}: expected {expected[name]}")
    return values
