"""Inline comments: the words that each surrounds, and the same words in a new body.

Markers are put back into the tree of the body, so that everything else stays as it was written.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile

from lxml import etree

from generator.confluence.storage.macros import INLINE_MACROS
from generator.confluence.storage.page import Html
from generator.confluence.storage.parse import AC, get_attribute, get_name, parse_storage
from generator.confluence.sync.values import Marker
from generator.values import FrozenValue

SETTLED = frozenset({"resolved", "dangling"})
"""States of comments that need no attention."""
_MARKER = "ac:inline-comment-marker"
_SILENT = frozenset(
    {"ac:parameter", "ac:plain-text-body", "ac:plain-text-link-body", "ac:placeholder"}
    | {"ac:task-id", "ac:task-uuid", "ac:task-status"}
)
"""Elements without text that a user could mark."""
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "del", "em", "i", "small", "span", "strong", "sub", "sup", "u"}
    | {"ac:link", "ac:link-body", "ac:parameter", "ri:page", "ri:attachment", "ri:url", "ri:content-entity", _MARKER}
)
"""Elements that do not end a line: marked words may reach over them."""
_CONTEXT = 40
"""Letters on each side that distinguish one occurrence of the words from another."""
_LONG_ENOUGH = 16
"""Letters after which words count as the same in any place."""
_ENOUGH_AROUND = 6


class _Run(FrozenValue):
    """Text between two tags: the text or the tail of its owner; without an owner, the end of a line."""

    text: str
    owner: Html | None = None
    is_tail: bool = False


def _list_runs(element: Html) -> Iterator[_Run]:
    """Yield the visible text of an element in the order of reading."""
    name = get_name(element)
    is_inline_macro = name == "ac:structured-macro" and get_attribute(element, "ac:name") in INLINE_MACROS
    line_end = [] if name in _INLINE or is_inline_macro else [_Run("\n")]
    yield from line_end
    if name not in _SILENT:
        yield _Run(element.text or "", element)
        for child in element:
            yield from _list_runs(child)
            yield _Run(child.tail or "", child, is_tail=True)
    yield from line_end


def markers_of(storage: str) -> tuple[Marker, ...]:
    """Return the markers of a body as the wiki stores it, in the order of reading."""
    if _MARKER not in storage:
        return ()
    text, ends = "", dict[Html, list[int]]()
    for run in _list_runs(parse_storage(storage)):
        if run.owner is not None and get_name(run.owner) == _MARKER:
            ends.setdefault(run.owner, []).append(len(text))  # its text begins here, then its tail
        text += run.text
    return tuple(
        Marker(ref, text[start:end], text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT])
        for element, (start, end) in ends.items()
        if (ref := get_attribute(element, "ac:ref"))
    )


def insert_markers(storage: str, markers: Iterable[Marker]) -> tuple[str, frozenset[str]]:
    """Return the body with each marker around the words that it was around, and the comments whose words it lacks.

    One comment may have several markers.
    """
    listed = tuple(markers)
    root, placed = parse_storage(storage if listed else ""), set[str]()
    for marker in listed:
        runs = list(_list_runs(root))
        start = _find_place("".join(run.text for run in runs), marker)
        if start is None:
            continue
        placed.add(marker.ref)
        for run in runs:
            first, last = max(start, 0), min(start + len(marker.text), len(run.text))
            start -= len(run.text)
            if run.owner is None or first >= last:
                continue
            element = etree.Element(f"{{{AC}}}inline-comment-marker", {f"{{{AC}}}ref": marker.ref})
            element.text, element.tail = run.text[first:last], run.text[last:]
            if run.is_tail:
                run.owner.tail = None  # else it would follow the tail of the marker
                run.owner.addnext(element)
                run.owner.tail = run.text[:first]
            else:
                run.owner.text = run.text[:first]
                run.owner.insert(0, element)
    if placed:
        text = etree.tostring(root, encoding="unicode")
        storage = text[text.index(">") + 1 : text.rindex("<")]
    return storage, frozenset({marker.ref for marker in listed} - placed)


def _find_place(text: str, marker: Marker) -> int | None:
    """Return the occurrence of the words with the most of their former context; short words need some of it.

    Words that were a whole paragraph or cell, and are the only one of their kind now, need nothing around them.
    """
    words, size = marker.text, len(marker.text)
    if not words.strip():
        return None
    starts = [match.start() for match in re.finditer(f"(?={re.escape(words)})", text)]
    line_ends = ("", "\n")
    if marker.before[-1:] in line_ends and marker.after[:1] in line_ends:
        lines = [at for at in starts if text[at - 1 : at] in line_ends and text[at + size : at + size + 1] in line_ends]
        if len(lines) == 1:
            return lines[0]

    def count_common(start: int) -> int:
        """Return how many letters before and behind are as they were."""
        before, after = text[max(0, start - _CONTEXT) : start], text[start + size : start + size + _CONTEXT]
        sides = ((reversed(marker.before), reversed(before)), (marker.after, after))
        return sum(1 for side in sides for _ in takewhile(lambda pair: pair[0] == pair[1], zip(*side, strict=False)))

    around = min(_ENOUGH_AROUND, len(marker.before) + len(marker.after))
    needed = 0 if len(words.strip()) >= _LONG_ENOUGH else around
    best = max(starts, key=count_common, default=None)  # the first of equals
    return best if best is not None and count_common(best) >= needed else None
