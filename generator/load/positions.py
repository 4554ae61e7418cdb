"""Text to nodes with positions; the only importer of yaml.

The events of the parser are put together without recursion and with limits, so that a hostile file ends
in a finding: 10,000 levels of nesting, aliases that double at every step, an alias to itself, a long text with
thousands of aliases.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import yaml

from generator.findings import Finding, Position, Rule
from generator.load import rules
from generator.load.escapes import PreparedText, prepare_escapes
from generator.load.nodes import NO_KEYS, Document, Mark, Node, Plain, end_of
from generator.load.syntax import UNPAIRED_SURROGATE, Complaint, syntax_finding
from generator.schema.base import Scalar

__all__ = ["DEPTH_LIMIT", "SIZE_LIMIT", "Document", "Plain", "read_documents"]

DEPTH_LIMIT = 64
SIZE_LIMIT = 100_000
TEXT_LIMIT = 5_000_000
"""How many characters the values and keys of a file may have, aliases expanded."""

_MOST_DIRECTIVES = 100

_Loader: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_YAML_ORG = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset({"!", f"{_YAML_ORG}str"})
_TAGS = frozenset(f"{_YAML_ORG}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")) | {"!"}
_START = Mark(1, 1)
_SURROGATE = re.compile("[\ud800-\udfff]")
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
    if text.count("\n%TAG") > _MOST_DIRECTIVES:  # libyaml compares each one with all before it
        hint = "remove them: cards need no line that starts with %"
        message = f"the file has over {_MOST_DIRECTIVES} %TAG directives"
        return [], [rules.TOO_NESTED.at(Position(file, first_line), message, hint)]
    prepared = prepare_escapes(text)
    reader = _Reader(prepared, file, first_line)
    try:
        documents.extend(reader.documents(_parse_events(prepared.text)))
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


def _parse_events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_Loader)
    except ValueError as error:  # of the parser in Python, for "\\U0011ffff"
        raise yaml.MarkedYAMLError(problem="invalid escape") from error


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

    def __init__(self, prepared: PreparedText, file: str, first_line: int) -> None:
        self._prepared = prepared
        self._end = end_of(prepared.text)
        self._file = file
        self._first_line = first_line
        self.findings: list[Finding] = []
        """What is wrong, but does not end the reading."""
        self._size = 0
        """How many values the documents have so far, aliases expanded."""
        self._length = 0
        """How many characters these values and their keys have."""
        self._anchors: dict[Mark, Mark] = {}
        """The place of the anchor for each alias of the document that is being read."""
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
                self._tags, self._stack, self._anchors = [], [], {}
                root = self._document(events)
                if root is not None:
                    self._size += root.size
                    self._length += root.length
                    yield Document(self._file, root, self._first_line, tuple(self._tags), self._anchors)

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
        text = event.value if plain and not self._prepared.digit else self._text(event, mark)
        empty = plain and text in _NULLS
        node = Node(mark, None if empty else Scalar(text, plain=plain), NO_KEYS, length=len(text))
        if event.tag is not None or event.anchor is not None:
            self._remember(event, node, anchors)
        return node

    def _text(self, event: yaml.ScalarEvent, mark: Mark) -> str:
        text = str(event.value)
        if self._prepared.digit:
            text = self._prepared.restore(text, escaped=event.style == '"')
        if event.style == '"' and not text.isascii() and _SURROGATE.search(text):  # the parser in Python lets them pass
            raise _Refused(self._found(rules.YAML_SYNTAX, mark, *UNPAIRED_SURROGATE))
        return text

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
        self._anchors[mark] = target.mark
        return target

    def _add(self, parent: _Open, node: Node, mark: Mark) -> None:
        """The node as the value of the last key, or as the next item, or (an alias) as the next key."""
        key, container = parent.key, parent.node.content
        step: str | int | None = key
        if isinstance(container, list):
            container.append(node)
            step = len(container) - 1
        elif isinstance(container, dict):
            if key is None:
                parent.node.length += node.length
                self._refuse_size(parent.node, mark)
                parent.key, parent.key_mark = self._key(node), mark
                return
            parent.key = None
            if key in container:
                self._duplicate(key, parent.key_mark, parent.node.keys[key])
                return
            container[key] = node
            assert parent.keys is not None
            parent.keys[key] = parent.key_mark
        if mark is not node.mark and step is not None:
            if parent.node.aliases is None:
                parent.node.aliases = {}
            parent.node.aliases[step] = mark
        parent.node.depth = max(parent.node.depth, node.depth + 1)
        parent.node.size += node.size
        parent.node.length += node.length
        self._refuse_size(parent.node, mark)

    def _refuse_size(self, node: Node, mark: Mark) -> None:
        if self._size + node.size > SIZE_LIMIT:
            raise self._too_nested(mark, f"the file holds over {SIZE_LIMIT:,} values, aliases expanded")
        if self._length + node.length > TEXT_LIMIT:
            message = f"the file has over {TEXT_LIMIT:,} characters, aliases expanded"
            hint = "write a shorter text, or link to it instead of repeating it"
            raise _Refused(self._found(rules.TOO_NESTED, mark, message, hint))

    def _open_key(self, parent: _Open, event: yaml.ScalarEvent, mark: Mark, anchors: dict[str, Node]) -> None:
        """A key as it was typed: `null` and `2.10` are words here."""
        if event.value == "<<" or event.tag is not None or event.anchor is not None:
            self._refuse_merge(self._scalar(event, mark, anchors))
        parent.key, parent.key_mark = self._text(event, mark), mark
        parent.node.length += len(parent.key)

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
