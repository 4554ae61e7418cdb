"""A body's visible text as one string that knows where each letter stands in the storage format.

Inline comments are put back by cutting the storage at exact bytes, so that everything else stays as it was written.
"""

import xml.parsers.expat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from xml.sax.saxutils import quoteattr

from generator.confluence.storage.macros import INLINE_MACROS
from generator.confluence.storage.page import Html
from generator.confluence.storage.parse import get_attribute, get_name, parse_storage
from generator.confluence.storage.readable import to_readable_lines
from generator.confluence.sync.values import Change, DetachedComment, Marker
from generator.confluence.wiki import InlineComment

MARKER = "ac:inline-comment-marker"
_SILENT = frozenset(
    {"ac:parameter", "ac:plain-text-body", "ac:plain-text-link-body", "ac:placeholder"}
    | {"ac:task-id", "ac:task-uuid", "ac:task-status"}
)
"""What holds no text that anybody could mark."""
_INLINE = frozenset(
    {"a", "abbr", "b", "code", "del", "em", "i", "small", "span", "strong", "sub", "sup", "u"}
    | {"ac:link", "ac:link-body", "ac:parameter", "ri:page", "ri:attachment", "ri:url", "ri:content-entity", MARKER}
)
"""Elements that do not end a line: a marked stretch may reach over them."""
_MACRO = "ac:structured-macro"


def _ends_line(name: str, macro: str) -> bool:
    """Return whether the element stands on lines of its own."""
    return name not in _INLINE and not (name == _MACRO and macro in INLINE_MACROS)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text without a tag in it."""

    offset: int
    """Where it begins in the tape's text."""
    text: str
    start: int
    """Its first byte in the storage."""
    end: int
    run: int
    """The same for pieces with no tag between them."""

    def byte_at(self, index: int) -> int:
        """Where the index-th letter begins; an entity is cut before or behind, never within."""
        if index >= len(self.text):
            return self.end
        return self.start + len(self.text[:index].encode())


@dataclass(frozen=True, slots=True)
class Tape:
    """The text with its pieces."""

    text: str
    pieces: tuple[Piece, ...]

    def ranges(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Yield the bytes of a stretch of text, one range for each run that it reaches over."""
        open_range: tuple[int, int, int] | None = None
        for piece in self.pieces:
            first, last = max(start, piece.offset), min(end, piece.offset + len(piece.text))
            if first >= last:
                continue
            begins, ends = piece.byte_at(first - piece.offset), piece.byte_at(last - piece.offset)
            if open_range is not None and open_range[0] == piece.run:
                open_range = (piece.run, open_range[1], ends)
                continue
            if open_range is not None:
                yield open_range[1:]
            open_range = (piece.run, begins, ends)
        if open_range is not None:
            yield open_range[1:]


def tape_of(storage: str) -> Tape:
    """Return the tape of a body that we wrote, which has no named entities but XML's own."""
    return _TextReader(storage).tape()


class _TextReader:
    """Follows expat through a body; expat alone says at which byte a text begins."""

    def __init__(self, storage: str) -> None:
        self._source = f"<r>{storage}</r>".encode()
        self._pieces: list[Piece] = []
        self._text: list[str] = []
        self._length = 0
        self._run = 0
        self._silent = 0
        self._open: list[tuple[str, str]] = []
        """The elements around, each with the name of the macro that it is."""
        self._parser = xml.parsers.expat.ParserCreate("utf-8")
        self._parser.buffer_text = False
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def tape(self) -> Tape:
        self._parser.Parse(self._source, True)  # noqa: FBT003 - the library's signature
        return Tape("".join(self._text), tuple(self._pieces))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._open.append((name, attributes.get("ac:name", "")))
        self._tag(*self._open[-1])
        self._silent += name in _SILENT

    def _end(self, name: str) -> None:
        self._silent -= name in _SILENT
        self._tag(*self._open.pop())

    def _tag(self, name: str, macro: str) -> None:
        self._run += 1
        if _ends_line(name, macro) and not self._silent:
            self._add("\n")

    def _characters(self, text: str) -> None:
        if self._silent:
            return
        start = self._parser.CurrentByteIndex
        is_entity = self._source[start : start + 1] == b"&"
        end = self._source.index(b";", start) + 1 if is_entity else start + len(text.encode())
        self._pieces.append(Piece(self._length, text, start - 3, end - 3, self._run))
        self._add(text)

    def _add(self, text: str) -> None:
        self._text.append(text)
        self._length += len(text)


def marked_text(storage: str) -> tuple[str, tuple[tuple[str, int, int], ...]]:
    """Return the text of a body as the wiki stores it, and its markers as reference, start and end in that text."""
    parts: list[str] = []
    found: list[tuple[str, int, int]] = []
    length = 0
    for sign in _signs(parse_storage(storage), root=True):
        if isinstance(sign, str):
            parts.append(sign)
            length += len(sign)
        elif sign[1]:
            found.append((sign[0], length, -1))
        else:
            index = max(number for number, each in enumerate(found) if each[0] == sign[0] and each[2] < 0)
            found[index] = (sign[0], found[index][1], length)
    return "".join(parts), tuple(found)


def _signs(element: Html, *, root: bool = False) -> Iterator[str | tuple[str, bool]]:
    """Text, and the beginning and the end of each marker, in the order of reading."""
    name = get_name(element)
    edge = "\n" if root or _ends_line(name, get_attribute(element, "ac:name") or "") else ""
    yield edge
    if name not in _SILENT:
        ref = get_attribute(element, "ac:ref") if name == MARKER else ""
        if ref:
            yield ref, True
        yield element.text or ""
        for child in element:
            yield from _signs(child)
            yield child.tail or ""
        if ref:
            yield ref, False
    yield edge


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


_MOST = 120
SETTLED = frozenset({"resolved", "dangling"})
"""States of comments that need nobody's attention."""


def name_comments(
    changes: Mapping[str, Change], comments: Mapping[str, tuple[InlineComment, ...]], names: Mapping[str, str]
) -> dict[str, Change]:
    """Return the changes with the author and text of each comment that loses its place, without settled comments.

    `names` are those of accounts, by id, as far as the comments do not have them.
    """
    named: dict[str, Change] = {}
    for ref, change in changes.items():
        by_marker = {each.marker: each for each in comments.get(change.page_id, ()) if each.state not in SETTLED}
        remarks: list[DetachedComment] = []
        for remark in change.remarks:
            comment = by_marker.get(remark.marker)
            if comment is not None:
                words = " ".join(to_readable_lines(comment.body))
                author = comment.author.name or names.get(comment.author.id, comment.author.id)
                body = words if len(words) <= _MOST else f"{words[: _MOST - 1]}…"
                remarks.append(replace(remark, author=author, body=body))
        named[ref] = replace(change, remarks=tuple(remarks))
    return named
