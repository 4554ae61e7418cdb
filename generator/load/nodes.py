"""YAML values with their positions in the text."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

from generator.findings import Position
from generator.schema.base import Scalar

Plain = dict[str, "Plain"] | list["Plain"] | Scalar | None
"""The value of a node without positions, as the schema takes it."""

Path = tuple[str | int, ...]
"""The keys and indexes from the root of a document to a value."""


def as_mapping(value: object) -> Mapping[str, Any]:
    """Return a mapping unchanged, and an empty one for any other value."""
    return value if isinstance(value, Mapping) else {}


def as_mappings(value: object) -> list[Mapping[str, Any]]:
    """Return the mappings in a list; none if the value is not a list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def as_list(value: object) -> list[Any]:
    """Return a list unchanged, an empty one for None, and any other value as the only item of a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


_BITS = 32
_MASK = (1 << _BITS) - 1


class Mark(int):
    """A position in a text; one number, because a book has a million of them, and a tuple takes twice the memory."""

    __slots__ = ()

    def __new__(cls, line: int, column: int, offset: int) -> Self:
        """Build from the line and the column, counted from 1, and the number of characters before the position."""
        return super().__new__(cls, line << 2 * _BITS | column << _BITS | offset)

    def __getnewargs__(self) -> tuple[int, int, int]:  # type: ignore[override]
        """Return the values from which a copy is built."""
        return self.line, self.column, self.offset

    @property
    def line(self) -> int:
        """The line, counted from 1."""
        return self >> 2 * _BITS

    @property
    def column(self) -> int:
        """The column, counted from 1."""
        return self >> _BITS & _MASK

    @property
    def offset(self) -> int:
        """The number of characters before it."""
        return self & _MASK

    def __repr__(self) -> str:
        return f"Mark(line={self.line}, column={self.column}, offset={self.offset})"


def find_end(text: str) -> Mark:
    """Return the position behind the last character."""
    return Mark(text.count("\n") + 1, len(text) - text.rfind("\n"), len(text))


NO_KEYS: Mapping[str, Mark] = MappingProxyType({})
"""The keys of every node that is not a mapping."""


@dataclass(slots=True)
class Node:
    """A value with its positions. The reader fills it, and nothing changes it afterwards."""

    mark: Mark
    """The start of the value, or of its anchor or tag."""
    content: "dict[str, Node] | list[Node] | Scalar | None"
    keys: Mapping[str, Mark]
    """The positions of the keys of a mapping."""
    end: int
    """The offset of the character behind the value, without comments and line breaks that follow it."""
    length: int = 0
    """The number of characters of its keys and values, with its aliases expanded."""
    depth: int = 0
    """The number of levels of mappings and lists in it, itself included, with its aliases expanded."""
    size: int = 1
    """The number of values in it, with its aliases expanded."""
    aliases: dict[str | int, Mark] | None = None
    """The positions of the aliases among its own values, by key or index; None if it has none."""

    def to_plain(self) -> Plain:
        """Return the value without positions."""
        match self.content:
            case dict():
                return {key: node.to_plain() for key, node in self.content.items()}
            case list():
                return [node.to_plain() for node in self.content]
            case _:
                return self.content

    def get_child(self, step: str | int) -> "Node | None":
        """Return the value of a key or the item at an index; None if it does not exist."""
        content = self.content
        if isinstance(content, dict):
            return content.get(step) if isinstance(step, str) else None
        if isinstance(content, list):
            return content[step] if isinstance(step, int) and step < len(content) else None
        return None

    def find(self, path: Path) -> "Node":
        """Return the node at a path, or the last one on the way that exists."""
        node = self
        for step in path:
            child = node.get_child(step)
            if child is None:
                break
            node = child
        return node

    def locate(self, path: Path) -> tuple[Mark, Mark]:
        """Return the positions of the value at a path and of its key, or of the last value on the way that exists.

        A value that is reached through an alias has the position of the alias: its author wrote nothing else there.
        """
        node, key, alias = self, self.mark, None
        for step in path:
            child = node.get_child(step)
            if child is None:
                break
            mark = node.keys[step] if isinstance(step, str) else child.mark
            key = alias or mark
            if alias is None and node.aliases is not None and step in node.aliases:
                alias = node.aliases[step]
                key = mark if isinstance(step, str) else alias
            node = child
        return alias or node.mark, key


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a file."""

    file: str
    root: Node
    first_line: int
    """The line of the file at which the text begins."""
    tags: tuple[tuple[str, Mark], ...] = ()
    """The tags that YAML does not define, such as `!include`; the values are read as if they had none."""
    anchors: Mapping[Mark, Mark] = field(default_factory=dict)
    """The position of the anchor for each alias."""

    def position(self, mark: Mark) -> Position:
        """Convert a position in the text to one in the file."""
        return Position(self.file, mark.line + self.first_line - 1, mark.column)

    def at(self, *path: str | int) -> Position:
        """Return the position of the value at a path."""
        return self.position(self.root.locate(path)[0])

    def at_key(self, *path: str | int) -> Position:
        """Return the position of the key at a path; of an item of a list, its own position."""
        return self.position(self.root.locate(path)[1])
