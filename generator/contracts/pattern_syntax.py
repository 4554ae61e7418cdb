"""Reads the regular expressions of JSON Schema (ECMA-262 with the u flag) into a tree.

Python's `re` cannot be asked about a stranger's pattern: `(a+)+$` keeps it busy for years. `patterns.py` matches this
tree in time that is bounded by the length of pattern times text.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import TypeAlias

from generator.contracts.cursor import Cursor

_DEEPEST = 50
_MOST_REPETITIONS = 10_000
_HIGHEST = 0x10FFFF
_QUANTIFIER = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<least>\d{1,9})(?P<comma>,(?P<most>\d{0,9}))?\})\??")
_GROUP = re.compile(r"\((?:\?(?:(?P<kind>:|=|!|<=|<!)|P?<[A-Za-z_$][\w$]*>))?")
_HEXADECIMAL = re.compile(r"x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}")
_PROPERTY = re.compile(r"[pP]\{(?:(?:General_Category|gc)=)?([A-Za-z_]+)\}")
_CATEGORIES = {"Letter": "L", "Uppercase_Letter": "Lu", "Lowercase_Letter": "Ll", "Mark": "M", "Number": "N",
               "Decimal_Number": "Nd", "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Other": "C"}  # fmt: skip
_CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "v": "\v", "f": "\f", "0": "\0"}
_LINE_ENDS = ((10, 10), (13, 13), (0x2028, 0x2029))
_CLASSES = {
    "d": ((48, 57),),
    "w": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "s": ((9, 13), (32, 32), (160, 160), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F),
          (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF)),
}  # fmt: skip


class PatternError(ValueError):
    """The text is no regular expression, or one that cannot be matched in bounded time (a back-reference)."""


@dataclass(frozen=True, slots=True)
class Characters:
    """One character out of a set: ranges of code points, Unicode categories, and other sets."""

    ranges: tuple[tuple[int, int], ...] = ()
    categories: tuple[str, ...] = ()
    members: tuple["Characters", ...] = ()
    negated: bool = False

    def holds(self, character: str) -> bool:
        """Whether the character is in the set."""
        code = ord(character)
        found = (
            any(first <= code <= last for first, last in self.ranges)
            or (bool(self.categories) and unicodedata.category(character).startswith(self.categories))
            or any(member.holds(character) for member in self.members)
        )
        return found != self.negated


@dataclass(frozen=True, slots=True)
class Sequence:
    """One after the other."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several."""

    options: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Repeat:
    """Several times; `most` None is without limit."""

    part: "Node"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Edge:
    """A place rather than a character: `^`, `$`, `b` (a word's edge) or `B` (none)."""

    kind: str


@dataclass(frozen=True, slots=True)
class Look:
    """What must, or must not, stand ahead or behind."""

    part: "Node"
    behind: bool
    negated: bool


Node: TypeAlias = Characters | Sequence | Choice | Repeat | Edge | Look

WORD = Characters(_CLASSES["w"])


def read(pattern: str) -> Node:
    """The tree of a pattern; raises PatternError, and nothing else, where there is none."""
    reader = _Reader(pattern)
    tree = reader.choice(0)
    if reader.position < len(pattern):
        message = f"an unmatched ) at character {reader.position + 1}"
        raise PatternError(message)
    return tree


