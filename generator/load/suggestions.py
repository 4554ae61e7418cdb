"""Suggestions for unknown keys and values of a card."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

from generator.grouping import group_pairs
from generator.names import MOST_SEARCHES, Ref, find_nearest
from generator.schema.base import Strict
from generator.schema.fields import find_key, get_keys, list_nested_mappings

_SHORTEST_PREFIX = 3


class Suggestions:
    """Suggestions for the errors in a file: similar words for the first hundred, since each search is slow."""

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
        return sorted({ref for ref in self._stated.get(identifier, ()) if not kinds or ref.kind in kinds})


@cache
def read_synonyms(table: str) -> Mapping[str, Sequence[str]]:
    """Return the words of cards by their synonyms, in the order of a table of `synonyms.toml`."""
    import tomllib  # noqa: PLC0415 - needed only after a mistake

    words = tomllib.loads(Path(__file__).with_name("synonyms.toml").read_text("utf-8"))[table]
    return group_pairs((synonym, word) for word, synonyms in words.items() for synonym in synonyms)


def suggest_key(owner: type[Strict], wrong: str, suggestions: Suggestions) -> str | None:
    """Return the key that an unknown one probably means, as a path from the same mapping: `card.metrics`."""
    word = wrong.lower().replace("-", "_").replace(" ", "_")
    if word in get_keys(owner) and word != "kind":
        return word
    synonyms = (
        path for path in read_synonyms("keys").get(word, ()) if find_key(owner, tuple(path.split("."))) is not None
    )
    known = (key for key in get_keys(owner) if key != "kind")
    return next(synonyms, None) or _get_deeper_keys(owner).get(word) or suggestions.find_nearest(wrong, known)


@cache
def _get_deeper_keys(owner: type[Strict]) -> Mapping[str, str]:
    """Return the keys of the mappings directly within this one, each with its path: `card.metrics`."""
    found: dict[str, str] = {}
    for key in get_keys(owner).values():
        for step, inner in list_nested_mappings(key.annotation):
            for word in () if step else get_keys(inner):
                found.setdefault(word, f"{key.name}.{word}")
    return found


def suggest_value(wrong: str, allowed: Sequence[str], suggestions: Suggestions) -> str | None:
    """Return the allowed word that is probably meant: by case, synonym, prefix or similarity."""
    word = wrong.lower()
    synonyms = read_synonyms("values").get(word, ())
    found = [one for one in allowed if one.lower() == word] or [one for one in synonyms if one in allowed]
    if not found and len(word) >= _SHORTEST_PREFIX:
        begun = [one for one in allowed if one.lower().startswith(word)]
        found = begun if len(begun) == 1 else []
    return found[0] if found else suggestions.find_nearest(wrong, allowed)
