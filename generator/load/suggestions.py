"""What the author of a card meant by a key or a word that cards do not have."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache

from generator.names import MOST_SEARCHES, Ref, find_nearest
from generator.schema.base import Strict
from generator.schema.fields import find_key, get_keys, list_nested_mappings
from generator.schema.synonyms import KEY_SYNONYMS, VALUE_SYNONYMS

_SHORTEST_PREFIX = 3


class Suggestions:
    """Suggestions for the mistakes in a file: similar words for the first hundred, since each search is slow."""

    def __init__(self, stated: Mapping[str, Sequence[Ref]] | None = None) -> None:
        self._stated = stated or {}
        """The references of all cards by their ids."""
        self._searches = MOST_SEARCHES

    def find_nearest(self, wrong: str, known: Iterable[str]) -> str | None:
        """Return the known word that is most similar to a wrong one; None if none is, or after too many searches."""
        if self._searches == 0:
            return None
        self._searches -= 1
        return find_nearest(wrong, known)

    def find_references(self, identifier: str, kinds: Sequence[str]) -> list[Ref]:
        """Return the references to the cards with an id, of the given kinds or of all."""
        found = {ref for ref in self._stated.get(identifier, ()) if not kinds or ref.kind in kinds}
        return sorted(found)


def suggest_key(owner: type[Strict], wrong: str, suggestions: Suggestions) -> str | None:
    """The key that was meant, with the way to it from the mapping where the wrong one stands: `card.metrics`."""
    word = wrong.lower().replace("-", "_").replace(" ", "_")
    if word in get_keys(owner) and word != "kind":
        return word
    elsewhere = (path for path in KEY_SYNONYMS.get(word, ()) if find_key(owner, tuple(path.split("."))) is not None)
    known = (key for key in get_keys(owner) if key != "kind")
    return next(elsewhere, None) or _deeper_keys(owner).get(word) or suggestions.find_nearest(wrong, known)


@cache
def _deeper_keys(owner: type[Strict]) -> Mapping[str, str]:
    """Return the keys of the mappings right within this one, each with the way to it: `card.metrics`."""
    found: dict[str, str] = {}
    for key in get_keys(owner).values():
        for step, inner in list_nested_mappings(key.annotation):
            for word in () if step else get_keys(inner):
                found.setdefault(word, f"{key.name}.{word}")
    return found


def suggest_value(wrong: str, allowed: Sequence[str], suggestions: Suggestions) -> str | None:
    """The allowed word that was meant: in another case, another name of it, its beginning, or the nearest."""
    word = wrong.lower()
    return next(_words(word, allowed), None) or suggestions.find_nearest(wrong, allowed)


def _words(word: str, allowed: Sequence[str]) -> Iterator[str]:
    yield from (one for one in allowed if one.lower() == word)
    yield from _among(VALUE_SYNONYMS.get(word, ()), allowed)
    begun = [one for one in allowed if len(word) >= _SHORTEST_PREFIX and one.lower().startswith(word)]
    yield from begun if len(begun) == 1 else ()


def _among(words: Iterable[str], allowed: Sequence[str]) -> Iterator[str]:
    return (word for word in words if word in allowed)
