"""A search for many literals at once, with bounded memory whatever the text and the literals are."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import islice

try:
    from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

    HAS_AUTOMATON = True
except ImportError:  # there are no wheels for musl: the fallback is about ten times slower
    HAS_AUTOMATON = False

_CHUNK = 2**18
"""The number of bytes that are searched at once, which bounds the list of matches."""
_PREFIX = 8
"""The length of the prefixes in the automaton."""
_SHORT_PREFIX = 6
"""The length of the prefixes in the regular expression that replaces the automaton."""
_MOST_IN_CHUNK = 20_000
"""The number of literals in a chunk; only a text that was made to have more is cut."""
_WORD = re.compile(rb"\w")
_IS_WORD = bytes(int(_WORD.match(bytes([byte])) is not None) for byte in range(256))
_SEPARATOR = re.compile(rb"%2[Ff]|%3[Aa]|\\/")
_SEPARATORS = {b"%2F": b"/", b"%2f": b"/", b"%3A": b":", b"%3a": b":", b"\\/": b"/"}
"""The escapes for the separators of addresses."""
_ESCAPE = re.compile(rb"%[0-9a-fA-F]{2}|\\[abfnrtv0]|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}")
_LONGEST_ESCAPE = 6
_UNDERSCORE = ord("_")
_PLACEHOLDER_STARTS = frozenset({b"{", b"$", b"#"})

Match = tuple[int, int, int]
"""The number of the literal, the start and the end."""


class LiteralFinder:
    """Finds literals at words of a text; ASCII letters are compared without case.

    An automaton finds their first bytes, and a table tells which literals can begin with them. So it is small enough
    for the caches of a processor, and nested literals (`a`, `aa`, `aaa`, …) cannot make its matches explode.
    """

    def __init__(self, literals: Iterable[bytes], *, has_automaton: bool = HAS_AUTOMATON) -> None:
        self.literals = tuple(sorted({literal.lower() for literal in literals if literal}))
        self._numbers = {literal: number for number, literal in enumerate(self.literals)}
        self._longest = max(map(len, self.literals), default=0)
        size = _PREFIX if has_automaton else _SHORT_PREFIX
        lengths: dict[bytes, set[int]] = {}
        for literal in self.literals:
            lengths.setdefault(literal[:size], set()).add(len(literal))
        self._prefix_sizes = sorted({len(prefix) for prefix in lengths}, reverse=True)
        for prefix, found in lengths.items():  # a short literal may begin a longer prefix
            found.update(length for length in self._prefix_sizes if prefix[:length] in self._numbers)
        self._lengths = {prefix: tuple(sorted(found, reverse=True)) for prefix, found in lengths.items()}
        self._automaton = self._separators = self._expression = None
        if has_automaton and lengths:
            self._automaton = BytesAhoCorasick(lengths, MatchKind.LeftmostLongest, Implementation.DFA)
            self._separators = BytesAhoCorasick(_SEPARATORS)
        elif lengths:
            self._expression = re.compile(_compress(sorted(lengths)))

    def find(self, text: bytes) -> Iterator[Match]:
        """Find the literals in a text, apart from those within words; they may overlap, and are sorted by start."""
        for position in range(0, len(text), _CHUNK):
            chunk = text[position : position + _CHUNK + self._longest].lower()
            yield from islice(self._find_in_chunk(text, position, chunk), _MOST_IN_CHUNK)

    def _find_in_chunk(self, text: bytes, position: int, chunk: bytes) -> Iterator[Match]:
        for first, last in self._find_prefixes(chunk):
            for start in range(first, min(last, _CHUNK)):  # a prefix may hide others that begin in it
                if not is_boundary(text, position + start):
                    continue
                prefixes = (chunk[start : start + size] for size in self._prefix_sizes)
                prefix = next((one for one in prefixes if one in self._lengths), b"")
                for length in self._lengths.get(prefix, ()):
                    literal = chunk[start : start + length]
                    number = self._numbers.get(literal) if len(literal) == length else None
                    if number is not None and is_boundary(text, position + start + length):
                        yield number, position + start, position + start + length

    def _find_prefixes(self, chunk: bytes) -> Iterable[tuple[int, int]]:
        """Find the start and the end of prefixes: the leftmost, and the longest of those, which do not overlap."""
        if self._automaton is not None:
            return ((start, end) for _, start, end in self._automaton.find_matches_as_indexes(chunk))
        return (found.span() for found in self._expression.finditer(chunk)) if self._expression else ()

    def find_escaped(self, text: bytes) -> Iterator[Match]:
        """Find the literals with an escaped separator, such as `%2F`, by decoding parts of the text."""
        for position in range(0, len(text), _CHUNK):
            part = text[position : position + _CHUNK + 3 * self._longest]
            if self._separators is not None and not self._separators.find_matches_as_indexes(part):
                continue
            decoded, read = bytearray(), 0
            places, lengths = [], [0]  # of the separators in the decoded part, and what their escapes are longer
            for escape in _SEPARATOR.finditer(part):
                decoded += part[read : escape.start()]
                places.append(len(decoded))
                decoded += _SEPARATORS[escape[0]]
                read = escape.end()
                lengths.append(read - len(decoded))
            decoded += part[read:]
            for number, start, end in self.find(bytes(decoded)) if places else ():
                before, after = bisect_left(places, start), bisect_left(places, end)
                if before < after and start + lengths[before] < _CHUNK:
                    yield number, position + start + lengths[before], position + end + lengths[after]


def decode_separators(text: bytes) -> bytes:
    """Return a text with its escaped separators decoded."""
    return _SEPARATOR.sub(lambda escape: _SEPARATORS[escape[0]], text)


def is_boundary(text: bytes, position: int) -> bool:
    r"""Return whether a position is not within a word.

    An escape such as `%2F` or `\n` ends before it, and so does a placeholder with a `_`, as in `{env}_name`.
    """
    if not 0 < position < len(text) or not (_IS_WORD[text[position - 1]] and _IS_WORD[text[position]]):
        return True
    if text[position - 1] == _UNDERSCORE and text[position - 2 : position] == b"}_":
        return True
    if text[position] == _UNDERSCORE and text[position + 1 : position + 2] in _PLACEHOLDER_STARTS:
        return True
    return find_escape(text, position) is not None


def find_escape(text: bytes, end: int) -> bytes | None:
    r"""Find the escape that ends at a position: `%2F`, `\n`, `\u002f`."""
    begin = max(0, end - _LONGEST_ESCAPE)
    # `%2F`, `\n`, `\x2f`, `\u002f`: this is called a million times in a large repository
    if begin and not (text[end - 3] == 37 or text[end - 2] == 92 or text[end - 4] == 92 or text[begin] == 92):
        return None
    for start in range(begin, end - 1):
        if text[start] in b"%\\" and (escape := _ESCAPE.fullmatch(text, start, end)) is not None:
            before = text[max(0, start - 64) : start] if text[start : start + 1] == b"\\" else b""
            if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:  # `\\\\n` is a backslash and an n
                return escape[0]
    return None


def _compress(words: list[bytes]) -> bytes:
    """Return an expression for sorted words that shares their beginnings; it prefers the longest."""
    if len(words) == 1:
        return re.escape(words[0])
    branches = []
    index = 0
    while index < len(words):
        first = words[index][:1]
        end = index + 1
        while end < len(words) and words[end][:1] == first:
            end += 1
        if first:
            branches.append(re.escape(first) + _compress([word[1:] for word in words[index:end]]))
        index = end
    optional = b"?" if words[0] == b"" else b""
    return b"(?:" + b"|".join(branches) + b")" + optional
