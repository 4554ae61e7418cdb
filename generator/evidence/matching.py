"""The search for the names of a book in files."""

import codecs
import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import PurePosixPath
from typing import NamedTuple

from generator.evidence.boundaries import is_separate
from generator.evidence.comments import Span as Part
from generator.evidence.comments import find_spans
from generator.evidence.file_classes import classify_file, classify_path
from generator.evidence.globs import GlobIndex, find_globs
from generator.evidence.literals import LiteralFinder, decode_separators
from generator.evidence.names import CARD_NAMES, SearchName
from generator.evidence.records import FileClass, NameKind
from generator.evidence.spellings import Spelling, list_spellings
from generator.evidence.strong_positions import is_strong

_MOST_HITS = 1_000
"""The number of places of a name in a file; more are not counted."""
_ENCODINGS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16 does
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MOST_MATCHES = 200_000
"""The number of matches in a file that are looked at; only a file that was made to have more is cut."""
_STYLES = frozenset({".css", ".less", ".sass", ".scss", ".styl"})
_ADDRESSES = frozenset({NameKind.HOST, NameKind.URL, NameKind.RETIRED})
_SCHEME = re.compile(rb"[a-z]+(?::|%3A)(?://|\\/\\/|%2F%2F)\Z", re.IGNORECASE)


class Hit(NamedTuple):
    """A place of a name in a file; `line` and `column` start at 1."""

    name: SearchName
    line: int
    column: int
    """In characters."""
    match: str
    """The name, or the pattern that matches it, as it is in the file."""
    cls: FileClass
    is_strong: bool
    """Whether the position shows the meaning, so that the name counts even if it is a common word."""


class _Span(NamedTuple):
    """A name between two positions of a file, in bytes."""

    start: int
    end: int
    name: SearchName


class Matcher:
    """Finds names in the content of files."""

    def __init__(self, names: Iterable[SearchName]) -> None:
        self.names = tuple(names)
        own_ids = defaultdict(set)
        for name in self.names:
            if name.kind in CARD_NAMES:
                own_ids[name.ref].add(name.text)
        spellings = defaultdict(list)
        for name in self.names:
            for spelling in list_spellings(name, own_ids[name.ref]):
                spellings[spelling.literal].append(spelling)
        self._finder = LiteralFinder(spellings)
        self._globs = GlobIndex(self.names)
        self._spellings: tuple[Sequence[Spelling], ...] = tuple(spellings[one] for one in self._finder.literals)

    def find(self, content: bytes, path: str) -> list[Hit]:
        """Find the names in a file, sorted by their place."""
        text = decode_content(content)
        literals = self._find_literals(text)
        if PurePosixPath(path).suffix.lower() in _STYLES:  # the other names are those of classes
            literals = (span for span in literals if span.name.kind in _ADDRESSES)
        found = _drop_inner(literals)
        strong = [is_strong(span.name, text, span.start, span.end, path) for span in found]
        spans = list(_drop_repeated_words(_choose_names(zip(found, strong, strict=True))))
        if classify_path(path) is FileClass.CONFIG:
            known = {(span.start, span.name) for span, _ in spans}
            spans += [(span, True) for span in self._find_patterns(text) if (span.start, span.name) not in known]
            spans.sort()
        if not spans:
            return []
        cls = classify_file(path, text)
        parts = find_spans(text, path, max(span.end for span, _ in spans)) if cls.is_live else []
        return list(_locate(text, spans, cls, parts))

    def _find_patterns(self, text: bytes) -> Iterator[_Span]:
        """Find the names that patterns in lists and configuration match."""
        counts = Counter[SearchName]()
        for start, end in find_globs(text):
            for name in self._globs.find(text[start:end].decode("utf-8", "replace")):
                counts[name] += 1
                if counts[name] <= _MOST_HITS:
                    yield _Span(start, end, name)

    def _find_literals(self, text: bytes) -> Iterator[_Span]:
        counts = Counter[SearchName]()
        searches = (self._finder.find(text), self._finder.find_escaped(text))
        for number, start, end in chain.from_iterable(islice(search, _MOST_MATCHES) for search in searches):
            found = text[start:end]
            if len(found) != len(self._finder.literals[number]):
                found = decode_separators(found)
            for spelling in self._spellings[number]:
                if counts[spelling.name] >= _MOST_HITS:
                    continue
                if spelling.fits(found) and is_separate(text, start, end, spelling.left, spelling.right):
                    counts[spelling.name] += 1
                    is_address = spelling.name.kind is NameKind.URL
                    scheme = _SCHEME.search(text[max(0, start - 20) : start]) if is_address else None
                    yield _Span(start - len(scheme[0]) if scheme else start, end, spelling.name)


