"""YAML values with their positions in the text."""

import marshal
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple, Self

from msgspec import field
from msgspec.structs import replace

from generator.findings import Position
from generator.schema.base import Scalar
from generator.values import FrozenValue

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

    @classmethod
    def from_number(cls, number: int) -> Self:
        """Build from the number that a position is."""
        return super().__new__(cls, number)

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


_share_scalar = lru_cache(maxsize=16_384)(Scalar)
_LONG = 64
"""The length from which a text is hardly written twice."""


def build_scalar(text: str, *, plain: bool) -> Scalar:
    """Return a scalar: the same object for the same short text, since cards repeat the names of teams and states."""
    return _share_scalar(text, plain=plain) if len(text) < _LONG else Scalar(text, plain=plain)


_Packed = tuple[Any, ...]
"""A node as plain values: mark, end, content, and the aliases; those of a scalar are its flag `plain`.

The content of a mapping has the mark and the value of each key.
"""


def _pack(node: Node, known: dict[int, _Packed] | None) -> _Packed:
    """Return a node as plain values; `known` has those of the nodes that aliases may share, which stay shared."""
    if known is not None and id(node) in known:
        return known[id(node)]
    content, mark = node.content, int(node.mark)
    if isinstance(content, str):
        packed: _Packed = (mark, node.end, str(content), content.plain)
    elif content is None:
        packed = (mark, node.end, None, None)
    else:
        aliases = {step: int(alias) for step, alias in node.aliases.items()} if node.aliases else None
        if isinstance(content, dict):
            keys = node.keys
            values = {key: (int(keys[key]), _pack(child, known)) for key, child in content.items()}
            packed = (mark, node.end, values, aliases)
        else:
            packed = (mark, node.end, [_pack(child, known) for child in content], aliases)
    if known is not None:
        known[id(node)] = packed
    return packed


def _unpack(packed: _Packed, known: dict[int, Node]) -> Node:
    """Return the node of plain values, without the numbers that only the reader uses."""
    node = known.get(id(packed))
    if node is not None:
        return node
    mark, end, content, extra = packed
    if isinstance(content, str):
        node = Node(Mark.from_number(mark), build_scalar(content, plain=extra), NO_KEYS, end)
    elif content is None:
        node = Node(Mark.from_number(mark), None, NO_KEYS, end)
    else:
        aliases = {step: Mark.from_number(alias) for step, alias in extra.items()} if extra else None
        if isinstance(content, dict):
            values = {key: _unpack(child, known) for key, (_, child) in content.items()}
            keys: Mapping[str, Mark] = {key: Mark.from_number(place) for key, (place, _) in content.items()}
            node = Node(Mark.from_number(mark), values, keys, end, aliases=aliases)
        else:
            items = [_unpack(child, known) for child in content]
            node = Node(Mark.from_number(mark), items, NO_KEYS, end, aliases=aliases)
    known[id(packed)] = node
    return node


def _unpack_plain(packed: _Packed) -> Plain:
    """Return the value of a node without positions."""
    content = packed[2]
    if isinstance(content, str):
        return build_scalar(content, plain=packed[3])
    if isinstance(content, dict):
        return {key: _unpack_plain(child) for key, (_, child) in content.items()}
    return content if content is None else [_unpack_plain(child) for child in content]


def _get_child(packed: _Packed, step: str | int) -> tuple[int, _Packed] | None:
    """Return the mark of a key or an item, and its value; None if it does not exist."""
    content = packed[2]
    if isinstance(content, dict):
        return content.get(step) if isinstance(step, str) else None
    if isinstance(content, list) and isinstance(step, int) and step < len(content):
        return content[step][0], content[step]
    return None


def _locate(packed: _Packed, path: Path) -> tuple[int, int]:
    """Return what `Node.locate` returns, as numbers."""
    key, alias = packed[0], None
    for step in path:
        child, aliases = _get_child(packed, step), packed[3]
        if child is None:
            break
        mark, packed = child
        key = alias or mark
        if alias is None and aliases and step in aliases:
            alias = aliases[step]
            key = mark if isinstance(step, str) else alias
    return alias or packed[0], key


