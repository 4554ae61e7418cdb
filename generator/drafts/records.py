"""A row of a spreadsheet, or the tags of a registered model, as values of a card."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from generator.drafts.day_formats import DayFormat
from generator.drafts.parties import Party, PartyDirectory, parse_party, split_parties
from generator.drafts.reading import read_vocabulary
from generator.drafts.text_cleaning import split_items, to_one_line
from generator.errors import UserError
from generator.names import suggest_name
from generator.values import FrozenValue

CHOICES = {name: read_vocabulary(name) for name in ("lifecycle", "serving")}
"""The values of a field by the words that people write for them."""
DAY_FIELDS = ("deployed_on", "review_by", "validation.on", "validation.next")
_PARTY_FIELDS = frozenset({"owners", "team", "stakeholders", "validation.by"})
_GROUPS = ("endpoints", "links", "card")
"""The fields that contain keys, as in `links.repo`."""
_INVENTORY_TEXTS = ("tier", "risk.rating", "risk.why", "validation.result", "validation.report")
_FILLERS = frozenset(
    {"a", "an", "as", "at", "being", "by", "for", "in", "is", "job", "jobs", "mode", "model", "models", "of", "on",
     "phase", "run", "runs", "stage", "state", "the", "to"}
)  # fmt: skip
"""The words that do not change the meaning of a lifecycle or a way of serving: `nightly job`, `in production phase`."""
_LONGEST_TEXT = 100_000


def parse_choice(field_name: str, text: str, given: Mapping[str, str] | None = None) -> str:
    """Return the value of `lifecycle` or `serving` for the words of a source; an empty text if it is unknown.

    `given` has values by texts in lower case. Every other word has to be known: `not in production` has no value.
    """
    words = re.findall(r"[a-z]+", text.lower())
    known, plain = CHOICES[field_name], " ".join(words)
    stated = (given or {}).get(" ".join(text.lower().split()))
    if stated is not None and stated in known.values():
        return stated
    if plain in known:
        return known[plain]
    values = {known.get(word, "") for word in words if word not in _FILLERS}
    return values.pop() if len(values) == 1 else ""


def parse_given_values(texts: Iterable[str]) -> dict[str, str]:
    """Return the values by text in lower case of options such as `Run and Maintain=production`."""
    values = {value for words in CHOICES.values() for value in words.values()}
    found: dict[str, str] = {}
    for text in texts:
        words, _, value = (part.strip() for part in text.rpartition("="))
        if not words:
            message = f"invalid --value {text!r}: expected TEXT=VALUE, as in --value 'Run and Maintain=production'"
            raise UserError(message)
        if value not in values:
            raise UserError(f"invalid value {value!r} in --value: {suggest_name(value, values)}")
        found[" ".join(words.lower().split())] = value
    return found


class Record(FrozenValue):
    """The texts of a source about one model, by the fields of a card."""

    texts: Mapping[str, str]
    """Without empty texts."""
    others: Mapping[str, str]
    """The texts without a field, by their names in the source."""
    labels: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The names of the fields in the source."""

    def get(self, name: str) -> str:
        """Return the text for a field; an empty text if it is missing."""
        return self.texts.get(name, "")

    def list_parties(self, teams: frozenset[str], *names: str) -> tuple[Party, ...]:
        """Return the teams and people in some fields, or in all; `teams` are known teams in lower case."""
        fields = names or [name for name in self.texts if name in _PARTY_FIELDS or name.startswith("contacts.")]
        return tuple(
            parse_party(item, expected="team" if name == "team" else "person" if name.startswith("contacts.") else "")
            for name in fields
            for item in (split_items(self.get(name)) if name == "team" else split_parties(self.get(name), teams))
        )


@dataclass
class Unmapped:
    """The texts of a record that its fields do not take as they are."""

    record: Record
    kept: dict[str, str] = field(default_factory=dict)
    """The texts by their names in the source, for a key of the card that begins with `x-`."""
    guesses: dict[str, str] = field(default_factory=dict)
    """The reasons of guessed values, by key."""
    messages: list[str] = field(default_factory=list)

    def keep(self, name: str, message: str = "") -> None:
        """Keep the text of a field, with a message if the user has to decide something."""
        label = self.record.labels.get(name, name)
        self.kept[label] = self.record.get(name)[:_LONGEST_TEXT]
        if message:
            self.messages.append(f"{label}: {message}")


