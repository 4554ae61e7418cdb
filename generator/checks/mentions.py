"""Where words of interest stand in the texts of the cards, in one pass over the texts."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from generator.checks.places import CardPlaces
from generator.findings import Position
from generator.load.bind import LoadedCard
from generator.load.cards import Cards

_WORD = re.compile(r"\w+")
_HOST = re.compile(r"(?:https?://)?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d+)?/?")
"""An address without a path; the last part of a host's name is a word, unlike that of the topic `orders.v1`."""


@dataclass(frozen=True, slots=True)
class Mention:
    """A wanted string where it stands."""

    text: str
    position: Position
    inside: LoadedCard | None
    """The card in whose text it stands; None in a file that holds no card, such as a contract's."""


def mentions(cards: Cards, wanted: Iterable[str]) -> Iterator[Mention]:
    """Every line that holds a wanted string as a whole: `rank_daily` is not in `rank_daily_v2`.

    The name of a host is found in capitals and small letters alike, since it leads to the same place.

    A text is searched for a string only when it holds the word of the string that the fewest texts hold, so that
    the time depends on the texts and on what is found, not on how many strings are wanted.
    """
    words_of = {text: words for text in sorted(set(wanted)) if (words := _WORD.findall(_folded(text)))}
    sought = {word for words in words_of.values() for word in words}
    held = {file: found for file, text in cards.texts.items() if (found := sought & _words(text))}
    frequency = Counter(word for found in held.values() for word in found)
    patterns: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for text, words in words_of.items():
        patterns.setdefault(min(words, key=lambda word: (frequency[word], word)), []).append((text, _whole(text)))
    places = CardPlaces(cards)
    for file, found in held.items():
        for text, pattern in (one for word in sorted(found) for one in patterns.get(word, ())):
            for position in _lines(pattern, file, cards.texts[file]):
                yield Mention(text, position, places.card_at(position))


def _folded(text: str) -> str:
    """The text by which a wanted one is looked for: a host's name in small letters."""
    return text.lower() if _HOST.fullmatch(text) else text


def _words(text: str) -> set[str]:
    """The words of a text, as they stand and in small letters."""
    words = set(_WORD.findall(text))
    return words | {word.lower() for word in words}


def _whole(text: str) -> re.Pattern[str]:
    """The string where no letter, digit, underscore or dash continues it."""
    start = r"(?<![\w-])" if re.match(r"\w", text) else ""
    end = r"(?![\w-])" if re.search(r"\w\Z", text) else ""
    return re.compile(start + re.escape(text) + end, re.IGNORECASE if _HOST.fullmatch(text) else 0)


def _lines(pattern: re.Pattern[str], file: str, content: str) -> Iterator[Position]:
    """Where the first match of each line stands."""
    line, counted = 1, 0
    last = 0
    for match in pattern.finditer(content):
        line += content.count("\n", counted, match.start())
        counted = match.start()
        if line != last:
            last = line
            column = match.start() - content.rfind("\n", 0, match.start())
            yield Position(file, line, column)
