"""Edits of single values in a YAML text, which leave every other character as it is.

A round trip through a YAML writer would indent lists differently, fold long lines and drop the spaces in `{ a: b }`.
"""

import re
from collections.abc import Iterable
from itertools import pairwise

from generator.load.nodes import Mark, Node, Path
from generator.schema.base import Scalar
from generator.values import FrozenValue

_PROPERTIES = re.compile(r"(?:[&!]\S*\s*)*")
"""The anchor and the tag before a value."""
_ALIAS = re.compile(r"\*[^\s,\[\]{}]+")
_SPACES = re.compile(r" *")


class TextEdit(FrozenValue, order=True):
    """The replacement of the characters from `start` up to `end`."""

    start: int
    end: int
    text: str = ""


def apply_text_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """Return the text with all edits made; raise ValueError if two of them overlap."""
    parts: list[str] = []
    done = 0
    for edit in sorted(set(edits)):
        if edit.start < done:
            raise ValueError(f"two edits overlap at character {edit.start}")
        parts += [text[done : edit.start], edit.text]
        done = edit.end
    return "".join([*parts, text[done:]])


class YamlNode(FrozenValue):
    """A value in a text, together with the list or the mapping that it is an entry of."""

    text: str
    node: Node
    parent: "YamlNode | None" = None
    step: str | int = 0
    """Its key or its index in the parent."""

    @property
    def value(self) -> str:
        """The text of a scalar; empty for anything else."""
        return str(self.node.content) if isinstance(self.node.content, Scalar) else ""

    @property
    def is_list(self) -> bool:
        """Whether it is a list."""
        return isinstance(self.node.content, list)

    @property
    def alias(self) -> Mark | None:
        """The position of the alias for the value; None if it has none."""
        aliases = self.parent.node.aliases if self.parent is not None else None
        return aliases.get(self.step) if aliases is not None else None

    @property
    def start(self) -> int:
        """The offset of the value itself, behind its anchor and tag; of an alias, that of the alias."""
        if self.alias is not None:
            return self.alias.offset
        return _skip(_PROPERTIES, self.text, self.node.mark.offset, self.node.end)

    @property
    def end(self) -> int:
        """The offset of the character behind the value or the alias."""
        return self.node.end if self.alias is None else _skip(_ALIAS, self.text, self.alias.offset)

    @property
    def entry_start(self) -> int:
        """The offset of its key or, in a list, of its anchor, its tag or the value."""
        if isinstance(self.step, str) and self.parent is not None:
            return self.parent.node.keys[self.step].offset
        return (self.alias or self.node.mark).offset

    @property
    def is_flow(self) -> bool:
        """Whether it is written in brackets."""
        return self.text[self.start : self.start + 1] in {"[", "{"}

    def list_children(self) -> list["YamlNode"]:
        """Return the items of a list or the values of a mapping."""
        match self.node.content:
            case dict() as mapping:
                return [YamlNode(self.text, child, self, key) for key, child in mapping.items()]
            case list() as sequence:
                return [YamlNode(self.text, child, self, index) for index, child in enumerate(sequence)]
            case _:
                return []

    def find(self, path: Path) -> "YamlNode | None":
        """Return the value at a path; None if it does not exist. `(…, 0)` also finds a single value without a list."""
        found = self
        for step in path:
            child = next((child for child in found.list_children() if child.step == step), None)
            if child is None:
                return found if step == 0 and found.value else None
            found = child
        return found

    def replace_value(self, value: str) -> TextEdit:
        """Replace a scalar, within the quotes that it has."""
        old = self.text[self.start : self.end]
        quote = old[:1] if old[:1] in {"'", '"'} else ""
        gap = "" if old or self.text[self.start - 1 : self.start] == " " else " "
        return TextEdit(self.start, self.end, f"{gap}{quote}{value}{quote}")

    def insert_key(self, key: str, value: str) -> TextEdit:
        """Insert a key behind this value of a mapping."""
        assert self.parent is not None
        if self.parent.is_flow:
            return TextEdit(self.end, self.end, f", {key}: {value}")
        first_key = next(iter(self.parent.node.keys.values()))
        return self.insert_lines([f"{' ' * (first_key.column - 1)}{key}: {value}"])

    def insert_lines(self, lines: Iterable[str]) -> TextEdit:
        """Insert lines behind the last line of this value, with the line breaks of the text."""
        ending = "\r\n" if "\r\n" in self.text else "\n"
        end = self._find_line_end(self.end)
        return TextEdit(end, end, "".join(f"{ending}{line}" for line in lines))

    def remove_children(self, steps: Iterable[str | int]) -> list[TextEdit]:
        """Remove some of the entries of this list or mapping, with their keys; at least one stays.

        Raises ValueError if an entry cannot be removed alone, such as one with a key behind a question mark.
        """
        children, removed = self.list_children(), set(steps)
        last = max(index for index, child in enumerate(children) if child.step not in removed)
        start, end = children[last].end, children[-1].end
        if start < end and self.is_flow and "\n" not in self.text[start:end]:  # with the comma before them
            return [TextEdit(start, end), *(one.remove() for one in children[:last] if one.step in removed)]
        return [child.remove() for child in children if child.step in removed]

    def remove(self) -> TextEdit:
        """Remove this value from its list or mapping, with its key."""
        assert self.parent is not None
        start = self.entry_start
        before = self.text[self.text.rfind("\n", 0, start) + 1 : start]
        line_start = start - len(before)
        if self.parent.is_flow:
            after = _skip(_SPACES, self.text, self.end)
            has_comma = self.text[after : after + 1] == ","
            behind = self.text[after + has_comma : self._find_line_end(after)].strip()
            if not before.strip() and (not behind or behind.startswith("#")):  # it has a line of its own
                return TextEdit(line_start, self.text.find("\n", after) + 1)
            return TextEdit(start, _skip(_SPACES, self.text, after + 1) if has_comma else self.end)
        if isinstance(self.step, str) and before.strip():  # behind the dash of a list, where the next key moves to
            siblings = self.parent.list_children()
            following = next((after for one, after in pairwise(siblings) if one.step == self.step), None)
            if following is None:
                raise ValueError(f"no key follows {before.strip()!r}")
            return TextEdit(start, following.entry_start)
        line_end = self.text.find("\n", self.end)
        return TextEdit(line_start, len(self.text) if line_end < 0 else line_end + 1)

    def _find_line_end(self, offset: int) -> int:
        end = self.text.find("\n", offset)
        end = len(self.text) if end < 0 else end
        return end - 1 if self.text[end - 1 : end] == "\r" else end


def _skip(pattern: re.Pattern[str], text: str, offset: int, limit: int | None = None) -> int:
    match = pattern.match(text, offset, len(text) if limit is None else limit)
    return match.end() if match else offset