@lru_cache(maxsize=8)
def _load(packed: bytes) -> _Packed:
    """Return the values of a document; its positions are often asked for several times in a row."""
    loaded: _Packed = marshal.loads(zlib.decompress(packed))  # noqa: S302 - packed by `Document.pack`
    return loaded


class WrittenText(NamedTuple):
    """A text in a document."""

    key: str
    """The nearest key above it."""
    text: str
    number: int
    """Its mark, as a number."""
    end: int
    """The offset of the character behind it."""

    @property
    def mark(self) -> Mark:
        """Its start, or that of its anchor or tag."""
        return Mark.from_number(self.number)


class Document(FrozenValue):
    """One YAML document of a file."""

    file: str
    tree: Node | bytes
    """The value with its positions, or the same as bytes: a book has a million values, and few are asked for."""
    first_line: int
    """The line of the file at which the text begins."""
    tags: tuple[tuple[str, Mark], ...] = ()
    """The tags that YAML does not define, such as `!include`; the values are read as if they had none."""
    anchors: Mapping[Mark, Mark] = field(default_factory=dict)
    """The position of the anchor for each alias."""
    start: Mark | None = None
    """The start of the value, if it is packed: each page shows it."""

    def pack(self) -> "Document":
        """Return the same document in little memory."""
        if isinstance(self.tree, bytes):
            return self
        packed = _pack(self.tree, {} if self.anchors else None)
        return replace(self, tree=zlib.compress(marshal.dumps(packed), level=1), start=self.tree.mark)

    def unpack(self) -> "Document":
        """Return the same document for many lookups."""
        return self if isinstance(self.tree, Node) else replace(self, tree=self.root, start=None)

    @property
    def root(self) -> Node:
        """The value with its positions; of a packed document, a new one each time."""
        return self.tree if isinstance(self.tree, Node) else _unpack(_load(self.tree), {})

    def find(self, *path: str | int) -> Node | None:
        """Return the value at a path; None if it does not exist."""
        if isinstance(self.tree, Node):
            node: Node | None = self.tree
            for step in path:
                node = node.get_child(step) if node is not None else None
            return node
        packed = _load(self.tree)
        for step in path:
            child = _get_child(packed, step)
            if child is None:
                return None
            packed = child[1]
        return _unpack(packed, {})

    def is_in_braces(self, *path: str | int) -> bool:
        """Return whether the mapping of a key begins before its first key, as `{a: 1}` does."""
        parent = self.find(*path[:-1])
        return parent is not None and parent.mark.offset < min(
            (mark.offset for mark in parent.keys.values()), default=0
        )

    def list_texts(self) -> Iterator["WrittenText"]:
        """Yield the texts in the order of the document; a shared one once for each key that it has through aliases."""
        packed = self.pack().tree
        assert isinstance(packed, bytes)
        waiting: list[tuple[str, _Packed]] = [("", _load(packed))]
        met = set[tuple[str, int]]()
        while waiting:
            key, value = waiting.pop()
            if self.anchors:
                if (key, id(value)) in met:
                    continue
                met.add((key, id(value)))
            content = value[2]
            if isinstance(content, str):
                yield WrittenText(key, content, value[0], value[1])
            elif isinstance(content, dict):
                waiting.extend((inner, child) for inner, (_, child) in reversed(content.items()))
            elif isinstance(content, list):
                waiting.extend((key, item) for item in reversed(content))

    def to_plain(self) -> Plain:
        """Return the value without positions."""
        return self.tree.to_plain() if isinstance(self.tree, Node) else _unpack_plain(_load(self.tree))

    def position(self, mark: Mark) -> Position:
        """Convert a position in the text to one in the file."""
        return Position(self.file, mark.line + self.first_line - 1, mark.column)

    def at(self, *path: str | int) -> Position:
        """Return the position of the value at a path."""
        return self.position(self._locate(path, 0))

    def at_key(self, *path: str | int) -> Position:
        """Return the position of the key at a path; of an item of a list, its own position."""
        return self.position(self._locate(path, 1))

    def _locate(self, path: Path, which: int) -> Mark:
        if isinstance(self.tree, Node):
            return self.tree.locate(path)[which]
        if not path and self.start is not None:
            return self.start
        return Mark.from_number(_locate(_load(self.tree), path)[which])
