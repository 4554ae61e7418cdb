"""Text to nodes with positions; the only importer of yaml.

The events of the parser are put together without recursion and with limits, so that a hostile file ends
in a finding: 10,000 levels of nesting, aliases that double at every step, an alias to itself.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from generator.findings import Finding, Position, Rule
from generator.load import rules
from generator.load.nodes import Document, Mark, Node, Plain, end_of
from generator.load.syntax import Complaint, syntax_finding
from generator.schema.base import Scalar

__all__ = ["DEPTH_LIMIT", "SIZE_LIMIT", "Document", "Plain", "read_documents"]

DEPTH_LIMIT = 64
SIZE_LIMIT = 100_000

_Loader: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
_YAML_ORG = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset({"!", f"{_YAML_ORG}str"})
_TAGS = frozenset(f"{_YAML_ORG}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")) | {"!"}
_FORBIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What YAML does not allow, and the line breaks of Unicode: every other tool counts lines without them."""


class _Refused(Exception):  # noqa: N818 - it carries a finding to the end of the document, it is no error
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def read_documents(text: str, file: str, first_line: int = 1) -> tuple[list[Document], list[Finding]]:
    """All YAML documents of a text, and what is wrong with them.

    A syntax error ends the file, since nothing after it can be trusted; what came before it is kept.
    """
    documents: list[Document] = []
    findings: list[Finding] = []
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        return [], [_control_character(text, file, first_line, forbidden)]
    reader = _Reader(text, file, first_line)
    try:
        documents.extend(reader.documents(yaml.parse(text, Loader=_Loader)))
    except _Refused as refused:
        findings.append(refused.finding)
    except yaml.YAMLError as error:
        findings.append(syntax_finding(text, file, first_line, _complaint(error), reader.unclosed))
    return documents, reader.findings + findings


def _control_character(text: str, file: str, first_line: int, found: re.Match[str]) -> Finding:
    line = text.count("\n", 0, found.start()) + first_line
    column = found.start() - text.rfind("\n", 0, found.start())
    name = unicodedata.name(found[0], "a control character")
    message = f"U+{ord(found[0]):04X} ({name.lower()}) does not belong into a card"
    return rules.NOT_TEXT.at(Position(file, line, column), message, "remove it, or write a space or a new line")


def _complaint(error: yaml.YAMLError) -> Complaint:
    problem = getattr(error, "problem", None) or "this is not YAML"
    return Complaint(problem, getattr(error, "problem_mark", None), getattr(error, "context_mark", None))


@dataclass(slots=True)
class _Open:
    """A mapping or a list that is still being read."""

    node: Node
    flow: bool
    """Whether it is written in brackets."""
    key: tuple[str, Mark] | None = None


