"""Text to nodes with positions; the only importer of yaml.

The events of the parser are put together without recursion and with limits, so that a hostile file ends
in a finding: 10,000 levels of nesting, aliases that double at every step, an alias to itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from generator.findings import Finding, Position
from generator.load import rules
from generator.schema.base import Scalar

DEPTH_LIMIT = 64
SIZE_LIMIT = 100_000

_Loader: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})

Plain = dict[str, "Plain"] | list["Plain"] | Scalar | None
"""A node's value without its positions: what the schema is bound to."""

Path = tuple[str | int, ...]
"""Where in a document: keys and indexes from its root."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the text, counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Node:
    """A value with its place; a mapping also knows where its keys stand. Filled while reading, then left alone."""

    mark: Mark
    content: "dict[str, Node] | list[Node] | Scalar | None" = None
    keys: dict[str, Mark] = field(default_factory=dict)
    size: int = 1
    """How many values it stands for once its aliases are expanded."""

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


class _Refused(Exception):  # noqa: N818 - it carries a finding to the end of the document, it is no error
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


@dataclass(frozen=True, slots=True)
class Document:
    """One YAML document of a file."""

    file: str
    root: Node
    first_line: int
    """What is added to a line within the text to get the line in the file, less one."""

    def position(self, mark: Mark) -> Position:
        """A place in the document as a place in the file."""
        return Position(self.file, mark.line + self.first_line - 1, mark.column)

    def at(self, *path: str | int) -> Position:
        """Where the value at a path stands."""
        return self.position(self.root.find(path)[0].mark)

    def at_key(self, *path: str | int) -> Position:
        """Where the key at a path stands; for an item of a list the item itself."""
        return self.position(self.root.find(path)[1])


def read_documents(text: str, file: str, first_line: int = 1) -> tuple[list[Document], list[Finding]]:
    """All YAML documents of a text, and what is wrong with them.

    A syntax error ends the file, since nothing after it can be trusted; what came before it is kept.
    """
    documents: list[Document] = []
    findings: list[Finding] = []
    reader = _Reader(file, first_line, findings)
    try:
        documents.extend(reader.documents(yaml.parse(text, Loader=_Loader)))
    except _Refused as refused:
        findings.append(refused.finding)
    except yaml.reader.ReaderError as error:
        findings.append(_control_character(text, file, first_line, error))
    except yaml.YAMLError as error:
        findings.append(_syntax(file, first_line, error))
    return documents, findings


def _control_character(text: str, file: str, first_line: int, error: yaml.reader.ReaderError) -> Finding:
    before = text[: error.position] if isinstance(error.position, int) else ""
    line = before.count("\n") + first_line
    column = len(before) - (before.rfind("\n") + 1) + 1
    return rules.NOT_TEXT.at(Position(file, line, column), "a control character that YAML does not allow", "remove it")


def _syntax(file: str, first_line: int, error: yaml.YAMLError) -> Finding:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    where = Position(file, mark.line + first_line, mark.column + 1) if mark else Position(file, first_line)
    problem = getattr(error, "problem", None) or "not YAML"
    context = getattr(error, "context", None)
    if "depth" in problem or "nesting" in problem:
        return rules.TOO_NESTED.at(where, f"nested deeper than {DEPTH_LIMIT} levels", "write it flat")
    return rules.YAML_SYNTAX.at(where, f"{problem}{f' ({context})' if context else ''}", _syntax_hint(problem))


def _syntax_hint(problem: str) -> str:
    hints = {
        "mapping values are not allowed": "put text that holds a colon and a space in quotes",
        "cannot start any token": "indent with spaces, and quote text that starts with a special character",
        "unexpected end of stream": "a quote or a bracket is not closed",
        "did not find expected": "check the indentation and the brackets of this line and the one before it",
    }
    return next((hint for words, hint in hints.items() if words in problem), "check the line and the one before it")


def _mark(event: yaml.Event) -> Mark:
    start = event.start_mark
    return Mark(start.line + 1, start.column + 1) if start is not None else Mark(1, 1)


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is still being read."""

    node: Node
    key: tuple[str, Mark] | None = None


class _Reader:
    """Puts the parser's events together to documents."""

    def __init__(self, file: str, first_line: int, findings: list[Finding]) -> None:
        self._file = file
        self._first_line = first_line
        self._findings = findings

    def documents(self, events: Iterator[yaml.Event]) -> Iterator[Document]:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                root = self._document(events)
                if root is not None:
                    yield Document(self._file, root, self._first_line)

    def _document(self, events: Iterator[yaml.Event]) -> Node | None:
        stack: list[_Open] = []
        anchors: dict[str, Node] = {}
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentEndEvent):
                return root
            if isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                node = stack.pop().node
            else:
                node = self._node(event, anchors, {id(opened.node) for opened in stack})
                if isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                    stack.append(_Open(node))
                    self._limit(len(stack) <= DEPTH_LIMIT, node.mark, f"nested deeper than {DEPTH_LIMIT} levels")
                    continue
            if stack:
                self._add(stack[-1], node)
            else:
                root = node
        return root

    def _node(self, event: yaml.Event, anchors: dict[str, Node], opened: set[int]) -> Node:
        mark = _mark(event)
        anchor: str = getattr(event, "anchor", None) or ""
        match event:
            case yaml.AliasEvent():
                target = anchors.get(anchor)
                if target is None:
                    raise _Refused(rules.YAML_SYNTAX.at(self._at(mark), f"the alias *{anchor} has no anchor before it"))
                self._limit(id(target) not in opened, mark, f"the alias *{anchor} stands inside itself")
                return target
            case yaml.ScalarEvent():
                plain = bool(event.implicit[0]) and event.style is None
                empty = plain and event.value in _NULLS
                node = Node(mark, None if empty else Scalar(event.value, plain=plain))
            case yaml.MappingStartEvent():
                node = Node(mark, {})
            case _:
                node = Node(mark, [])
        if anchor:
            anchors[anchor] = node
        return node

    def _add(self, parent: _Open, node: Node) -> None:
        container = parent.node.content
        if isinstance(container, list):
            container.append(node)
        elif isinstance(container, dict):
            if parent.key is None:
                parent.key = (self._key(node), node.mark)
                return
            key, mark = parent.key
            parent.key = None
            if key in container:
                self._duplicate(key, mark, parent.node.keys[key])
                return
            container[key] = node
            parent.node.keys[key] = mark
        parent.node.size += node.size
        self._limit(parent.node.size <= SIZE_LIMIT, node.mark, f"aliases expand to over {SIZE_LIMIT:,} values")

    def _key(self, node: Node) -> str:
        if isinstance(node.content, dict | list):
            raise _Refused(
                rules.YAML_SYNTAX.at(self._at(node.mark), "a key is a mapping or a list", "a key is one word")
            )
        if node.content == "<<":
            raise _Refused(
                rules.YAML_SYNTAX.at(
                    self._at(node.mark), "merge keys (<<) are not part of YAML 1.2", "write the keys out"
                )
            )
        return "" if node.content is None else str(node.content)

    def _duplicate(self, key: str, mark: Mark, first: Mark) -> None:
        place = self._at(first)
        self._findings.append(
            rules.DUPLICATE_KEY.at(
                self._at(mark), f"{key!r} stands here again", f"the first one is at {place}; keep one"
            )
        )

    def _at(self, mark: Mark) -> Position:
        return Position(self._file, mark.line + self._first_line - 1, mark.column)

    def _limit(self, holds: bool, mark: Mark, message: str) -> None:
        if not holds:
            raise _Refused(rules.TOO_NESTED.at(self._at(mark), message, "write it flat"))
