"""References to cards (`kind:id`), suggestions for wrong names, and counts of things."""

import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from functools import lru_cache
from typing import Self

import msgspec

ID_PATTERN = r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}"
"""The pattern of an id. It becomes a file name: no separator, no leading dot, at most 128 characters."""

_REFERENCE = re.compile(rf"(?P<kind>[a-z][a-z0-9_]*):(?P<id>{ID_PATTERN})\Z")


# A Struct, because a large book makes, compares and looks up references by the million.
class Ref(msgspec.Struct, frozen=True, order=True, gc=False):
    """A reference to a card or a named resource: `model:ryl`, `topic:orders.v1`."""

    kind: str
    id: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `kind:id`.

        Raises:
            ValueError: The text has another form.

        """
        match = _REFERENCE.match(text)
        if match is None:
            raise ValueError(f"{text!r} is not a reference; write kind:id, as in model:ryl")
        return cls(match["kind"], match["id"])

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


_NUMBER = re.compile(r"\d+")


# Cached, because a large book sorts the same names again for each page.
@lru_cache(maxsize=65_536)
def build_sort_key(text: str) -> str:
    """Return the key that sorts texts for people: without regard to case, and numbers by their size.

    >>> sorted(["team 10", "Team 2"], key=build_sort_key)
    ['Team 2', 'team 10']
    """
    return _NUMBER.sub(lambda number: number[0].zfill(20), text.casefold())


def build_ref_key(ref: Ref) -> tuple[str, str, str]:
    """Return the key that sorts references for people: by kind, then by id as `build_sort_key` does."""
    return ref.kind, build_sort_key(ref.id), ref.id


def sort_refs(refs: Iterable[Ref]) -> list[Ref]:
    """Sort references for people, as `build_ref_key` does."""
    return sorted(refs, key=build_ref_key)


MOST_SEARCHES = 100
"""The number of wrong names that are compared with all known ones, since each search is slow."""


def find_nearest(wrong: str, known: Iterable[str]) -> str | None:
    """Find the known name closest to a wrong one; None if none is close. The order does not matter."""
    matches = get_close_matches(wrong, sorted(known), n=1, cutoff=0.6)
    return matches[0] if matches else None


def suggest_name(wrong: str, known: Iterable[str]) -> str:
    """Return the hint for a wrong name: the nearest known one, else all if they are few, else nothing."""
    choice = sorted(known)
    near = find_nearest(wrong, choice)
    return f"did you mean {near!r}?" if near is not None else format_choices(choice)


def format_choices(known: Iterable[str]) -> str:
    """Return the hint that lists all names, or nothing if they are many."""
    choice = sorted(known)
    return f"choose one of: {', '.join(choice)}" if 0 < len(choice) <= 12 else ""


def format_names(names: Sequence[str]) -> str:
    """Return names as text: `A`, `A and B`, `A, B and C`."""
    return " and ".join([", ".join(names[:-1]), *names[-1:]]) if len(names) > 1 else "".join(names)


def format_count(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun: `1 page`, `2 pages`, `3,000 pages`."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
