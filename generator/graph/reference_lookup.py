"""What a reference leads to; where that is nothing, what its author may have meant."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from generator.findings import Finding
from generator.graph import rules
from generator.graph.references import Reference, resolve_target
from generator.load.bind import LoadedCard
from generator.load.unread import UnreadCard, UnreadCards
from generator.names import ID_PATTERN, MOST_SEARCHES, Ref, choose_from, nearest
from generator.schema import KINDS, Card, Person, Team

KNOWN_TYPES = frozenset(
    {"topic", "feature_view", "collection", "rule", "table", "bucket", "queue", "cache", "index", "dataset", "file"}
)
"""The types of resource that need no card to be known."""

_SHORT_CHOICE = 12


@dataclass(frozen=True)
class ReferenceResolver:
    """Looks references up, and says what may have been meant by those that lead nowhere."""

    known: Mapping[Ref, LoadedCard]
    unread: UnreadCards
    _searches: dict[tuple[str, tuple[str, ...]], Ref | None] = field(default_factory=dict, init=False, compare=False)
    _choices: dict[tuple[str, ...], tuple[Ref, ...]] = field(default_factory=dict, init=False, compare=False)
    _types: dict[str, str | None] = field(default_factory=dict, init=False, compare=False)
    """The nearest known type for each type of resource that is unknown."""

    def find_unread(self, reference: Reference) -> UnreadCard | None:
        """Return the unread card that a reference may mean, if no card that was read is meant."""
        if not self.unread:
            return None
        try:
            candidates = reference.refers_to.candidates(reference.text)
        except ValueError:  # not a reference, as `resolve` reports
            return None
        fitting = [ref for ref in candidates if ref.kind in (reference.refers_to.kinds or (ref.kind,))]
        return self.unread.find(fitting) if self.known.keys().isdisjoint(candidates) else None

    def resolve(self, loaded: LoadedCard, reference: Reference) -> tuple[Ref | None, Finding | None]:
        """The card or resource that a reference leads to, and what is wrong with it."""
        position = loaded.at(*reference.path)
        kinds = reference.refers_to.kinds
        ref = resolve_target(reference, self.known)
        if kinds and ref.kind not in kinds:
            message = f"{ref} is {_a(ref.kind)}; this wants {_one_of(kinds)}"
            return None, rules.WRONG_KIND.at(position, message, self._instead(reference, ref, kinds), loaded.ref)
        if ref in self.known:
            return ref, None
        if ref.kind not in KINDS:
            return ref, self._unusual_type(loaded, reference, ref)
        return None, self._dangling(loaded, reference, ref)

    def _unusual_type(self, loaded: LoadedCard, reference: Reference, ref: Ref) -> Finding | None:
        types = self._known_types
        if ref.kind in types or self.unread.find([ref]):
            return None
        if ref.kind not in self._types and len(self._types) < MOST_SEARCHES:
            self._types[ref.kind] = nearest(ref.kind, types)
        near = self._types.get(ref.kind)
        if near is None:
            return None
        message = f"{ref} has a type that no card has"
        position = loaded.at(*reference.path)
        return rules.NEAR_TYPE.at(position, message, f"did you mean '{near}:{ref.id}'?", loaded.ref)

    def _dangling(self, loaded: LoadedCard, reference: Reference, ref: Ref) -> Finding:
        kinds = reference.refers_to.kinds or (ref.kind,)
        position = loaded.at(*reference.path)
        stand_for = [known for known in self._by_alias.get(ref.id, ()) if known.kind in kinds]
        if stand_for:
            message = f"{reference.text!r} is an alias"
            return rules.DANGLING.at(position, message, _write(reference, stand_for), loaded.ref)
        if ref.id in self._by_id:
            other = self._by_id[ref.id][0].kind
            message = f"{reference.text!r} is {_a(other)}; this wants {_one_of(kinds)}"
            if not reference.refers_to.kinds or other in kinds:
                message = f"{ref.id!r} is {_a(other)}, not {_a(ref.kind)}"
            hint = self._instead(reference, ref, reference.refers_to.kinds)
            return rules.WRONG_KIND.at(position, message, hint, loaded.ref)
        message = f"there is no {' or '.join(kinds)} {ref.id!r}"
        return rules.DANGLING.at(position, message, self._suggestion(reference, ref.id, kinds), loaded.ref)

    def _suggestion(self, reference: Reference, identifier: str, kinds: tuple[str, ...]) -> str:
        """Return the fix for an unknown id: the card of that name or address, else the nearest one, else a new one."""
        called_so = _of(self._by_label.get(identifier.casefold(), ()), kinds)
        if called_so:
            return f"did you mean {' or '.join(repr(_spelled(reference, ref)) for ref in called_so)}?"
        new = f"write it: modelbook new {kinds[0]} {identifier}" if re.fullmatch(ID_PATTERN, identifier) else ""
        return self._nearest(reference, identifier, kinds) or new or f"write the id of {_one_of(kinds)}"

    def _instead(self, reference: Reference, ref: Ref, kinds: tuple[str, ...]) -> str:
        """What to write where the kind is wrong: the same id with a kind that fits, else the nearest one that does."""
        fitting = [known for known in self._by_id.get(ref.id, ()) if not kinds or known.kind in kinds]
        return _write(reference, fitting) if fitting else self._nearest(reference, ref.id, kinds)

    def _nearest(self, reference: Reference, identifier: str, kinds: tuple[str, ...]) -> str:
        """The nearest card of the kinds, by its id or its aliases; the choice of ids where it is short and none is."""
        near = self._search(identifier, kinds)
        if near is not None:
            return f"did you mean {_spelled(reference, near)!r}?"
        fitting = self._choice(kinds)
        return choose_from(_spelled(reference, ref) for ref in fitting) if len(fitting) <= _SHORT_CHOICE else ""

    def _search(self, identifier: str, kinds: tuple[str, ...]) -> Ref | None:
        """Return the card whose id or alias is most similar; only for the first hundred ids, since it is slow."""
        if (identifier, kinds) not in self._searches and len(self._searches) < MOST_SEARCHES:
            by_name = {alias: refs for alias, refs in self._by_alias.items() if _of(refs, kinds)} | {
                known: refs for known, refs in self._by_id.items() if _of(refs, kinds)
            }
            near = nearest(identifier, by_name)
            self._searches[identifier, kinds] = None if near is None else _of(by_name[near], kinds)[0]
        return self._searches.get((identifier, kinds))

    def _choice(self, kinds: tuple[str, ...]) -> tuple[Ref, ...]:
        if kinds not in self._choices:
            self._choices[kinds] = tuple(ref for refs in self._by_id.values() for ref in _of(refs, kinds))
        return self._choices[kinds]

    @cached_property
    def _known_types(self) -> frozenset[str]:
        return KNOWN_TYPES | KINDS.keys() | {known.kind for known in self.known}

    @cached_property
    def _by_id(self) -> dict[str, tuple[Ref, ...]]:
        return _grouped((known.id, known) for known in self.known)

    @cached_property
    def _by_alias(self) -> dict[str, tuple[Ref, ...]]:
        return _grouped((alias, known) for known, loaded in self.known.items() for alias in loaded.card.aliases)

    @cached_property
    def _by_label(self) -> dict[str, tuple[Ref, ...]]:
        """The cards by what else an author may write for them: the name, a team's channel, an e-mail address."""
        return _grouped(
            (label.casefold(), known)
            for known, loaded in self.known.items()
            for label in (loaded.card.name, *_addresses(loaded.card))
        )


