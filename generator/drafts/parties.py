"""The teams and people that a source names here and there, each as one card."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from generator.drafts.cards import Draft, drafted
from generator.drafts.cells import Party
from generator.drafts.values import Drafts
from generator.drafts.words import identifiers


@dataclass(frozen=True)
class Parties:
    """All that a source says of teams and people, put together."""

    told: tuple[Party, ...]
    """As they were found, in order."""

    def id_of(self, one: Party) -> str:
        """The id of the card that a team or a person gets."""
        settled = self.settled(one)
        return self._ids[settled.kind, settled.name.lower()]

    def settled(self, one: Party) -> Party:
        """Who is meant once everything is read: one place settles the guesses of another, and whose an address is."""
        if one.guessed:
            return self._sure.get(one.name.lower(), one)
        return self._by_email.get(one.email.lower(), one) if one.email else one

    def drafts(self, source: str) -> Iterator[Drafts]:
        """A card for each of them; `source` names the import."""
        for one in dict.fromkeys(self.settled(told) for told in self.told):
            known = self._known[one.kind, one.name.lower()]
            if known is not one:
                continue
            origin = f"the {'teams' if one.kind == 'team' else 'people'} in {source}"
            guess = {"kind": "the source does not say whether it is a team or a person"} if one.guessed else {}
            yield drafted(Draft(one.kind, self.id_of(one), one.name, origin, {"email": one.email}, guess))

    @cached_property
    def _sure(self) -> Mapping[str, Party]:
        sure = (self._by_email.get(one.email.lower(), one) for one in self.told if not one.guessed)
        return {one.name.lower(): one for one in sure}

    @cached_property
    def _by_email(self) -> Mapping[str, Party]:
        """The people by their addresses, with the longest name that stands beside one."""
        return {one.email.lower(): one for one in sorted(self.told, key=lambda one: len(one.name)) if one.email}

    @cached_property
    def _known(self) -> Mapping[tuple[str, str], Party]:
        """Of those of one kind and name the one that is to be written: with an address, if any has one."""
        found: dict[tuple[str, str], Party] = {}
        for one in map(self.settled, self.told):
            known = found.setdefault((one.kind, one.name.lower()), one)
            if one.email and not known.email:
                found[one.kind, one.name.lower()] = one
        return found

    @cached_property
    def _ids(self) -> Mapping[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for kind in ("team", "person"):
            names = sorted({one.name.lower() for one in map(self.settled, self.told) if one.kind == kind})
            found |= {(kind, name): card for name, card in identifiers(names).items()}
        return found