class RecordContext(FrozenValue):
    """What the records of a source have in common."""

    directory: PartyDirectory
    teams: frozenset[str]
    """The names of known teams in lower case."""
    days: Mapping[str, DayFormat]
    """The order of day and month, by field."""
    values: Mapping[str, str] = msgspec.field(default_factory=dict)
    """The given values of a lifecycle or a way of serving, by text in lower case."""

    @classmethod
    def collect(cls, records: Iterable[Record], values: Mapping[str, str] | None = None) -> "RecordContext":
        """Return the teams, people and formats in some records."""
        several = list(records)
        teams = frozenset(
            party.name.lower() for record in several for party in record.list_parties(frozenset(), "team")
        )
        days = {name: DayFormat.detect(record.get(name) for record in several) for name in DAY_FIELDS}
        mentions = [party for record in several for party in record.list_parties(teams)]
        return cls(PartyDirectory.collect(mentions), teams, days, values or {})


def build_values(record: Record, context: RecordContext, unmapped: Unmapped) -> dict[str, object]:
    """Return the values that rows and tags have in common, and collect the texts that no value takes."""
    values: dict[str, object] = {name: list(split_items(record.get(name))) for name in ("aliases", "tags", "features")}
    refs = context.directory.refs
    contacts: dict[str, str] = {}
    for name in record.texts:
        people = record.list_parties(context.teams, name) if name.startswith("contacts.") else ()
        for person in people[:1]:  # as the id of a person, or as `team:growth`
            contacts[name.partition(".")[2]] = str(refs[person]).removeprefix("person:")
        if len(people) > 1:
            others = ", ".join(repr(person.name) for person in people[1:])
            unmapped.keep(name, f"a function has one contact, so {others} was omitted")
    owners = (refs[party].id for party in record.list_parties(context.teams, "team", "owners"))
    values |= {
        "owners": list(dict.fromkeys(owners)),
        "contacts": contacts,
        "stakeholders": [str(refs[party]) for party in record.list_parties(context.teams, "stakeholders")],
    }
    for group in _GROUPS:
        keys = {name.partition(".")[2]: text for name, text in record.texts.items() if name.startswith(f"{group}.")}
        values[group] = keys if group == "card" else {key: to_one_line(text, 2000) for key, text in keys.items()}
    for name in (*CHOICES, *DAY_FIELDS):
        text = record.get(name)
        is_day = name in DAY_FIELDS
        values[name] = context.days[name].parse(text) if is_day else parse_choice(name, text, context.values)
        if text and not values[name]:
            _keep_unreadable(unmapped, name, to_one_line(text, 60))
    validators = [refs[party].id for party in record.list_parties(context.teams, "validation.by")]
    if len(validators) > 1:
        unmapped.keep("validation.by", "a validation has one team or person, so only the first was taken")
    stated = {name: to_one_line(record.get(name), 2000) for name in _INVENTORY_TEXTS}
    stated |= {name: str(values.pop(name) or "") for name in DAY_FIELDS if "." in name}
    stated["validation.by"] = next(iter(validators), "")
    for group in ("risk", "validation"):
        values[group] = {
            name.partition(".")[2]: text for name, text in stated.items() if text and name.startswith(f"{group}.")
        }
    values["tier"] = stated["tier"]
    return values


def _keep_unreadable(unmapped: Unmapped, name: str, shown: str) -> None:
    if name in DAY_FIELDS:
        unmapped.keep(name, f"invalid {name} {shown!r}: expected an unambiguous day such as 2025-11-03")
        return
    choices = list(dict.fromkeys(CHOICES[name].values()))
    option = f"--value {shown + '=' + choices[1]!r}" if name == "lifecycle" else f"--value {shown + '=' + choices[0]!r}"
    unmapped.keep(name, f"invalid {name} {shown!r}: expected one of {', '.join(choices)}; set it as in {option}")
    unmapped.guesses[name] = f"the source says {shown!r}; one of {', '.join(choices)}"
