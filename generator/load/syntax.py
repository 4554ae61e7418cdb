"""What the YAML parser complains about, in words that the author of a card knows, at the place to mend."""

import re
from dataclasses import dataclass
from typing import Protocol

from generator.findings import Finding, Position
from generator.load import rules
from generator.load.escapes import HALF
from generator.load.nodes import Mark, end_of


class TextMark(Protocol):
    """A place as the parser names it, counted from 0."""

    index: int
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error of the parser."""

    problem: str
    place: TextMark | None
    began: TextMark | None
    """Where that began which the parser was reading."""


UNPAIRED_SURROGATE = (
    "invalid escape: half a character, expected a pair such as \\ud83c\\udf72",
    "write the character itself, or both halves",
)
"""The message and the hint for an escape of half a character."""
_CHECK_BRACKET = "check the brackets"
_IN_WORDS: dict[str, tuple[str, str]] = {
    "mapping values are not allowed": (
        "a colon where no key can stand",
        "put text that holds a colon and a space in quotes, or check the indentation",
    ),
    "could not find expected ':'": ("this line has no colon", "write `key: value`, or indent text that goes on"),
    "did not find expected ','": ("a comma or a closing bracket is missing", _CHECK_BRACKET),
    "expected ',' or": ("a comma or a closing bracket is missing", _CHECK_BRACKET),
    "did not find expected '-' indicator": ("a list goes on with `- `", "check the indentation"),
    "did not find expected key": ("a key is expected here", "check the indentation of this line and those before it"),
    "did not find expected node content": ("a value is expected here", "put text that starts with this in quotes"),
    "unknown escape character": ("a backslash in double quotes", "double the backslash, or use single quotes"),
    "escape": ("a backslash in double quotes", "double the backslash, or use single quotes"),
    "incompatible YAML document": ("cards are YAML 1.2", "remove the line that starts with %"),
    "directive": ("cards need no line that starts with %", "remove it, or put text that starts with % in quotes"),
}
_TOLD_WHERE_IT_BEGAN = ("could not find expected ':'",)
_TOLD_OF_A_TAB = ("violates indentation", "mapping values are not allowed", "cannot start any token")
"""What the parser may say where a tab indents a line; what it says depends on the line before it."""

_SEPARATOR = re.compile(r"^(?:---|\.\.\.)(?!\S)", re.MULTILINE)
_CONFLICT = re.compile(r"^(?P<marker><{7}|={7}|>{7}|\|{7})(?!\S).*$", re.MULTILINE)
_UNCLOSED_QUOTE = ("unexpected end of stream", "unexpected document indicator")


def syntax_finding(text: str, file: str, first_line: int, complaint: Complaint, bracket: Mark | None) -> Finding:
    """The finding for an error of the parser; `bracket` is the innermost one that is still open."""
    plainer = find_conflict(text, file, first_line) or _tab(text, file, first_line, complaint)
    if plainer is not None:
        return plainer
    # A document that ends within a bracket ends the file, or before the separator of the next one.
    end = len(text) if complaint.place is None else complaint.place.index
    at_end = end >= len(text.rstrip()) or _SEPARATOR.match(text, end) is not None
    opened = Position(file, bracket.line + first_line - 1, bracket.column) if bracket else None
    if complaint.began is not None and any(words in complaint.problem for words in _UNCLOSED_QUOTE):
        where = _position(text, file, first_line, complaint.began)
        return rules.YAML_SYNTAX.at(where, "this quote is not closed", "close it; double a quote that belongs to it")
    if at_end and opened is not None:
        return rules.YAML_SYNTAX.at(opened, "this bracket is not closed", "close it, or put the text in quotes")
    at_start = complaint.began is not None and any(words in complaint.problem for words in _TOLD_WHERE_IT_BEGAN)
    where = _position(text, file, first_line, complaint.began if at_start else complaint.place)
    message, hint = _told(text, complaint)
    if opened is not None and hint == _CHECK_BRACKET:
        hint = f"the bracket was opened at {opened}"
    return rules.YAML_SYNTAX.at(where, message, hint)


def find_conflict(text: str, file: str, first_line: int) -> Finding | None:
    """Return the finding for the first line that git left where it could not merge; no such line is YAML."""
    found = _CONFLICT.search(text)
    if found is None:
        return None
    where = Position(file, text.count("\n", 0, found.start()) + first_line, 1)
    message = f"a conflict of git that is not resolved: `{found[0].strip()[:60]}`"
    hint = "keep one of the two versions, and remove the lines that start with <<<<<<<, ======= and >>>>>>>"
    return rules.YAML_SYNTAX.at(where, message, hint)


def _tab(text: str, file: str, first_line: int, complaint: Complaint) -> Finding | None:
    """The tab that indents the line at fault."""
    if complaint.place is None or not any(words in complaint.problem for words in _TOLD_OF_A_TAB):
        return None
    start = text.rfind("\n", 0, complaint.place.index) + 1
    indentation = re.compile(r"[ \t]*").match(text, start)
    assert indentation is not None
    tab = indentation[0].find("\t")
    if tab < 0:
        return None
    where = Position(file, complaint.place.line + first_line, tab + 1)
    return rules.YAML_SYNTAX.at(where, "a tab cannot indent", "indent with spaces")


def _position(text: str, file: str, first_line: int, mark: TextMark | None) -> Position:
    where = min(Mark(mark.line + 1, mark.column + 1), end_of(text)) if mark else end_of(text)
    return Position(file, where.line + first_line - 1, where.column)


def _told(text: str, complaint: Complaint) -> tuple[str, str]:
    # libyaml names the place of the digits, which stand behind the backslash and the `u`.
    if complaint.place is not None and HALF.match(text, max(complaint.place.index - 2, 0)):
        return UNPAIRED_SURROGATE
    if "cannot start any token" in complaint.problem and complaint.place is not None:
        character = text[complaint.place.index : complaint.place.index + 1]
        return f"{character!r} cannot start a value", "put text that starts with it in quotes"
    other = (complaint.problem, "check the line and the one before it")
    return next((told for words, told in _IN_WORDS.items() if words in complaint.problem), other)
