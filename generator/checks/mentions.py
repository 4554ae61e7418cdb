"""Mentions: the places in the files of a book that contain one of some texts as whole words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from generator.checks.locations import CardLocator
from generator.findings import Position
from generator.load.bind import LoadedCard
from generator.values import FrozenValue

_WORD = re.compile(r"\w+")
_HOST = re.compile(r"(?:https?://)?(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d+)?/?")
"""An address without a path; the last part of a host is a word, unlike that of the topic `orders.v1`."""


class Mention(FrozenValue):
    """A string in a text, with its place."""

    text: str
    position: Position
    inside: LoadedCard | None
    """The card that contains it; None in a file without cards, such as that of a contract."""


class MentionSearch:
    """Finds the lines that contain one of the texts as whole words: `rank_daily` is not in `rank_daily_v2`.

    Hosts are found in upper and lower case. A file is searched for a text only if it contains all words of that text,
    so the time depends on the files and the mentions, not on the number of texts.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        words_of: dict[str, set[str]] = {
            text: set(_WORD.findall(text.lower() if _HOST.fullmatch(text) else text)) for text in sorted(set(texts))
        }
        frequency = Counter(word for words in words_of.values() for word in words)
        self._wanted = frequency.keys()
        self._patterns: dict[str, list[tuple[str, set[str], re.Pattern[str]]]] = {}
        for text, words in words_of.items():
            if not words:
                continue
            # The text must not continue with a letter, a digit, an underscore or a dash.
            start = r"(?<![\w-])" if re.match(r"\w", text) else ""
            end = r"(?![\w-])" if re.search(r"\w\Z", text) else ""
            pattern = re.compile(start + re.escape(text) + end, re.IGNORECASE if _HOST.fullmatch(text) else 0)
            rarest = min(words, key=lambda word: (frequency[word], -len(word), word))
            self._patterns.setdefault(rarest, []).append((text, words, pattern))

    def find(self, file: str, content: str, locator: CardLocator) -> Iterator[Mention]:
        """Find the mentions in a file; on each line the first one of a text."""
        in_text = set(_WORD.findall(content))
        found = self._wanted & (in_text | {word.lower() for word in in_text})
        for word in sorted(found & self._patterns.keys()):
            for text, words, pattern in self._patterns[word]:
                if words <= found:
                    for position in _list_matching_lines(pattern, file, content):
                        yield Mention(text, position, locator.find_card(position))


def _list_matching_lines(pattern: re.Pattern[str], file: str, content: str) -> Iterator[Position]:
    """Yield the place of the first match on each line."""
    line, counted, last = 1, 0, 0
    for match in pattern.finditer(content):
        line += content.count("\n", counted, match.start())
        counted = match.start()
        if line != last:
            last = line
            yield Position(file, line, match.start() - content.rfind("\n", 0, match.start()))
