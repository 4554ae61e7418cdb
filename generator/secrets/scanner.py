"""The search for secrets in a text.

A text is judged without a network. tests/secrets measures the precision and recall.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

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

_LONG = 10_000


def select_finders(source: str) -> Finders:
    """Return the finders that can find a secret in a value of a YAML source, also if the value is folded.

    Most files have no secrets, but a hundred values each. A backslash requires all finders: in quotes it can be a part
    of any letter.
    """
    if "\\" in source:
        return FINDERS
    folded = " ".join(source.lower().split())
    return tuple((hints, finder) for hints, finder in FINDERS if has_hint(folded, hints))


def find_secrets(text: str, finders: Finders = FINDERS) -> tuple[Secret, ...]:
    """Find the secrets in a text, in order and without overlaps; the time is linear in its length."""
    return _find_in_long_text(text, finders) if len(text) >= _LONG else _find_secrets(text, finders)


def _find_secrets(text: str, finders: Finders) -> tuple[Secret, ...]:
    lowered = text.lower()
    found: list[Secret] = []
    for hints, finder in finders:
        if has_hint(lowered, hints):
            found.extend(finder(text))
    return _merge_overlaps(found) if found else ()


@lru_cache(maxsize=16)
def _find_in_long_text(text: str, finders: Finders) -> tuple[Secret, ...]:
    """Find the secrets in a text that is searched again: for excerpts, and for each of its aliases."""
    return _find_secrets(text, finders)


def _merge_overlaps(found: list[Secret]) -> tuple[Secret, ...]:
    """Merge overlapping secrets; the first and longest gives the kind."""
    merged: list[Secret] = []
    for secret in sorted(found, key=lambda each: (each.start, -each.end)):
        if merged and secret.start < merged[-1].end:
            last = merged[-1]
            merged[-1] = Secret(last.start, max(last.end, secret.end), last.kind)
        else:
            merged.append(secret)
    return tuple(merged)
