"""Inline comments keep their place: their markers are taken from the present body and put into the next one."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from generator.confluence.plan.tape import MARKER, marked_text, tape_of
from generator.confluence.plan.values import Marker

_CONTEXT = 40
"""Letters on each side by which one occurrence of the words is told from another."""
_LONG_ENOUGH = 16
"""Letters after which words are taken for the same wherever they stand."""
_ENOUGH_AROUND = 6


@dataclass(frozen=True, slots=True)
class Anchored:
    """A body with the markers that found their place."""

    storage: str
    lost: frozenset[str]
    """References of the comments whose words are gone."""


def markers_of(storage: str) -> tuple[Marker, ...]:
    """Return the markers of a body as the wiki stores it, in the order of reading."""
    if MARKER not in storage:
        return ()
    text, found = marked_text(storage)
    return tuple(
        Marker(ref, text[start:end], text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT])
        for ref, start, end in found
    )


def anchored(storage: str, markers: Iterable[Marker]) -> Anchored:
    """Return the body with each marker around the words that it was around; one comment may have several."""
    placed: set[str] = set()
    wanted: set[str] = set()
    for marker in markers:
        wanted.add(marker.ref)
        result = _with_marker(storage, marker)
        if result is not None:
            storage = result
            placed.add(marker.ref)
    return Anchored(storage, frozenset(wanted - placed))


def _with_marker(storage: str, marker: Marker) -> str | None:
    """Return the body with one marker more; None if its words do not stand there."""
    tape = tape_of(storage)
    start = _place(tape.text, marker)
    if start is None:
        return None
    source = storage.encode()
    opening = f"<{MARKER} ac:ref={quoteattr(marker.ref)}>".encode()
    for begins, ends in reversed(list(tape.ranges(start, start + len(marker.text)))):
        source = b"".join((source[:begins], opening, source[begins:ends], f"</{MARKER}>".encode(), source[ends:]))
    return source.decode()


def _place(text: str, marker: Marker) -> int | None:
    """Where the words stand with the most of what stood around them; short words need something of it.

    Words that were a whole paragraph or cell, and are the only one of their kind now, need nothing around them.
    """
    if not marker.text.strip():
        return None
    alone = [start for start in _occurrences(text, marker.text) if _is_line(text, start, start + len(marker.text))]
    if len(alone) == 1 and marker.before[-1:] in ("", "\n") and marker.after[:1] in ("", "\n"):
        return alone[0]
    around = min(_ENOUGH_AROUND, len(marker.before) + len(marker.after))
    needed = 0 if len(marker.text.strip()) >= _LONG_ENOUGH else around
    found = [(_likeness(text, start, marker), -start) for start in _occurrences(text, marker.text)]
    likeness, place = max(found, default=(-1, 0))
    return -place if likeness >= needed else None


def _is_line(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start] in ("", "\n") and text[end : end + 1] in ("", "\n")


def _occurrences(text: str, words: str) -> Iterable[int]:
    start = text.find(words)
    while start >= 0:
        yield start
        start = text.find(words, start + 1)


def _likeness(text: str, start: int, marker: Marker) -> int:
    """Return how many letters before and behind are as they were."""
    before, after = text[:start], text[start + len(marker.text) :]
    return _common(reversed(marker.before), reversed(before)) + _common(marker.after, after)


def _common(first: Iterable[str], second: Iterable[str]) -> int:
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
