"""A search for many literals at once, with bounded memory whatever the text and the literals are."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

try:
    from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

    HAS_AUTOMATON = True
except ImportError:  # there are no wheels for musl: the fallback is about ten times slower
    HAS_AUTOMATON = False

_CHUNK = 2**18
"""The number of bytes that are searched at once, which bounds the list of matches."""
_MOST_IN_DFA = 10_000
"""The number of literals up to which the faster automaton is small."""
_PREFIX = 6
"""The length of the prefixes in the regular expression that replaces the automaton."""
_MOST_WORDS = 48
"""The number of words of a literal in which other literals are looked for."""
_MOST_HIDDEN = 20_000
"""The number of literals in a chunk that others hide; only a text that was made to have more is cut."""
_WORD = re.compile(rb"\w")
_IS_WORD = bytes(int(_WORD.match(bytes([byte])) is not None) for byte in range(256))
_ESCAPE = re.compile(rb"%[0-9a-fA-F]{2}|\\[abfnrtv0]|\\x[0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}")
_LONGEST_ESCAPE = 6

Match = tuple[int, int, int]
"""The number of the literal, the start and the end."""


class LiteralFinder:
    """Finds literals at words of a text; ASCII letters are compared without case.

    The automaton reports the leftmost literal, and of those with the same start the longest. Its matches do not
    overlap, so nested literals (`a`, `aa`, `aaa`, …) cannot make their number explode. What a match hides is known for
    each literal: those within it, and the positions in it at which others may begin that end after it.
    """

    def __init__(self, literals: Iterable[bytes], *, has_automaton: bool = HAS_AUTOMATON) -> None:
        self.literals = tuple(sorted({literal.lower() for literal in literals if literal}))
        self._numbers = {literal: number for number, literal in enumerate(self.literals)}
        self._longest = max(map(len, self.literals), default=0)
        self._hidden: dict[int, tuple[tuple[Match, ...], tuple[int, ...]]] = {}
        self._automaton = None
        if has_automaton and self.literals:
            implementation = Implementation.DFA if len(self.literals) <= _MOST_IN_DFA else None
            self._automaton = BytesAhoCorasick(self.literals, MatchKind.LeftmostLongest, implementation)

    def find(self, text: bytes) -> Iterator[Match]:
        """Find the literals in a text, apart from those within words. They may overlap, and have no order."""
        position = 0
        while position < len(text) and self.literals:
            limit = position + _CHUNK  # a match that begins before it may end after it
            found = []
            for number, start, stop in self._search(text[position : limit + self._longest].lower()):
                if position + start >= limit:
                    break
                found.append((number, position + start, position + stop))
                if _is_at_words(text, *found[-1][1:]):
                    yield found[-1]
            yield from islice(self._find_hidden(text, found), _MOST_HIDDEN)
            position = max(limit, found[-1][2]) if found else limit

    def _find_hidden(self, text: bytes, found: list[Match]) -> Iterator[Match]:
        """Find the literals at words that overlap the given ones; extends the list."""
        seen = set[int]()
        for number, start, stop in found:
            hidden = self._hidden.get(number)
            if hidden is None:
                hidden = self._hidden[number] = (self._list_inner(number), self._list_overlaps(number))
            for inner, first, last in hidden[0]:
                if _is_at_words(text, start + first, start + last):
                    yield inner, start + first, start + last
            for begin in (start + offset for offset in hidden[1] if start + offset not in seen):
                seen.add(begin)
                other = next(iter(self._search(text[begin : begin + self._longest].lower())), None)
                if other is not None and other[1] == 0 and begin + other[2] > stop:
                    found.append((other[0], begin, begin + other[2]))
                    if _is_at_words(text, *found[-1][1:]):
                        yield found[-1]

    def _search(self, chunk: bytes) -> Iterable[Match]:
        if self._automaton is not None:
            return self._automaton.find_matches_as_indexes(chunk)
        return self._search_with_expression(chunk)

    def _search_with_expression(self, chunk: bytes) -> Iterator[Match]:
        expression, lengths = self._expression
        position = 0
        while (found := expression.search(chunk, position)) is not None:
            position = found.start() + 1
            for length in lengths[found[0]]:
                number = self._numbers.get(chunk[found.start() : found.start() + length])
                if number is not None:
                    position = found.start() + length
                    yield number, found.start(), position
                    break

    @cached_property
    def _expression(self) -> tuple[re.Pattern[bytes], dict[bytes, tuple[int, ...]]]:
        """The expression for the prefixes of all literals, and for each prefix the lengths to try, longest first."""
        lengths: dict[bytes, set[int]] = {}
        for literal in self.literals:
            lengths.setdefault(literal[:_PREFIX], set()).add(len(literal))
        for prefix, found in lengths.items():  # a short literal may begin a longer prefix
            found.update(size for size in range(1, len(prefix)) if prefix[:size] in self._numbers)
        expression = re.compile(_compress(sorted(lengths)))
        return expression, {prefix: tuple(sorted(found, reverse=True)) for prefix, found in lengths.items()}

    def _list_inner(self, number: int) -> tuple[Match, ...]:
        """List the other literals between the word boundaries of a literal."""
        literal = self.literals[number]
        boundaries = _list_boundaries(literal)
        return tuple(
            (inner, start, end)
            for index, start in enumerate(boundaries)
            for end in boundaries[index + 1 :]
            if (inner := self._numbers.get(literal[start:end], number)) != number
        )

    def _list_overlaps(self, number: int) -> tuple[int, ...]:
        """List the word boundaries of a literal from which its rest begins a longer literal."""
        literal = self.literals[number]
        offsets = []
        for offset in _list_boundaries(literal)[1:-1]:
            rest = literal[offset:]
            following = bisect_right(self.literals, rest)
            if following < len(self.literals) and self.literals[following].startswith(rest):
                offsets.append(offset)
        return tuple(offsets)


def _list_boundaries(literal: bytes) -> list[int]:
    """List the positions in a literal that are not within a word, with its start and its end."""
    inner = [end for end in range(1, len(literal)) if _is_boundary(literal, end)]
    return [0, *inner[:_MOST_WORDS], len(literal)]


def _is_at_words(text: bytes, start: int, stop: int) -> bool:
    return _is_boundary(text, start) and _is_boundary(text, stop)


def _is_boundary(text: bytes, position: int) -> bool:
    r"""Return whether a position is not within a word; an escape such as `%2F` or `\n` ends before it."""
    if not 0 < position < len(text) or not (_IS_WORD[text[position - 1]] and _IS_WORD[text[position]]):
        return True
    return find_escape(text, position) is not None


def find_escape(text: bytes, end: int) -> bytes | None:
    r"""Find the escape that ends at a position: `%2F`, `\n`, `\u002f`."""
    begin = max(0, end - _LONGEST_ESCAPE)
    if b"%" not in text[begin:end] and b"\\" not in text[begin:end]:
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
