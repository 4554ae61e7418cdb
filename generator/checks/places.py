"""Which card a place in a file belongs to, and which place a character of a text is."""

import re
from bisect import bisect_right
from dataclasses import replace

from generator.findings import Position
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.schema.pointers import parse_pointer


class CardPlaces:
    """Says which card a place in a file belongs to; in a file of several each reaches to the start of the next."""

    def __init__(self, cards: Cards) -> None:
        self._cards: dict[str, list[LoadedCard]] = {}
        for loaded in cards.items:
            self._cards.setdefault(loaded.document.file, []).append(loaded)

    def card_at(self, position: Position) -> LoadedCard | None:
        """The card, or None in a file that holds none, such as a contract's."""
        cards = self._cards.get(position.file, [])
        index = bisect_right(cards, position.line, key=lambda loaded: loaded.at().line)
        return cards[max(index - 1, 0)] if cards else None


class LineIndex:
    """The lines of a text, to find the places of many characters."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def locate(self, offset: int) -> Position:
        """Return the line and column of a character."""
        line = bisect_right(self._starts, offset)
        return Position(self._file, line, offset - self._starts[line - 1] + 1)


def place_within(cards: Cards, loaded: LoadedCard, offset: int, *path: str | int) -> Position:
    """Return the position of a character of a value.

    Exact in a literal block (`|`) and in a value on one line without escapes before the character; otherwise the start
    of the value.
    """
    start = loaded.at(*path)
    node = loaded.document.root.find(path)
    lines = cards.texts.get(start.file, "").split("\n")
    first = lines[start.line - 1][start.column - 1 :] if start.line <= len(lines) else ""
    if not isinstance(node.content, str):
        return start
    if not first.startswith("|"):
        quote = first[:1] if first[:1] in {"'", '"'} else ""
        is_as_written = first.removeprefix(quote).startswith(node.content[: offset + 1])
        return replace(start, column=start.column + len(quote) + offset) if is_as_written else start
    before = str(node.content)[:offset]
    count = before.count("\n")
    line = start.line + 1 + count
    indent = len(lines[line - 1]) - len(str(node.content).split("\n")[count])
    return Position(start.file, line, indent + len(before) - before.rfind("\n"))


def path_to(loaded: LoadedCard, base: tuple[str | int, ...], pointer: str) -> tuple[str | int, ...]:
    """The path in a card of what a JSON Pointer (RFC 6901) leads to, from a value that the card holds."""
    path = base
    for name in parse_pointer(pointer):
        node = loaded.document.root.find(path)
        path = (*path, int(name) if isinstance(node.content, list) and name.isdecimal() else name)
    return path
