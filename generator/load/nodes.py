"""YAML as read: values that know their places."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from generator.findings import Position
from generator.schema.base import Scalar

Plain = dict[str, "Plain"] | list["Plain"] | Scalar | None
"""A node's value without its positions: what the schema is bound to."""

Path = tuple[str | int, ...]
"""Where in a document: keys and indexes from its root."""


class Mark(NamedTuple):
    """A place in the text, counted from 1; a tuple, because a book has a hundred thousand of them."""

    line: int
    column: int


def end_of(text: str) -> Mark:
    """The place behind the last character; the parser itself may stand a line further."""
    return Mark(text.count("\n") + 1, len(text) - text.rfind("\n"))


NO_KEYS: Mapping[str, Mark] = MappingProxyType({})
"""What everything but a mapping has."""


@dataclass(slots=True)
class Node:
    """A value with its place; a mapping also knows where its keys stand. Filled while reading, then left alone."""

    mark: Mark
    content: "dict[str, Node] | list[Node] | Scalar | None"
    keys: Mapping[str, Mark]
    size: int = 1
    """How many values it stands for once its aliases are expanded."""
    length: int = 0
    """How many characters its keys and values have once its aliases are expanded."""
    aliases: dict[str | int, Mark] | None = None
    """The places of the aliases among its own values, by key or index; None if there are none."""
    depth: int = 0
    """How many mappings and lists lie within one another in it, itself included, its aliases expanded."""

    def plain(self) -> Plain:
        """The value alone."""
        match self.content:
            case dict():
                return {key: node.plain() for key, node in self.content.items()}
            case list():
                return [node.plain() for node in self.content]
            case _:
                return self.content

    def find(self, path: Path) -> "tuple[Node, Mark]":
        """The node at a path, or the last one on the way there, and the mark of its key (or its own)."""
        node, mark = self, self.mark
        for step in path:
            match node.content, step:
                case dict() as mapping, str() if step in mapping:
                    node, mark = mapping[step], node.keys[step]
                case list() as sequence, int() if step < len(sequence):
                    node, mark = sequence[step], sequence[step].mark
                case _:
                    break
        return node, mark

    def locate(self, path: Path) -> tuple[Mark, Mark]:
        """Return the places of the value at a path and of its key, or those of the last one on the way there.

        What is reached through an alias is where the alias is: its author wrote nothing else in that place.
        """
        node, key, alias = self, self.mark, None
        for step in path:
            match node.content, step:
                case dict() as mapping, str() if step in mapping:
                    child, mark = mapping[step], node.keys[step]
                case list() as sequence, int() if step < len(sequence):
                    child, mark = sequence[step], sequence[step].mark
                case _:
                    break
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
    """What is added to a line within the text to get the line in the file, less one."""
    tags: tuple[tuple[str, Mark], ...] = ()
    """The tags in it that YAML itself does not define (`!include`); what they stand at is read as if they were not."""
    anchors: Mapping[Mark, Mark] = field(default_factory=dict)
    """The place of the anchor for each alias."""

    def position(self, mark: Mark) -> Position:
        """A place in the document as a place in the file."""
        return Position(self.file, mark.line + self.first_line - 1, mark.column)

    def at(self, *path: str | int) -> Position:
        """Where the value at a path stands."""
        return self.position(self.root.locate(path)[0])

    def at_key(self, *path: str | int) -> Position:
        """Where the key at a path stands; for an item of a list the item itself."""
        return self.position(self.root.locate(path)[1])
