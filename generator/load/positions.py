"""Text to nodes with positions; the only importer of yaml.

The events of the parser are put together without recursion and with limits, so that a hostile file ends
in a finding: 10,000 levels of nesting, aliases that double at every step, an alias to itself.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from generator.findings import Finding, Position, Rule
from generator.load import rules
from generator.load.nodes import NO_KEYS, Document, Mark, Node, Plain, end_of
from generator.load.syntax import Complaint, syntax_finding
from generator.schema.base import Scalar

__all__ = ["DEPTH_LIMIT", "SIZE_LIMIT", "Document", "Plain", "read_documents"]

DEPTH_LIMIT = 64
SIZE_LIMIT = 100_000

_Loader: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_YAML_ORG = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset({"!", f"{_YAML_ORG}str"})
_TAGS = frozenset(f"{_YAML_ORG}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")) | {"!"}
_START = Mark(1, 1)
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
    keys: dict[str, Mark] | None
    """Where the keys of a mapping stand; None for a list."""
    key: str | None = None
    """The key whose value comes next."""
    key_mark: Mark = _START


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
        """The document whose start was read last; scalars first, because nearly all events are scalars."""
        stack = self._stack
        anchors: dict[str, Node] = {}
        root: Node | None = None
        for event in events:
            mark = self._mark(event)
            if isinstance(event, yaml.ScalarEvent):
                if stack and stack[-1].keys is not None and stack[-1].key is None:
                    self._open_key(stack[-1], event, mark, anchors)
                    continue
                node = self._scalar(event, mark, anchors)
            elif isinstance(event, yaml.CollectionStartEvent):
                stack.append(self._opened(event, mark, anchors))
                continue
            elif isinstance(event, yaml.CollectionEndEvent):
                node = stack.pop().node
                mark = node.mark
            elif isinstance(event, yaml.AliasEvent):
                node = self._aliased(anchors, event.anchor or "", mark)
            else:
                return root
            if stack:
                self._add(stack[-1], node, mark)
            else:
                root = node
        return root

    def _scalar(self, event: yaml.ScalarEvent, mark: Mark, anchors: dict[str, Node]) -> Node:
        plain = not event.style and event.tag not in _TEXT_TAGS
        empty = plain and event.value in _NULLS
        node = Node(mark, None if empty else Scalar(event.value, plain=plain), NO_KEYS)
        if event.tag is not None or event.anchor is not None:
            self._remember(event, node, anchors)
        return node

    def _opened(self, event: yaml.CollectionStartEvent, mark: Mark, anchors: dict[str, Node]) -> _Open:
        keys: dict[str, Mark] | None = {} if isinstance(event, yaml.MappingStartEvent) else None
        node = Node(mark, [] if keys is None else {}, NO_KEYS if keys is None else keys, depth=1)
        self._remember(event, node, anchors)
        self._refuse_depth(node, mark)
        return _Open(node, bool(event.flow_style), keys)

    def _remember(
        self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, node: Node, anchors: dict[str, Node]
    ) -> None:
        """The foreign tag and the anchor of a value."""
        if event.tag is not None and event.tag not in _TAGS:
            self._tags.append((event.tag.replace(_YAML_ORG, "!!"), node.mark))
        if event.anchor is not None:
            anchors[event.anchor] = node

    def _refuse_depth(self, node: Node, mark: Mark) -> None:
        if len(self._stack) + node.depth > DEPTH_LIMIT:
            raise self._too_nested(mark, f"nested deeper than {DEPTH_LIMIT} levels")

    def _aliased(self, anchors: Mapping[str, Node], anchor: str, mark: Mark) -> Node:
        target = anchors.get(anchor)
        if target is None:
            hint = "define it with & before its first use, or put text that starts with * in quotes"
            raise _Refused(self._found(rules.YAML_SYNTAX, mark, f"the alias *{anchor} has no anchor before it", hint))
        if any(opened.node is target for opened in self._stack):
            raise self._too_nested(mark, f"the alias *{anchor} stands inside itself")
        self._refuse_depth(target, mark)
        return target

    def _add(self, parent: _Open, node: Node, mark: Mark) -> None:
        """The node as the value of the last key, or as the next item, or (an alias) as the next key."""
        key, container = parent.key, parent.node.content
        if isinstance(container, list):
            container.append(node)
        elif isinstance(container, dict):
            if key is None:
                parent.key, parent.key_mark = self._key(node), mark
                return
            parent.key = None
            if key in container:
                self._duplicate(key, parent.key_mark, parent.node.keys[key])
                return
            container[key] = node
            assert parent.keys is not None
            parent.keys[key] = parent.key_mark
        parent.node.depth = max(parent.node.depth, node.depth + 1)
        parent.node.size += node.size
        if self._size + parent.node.size > SIZE_LIMIT:
            raise self._too_nested(mark, f"the file holds over {SIZE_LIMIT:,} values, aliases expanded")

    def _open_key(self, parent: _Open, event: yaml.ScalarEvent, mark: Mark, anchors: dict[str, Node]) -> None:
        """A key as it was typed: `null` and `2.10` are words here."""
        if event.value == "<<" or event.tag is not None or event.anchor is not None:
            self._refuse_merge(self._scalar(event, mark, anchors))
        parent.key, parent.key_mark = str(event.value), mark

    def _key(self, node: Node) -> str:
        """A key that is no word of its own: what an alias stands for."""
        if isinstance(node.content, dict | list):
            raise _Refused(
                self._found(rules.YAML_SYNTAX, node.mark, "a key is a mapping or a list", "a key is one word")
            )
        self._refuse_merge(node)
        return str(node.content or "")

    def _refuse_merge(self, key: Node) -> None:
        if isinstance(key.content, Scalar) and key.content.plain and key.content == "<<":
            message = "merge keys (<<) are not part of YAML 1.2"
            raise _Refused(self._found(rules.YAML_SYNTAX, key.mark, message, "write the keys out"))

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
