"""Locations in the files of cards: the card and the field of a place, and the place of a character."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from generator.findings import Position
from generator.grouping import group_pairs
from generator.load.bind import LoadedCard
from generator.load.cards import Cards
from generator.load.files import extract_yaml
from generator.load.nodes import Mark, Node
from generator.load.yaml_reader import read_documents
from generator.schema.fields import parse_pointer

FieldPath = tuple[str, ...]
"""The keys on the way to a value, without the indexes of lists: they change when an item is added."""


class CardLocator:
    """Finds the card at a place; in a file with several, each ends where the next begins."""

    def __init__(self, cards: Cards) -> None:
        self.by_file = group_pairs((loaded.file, loaded) for loaded in cards.items)

    def find_card(self, position: Position) -> LoadedCard | None:
        """Find the card at a place; None in a file without cards, such as that of a contract."""
        cards = self.by_file.get(position.file, ())
        index = bisect_right(cards, position.line, key=lambda loaded: loaded.at().line)
        return cards[max(index - 1, 0)] if cards else None


class FieldLocator:
    """Finds the field of a card at a place."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = texts
        self._fields: dict[str, list[tuple[Position, FieldPath]]] = {}

    def find_field(self, position: Position) -> str:
        """Find the field at a place, as `waves.traffic`; empty for a card as a whole, or if there is no card."""
        file = position.file
        if file not in self._fields:
            text = self._texts.get(file, "") if file.endswith((".yml", ".yaml", ".md")) else ""
            start, yaml = extract_yaml(text, file)
            first = text.count("\n", 0, start) + 1
            documents, _ = read_documents(yaml, file, first)
            found: dict[Position, FieldPath] = {}
            if file.endswith(".md"):  # the prose begins after the YAML, and is no field
                found[Position(file, first + yaml.count("\n"), 1)] = ()
            for document in documents:
                for mark, field in list_marks(document.root):
                    # A mapping begins at its first key: the place is that of the mapping, which comes first.
                    found.setdefault(document.position(mark), field)
            self._fields[file] = sorted(found.items())
        fields = self._fields[file]
        index = bisect_right(fields, position, key=lambda entry: entry[0])
        return ".".join(fields[index - 1][1]) if index else ""


def list_marks(root: Node) -> Iterator[tuple[Mark, FieldPath]]:
    """Yield the places of values, keys and aliases with their fields in document order, each node once."""
    waiting: list[tuple[Node, FieldPath]] = [(root, ())]
    met = set[int]()
    while waiting:
        node, field = waiting.pop()
        if id(node) in met:
            continue
        met.add(id(node))
        yield node.mark, field
        for key, mark in node.keys.items():
            yield mark, (*field, key)
        for step, mark in (node.aliases or {}).items():
            yield mark, (*field, step) if isinstance(step, str) else field
        match node.content:
            case dict() as mapping:
                waiting.extend((child, (*field, key)) for key, child in reversed(mapping.items()))
            case list() as sequence:
                waiting.extend((child, field) for child in reversed(sequence))


class LineIndex:
    """The lines of a text, for the places of many characters."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def locate(self, offset: int) -> Position:
        """Return the line and column of a character."""
        line = bisect_right(self._starts, offset)
        return Position(self._file, line, offset - self._starts[line - 1] + 1)


def locate_offset(cards: Cards, loaded: LoadedCard, offset: int, *path: str | int) -> Position:
    """Return the position of a character of a value.

    Exact in a literal block (`|`) and in a value on one line without escapes before the character; otherwise the start
    of the value.
    """
    start = loaded.at(*path)
    node = loaded.document.find(*path)
    lines = cards.texts.get(start.file, "").split("\n")
    first = lines[start.line - 1][start.column - 1 :] if start.line <= len(lines) else ""
    if node is None or not isinstance(node.content, str):
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


def extend_path(loaded: LoadedCard, base: tuple[str | int, ...], pointer: str) -> tuple[str | int, ...]:
    """Return the path of a value in a card: that of a value above it, continued by a JSON Pointer (RFC 6901)."""
    path = base
    for name in parse_pointer(pointer):
        node = loaded.document.find(*path)
        path = (*path, int(name) if node is not None and isinstance(node.content, list) and name.isdecimal() else name)
    return path
