"""The search for secrets in a text.

A text is judged without a network. tests/secrets measures the precision and recall.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate

from generator.secrets.assignments import find_assigned
from generator.secrets.credentials import NAME_HINTS, has_hint
from generator.secrets.positions import (
    POSITION_PATTERNS,
    find_after_certificates,
    find_in_cookies,
    find_in_options,
)
from generator.secrets.token_patterns import TOKEN_PATTERNS, Secret, find_private_keys

_Finder = Callable[[str], Iterator[Secret]]

Finders = tuple[tuple[tuple[str, ...], _Finder], ...]
"""Finders with their hints: a finder finds nothing in a lower-cased text without one of its hints."""

FINDERS: Finders = (
    *((pattern.hints, pattern.find) for pattern in TOKEN_PATTERNS),
    (("private key",), find_private_keys),
    (NAME_HINTS, find_assigned),
    *((pattern.hints, pattern.find) for pattern in POSITION_PATTERNS),
    (("curl", "--"), find_in_options),
    (("cookie", "-b"), find_in_cookies),
    (("curl",), find_after_certificates),
)
"""All finders."""

_HINTS = tuple(dict.fromkeys(hint for hints, _ in FINDERS for hint in hints))
"""The hints of all finders: a lower-cased text without any of them has no secret, as nearly every text."""
_PLACES = tuple(tuple(place for place, (hints, _) in enumerate(FINDERS) if hint in hints) for hint in _HINTS)
"""The numbers of the finders with each hint."""
_LONG = 10_000
_MOST_TEXTS = 16_384
"""The short texts whose secrets are kept: each is searched for the finding, for the card and for its page."""


class HintSearch:
    """Finds the hints in a text in one pass. It takes some milliseconds to build, so it is for many texts."""

    def __init__(self) -> None:
        from ahocorasick_rs import BytesAhoCorasick, Implementation  # noqa: PLC0415 - a small book does not need it

        self._automaton = BytesAhoCorasick([hint.encode() for hint in _HINTS], implementation=Implementation.DFA)

    def select(self, folded: str) -> Finders:
        """Return the finders of which the text contains a hint."""
        content = folded.encode("utf-8", "surrogatepass")
        found = {number for number, _, _ in self._automaton.find_matches_as_indexes(content, overlapping=True)}
        return tuple(FINDERS[number] for number in sorted({place for hint in found for place in _PLACES[hint]}))


def select_finders(source: str, search: HintSearch | None = None) -> Finders:
    """Return the finders that can find a secret in a value of a YAML source, also if the value is folded.

    Most files have no secrets, but a hundred values each. A backslash requires all finders: in quotes it can be a part
    of any letter.
    """
    if "\\" in source:
        return FINDERS
    folded = " ".join(source.lower().split())
    if search is not None:
        return search.select(folded)
    return tuple((hints, finder) for hints, finder in FINDERS if has_hint(folded, hints))


def list_texts_with_hints(texts: Sequence[str], finders: Finders) -> list[int]:
    """List the numbers of the texts that have a hint of one of the finders, in order; the others have no secret.

    All texts are searched for a hint at once, since few of them have one.
    """
    lowered = [text.lower() for text in texts]
    ends = list(accumulate(len(text) + 1 for text in lowered))
    joined = "\0".join(lowered)
    found = set[int]()
    for hint in dict.fromkeys(hint for hints, _ in finders for hint in hints):
        place = joined.find(hint)
        while place >= 0:
            number = bisect_right(ends, place)
            found.add(number)
            place = joined.find(hint, ends[number])
    return sorted(found)


def find_secrets(text: str, finders: Finders = FINDERS) -> tuple[Secret, ...]:
    """Find the secrets in a text, in order and without overlaps; the time is linear in its length."""
    if len(text) >= _LONG:
        return _find_in_long_text(text, finders)
    return _find_in_short_text(text) if finders is FINDERS else _find_secrets(text, finders)


def _find_secrets(text: str, finders: Finders) -> tuple[Secret, ...]:
    lowered = text.lower()
    found = [secret for hints, finder in finders if has_hint(lowered, hints) for secret in finder(text)]
    # Overlapping secrets are merged; the first and longest gives the kind.
    merged: list[Secret] = []
    for secret in sorted(found, key=lambda each: (each.start, -each.end)):
        if merged and secret.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Secret(last.start, max(last.end, secret.end), last.kind)
        else:
            merged.append(secret)
    return tuple(merged)


@lru_cache(maxsize=_MOST_TEXTS)
def _find_in_short_text(text: str) -> tuple[Secret, ...]:
    """Find the secrets in a text with all finders; contracts and their examples repeat the same texts."""
    return _find_secrets(text, FINDERS) if has_hint(text.lower(), _HINTS) else ()


_find_in_long_text = lru_cache(maxsize=16)(_find_secrets)
"""A long text is searched again: for excerpts, and for each of its aliases."""
