"""A file of cards as text that can be changed at single values, while every other character stays.

A round trip through ruamel.yaml keeps comments, yet indents lists anew, folds long lines and drops the spaces in
`{ a: b }`: lines that nobody meant to change. So ruamel.yaml only tells where each value begins and ends, and the
text between is replaced.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from generator.load.front_matter import yaml_of

Path = tuple[str | int, ...]

_MARKER = re.compile(r"\S+[ ]*")
_SPACES = re.compile(r"[ ]*")


@dataclass(frozen=True, order=True, slots=True)
class Edit:
    """The characters from `start` up to `end` become `text`."""

    start: int
    end: int
    text: str = ""


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made; raises ValueError where two of them overlap."""
    parts: list[str] = []
    done = 0
    for edit in sorted(set(edits)):
        if edit.start < done:
            message = f"two edits overlap at character {edit.start}"
            raise ValueError(message)
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


@dataclass(frozen=True)
class Place:
    """A value in a text with what stands around it."""

    text: str
    offset: int
    """Where the YAML begins in the text."""
    node: Node
    parent: MappingNode | SequenceNode | None = None
    index: int = 0
    """Its number among the items of its parent."""

    @property
    def start(self) -> int:
        """The first character of the value itself, past an anchor and a tag."""
        if self._is_nothing():
            return self.end
        position = self._at(self.node.start_mark.index)
        while self.text[position : position + 1] in {"&", "!"}:
            position = _past(_MARKER, self.text, position)
        return position

    @property
    def end(self) -> int:
        """The character after the value, without what follows a list or a mapping that is written by indentation."""
        if self._is_nothing() and isinstance(self.parent, MappingNode):
            key_end = self._at(self.parent.value[self.index][0].end_mark.index)
            return self.text.index(":", key_end) + 1  # the parser sets nothing at the start of what comes after it
        last = self.node
        while isinstance(last, SequenceNode | MappingNode) and not last.flow_style and last.value:
            last = last.value[-1] if isinstance(last, SequenceNode) else last.value[-1][1]
        end = self._at(last.end_mark.index)
        return len(self.text[:end].rstrip()) if _is_block_scalar(last) else end

    @property
    def value(self) -> str:
        """The text of a scalar; empty for anything else."""
        return str(self.node.value) if isinstance(self.node, ScalarNode) else ""

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.node, SequenceNode)

    def children(self) -> list["Place"]:
        """The items of a list or the values of a mapping."""
        if isinstance(self.node, SequenceNode):
            return [Place(self.text, self.offset, item, self.node, index) for index, item in enumerate(self.node.value)]
        if isinstance(self.node, MappingNode):
            pairs = enumerate(self.node.value)
            return [Place(self.text, self.offset, value, self.node, index) for index, (_, value) in pairs]
        return []

    def key_names(self) -> list[str]:
        """The keys of a mapping."""
        return [str(key.value) for key, _ in self.node.value] if isinstance(self.node, MappingNode) else []

    def child(self, step: str | int) -> "Place | None":
        """The value under a key or at an index; of a key that stands twice the first, as cards are read."""
        children = self.children()
        if isinstance(step, int):
            return children[step] if self.is_list and step < len(children) else None
        keys = self.key_names()
        return children[keys.index(step)] if step in keys else None

    def find(self, path: Path) -> "Place | None":
        """The value at a path; `(…, 0)` is also the one that stands there without a list."""
        place = self
        for step in path:
            child = place.child(step)
            if child is None:
                return place if step == 0 and isinstance(place.node, ScalarNode) else None
            place = child
        return place

    def replacement(self, value: str) -> Edit:
        """Write another word in the place of a scalar, in the quotes that it has."""
        old = self.text[self.start : self.end]
        quote = old[:1] if old[:1] in {"'", '"'} else ""
        gap = "" if old or self.text[self.start - 1 : self.start] == " " else " "
        return Edit(self.start, self.end, f"{gap}{quote}{value}{quote}")

    def without(self, indices: Iterable[int]) -> list[Edit]:
        """Take some of the items of this list or mapping out, with their keys; at least one stays."""
        children, gone = self.children(), set(indices)
        last = len(children)
        while last - 1 in gone:
            last -= 1
        tail = range(last, len(children))
        if tail and _is_flow(self.node) and "\n" not in self.text[children[last - 1].end : children[-1].end]:
            edits = [Edit(children[last - 1].end, children[-1].end)]
            gone -= set(tail)
        else:
            edits = []
        return edits + [children[index].removal() for index in sorted(gone)]

    def removal(self) -> Edit:
        """Take this one value out of its list or mapping, with its key.

        Raises ValueError where what stands around it leaves no way to, as a key that is written with a question mark.
        """
        assert self.parent is not None
        start = self._at(self._outer(self.index))
        return self._without_words(start) if _is_flow(self.parent) else self._without_lines(start)

    def insertion_after(self, key: str, value: str) -> Edit:
        """Add a key after this value of a mapping."""
        assert self.parent is not None
        if _is_flow(self.parent):
            return Edit(self.end, self.end, f", {key}: {value}")
        first_key = self._at(self.parent.value[0][0].start_mark.index)
        indentation = " " * (first_key - self._line_start(first_key))
        ending = "\r\n" if "\r\n" in self.text else "\n"
        end = self._line_end(self.end)
        return Edit(end, end, f"{ending}{indentation}{key}: {value}")

    def _is_nothing(self) -> bool:
        return isinstance(self.node, ScalarNode) and self.node.start_mark.index == self.node.end_mark.index

    def _outer(self, index: int) -> int:
        assert self.parent is not None
        item = self.parent.value[index]
        return int((item[0] if isinstance(item, tuple) else item).start_mark.index)

    def _at(self, index: int) -> int:
        return self.offset + index

    def _line_start(self, position: int) -> int:
        return self.text.rfind("\n", 0, position) + 1

    def _line_end(self, position: int) -> int:
        """The end of the line, before its line break."""
        end = self.text.find("\n", position)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[end - 1 : end] == "\r" else end

    def _without_lines(self, start: int) -> Edit:
        """An item by indentation: its lines; the first key after a dash makes room for the next one."""
        before = self.text[self._line_start(start) : start]
        if isinstance(self.parent, MappingNode) and before.strip():
            if self.index + 1 == len(self.parent.value):
                message = f"nothing follows to stand after {before.strip()!r}"
                raise ValueError(message)
            following = self._at(self._outer(self.index + 1))
            return Edit(start, following)
        last = self._line_end(self.end)
        after = self.text.find("\n", last)
        return Edit(self._line_start(start), len(self.text) if after < 0 else after + 1)

    def _without_words(self, start: int) -> Edit:
        """An item between brackets: its line where it has one of its own, else it and the comma after it."""
        own_line = not self.text[self._line_start(start) : start].strip()
        after = _past(_SPACES, self.text, self.end)
        comma = self.text[after : after + 1] == ","
        behind = self.text[after + comma : self._line_end(after)].strip()
        if own_line and (not behind or behind.startswith("#")):
            return Edit(self._line_start(start), self.text.find("\n", after) + 1)
        return Edit(start, _past(_SPACES, self.text, after + 1) if comma else self.end)


def _past(pattern: re.Pattern[str], text: str, position: int) -> int:
    match = pattern.match(text, position)
    return match.end() if match else position


def _is_flow(node: Node | None) -> bool:
    return isinstance(node, SequenceNode | MappingNode) and bool(node.flow_style)


def _is_block_scalar(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.style in {"|", ">"}


def roots(text: str, file: str) -> Mapping[tuple[int, int], Place]:
    """The documents of a file by the line and the column of their first key; empty when ruamel.yaml cannot read it."""
    offset, inner = yaml_of(text, file)
    line_offset = text.count("\n", 0, offset)
    reader = YAML(pure=True)
    reader.allow_duplicate_keys = True
    try:
        nodes = [node for node in reader.compose_all(inner) if isinstance(node, MappingNode)]
    except YAMLError:
        return {}
    return {
        (node.start_mark.line + line_offset + 1, node.start_mark.column + 1): Place(text, offset, node)
        for node in nodes
    }
