"""What the author of a card meant by a key or a word that cards do not have."""

from collections.abc import Iterable, Iterator, Sequence

from generator.names import nearest
from generator.schema.base import Strict
from generator.schema.fields import key_at, keys, nested
from generator.schema.words import CHOICES, KEYS

_SHORTEST_PREFIX = 3


def meant_key(owner: type[Strict], wrong: str) -> str | None:
    """The key that was meant, with the way to it from the mapping where the wrong one stands: `card.metrics`."""
    word = wrong.lower().replace("-", "_").replace(" ", "_")
    if word in keys(owner) and word != "kind":
        return word
    elsewhere = (path for path in KEYS.get(word, ()) if key_at(owner, tuple(path.split("."))) is not None)
    known = (key for key in keys(owner) if key != "kind")
    return next(elsewhere, None) or next(_deeper(owner, word), None) or nearest(wrong, known)


def _deeper(owner: type[Strict], word: str) -> Iterator[str]:
    """Where the mappings right within this one have the very key."""
    for key in keys(owner).values():
        yield from (f"{key.name}.{word}" for step, inner in nested(key.annotation) if not step and word in keys(inner))


def meant_word(wrong: str, allowed: Sequence[str]) -> str | None:
    """The allowed word that was meant: in another case, another name of it, its beginning, or the nearest."""
    word = wrong.lower()
    return next(_words(word, allowed), None) or nearest(wrong, allowed)


def _words(word: str, allowed: Sequence[str]) -> Iterator[str]:
    yield from (one for one in allowed if one.lower() == word)
    yield from _among(CHOICES.get(word, ()), allowed)
    begun = [one for one in allowed if len(word) >= _SHORTEST_PREFIX and one.lower().startswith(word)]
    yield from begun if len(begun) == 1 else ()


def _among(words: Iterable[str], allowed: Sequence[str]) -> Iterator[str]:
    return (word for word in words if word in allowed)
