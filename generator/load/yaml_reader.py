"""Text to nodes with positions. Only this module imports yaml.

The events of the parser are put together without recursion and within limits, so that a hostile file ends in a
finding: 10,000 levels of nesting, aliases that double at every step, an alias of itself, a long text with thousands
of aliases.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from sys import intern
from typing import Any

import yaml

from generator.findings import Finding, Position, Rule
from generator.load import rules
from generator.load.nodes import NO_KEYS, Document, Mark, Node, build_scalar, find_end
from generator.load.syntax import UNPAIRED_SURROGATE, ParserError, PreparedText, explain_syntax_error, prepare_escapes
from generator.schema.base import Scalar

DEPTH_LIMIT = 64
SIZE_LIMIT = 100_000
TEXT_LIMIT = 5_000_000
"""The most characters in the values and keys of a file, with its aliases expanded."""
_MOST_DIRECTIVES = 100

_Loader: type[yaml.CSafeLoader | yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_YAML_ORG = "tag:yaml.org,2002:"
_TEXT_TAGS = frozenset({"!", f"{_YAML_ORG}str"})
_KNOWN_TAGS = frozenset(f"{_YAML_ORG}{name}" for name in ("str", "int", "float", "bool", "null", "map", "seq")) | {"!"}
_START = Mark(1, 1, 0)
_SURROGATE = re.compile("[\ud800-\udfff]")
_INVALID = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
"""The characters that YAML excludes, and the line breaks of Unicode: other tools do not count lines by them."""
COMPLEX_KEY = "…"
"""The key that replaces a mapping or a list as a key, in YAML that is not a card."""


class _RefusedError(Exception):
    """The end of reading, with the finding that explains it."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def read_documents(
    text: str, file: str, first_line: int = 1, *, is_card: bool = True
) -> tuple[list[Document], list[Finding]]:
    """Return the YAML documents of a text, and findings about them.

    A syntax error ends the file, since nothing after it can be trusted; the documents before it are kept. YAML that
    is not a card (`is_card` is false) may have merge keys, read as other keys are, complex keys, and duplicate keys,
    of which the last one is kept.
    """
    found = _INVALID.search(text)
    if found is not None:
        column = found.start() - text.rfind("\n", 0, found.start())
        place = Position(file, text.count("\n", 0, found.start()) + first_line, column)
        name = unicodedata.name(found[0], "control character").lower()
        message = f"invalid character U+{ord(found[0]):04X} ({name})"
        return [], [rules.NOT_TEXT.at(place, message, "remove it, or write a space or a new line")]
    if text.count("\n%TAG") > _MOST_DIRECTIVES:  # libyaml compares each one with all before it
        message = f"over {_MOST_DIRECTIVES} %TAG directives"
        return [], [rules.TOO_NESTED.at(Position(file, first_line), message, "remove the lines that start with %")]
    documents: list[Document] = []
    prepared = prepare_escapes(text)
    reader = _Reader(prepared, file, first_line, is_card=is_card)
    try:
        documents.extend(reader.read(iter(_Loader(prepared.text).get_event, None)))
        refusal = []
    except _RefusedError as refused:
        refusal = [refused.finding]
    except (yaml.YAMLError, ValueError) as error:  # ValueError is of the parser in Python, for "\\U0011ffff"
        problem = getattr(error, "problem", None) or ("invalid escape" if isinstance(error, ValueError) else "not YAML")
        marks = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
        refusal = [explain_syntax_error(text, file, first_line, ParserError(problem, *marks), reader.open_bracket)]
    return documents, reader.findings + refusal


@dataclass(slots=True)
class _OpenCollection:
    """A mapping or a list that is being read."""

    node: Node
    is_flow: bool
    """Whether it is written in brackets."""
    keys: dict[str, Mark] | None
    """The positions of the keys of a mapping; None for a list."""
    key: str | None = None
    """The key of the next value."""
    key_mark: Mark = _START


