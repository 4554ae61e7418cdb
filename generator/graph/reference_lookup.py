"""References in cards, their targets, and findings for those that cannot be resolved."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property

from pydantic import BaseModel

from generator.findings import Finding, get_rule
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.collected import CollectLock
from generator.load.nodes import Path
from generator.load.unread import UnreadCard, UnreadCards
from generator.names import ID_PATTERN, MOST_SEARCHES, Ref, find_nearest, format_choices
from generator.schema import KINDS, Model, Person, Team
from generator.schema.base import RefersTo, Strict
from generator.schema.fields import get_keys, get_reference_mark, list_nested_mappings
from generator.values import FrozenValue

DANGLING = get_rule("MB101")
WRONG_KIND = get_rule("MB102")
NEAR_TYPE = get_rule("MB103")
UNCHECKED = get_rule("MB105")
OTHER_SPELLING = get_rule("MB107")
FORMER_CARD = get_rule("MB025")
RULES = (DANGLING, WRONG_KIND, NEAR_TYPE, UNCHECKED, OTHER_SPELLING, FORMER_CARD)

_NO_VALUES = frozenset({"n/a", "na", "no", "nobody", "none", "null", "tbd", "unknown"})
"""Texts that authors write if a key has no value."""

KNOWN_TYPES = frozenset(
    {"topic", "feature_view", "collection", "rule", "table", "bucket", "queue", "cache", "index", "dataset", "file"}
)
"""The types of resources that are known without a card."""

_SHORT_CHOICE = 12


class Reference(FrozenValue):
    """A reference as it is written in a card."""

    path: Path
    """The path in the card, with the keys that its author writes."""
    text: str
    refers_to: RefersTo


def list_references(loaded: LoadedCard) -> Iterator[Reference]:
    """List the references of a card in the order of the schema."""
    return _list_in_value(loaded.card, (), None)


def _list_in_value(value: object, path: Path, mark: RefersTo | None) -> Iterator[Reference]:
    match value:
        case Strict():
            for name, key, inner_mark in _list_fields(type(value)):
                inner = getattr(value, name)
                if inner:
                    yield from _list_in_value(inner, (*path, key), inner_mark)
        case str() if mark is not None:
            yield Reference(path, str(value), mark)
        case tuple():
            for index, item in enumerate(value):
                yield from _list_in_value(item, (*path, index), mark)
        case Mapping() if mark is not None or any(isinstance(item, BaseModel) for item in value.values()):
            for key, item in value.items():
                yield from _list_in_value(item, (*path, key), mark)


@cache
def _list_fields(kind: type[Strict]) -> tuple[tuple[str, str, RefersTo | None], ...]:
    """List the fields of a mapping that can contain references, directly or deeper, with their keys and marks."""
    keys = get_keys(kind)
    names = ((name, info.alias or name) for name, info in kind.model_fields.items() if name != "extras")
    fields = ((name, key, get_reference_mark(keys[key].annotation)) for name, key in names)
    return tuple(one for one in fields if one[2] is not None or any(list_nested_mappings(keys[one[1]].annotation)))


@cache
def list_reference_fields(kind: type[Strict]) -> frozenset[str]:
    """List the names of the fields of a mapping that contain references."""
    return frozenset(name for name, _, mark in _list_fields(kind) if mark is not None)


def resolve_target(reference: Reference, known: Mapping[Ref, LoadedCard]) -> Ref:
    """Return the first candidate of a reference that has a card, else the most likely candidate."""
    candidates = reference.refers_to.list_candidates(reference.text)
    return next((ref for ref in candidates if ref in known), candidates[0])


@dataclass(frozen=True)
class ReferenceResolver:
    """The cards of a book by their ids and names, to resolve references and to suggest corrections."""

    known: Mapping[Ref, LoadedCard]
    unread: UnreadCards
    lock: CollectLock = field(default_factory=CollectLock)
    """The repositories of collected cards, with the cards that they had before."""
    _searches: dict[tuple[str, tuple[str, ...]], Ref | None] = field(default_factory=dict, init=False, compare=False)
    _choices: dict[tuple[str, ...], tuple[Ref, ...]] = field(default_factory=dict, init=False, compare=False)
    _types: dict[str, str | None] = field(default_factory=dict, init=False, compare=False)
    """The nearest known type for each unknown type of resource."""

    def find_unread(self, reference: Reference) -> UnreadCard | None:
        """Find the unread card that a reference may point to; None if it points to another card."""
        if not self.unread:
            return None
        try:
            candidates = reference.refers_to.list_candidates(reference.text)
        except ValueError:  # not a reference, as `resolve` reports
            return None
        fitting = [ref for ref in candidates if ref.kind in (reference.refers_to.kinds or (ref.kind,))]
        return self.unread.find(fitting) if self.known.keys().isdisjoint(candidates) else None

    def resolve(self, loaded: LoadedCard, reference: Reference) -> tuple[Ref | None, Finding | None]:
        """Return the card or resource of a reference, or the finding for it."""
        position = loaded.at(*reference.path)
        kinds = reference.refers_to.kinds
        ref = resolve_target(reference, self.known)
        if kinds and ref.kind not in kinds:
            message = f"{ref} is {_add_article(ref.kind)}: expected {_join_kinds(kinds)}"
            hint = self._suggest_same_id(reference, ref, kinds)
            return None, WRONG_KIND.at(position, message, hint, loaded.ref)
        if ref in self.known:
            return ref, None
        if ref.kind not in KINDS:
            finding = self._check_type(loaded, reference, ref)
            return ref, finding or self.check_spelling(ref, loaded, reference.path, "{kind}:{id}")
        kinds = kinds or (ref.kind,)
        aliased = [known for known in self._by_alias.get(ref.id, ()) if known.kind in kinds]
        if aliased:
            message = f"{reference.text!r} is an alias: expected an id"
            return None, DANGLING.at(position, message, _format_fix(reference, aliased), loaded.ref)
        if ref.id in self._by_id:
            other = self._by_id[ref.id][0].kind
            message = f"{reference.text!r} is {_add_article(other)}: expected {_join_kinds(kinds)}"
            if not reference.refers_to.kinds or other in kinds:
                message = f"{ref.id!r} is {_add_article(other)}, not {_add_article(ref.kind)}"
            hint = self._suggest_same_id(reference, ref, reference.refers_to.kinds)
            return None, WRONG_KIND.at(position, message, hint, loaded.ref)
        former = self._describe_former(reference)
        if former:
            hint = "name the card that replaces it, or remove the reference"
            return None, FORMER_CARD.at(position, former, hint, loaded.ref)
        message = f"unknown {' or '.join(kinds)} {ref.id!r}"
        return None, DANGLING.at(position, message, self._suggest_fix(reference, ref.id, kinds), loaded.ref)

    def _describe_former(self, reference: Reference) -> str:
        """Describe the last place of the card of a reference; empty if no repository had it."""
        names = [str(ref) for ref in reference.refers_to.list_candidates(reference.text)]
        former = [one for name in names for one in self.lock.former_cards.get(name, ())]
        if not former:
            return ""
        last = max(former, key=lambda one: (one.committed_on, one))
        day = f" of {last.committed_on}" if last.committed_on else ""
        place = f"{last.path} in {last.name}, at commit {last.commit[:10]}{day}"
        return f"{last.card} is no longer in the book: it was last in {place}"

    def _check_type(self, loaded: LoadedCard, reference: Reference, ref: Ref) -> Finding | None:
        """Return the finding for a resource without a card whose type resembles a known one."""
        types = self._known_types
        if ref.kind in types or self.unread.find([ref]):
            return None
        if ref.kind not in self._types and len(self._types) < MOST_SEARCHES:
            self._types[ref.kind] = find_nearest(ref.kind, types)
        near = self._types.get(ref.kind)
        if near is None:
            return None
        message = f"unknown resource type {ref.kind!r}"
        position = loaded.at(*reference.path)
        return NEAR_TYPE.at(position, message, f"did you mean '{near}:{ref.id}'?", loaded.ref)

    def check_spelling(self, ref: Ref, loaded: LoadedCard, path: Path, form: str) -> Finding | None:
        """Return the finding for a resource without a card that is another spelling of one with a card.

        `form` is that of the correct reference, with `{kind}` and `{id}`.
        """
        known = None if ref in self.known else self._resources.get((ref.kind, ref.id.casefold()))
        if known is None:
            return None
        message = f"unknown {ref.kind} {ref.id!r}: expected the id of its card, {known.id!r}"
        hint = f"did you mean {form.format(kind=known.kind, id=known.id)!r}?"
        return OTHER_SPELLING.at(loaded.at(*path), message, hint, loaded.ref)

    def _suggest_fix(self, reference: Reference, identifier: str, kinds: tuple[str, ...]) -> str:
        """Return the fix for an unknown id: the card with that name or address, the nearest one, or a new one."""
        named = _select_kinds(self._by_label.get(identifier.casefold(), ()), kinds)
        if not named and identifier.casefold() in _NO_VALUES:
            return "remove it if there is none"
        if named:
            return f"did you mean {' or '.join(self._propose(reference, ref) for ref in named)}?"
        new = f"write it: modelbook new {kinds[0]} {identifier}" if re.fullmatch(ID_PATTERN, identifier) else ""
        return self._suggest_nearest(reference, identifier, kinds) or new or f"write the id of {_join_kinds(kinds)}"

    def _suggest_same_id(self, reference: Reference, ref: Ref, kinds: tuple[str, ...]) -> str:
        """Return the fix for a wrong kind: the same id with a valid kind, else the nearest card of these kinds."""
        fitting = [known for known in self._by_id.get(ref.id, ()) if not kinds or known.kind in kinds]
        return _format_fix(reference, fitting) if fitting else self._suggest_nearest(reference, ref.id, kinds)

    def _suggest_nearest(self, reference: Reference, identifier: str, kinds: tuple[str, ...]) -> str:
        """Suggest the card with the nearest id or alias, else a short list of all ids."""
        # Each search is slow: only the first hundred ids are compared.
        if (identifier, kinds) not in self._searches and len(self._searches) < MOST_SEARCHES:
            by_name = {alias: refs for alias, refs in self._by_alias.items() if _select_kinds(refs, kinds)} | {
                known: refs for known, refs in self._by_id.items() if _select_kinds(refs, kinds)
            }
            near = find_nearest(identifier, by_name)
            self._searches[identifier, kinds] = None if near is None else _select_kinds(by_name[near], kinds)[0]
        nearest = self._searches.get((identifier, kinds))
        if nearest is not None:
            return f"did you mean {self._propose(reference, nearest)}?"
        if kinds not in self._choices:
            self._choices[kinds] = tuple(ref for refs in self._by_id.values() for ref in _select_kinds(refs, kinds))
        choices = self._choices[kinds]
        return format_choices(_spell(reference, ref) for ref in choices) if len(choices) <= _SHORT_CHOICE else ""

    def _propose(self, reference: Reference, ref: Ref) -> str:
        """Return the text of a proposed reference, with the place of its card if that is in another repository."""
        origin = self.known[ref].origin
        return f"{_spell(reference, ref)!r}{f' ({origin})' if origin is not None else ''}"

    @cached_property
    def _resources(self) -> dict[tuple[str, str], Ref]:
        """The resources with cards by their ids and aliases in lower case."""
        cards = ((known, loaded.card) for known, loaded in self.known.items() if known.kind not in KINDS)
        return {(known.kind, label.casefold()): known for known, card in cards for label in (*card.aliases, card.id)}

    @cached_property
    def _known_types(self) -> frozenset[str]:
        return KNOWN_TYPES | KINDS.keys() | {known.kind for known in self.known}

    @cached_property
    def _by_id(self) -> dict[str, tuple[Ref, ...]]:
        return group_pairs(sorted((known.id, known) for known in self.known))

    @cached_property
    def _by_alias(self) -> dict[str, tuple[Ref, ...]]:
        """The cards by their aliases, and models by the ids of their copies."""
        named = [(alias, known) for known, loaded in self.known.items() for alias in loaded.card.aliases]
        models = ((known, loaded.card) for known, loaded in self.known.items() if isinstance(loaded.card, Model))
        named += ((instance.id, known) for known, model in models for instance in model.instances)
        return group_pairs(sorted(named))

    @cached_property
    def _by_label(self) -> dict[str, tuple[Ref, ...]]:
        """The cards by their names, channels and e-mail addresses."""
        named: list[tuple[str, Ref]] = []
        for known, loaded in self.known.items():
            card = loaded.card
            channel = card.channel if isinstance(card, Team) else None
            email = card.email if isinstance(card, Team | Person) else None
            named += ((label.casefold(), known) for label in (card.name, channel, email) if label)
        return group_pairs(sorted(named))


def _select_kinds(refs: tuple[Ref, ...], kinds: tuple[str, ...]) -> list[Ref]:
    """Return the references of some kinds, in the order of these kinds."""
    return sorted((ref for ref in refs if ref.kind in kinds), key=lambda ref: kinds.index(ref.kind))


def _format_fix(reference: Reference, refs: Iterable[Ref]) -> str:
    return f"write {' or '.join(repr(_spell(reference, ref)) for ref in refs)}"


def _spell(reference: Reference, ref: Ref) -> str:
    """Return a card in the form of a reference: `kind:id`, or its id alone."""
    return str(ref) if reference.refers_to.prefixed or ":" in reference.text else ref.id


def _add_article(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


def _join_kinds(kinds: tuple[str, ...]) -> str:
    return " or ".join(map(_add_article, kinds))
