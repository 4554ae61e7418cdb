"""Teams and people as sources name them, and the cards that they become."""

import re
from collections.abc import Iterable, Iterator, Mapping

from generator.drafts.cards import CardDraft, build_draft
from generator.drafts.results import ImportResult
from generator.drafts.text_cleaning import (
    assign_ids,
    describe_made_id,
    parse_email,
    split_items,
    to_one_line,
)
from generator.names import Ref
from generator.values import FrozenValue

_TEAM_WORDS = re.compile(
    r"\b(team|squad|tribe|guild|chapter|group|engineering|eng|platform|science|ds|ml|dsp|data|growth|merch|product|ops|"
    r"ranking|search|marketing|finance|analytics|infra|backend|frontend|department|dept|division|office|unit|bureau|"
    r"centre|center|services|operations|hr|legal|risk|sales|support)\b",
    re.IGNORECASE,
)
_WORD = r"[^\W\d_][\w.'\u2019-]*"
_PARTICLES = frozenset(
    {"af", "al", "av", "bin", "bint", "da", "das", "de", "del", "den", "der", "di", "do", "dos", "du", "e", "el", "ibn",
     "la", "le", "ten", "ter", "van", "von", "y", "zu", "zum", "zur"}
)  # fmt: skip
_ADDRESS = re.compile(r"[<(\[]?[^\s<>()\[\],;]+@[^\s<>()\[\],;]+[>)\]]?")
_LAST_FIRST = re.compile(rf"(?P<last>{_WORD}(?: {_WORD})?), ?(?P<first>{_WORD}(?: [^\W\d_]\.?)?)")


class Party(FrozenValue, order=True):
    """A team or a person as a source names it."""

    kind: str
    name: str
    email: str = ""
    guessed: bool = False
    """Whether the source does not show if it is a team or a person."""


def parse_party(text: str, *, expected: str = "") -> Party:
    """Return the party of a text: `#channel` and words such as `squad` are a team, any other address is a person."""
    line = to_one_line(text, 300)
    address = parse_email(line)
    if address is not None:
        kind = "team" if _TEAM_WORDS.search(address[0]) else "person"
        return Party(kind, _put_first_name_first(address[0]), address[1])
    line = _put_first_name_first(line)
    if expected:
        return Party(expected, line.lstrip("@#") or line)
    if line.startswith("#") or _TEAM_WORDS.search(line.replace("-", " ").replace("_", " ")):
        return Party("team", line.lstrip("#"))
    if line.startswith("@"):
        return Party("person", line.lstrip("@"), guessed=True)
    # Two to four capitalised words are a person, as in `Ludwig van Dijk`; `Отдел цен` is not.
    words = line.split(" ")
    names = [word for word in words if word.lower() not in _PARTICLES]
    is_capitalised = all(re.fullmatch(_WORD, word) and word[0].isupper() for word in names)
    is_person = 1 < len(words) < 5 and len(names) > 1 and is_capitalised
    return Party("person" if is_person else "team", line, guessed=True)


def split_parties(text: str, teams: frozenset[str] = frozenset()) -> tuple[str, ...]:
    """Return the teams and people in a cell; `Sund, Mira` is one person, unless one of its words is a known team.

    `teams` are the names of the teams that the source names elsewhere, in lower case.
    """
    found: list[str] = []
    for line in re.split(r"[;\n]", text):
        whole = to_one_line(_ADDRESS.sub(" ", line), 300)
        parts = [part.strip() for part in whole.split(",")]
        is_team = any(part.lower() in teams or _TEAM_WORDS.search(part) for part in parts)
        is_one = len(parts) == 1 and parse_email(line) is not None
        is_person = len(parts) == 2 and not is_team and _put_first_name_first(whole) != whole
        found += [to_one_line(line, 300).strip("•*- ")] if is_one or is_person else split_items(line)
    return tuple(dict.fromkeys(filter(None, found)))


def _put_first_name_first(line: str) -> str:
    """Return `Mira Sund` for `Sund, Mira` and `Jan van Dijk` for `van Dijk, Jan`; any other text as it is."""
    match = _LAST_FIRST.fullmatch(line)
    if match is None:
        return line
    first, last = match["first"], match["last"]
    *particles, name = last.split(" ")
    is_name = name[0].isupper() and first[0].isupper() and {word.lower() for word in particles} <= _PARTICLES
    return f"{first} {last}" if is_name else line


class PartyDirectory(FrozenValue):
    """All teams and people that a source names; one mention clears up what another leaves open."""

    refs: Mapping[Party, Ref]
    """The card of each mention."""
    parties: Mapping[Ref, Party]
    """The party of each card."""

    @classmethod
    def collect(cls, mentions: Iterable[Party]) -> "PartyDirectory":
        """Return the directory of some mentions."""
        several = list(mentions)
        by_length = sorted(several, key=lambda party: len(party.name))  # an address has the longest of its names
        by_email = {(party.kind, party.email.lower()): party for party in by_length if party.email}
        sure = [by_email.get((party.kind, party.email.lower()), party) for party in several if not party.guessed]
        by_name = {party.name.lower(): party for party in sure}
        resolved = {
            party: by_name.get(party.name.lower(), party)
            if party.guessed
            else by_email.get((party.kind, party.email.lower()), party)
            for party in several
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
            draft = CardDraft(ref.kind, ref.id, party.name, origin, {"email": party.email}, guesses)
            yield build_draft(draft, describe_made_id(ref.id, party.name), f"{source}, {party.name}")
