"""Where words of interest stand in the texts of the cards, in one pass over the texts."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.findings import Position
from generator.load.bind import LoadedCard
from generator.load.cards import Cards

_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Mention:
    """A wanted string where it stands."""

    text: str
    position: Position
    inside: LoadedCard | None
    """The card in whose text it stands; None in a file that holds no card, such as a contract's."""


def mentions(cards: Cards, wanted: Iterable[str]) -> Iterator[Mention]:
    """Every line that holds a wanted string as a whole: `rank_daily` is not in `rank_daily_v2`.

    A text is searched for a string only when it holds the string's longest word, so that the time depends on the
    texts and on what is found, not on how many strings are wanted.
    """
    by_word: dict[str, list[re.Pattern[str]]] = {}
    for text in sorted(set(wanted)):
        words = _TOKEN.findall(text)
        if words:
            by_word.setdefault(max(words, key=len), []).append(_whole(text))
    if not by_word:
        return
    owners = _Owners(cards)
    for file, content in cards.texts.items():
        for word in sorted(by_word.keys() & set(_TOKEN.findall(content))):
            for pattern in by_word[word]:
                for position, text in _lines(pattern, file, content):
                    yield Mention(text, position, owners.at(position))


def _whole(text: str) -> re.Pattern[str]:
    """The string where no letter, digit, underscore or dash continues it."""
    start = r"(?<![\w-])" if re.match(r"\w", text) else ""
    end = r"(?![\w-])" if re.search(r"\w\Z", text) else ""
    return re.compile(start + re.escape(text) + end)


def _lines(pattern: re.Pattern[str], file: str, content: str) -> Iterator[tuple[Position, str]]:
    """The first match in each line."""
    line, counted = 1, 0
    last = 0
    for match in pattern.finditer(content):
        line += content.count("\n", counted, match.start())
        counted = match.start()
        if line != last:
            last = line
            column = match.start() - content.rfind("\n", 0, match.start())
            yield Position(file, line, column), match.group()


class _Owners:
    """Says which card a place in a file belongs to; in a file of several each reaches to the start of the next."""

    def __init__(self, cards: Cards) -> None:
        self._cards: dict[str, list[LoadedCard]] = {}
        for loaded in cards.items:
            self._cards.setdefault(loaded.document.file, []).append(loaded)

    def at(self, position: Position) -> LoadedCard | None:
        cards = self._cards.get(position.file, [])
        index = bisect_right(cards, position.line, key=lambda loaded: loaded.at().line)
        return cards[max(index - 1, 0)] if cards else None