class _Reader:
    """Builds documents from the events of the parser."""

    def __init__(self, prepared: PreparedText, file: str, first_line: int, *, is_card: bool) -> None:
        self._prepared = prepared
        self._end = find_end(prepared.text)
        self._file = file
        self._first_line = first_line
        self._is_card = is_card
        self.findings: list[Finding] = []
        """The mistakes that do not end the reading."""
        self._size = 0
        """The number of values in the documents that were read, with their aliases expanded."""
        self._length = 0
        """The number of characters in these values and their keys."""
        # Of the document that is being read:
        self._stack: list[_OpenCollection] = []
        self._named: dict[str, Node] = {}
        """The values with anchors, by their names."""
        self._anchors: dict[Mark, Mark] = {}
        self._tags: list[tuple[str, Mark]] = []

    @property
    def open_bracket(self) -> Mark | None:
        """The position of the innermost bracket that is not closed yet."""
        return next((opened.node.mark for opened in reversed(self._stack) if opened.is_flow), None)

    def read(self, events: Iterator[Any]) -> Iterator[Document]:
        """Yield the documents."""
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                self._stack, self._named, self._anchors, self._tags = [], {}, {}, []
                root = self._read_document(events)
                if root is not None:
                    self._size += root.size
                    self._length += root.length
                    yield Document(self._file, root, self._first_line, tuple(self._tags), self._anchors)

    def _read_document(self, events: Iterator[Any]) -> Node | None:
        stack, last_line = self._stack, self._end.line
        root: Node | None = None
        for event in events:
            start, end = event.start_mark, event.end_mark
            line = start.line + 1
            # libyaml may set a mark on the line behind the last one.
            mark = Mark(line, start.column + 1, start.index) if line <= last_line else self._end
            if isinstance(event, yaml.ScalarEvent):  # first, because nearly all events are scalars
                if stack and stack[-1].keys is not None and stack[-1].key is None:
                    self._open_key(stack[-1], event, mark)
                    continue
                node = self._build_scalar(event, mark, end.index)
            elif isinstance(event, yaml.CollectionStartEvent):
                stack.append(self._open_collection(event, mark))
                continue
            elif isinstance(event, yaml.CollectionEndEvent):
                closed = stack.pop()
                node = closed.node
                mark = node.mark
                if closed.is_flow:
                    node.end = end.index
            elif isinstance(event, yaml.AliasEvent):
                node = self._resolve_alias(event.anchor or "", mark)
                if stack:
                    stack[-1].node.end = end.index
            else:
                return root
            if stack:
                self._add(stack[-1], node, mark)
            else:
                root = node
        return root

    def _build_scalar(self, event: yaml.ScalarEvent, mark: Mark, end: int) -> Node:
        style = event.style
        is_plain = not style and event.tag not in _TEXT_TAGS
        text = event.value if is_plain and not self._prepared.digit else self._get_text(event, mark)
        is_null = is_plain and text in _NULLS
        if style in {"|", ">"}:  # the mark of the parser is on the line of the next value
            end = mark.offset + len(self._prepared.text[mark.offset : end].rstrip())
        content = None if is_null else build_scalar(text, plain=is_plain)
        node = Node(mark, content, NO_KEYS, end, len(text))
        if event.tag is not None or event.anchor is not None:
            self._keep_tag_and_anchor(event, node)
        return node

    def _get_text(self, event: yaml.ScalarEvent, mark: Mark) -> str:
        text = str(event.value)
        if self._prepared.digit:
            text = self._prepared.restore(text, escaped=event.style == '"')
        if event.style == '"' and not text.isascii() and _SURROGATE.search(text):  # the parser in Python accepts them
            raise self._refuse(rules.YAML_SYNTAX, mark, *UNPAIRED_SURROGATE)
        return text

    def _open_collection(self, event: yaml.CollectionStartEvent, mark: Mark) -> _OpenCollection:
        keys: dict[str, Mark] | None = {} if isinstance(event, yaml.MappingStartEvent) else None
        node = Node(mark, [] if keys is None else {}, NO_KEYS if keys is None else keys, mark.offset, depth=1)
        self._keep_tag_and_anchor(event, node)
        self._check_depth(node, mark)
        return _OpenCollection(node, bool(event.flow_style), keys)

    def _keep_tag_and_anchor(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, node: Node) -> None:
        if event.tag is not None and event.tag not in _KNOWN_TAGS:
            self._tags.append((event.tag.replace(_YAML_ORG, "!!"), node.mark))
        if event.anchor is not None:
            self._named[event.anchor] = node

    def _check_depth(self, node: Node, mark: Mark) -> None:
        if len(self._stack) + node.depth > DEPTH_LIMIT:
            raise self._refuse(rules.TOO_NESTED, mark, f"nested deeper than {DEPTH_LIMIT} levels", "write it flat")

    def _resolve_alias(self, name: str, mark: Mark) -> Node:
        target = self._named.get(name)
        if target is None:
            hint = "define it with & before its first use, or put text that starts with * in quotes"
            raise self._refuse(rules.YAML_SYNTAX, mark, f"unresolved alias *{name}: no anchor before it", hint)
        if any(opened.node is target for opened in self._stack):
            raise self._refuse(rules.TOO_NESTED, mark, f"recursive alias *{name}", "write it flat")
        self._check_depth(target, mark)
        self._anchors[mark] = target.mark
        return target

    def _add(self, parent: _OpenCollection, node: Node, mark: Mark) -> None:
        """Add a node as the value of the last key, as the next item or, if it is an alias, as the next key."""
        key, container, owner = parent.key, parent.node.content, parent.node
        step: str | int | None = key
        is_alias = mark is not node.mark
        if not is_alias:
            owner.end = node.end
        if isinstance(container, list):
            container.append(node)
            step = len(container) - 1
        elif isinstance(container, dict):
            if key is None:
                owner.length += node.length
                self._check_size(owner, mark)
                parent.key, parent.key_mark = self._get_key(node), mark
                return
            parent.key = None
            if key in container and self._is_card:
                message = f"duplicate key {key!r}: first defined on line {self._locate(owner.keys[key]).line}"
                self.findings.append(rules.DUPLICATE_KEY.at(self._locate(parent.key_mark), message, "keep one of them"))
                return
            container[key] = node
            assert parent.keys is not None
            parent.keys[key] = parent.key_mark
        if is_alias and step is not None:
            owner.aliases = owner.aliases or {}
            owner.aliases[step] = mark
        owner.depth = max(owner.depth, node.depth + 1)
        owner.size += node.size
        owner.length += node.length
        self._check_size(owner, mark)

    def _check_size(self, node: Node, mark: Mark) -> None:
        if self._size + node.size > SIZE_LIMIT:
            message = f"the file has over {SIZE_LIMIT:,} values, aliases expanded"
            raise self._refuse(rules.TOO_NESTED, mark, message, "write it flat")
        if self._length + node.length > TEXT_LIMIT:
            message = f"the file has over {TEXT_LIMIT:,} characters, aliases expanded"
            hint = "write a shorter text, or link to it instead of repeating it"
            raise self._refuse(rules.TOO_NESTED, mark, message, hint)

    def _open_key(self, parent: _OpenCollection, event: yaml.ScalarEvent, mark: Mark) -> None:
        """Keep a key as it was typed: `null` and `2.10` are words here."""
        if event.value == "<<" or event.tag is not None or event.anchor is not None:
            self._refuse_merge_key(self._build_scalar(event, mark, mark.offset))
        # Interned, because the keys of all cards are the same few words.
        parent.key, parent.key_mark = intern(self._get_text(event, mark)), mark
        parent.node.length += len(parent.key)

    def _get_key(self, node: Node) -> str:
        """Return a key that is an alias or a collection as text."""
        if isinstance(node.content, dict | list):
            if not self._is_card:
                return COMPLEX_KEY
            kind = "mapping" if isinstance(node.content, dict) else "list"
            raise self._refuse(
                rules.YAML_SYNTAX, node.mark, f"invalid key: a {kind}, expected one word", "write one word"
            )
        self._refuse_merge_key(node)
        return str(node.content or "")

    def _refuse_merge_key(self, key: Node) -> None:
        if self._is_card and isinstance(key.content, Scalar) and key.content.plain and key.content == "<<":
            message = "unexpected merge key (<<): cards are YAML 1.2"
            raise self._refuse(rules.YAML_SYNTAX, key.mark, message, "write the keys out")

    def _locate(self, mark: Mark) -> Position:
        return Position(self._file, mark.line + self._first_line - 1, mark.column)

    def _refuse(self, rule: Rule, mark: Mark, message: str, hint: str) -> _RefusedError:
        return _RefusedError(rule.at(self._locate(mark), message, hint))
