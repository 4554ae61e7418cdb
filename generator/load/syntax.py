"""The errors of the YAML parser as findings, and the escapes of JSON that it cannot read."""

import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from msgspec.structs import replace

from generator.findings import Finding, Position, Severity
from generator.load import rules
from generator.load.nodes import Document, Mark, find_end
from generator.values import FrozenValue

_PAIR = re.compile(r"\\(?:u([dD])([89abAB][0-9a-fA-F]{2}\\u)([dD])([c-fC-F][0-9a-fA-F]{2})|.)", re.DOTALL)
HALF = re.compile(r"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
"""An escape for half a character."""
_COMMENTED_VALUE = re.compile(r"^([\w-]+):[ \t]+(#[\w-]+)[ \t\r]*$", re.MULTILINE)
"""A key whose value is a comment of one word, such as a channel without quotes."""
_FIRST_DIGITS = "ecba"
"""The first digits of characters that may stand for the halves: private use, then syllables of Korean and others."""


class PreparedText(FrozenValue):
    """A text whose escaped pairs the parser can read."""

    text: str
    digit: str = ""
    """The first digit of the characters that stand for halves; empty if the text has no pairs."""

    def restore(self, value: str, *, escaped: bool) -> str:
        """Return a value as its author meant it; `escaped` is whether it is in double quotes."""
        if not self.digit:
            return value
        if not escaped:
            halves = rf"\\u([{self.digit}{self.digit.upper()}])(?=[89a-fA-F][0-9a-fA-F]{{2}})"
            return re.sub(halves, lambda match: r"\u" + ("D" if match[1].isupper() else "d"), value)
        shift = int(f"{self.digit}800", 16) - 0xD800
        pairs = re.sub(rf"[\u{self.digit}800-\u{self.digit}fff]", lambda half: chr(ord(half[0]) - shift), value)
        return pairs.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")


def prepare_escapes(text: str) -> PreparedText:
    """Rewrite the escaped pairs of a text so that the parser can read them."""
    if HALF.search(text) is None:
        return PreparedText(text)
    # A digit d is free if the text has no character from U+d800 to U+dfff, neither as it is nor escaped.
    used = r"[\u{0}800-\u{0}fff]|\\u(?i:{0})[89a-fA-F]"
    digit = next((digit for digit in _FIRST_DIGITS if not re.search(used.format(digit), text)), "")

    def rewrite(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        first, second = (digit.upper() if letter == "D" else digit for letter in (match[1], match[3]))
        return rf"\u{first}{match[2]}{second}{match[4]}"

    return PreparedText(_PAIR.sub(rewrite, text) if digit else text, digit)


class ParserMark(Protocol):
    """A position as the parser gives it, with lines and columns counted from 0."""

    index: int
    line: int
    column: int


class ParserError(FrozenValue):
    """An error of the parser."""

    problem: str
    mark: ParserMark | None
    context: ParserMark | None
    """The start of what the parser was reading."""


UNPAIRED_SURROGATE = (
    "invalid escape: half a character, expected a pair such as \\ud83c\\udf72",
    "write the character itself, or both halves",
)
"""The message and the hint for an escape of half a character."""
_BACKSLASH = ("invalid escape: a backslash in double quotes", "double the backslash, or use single quotes")
_BRACKET = ("missing comma or closing bracket", "check the brackets")
_MESSAGES: dict[str, tuple[str, str]] = {
    "mapping values are not allowed": (
        "unexpected colon",
        "put text with a colon and a space in quotes, or check the indentation",
    ),
    "could not find expected ':'": ("missing colon", "write `key: value`, or indent the next lines of a text"),
    "did not find expected ','": _BRACKET,
    "expected ',' or": _BRACKET,
    "did not find expected '-' indicator": ("missing `- ` in a list", "check the indentation"),
    "did not find expected key": ("missing key", "check the indentation of this line and of those before it"),
    "did not find expected node content": ("missing value", "put text that starts with this in quotes"),
    "unknown escape character": _BACKSLASH,
    "escape": _BACKSLASH,
    "incompatible YAML document": ("unexpected YAML version: cards are YAML 1.2", "remove the line that starts with %"),
    "directive": ("unexpected directive", "remove the line, or put text that starts with % in quotes"),
}
"""The message and the hint by a part of what the parser reports."""
_AT_TAB = ("violates indentation", "mapping values are not allowed", "cannot start any token")
"""What the parser reports for a tab that indents a line, depending on the line before it."""

_INDENTATION = re.compile(r"[ \t]*")
SEPARATOR = re.compile(r"^(?:---|\.\.\.)(?!\S)", re.MULTILINE)
"""The start or the end of a document."""
_CONFLICT = re.compile(r"^(?P<marker><{7}|={7}|>{7}|\|{7})(?!\S).*$", re.MULTILINE)
_UNCLOSED_QUOTE = ("unexpected end of stream", "unexpected document indicator")


def explain_syntax_error(text: str, file: str, first_line: int, error: ParserError, bracket: Mark | None) -> Finding:
    """Build the finding for an error of the parser; `bracket` is the innermost one that is still open."""
    conflict = find_conflict(text, file, first_line)
    if conflict is not None:
        return conflict
    if error.mark is not None and any(words in error.problem for words in _AT_TAB):
        start = text.rfind("\n", 0, error.mark.index) + 1
        indentation = _INDENTATION.match(text, start)
        tab = indentation[0].find("\t") if indentation else -1
        if tab >= 0:
            place = Position(file, error.mark.line + first_line, tab + 1)
            return rules.YAML_SYNTAX.at(place, "unexpected tab in the indentation", "indent with spaces")
    mark, (message, hint) = error.mark, _describe_problem(text, error)
    opened = Position(file, bracket.line + first_line - 1, bracket.column) if bracket else None
    # A document that ends within a bracket ends the file, or before the separator of the next one.
    end = len(text) if mark is None else mark.index
    is_at_end = end >= len(text.rstrip()) or SEPARATOR.match(text, end) is not None
    if error.context is not None and any(words in error.problem for words in _UNCLOSED_QUOTE):
        mark, message, hint = error.context, "unclosed quote", "close it; double a quote that belongs to the text"
    elif is_at_end and opened is not None:
        return rules.YAML_SYNTAX.at(opened, "unclosed bracket", "close it, or put the text in quotes")
    elif error.context is not None and "could not find expected ':'" in error.problem:
        mark = error.context
    elif opened is not None and message == _BRACKET[0]:
        hint = f"the bracket was opened at {opened}"
    last = find_end(text)
    found = min(Mark(mark.line + 1, mark.column + 1, mark.index), last) if mark else last
    return rules.YAML_SYNTAX.at(Position(file, found.line + first_line - 1, found.column), message, hint)


def find_conflict(text: str, file: str, first_line: int) -> Finding | None:
    """Return the finding for the first conflict marker of git, which is never YAML; None without one."""
    found = _CONFLICT.search(text)
    if found is None:
        return None
    place = Position(file, text.count("\n", 0, found.start()) + first_line, 1)
    hint = "keep one of the two versions, and remove the lines that start with <<<<<<<, ======= and >>>>>>>"
    return rules.YAML_SYNTAX.at(place, f"unresolved git conflict: `{found[0].strip()[:60]}`", hint)


def find_commented_values(text: str, documents: Iterable[Document]) -> Iterator[Finding]:
    """Find the keys that are empty because YAML takes their value for a comment, as in `chat: #growth`."""
    values = {match.start(1): match.groups() for match in _COMMENTED_VALUE.finditer(text)} if " #" in text else {}
    for document in documents if values else ():
        root = document.root
        for name, mark in root.keys.items():
            key, value = values.get(mark.offset, ("", ""))
            node = root.get_child(name)
            if key and node is not None and node.content is None:
                hint = f'put it in quotes: `{key}: "{value}"`'
                found = rules.WRONG_TYPE.at(document.position(mark), f"empty `{key}`: {value!r} is a comment", hint)
                yield replace(found, severity=Severity.WARNING)


def _describe_problem(text: str, error: ParserError) -> tuple[str, str]:
    """Return the message and the hint for what the parser reports."""
    # libyaml gives the position of the digits, which are behind the backslash and the `u`.
    if error.mark is not None and HALF.match(text, max(error.mark.index - 2, 0)):
        return UNPAIRED_SURROGATE
    if "cannot start any token" in error.problem and error.mark is not None:
        character = text[error.mark.index : error.mark.index + 1]
        return f"unexpected {character!r} at the start of a value", "put text that starts with it in quotes"
    other = (error.problem, "check the line and the one before it")
    return next((found for words, found in _MESSAGES.items() if words in error.problem), other)