class _Reader:
    """Puts the parser's events together to documents."""

    def __init__(self, text: str, file: str, first_line: int) -> None:
        self._end = end_of(text)
        self._file = file
        self._first_line = first_line
        self.findings: list[Finding] = []
        """What is wrong, but does not end the reading."""
        self._size = 0
        """How many values the documents stand for so far."""
        self._tags: list[tuple[str, Mark]] = []
        """The foreign tags of the document that is being read."""
        self._stack: list[_Open] = []
        """The mappings and lists of it that are not complete yet, the outermost first."""

    @property
    def unclosed(self) -> Mark | None:
        """The innermost bracket that is not closed yet."""
        return next((opened.node.mark for opened in reversed(self._stack) if opened.flow), None)

    def documents(self, events: Iterator[yaml.Event]) -> Iterator[Document]:
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._tags, self._stack = [], []
                root = self._document(events)
                if root is not None:
                    self._size += root.size
                    yield Document(self._file, root, self._first_line, tuple(self._tags))

    def _document(self, events: Iterator[yaml.Event]) -> Node | None:
        stack = self._stack
        anchors: dict[str, Node] = {}
        root: Node | None = None
        for event in events:
            if isinstance(event, yaml.DocumentEndEvent):
                return root
            if isinstance(event, _ENDS):
                node = stack.pop().node
            else:
                node = self._node(event, anchors)
                deep = len(stack) + node.depth
                if deep > DEPTH_LIMIT:
                    raise self._too_nested(self._mark(event), f"nested deeper than {DEPTH_LIMIT} levels")
                if isinstance(event, yaml.CollectionStartEvent):
                    stack.append(_Open(node, bool(event.flow_style)))
                    continue
            if stack:
                self._add(stack[-1], node, event)
            else:
                root = node
        return root

    def _node(self, event: yaml.Event, anchors: dict[str, Node]) -> Node:
        mark = self._mark(event)
        anchor: str | None = getattr(event, "anchor", None)
        if anchor is not None and isinstance(event, yaml.AliasEvent):
            return self._aliased(anchors.get(anchor), anchor, mark)
        tag: str | None = getattr(event, "tag", None)
        if tag is not None and tag not in _TAGS:
            self._tags.append((tag.replace(_YAML_ORG, "!!"), mark))
        if isinstance(event, yaml.ScalarEvent):
            plain = not event.style and tag not in _TEXT_TAGS
            empty = plain and event.value in _NULLS
            node = Node(mark, None if empty else Scalar(event.value, plain=plain))
        else:
            node = Node(mark, {} if isinstance(event, yaml.MappingStartEvent) else [], depth=1)
        if anchor is not None:
            anchors[anchor] = node
        return node

    def _aliased(self, target: Node | None, anchor: str, mark: Mark) -> Node:
        if target is None:
            hint = "define it with & before its first use, or put text that starts with * in quotes"
            raise _Refused(self._found(rules.YAML_SYNTAX, mark, f"the alias *{anchor} has no anchor before it", hint))
        if any(opened.node is target for opened in self._stack):
            raise self._too_nested(mark, f"the alias *{anchor} stands inside itself")
        return target

    def _add(self, parent: _Open, node: Node, event: yaml.Event) -> None:
        """The node as the next key, or as the value of the last key, or as the next item."""
        mark = self._mark(event) if isinstance(event, yaml.AliasEvent) else node.mark
        container = parent.node.content
        if isinstance(container, list):
            container.append(node)
        elif isinstance(container, dict):
            if parent.key is None:
                parent.key = (self._key(node, event), mark)
                return
            key, place = parent.key
            parent.key = None
            if key in container:
                self._duplicate(key, place, parent.node.keys[key])
                return
            container[key] = node
            parent.node.keys[key] = place
        parent.node.depth = max(parent.node.depth, node.depth + 1)
        parent.node.size += node.size
        if self._size + parent.node.size > SIZE_LIMIT:
            raise self._too_nested(mark, f"the file holds over {SIZE_LIMIT:,} values, aliases expanded")

    def _key(self, node: Node, event: yaml.Event) -> str:
        """A key as it was typed: `null` and `2.10` are words here."""
        if isinstance(node.content, dict | list):
            raise _Refused(
                self._found(rules.YAML_SYNTAX, node.mark, "a key is a mapping or a list", "a key is one word")
            )
        if isinstance(node.content, Scalar) and node.content.plain and node.content == "<<":
            message = "merge keys (<<) are not part of YAML 1.2"
            raise _Refused(self._found(rules.YAML_SYNTAX, node.mark, message, "write the keys out"))
        return str(event.value) if isinstance(event, yaml.ScalarEvent) else str(node.content or "")

    def _duplicate(self, key: str, mark: Mark, first: Mark) -> None:
        message = f"{key!r} stands here again"
        hint = f"the first one is at {self._at(first)}; keep one"
        self.findings.append(self._found(rules.DUPLICATE_KEY, mark, message, hint))

    def _mark(self, event: yaml.Event) -> Mark:
        start = event.start_mark
        if start is None or start.line >= self._end.line:
            return self._end
        return Mark(start.line + 1, start.column + 1)

    def _at(self, mark: Mark) -> Position:
        return Position(self._file, mark.line + self._first_line - 1, mark.column)

    def _found(self, rule: Rule, mark: Mark, message: str, hint: str) -> Finding:
        return rule.at(self._at(mark), message, hint)

    def _too_nested(self, mark: Mark, message: str) -> _Refused:
        return _Refused(self._found(rules.TOO_NESTED, mark, message, "write it flat"))
