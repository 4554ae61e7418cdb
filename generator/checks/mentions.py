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


@dataclass(frozen=True, slots=True)
class Mention:
    """A wanted string where it stands."""

    text: str
    position: Position
    inside: LoadedCard | None
    """The card in whose text it stands; None in a file that holds no card, such as a contract's."""


def mentions(cards: Cards, wanted: Iterable[str]) -> Iterator[Mention]:
    """Every line that holds a wanted string as a whole: `rank_daily` is not in `rank_daily_v2`.

    A text is searched for a string only when it holds the word of the string that the fewest texts hold, so that
    the time depends on the texts and on what is found, not on how many strings are wanted.
    """
    words_of = {text: words for text in sorted(set(wanted)) if (words := _WORD.findall(text))}
    sought = {word for words in words_of.values() for word in words}
    held = {file: found for file, text in cards.texts.items() if (found := sought.intersection(_WORD.findall(text)))}
    frequency = Counter(word for found in held.values() for word in found)
    patterns: dict[str, list[re.Pattern[str]]] = {}
    for text, words in words_of.items():
        patterns.setdefault(min(words, key=lambda word: (frequency[word], word)), []).append(_whole(text))
    places = CardPlaces(cards)
    for file, found in held.items():
        for pattern in (pattern for word in sorted(found) for pattern in patterns.get(word, ())):
            for position, text in _lines(pattern, file, cards.texts[file]):
                yield Mention(text, position, places.card_at(position))


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