@dataclass(slots=True)
class _Reader(Cursor):
    """Recursive descent, one method a level of the grammar."""

    def choice(self, depth: int) -> Node:
        if depth > _DEEPEST:
            message = f"groups nested more than {_DEEPEST} deep"
            raise PatternError(message)
        options = [self.sequence(depth)]
        while self.next() == "|":
            self.position += 1
            options.append(self.sequence(depth))
        return options[0] if len(options) == 1 else Choice(tuple(options))

    def sequence(self, depth: int) -> Node:
        parts: list[Node] = []
        while self.next() not in {"", "|", ")"}:
            parts.append(self.repeated(depth))
        return parts[0] if len(parts) == 1 else Sequence(tuple(parts))

    def repeated(self, depth: int) -> Node:
        part = self.atom(depth)
        quantifier = self.take(_QUANTIFIER)
        if quantifier is None:
            return part
        if isinstance(part, Edge) or self.next() in {"*", "+", "?"}:
            message = f"nothing to repeat at character {self.position}"
            raise PatternError(message)
        return _repeat(part, quantifier)

    def atom(self, depth: int) -> Node:
        character = self.next()
        if group := self.take(_GROUP):
            return self.group(group, depth)
        if character in {"*", "+", "?"}:
            message = f"nothing to repeat at character {self.position + 1}"
            raise PatternError(message)
        self.position += 1
        if character == "\\":
            return self.escape(in_set=False)
        if character == "[":
            return self.set()
        if character in {"^", "$"}:
            return Edge(character)
        return Characters(_LINE_ENDS, negated=True) if character == "." else _one(character)

    def group(self, group: re.Match[str], depth: int) -> Node:
        if self.next() == "?" and group["kind"] is None and group.group() == "(":
            message = f"a group of a kind that is not supported: (?{self.text[self.position + 1 : self.position + 3]}"
            raise PatternError(message)
        inside = self.choice(depth + 1)
        if self.next() != ")":
            message = f"a group opened at character {group.start() + 1} is never closed"
            raise PatternError(message)
        self.position += 1
        kind = group["kind"]
        return inside if kind in {None, ":"} else Look(inside, kind.startswith("<"), kind.endswith("!"))

    def set(self) -> Characters:
        start = self.position
        negated = self.next() == "^"
        self.position += negated
        ranges: list[tuple[int, int]] = []
        members: list[Characters] = []
        while self.next() not in {"", "]"}:
            low = self.member()
            if self.next() == "-" and self.text[self.position + 1 : self.position + 2] not in {"", "]"}:
                self.position += 1
                ranges.append(_range(low, self.member()))
            else:
                members.append(low)
        if not self.next():
            message = f"a set opened at character {start} is never closed"
            raise PatternError(message)
        self.position += 1
        return Characters(tuple(ranges), members=tuple(members), negated=negated)

    def member(self) -> Characters:
        character = self.next()
        self.position += 1
        if character != "\\":
            return _one(character)
        member = self.escape(in_set=True)
        return member if isinstance(member, Characters) else _one("\b" if member.kind == "b" else member.kind)

    def escape(self, *, in_set: bool) -> Characters | Edge:
        if code := self.take(_HEXADECIMAL):
            number = int(code[1] or code[2] or code[3], 16)
            return _one(chr(min(number, _HIGHEST)))
        if category := self.take(_PROPERTY):
            return self.category(category)
        character = self.next()
        self.position += 1
        if character.lower() in _CLASSES:
            return Characters(_CLASSES[character.lower()], negated=character.isupper())
        if character in {"b", "B"}:
            return Edge(character)
        if character in {"A", "Z", "z"} and not in_set:  # not ECMA's, but what Python's writers mean by ^ and $
            return Edge("^" if character == "A" else "$")
        if character in _CONTROLS and not self.next().isdigit():
            return _one(_CONTROLS[character])
        if not character or character.isalnum():
            message = f"\\{character} is no escape that can be checked"
            raise PatternError(message)
        return _one(character)

    def category(self, match: re.Match[str]) -> Characters:
        name = _CATEGORIES.get(match[1], match[1])
        if len(name) > 2 or name[0] not in "LMNPSZC":
            message = f"\\p{{{match[1]}}} is no category that can be checked"
            raise PatternError(message)
        return Characters(categories=(name,), negated=match.group().startswith("P"))


def _one(character: str) -> Characters:
    return Characters(((ord(character), ord(character)),))


def _range(low: Characters, high: Characters) -> tuple[int, int]:
    if len(low.ranges) == len(high.ranges) == 1 and low.ranges[0][0] <= high.ranges[0][1]:
        return low.ranges[0][0], high.ranges[0][1]
    message = "a range in a set runs backwards"
    raise PatternError(message)


def _repeat(part: Node, quantifier: re.Match[str]) -> Repeat:
    if quantifier["sign"]:
        return Repeat(part, int(quantifier["sign"] == "+"), 1 if quantifier["sign"] == "?" else None)
    least = int(quantifier["least"])
    most = least if quantifier["comma"] is None else int(quantifier["most"]) if quantifier["most"] else None
    if max(least, most or 0) > _MOST_REPETITIONS:
        message = f"a repetition of more than {_MOST_REPETITIONS} times"
        raise PatternError(message)
    if most is not None and most < least:
        message = f"{{{least},{most}}} counts backwards"
        raise PatternError(message)
    return Repeat(part, least, most)
