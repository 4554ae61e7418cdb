"""The search without a browser, for agents: the ranking of `search.js` over the same entries. Change both together."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from generator.pages.search import CARD_WEIGHT, SearchEntry
from generator.pages.search_words import cut_tokens, cut_words, has_cjk
from generator.values import FrozenValue

_MOST_TOKENS = 20
_FEW_RESULTS = 3
"""With fewer results that have every word in their names, typos are considered too."""

Matches = dict[int, float]
"""The points of the rows that match a word."""


class SearchHit(FrozenValue):
    """An entry that matches a query."""

    entry: SearchEntry
    score: float


class _Query(FrozenValue):
    words: tuple[str, ...]
    identifiers: tuple[tuple[str, int, int], ...]
    """Each identifier with the position of its first word and the number of its words."""
    joined: str


@dataclass
class _NameList:
    """The words of names, or whole names without spaces, each with its row."""

    texts: list[str] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)

    @cached_property
    def letters(self) -> list[int]:
        return [_collect_letters(text) for text in self.texts]

    def add(self, text: str, row: int) -> None:
        self.texts.append(text)
        self.rows.append(row)

    def find_similar(self, word: str) -> Iterator[tuple[int, float]]:
        """Yield the rows with a text that a few edits make from a word, with the number of edits."""
        most = 0 if len(word) < 2 else 1 if len(word) < 5 else 2
        letters = _collect_letters(word)
        for text, row, has in zip(self.texts, self.rows, self.letters, strict=True):
            if most and (letters & ~has).bit_count() <= most:
                edits = count_edits(word, text, most)
                if edits <= most:
                    yield row, edits


class SearchEngine:
    """A search over entries."""

    def __init__(self, entries: Sequence[SearchEntry]) -> None:
        self._entries = entries
        self._words, self._joined = _NameList(), _NameList()
        self._labels: defaultdict[str, list[int]] = defaultdict(list)
        rows_of: defaultdict[str, list[int]] = defaultdict(list)
        for row, entry in enumerate(entries):
            for name in dict.fromkeys(" ".join(name.split()) for name in entry.names):
                words = cut_words(name)
                for word in words:
                    self._words.add(word, row)
                self._joined.add("".join(words), row)
            for label in entry.labels:
                self._labels[label].append(row)
            for word in entry.words.split():
                rows_of[word].append(row)
        self._texts: Mapping[str, Sequence[int]] = rows_of
        self._sorted_texts = sorted(rows_of)

    def search(self, text: str) -> list[SearchHit]:
        """Return the entries that match, best first: exact names, names, then texts."""
        query = _parse_query(text)
        if not query.words:
            return []
        matches = [self._match_word(word) for word in query.words]
        exact = {row for name, row in zip(self._joined.texts, self._joined.rows, strict=True) if name == query.joined}
        whole = self._match_identifiers(query, matches)
        hits = _intersect(matches)
        named = sum(score >= 10 * len(query.words) for score in hits.values())
        if not exact and named < _FEW_RESULTS:
            hits = self._add_typos(query, matches)
        if not hits and not exact:
            hits = _match_some(matches)
        self._add_named(query, matches, hits)
        for row in exact:
            hits.setdefault(row, 0)
        for name, row in zip(self._joined.texts, self._joined.rows, strict=True):
            if row in hits and name.startswith(query.joined):
                hits[row] += 8 * len(query.joined) / len(name)
        for row, points in whole:
            if row in hits:
                hits[row] += 20 * points
        for row in hits:
            weight = self._entries[row].weight
            # Rules have almost no weight, but `MB203` finds its rule before the cards that mention it.
            hits[row] = hits[row] * weight + (100 * max(weight, 0.15) if row in exact else 0)
        ranked = sorted(hits.items(), key=lambda hit: (-hit[1], hit[0]))
        return [SearchHit(self._entries[row], score) for row, score in ranked]

    def _add_named(self, query: _Query, matches: Sequence[Matches], hits: Matches) -> None:
        """Add the cards whose whole name is a part of the query: `switch off ryl`.

        They need the words that are labels: `flow ryl` asks for a flow.
        """
        labels = {word for label in self._labels for word in cut_words(label)}
        facets = [found for word, found in zip(query.words, matches, strict=True) if word in labels]
        numbers = range(len(query.words) + 1)
        parts = {"".join(query.words[first:end]) for first in numbers for end in numbers[first + 1 :]}
        for name, row in zip(self._joined.texts, self._joined.rows, strict=True):
            is_named = name in parts and row not in hits and self._entries[row].weight >= CARD_WEIGHT
            if is_named and all(row in found for found in facets):
                hits[row] = sum(found.get(row, 0) for found in matches)

    def _match_word(self, word: str) -> Matches:
        found = self._match_names(word)
        _keep_best(found, self._match_texts(word))
        return found

    def _match_names(self, word: str) -> Matches:
        found: Matches = {}
        for name, row in zip(self._words.texts, self._words.rows, strict=True):
            if name.startswith(word):
                points = 10 if name == word else 5 + 3 * len(word) / len(name)
                found[row] = max(found.get(row, 0), points)
        for label, rows in self._labels.items():
            parts = [part for part in cut_words(label) if part == word or (_is_prefix(word) and part.startswith(word))]
            if parts:
                _keep_best(found, ((row, 4 if parts[0] == word else 2) for row in rows))
        return found

    def _match_texts(self, word: str) -> Iterator[tuple[int, float]]:
        for position in range(bisect_left(self._sorted_texts, word), len(self._sorted_texts)):
            text = self._sorted_texts[position]
            if not text.startswith(word) or (text != word and not _is_prefix(word)):
                return
            yield from ((row, 1 if text == word else 0.5) for row in self._texts[text])

    def _match_identifiers(self, query: _Query, matches: Sequence[Matches]) -> list[tuple[int, float]]:
        """Return the rows with a whole identifier; its words match there, also one that is typed in part."""
        whole: list[tuple[int, float]] = []
        for identifier, first, count in query.identifiers:
            found: Matches = {}
            _keep_best(found, self._match_texts(identifier))
            for each in matches[first : first + count]:
                _keep_best(each, ((row, 0.5) for row in found))
            whole += found.items()
        return whole

    def _add_typos(self, query: _Query, matches: Sequence[Matches]) -> Matches:
        """Return the rows that match every word with a few wrong letters, or with other spaces."""
        for word, found in zip(query.words, matches, strict=True):
            similar = self._words.find_similar(word)
            _keep_best(found, ((row, max(0.3, 5 - 20 * edits / len(word))) for row, edits in similar))
        hits = _intersect(matches)
        if len(query.words) > 1 and len(query.joined) > 3:
            hits = {**self._match_names(query.joined), **hits}
        names = zip(self._joined.texts, self._joined.rows, strict=True)
        beginnings = {row for name, row in names if name.startswith(query.joined)}
        for row, edits in self._joined.find_similar(query.joined):
            if row not in hits or row not in beginnings:
                hits[row] = hits.get(row, 0) + max(0.3, 10 - 40 * edits / len(query.joined))
        return hits


def _parse_query(text: str) -> _Query:
    words: list[str] = []
    identifiers: list[tuple[str, int, int]] = []
    for token in cut_tokens(text)[:_MOST_TOKENS]:
        if token.identifier:
            identifiers.append((token.identifier, len(words), len(token.words)))
        words += token.words
    return _Query(tuple(words), tuple(identifiers), "".join(words))


def _is_prefix(word: str) -> bool:
    """Return whether words in texts match that only begin with a word: too many begin with one or two letters."""
    return len(word) > 2 or has_cjk(word)


def _keep_best(found: Matches, more: Iterable[tuple[int, float]]) -> None:
    for row, points in more:
        if points > found.get(row, 0):
            found[row] = points


def _intersect(matches: Sequence[Matches]) -> Matches:
    """Return the rows that match every word, with the sum of their points."""
    rows = set(matches[0]).intersection(*matches[1:])
    return {row: sum(found[row] for found in matches) for row in rows}


def _match_some(matches: Sequence[Matches]) -> Matches:
    """Return the rows that match the most words."""
    counts = {row: sum(row in found for found in matches) for found in matches for row in found}
    most = max(counts.values(), default=0)
    rows = [row for row, count in counts.items() if count == most]
    return {row: sum(found.get(row, 0) for found in matches) for row in rows}


def _collect_letters(word: str) -> int:
    """Return the set of letters of a word as bits, to skip most comparisons: an edit adds one letter at most."""
    letters = 0
    for letter in word:
        letters |= 1 << (ord(letter) & 31)
    return letters


def count_edits(typed: str, name: str, most: int) -> float:
    """Count the letters to insert, remove, replace or swap to get from one word to another, or to its beginning.

    A beginning costs a little more. The result is more than `most` as soon as it is known to be more.
    """
    width = len(typed)
    height = min(len(name), width + most)
    if height < width - most:
        return most + 1
    before: list[int] = []
    last = list(range(width + 1))
    best = float("inf")
    for i in range(1, height + 1):
        row = [i]
        for j in range(1, width + 1):
            edits = min(last[j - 1] + (name[i - 1] != typed[j - 1]), row[j - 1] + 1, last[j] + 1)
            if i > 1 and j > 1 and name[i - 1] == typed[j - 2] and name[i - 2] == typed[j - 1]:
                edits = min(edits, before[j - 2] + 1)
            row.append(edits)
        if i == len(name):
            best = min(best, row[width])
        elif width > 4:
            best = min(best, row[width] + 0.5)
        if min(row) > most:
            break
        before, last = last, row
    return best