def decode_content(content: bytes) -> bytes:
    """Return the content of a file as UTF-8 without a byte-order mark; other encodings than UTF-16 and 32 stay."""
    if content.startswith(codecs.BOM_UTF8):
        return content[len(codecs.BOM_UTF8) :]
    for mark, encoding in _ENCODINGS:
        if content.startswith(mark):
            return content.decode(encoding, "replace").encode("utf-8", "replace")
    return content


def _choose_names(spans: Iterable[tuple[_Span, bool]]) -> Iterable[tuple[_Span, bool]]:
    """Keep one name of a card at each place: one that counts there, as an id rather than a host without a domain."""
    chosen: dict[tuple[int, int, str, bool], tuple[_Span, bool]] = {}
    for span, is_certain in spans:
        place = span.start, span.end, span.name.ref, span.name.kind is NameKind.RETIRED
        if place not in chosen:
            chosen[place] = span, is_certain
            continue
        former, was_certain = chosen[place]
        if former.name.weakness and not was_certain and (is_certain or not span.name.weakness):
            chosen[place] = span, is_certain
    return chosen.values()


def _drop_repeated_words(spans: Iterable[tuple[_Span, bool]]) -> Iterator[tuple[_Span, bool]]:
    """Drop weak names outside of strong positions, apart from the first of a model in each file.

    It is no use, but it shows that the search cannot refute the use that a card declares.
    """
    met = set[SearchName]()
    for span, is_certain in spans:
        name = span.name
        if is_certain or not name.weakness:
            yield span, is_certain
        elif name.ref.startswith("model:") and name.kind in CARD_NAMES and name not in met:
            met.add(name)
            yield span, False


def _drop_inner(spans: Iterable[_Span]) -> list[_Span]:
    """Drop the names within longer ones; a retired string neither hides a name nor is hidden by one."""
    kept: list[_Span] = []
    last: dict[bool, tuple[int, int]] = {}
    for span in sorted(set(spans), key=lambda span: (span.start, -span.end, span.name)):
        is_retired = span.name.kind is NameKind.RETIRED
        start, end = last.get(is_retired, (-1, -1))
        if (span.start, span.end) == (start, end) or span.end > end:
            last[is_retired] = (span.start, span.end)
            kept.append(span)
    return kept


def _locate(text: bytes, spans: list[tuple[_Span, bool]], cls: FileClass, parts: list[Part]) -> Iterator[Hit]:
    """Add line, column and class to names that are sorted by their start."""
    position, line, column = 0, 1, 1
    starts = [part[0] for part in parts]
    for span, tells in spans:
        breaks = text.count(b"\n", position, span.start)
        if breaks:
            line, column = line + breaks, 1
            position = text.rfind(b"\n", position, span.start) + 1
        column += len(text[position : span.start].decode("utf-8", "replace"))
        position = span.start
        part = parts[index] if (index := bisect_right(starts, span.start) - 1) >= 0 else None
        match = text[span.start : span.end].decode("utf-8", "replace")
        yield Hit(span.name, line, column, match, part[2] if part and span.start < part[1] else cls, tells)