def _addresses(card: Card) -> tuple[str, ...]:
    channel = card.channel if isinstance(card, Team) else None
    email = card.email if isinstance(card, Team | Person) else None
    return tuple(address for address in (channel, email) if address)


def _grouped(named: Iterable[tuple[str, Ref]]) -> dict[str, tuple[Ref, ...]]:
    found: defaultdict[str, list[Ref]] = defaultdict(list)
    for name, ref in sorted(named):
        found[name].append(ref)
    return {name: tuple(refs) for name, refs in found.items()}


def _of(refs: tuple[Ref, ...], kinds: tuple[str, ...]) -> list[Ref]:
    """Those of the kinds, in the order in which the key names them."""
    return sorted((ref for ref in refs if ref.kind in kinds), key=lambda ref: kinds.index(ref.kind))


def _write(reference: Reference, meant: Iterable[Ref]) -> str:
    return f"write {' or '.join(repr(_spelled(reference, ref)) for ref in meant)}"


def _spelled(reference: Reference, ref: Ref) -> str:
    """A card as this key wants it written: with its kind, or its id alone."""
    return str(ref) if reference.refers_to.prefixed or ":" in reference.text else ref.id


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _one_of(kinds: tuple[str, ...]) -> str:
    return " or ".join(map(_a, kinds))
