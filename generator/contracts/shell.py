"""Reads a shell's words out of text: quotes, escapes, continued lines, comments, redirections, here-documents.

Nothing is run and nothing is expanded: `$TOKEN`, `${TOKEN}` and `$(command)` stay in the word as they were written.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.contracts.cursor import Cursor

_BLANK = re.compile(r"(?:[ \t]|\\\r?\n)+")
_CONTINUED = re.compile(r"\\\r?\n")
_COMMENT = re.compile(r"#[^\n]*")
_HERE_DOCUMENT = re.compile(r"<<(?P<tabs>-?)[ \t]*(?!<)(?P<quote>['\"]?)(?P<end>[\w.-]+)(?P=quote)")
_HERE_STRING = re.compile(r"<<<[ \t]*")
_REDIRECTION = re.compile(r"(?:\d*(?:>>|>\||>&|>|<&|<(?!\())|&>>|&>)[ \t]*")
_OPERATOR = re.compile(r"\r?\n|&&|\|\||\|&|[;&|()]")
_PLAIN = re.compile(r"[^\s'\"\\$`;&|<>()]+")
_DOUBLE_PLAIN = re.compile(r'[^"\\$`]+')
_VARIABLE = re.compile(r"\$\{[^}\n]{0,200}\}|\$\w*")
"""Of bounded length, so that no text makes the search for its end slow; `globs.VARIABLE` has the same bound."""
_SKIPPED_QUOTE = re.compile(r"\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_NEXT_PARENTHESIS = re.compile(r"[()'\"\\]")
_ANSI_TEXT = re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL)
_ANSI_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|.)", re.DOTALL)
_ANSI_NAMED = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))


class ShellError(ValueError):
    """The text is no complete shell command; `offset` is the character at which it stops making sense."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Word:
    """One word as the command would get it, and where it starts in the text."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command: its words, and what a here-document or here-string feeds it."""

    words: tuple[Word, ...]
    standard_input: str | None = None
    substitutions: tuple[Word, ...] = ()
    """What stands in its `$(…)`, `<(…)` and backticks, and where: commands of their own."""


@dataclass(slots=True)
class _Reading(Cursor):
    """Where the reader is, and the command that it is gathering."""

    words: list[Word] = field(default_factory=list)
    standard_input: str | None = None
    substitutions: list[Word] = field(default_factory=list)
    awaited: list[re.Match[str]] = field(default_factory=list)
    """Here-documents whose text begins on the next line."""

    def finish(self) -> Iterator[Command]:
        """Hand over the command gathered so far, if there is one."""
        if self.words:
            yield Command(tuple(self.words), self.standard_input, tuple(self.substitutions))
        self.words, self.standard_input, self.substitutions = [], None, []


def commands(text: str) -> tuple[Command, ...]:
    """The simple commands of a text, in order; pipes, `;`, `&`, `&&`, `||`, parentheses and line ends part them.

    Raises ShellError where a quote or a substitution is left open. Takes time linear in the text.
    """
    reading = _Reading(text)
    found: list[Command] = []
    while reading.position < len(text):
        found.extend(_step(reading))
    found.extend(reading.finish())
    return tuple(found)


def _step(reading: _Reading) -> Iterator[Command]:
    """Read what stands at the position; always moves on."""
    if reading.take(_BLANK) or reading.take(_COMMENT):
        return
    if reading.take(_HERE_STRING):
        reading.standard_input = _word(reading) + "\n"
        return
    if document := reading.take(_HERE_DOCUMENT):
        reading.awaited.append(document)
        return
    if reading.take(_REDIRECTION):
        _word(reading)
        return
    if operator := reading.take(_OPERATOR):
        if operator.group().endswith("\n"):
            _here_documents(reading)
        yield from reading.finish()
        return
    start = reading.position
    reading.words.append(Word(_word(reading), start))
    if reading.position == start:  # a character that no word may hold, such as a form feed, parts words
        reading.words.pop()
        reading.position += 1


def _here_documents(reading: _Reading) -> None:
    """Read the text of the here-documents that the line just ended has announced."""
    for document in reading.awaited:
        lines: list[str] = []
        while reading.position < len(reading.text):
            stop = reading.text.find("\n", reading.position) + 1 or len(reading.text)
            line = reading.text[reading.position : stop]
            reading.position = stop
            if document["tabs"]:
                line = line.lstrip("\t")
            if line.rstrip("\r\n") == document["end"]:
                break
            lines.append(line)
        reading.standard_input = "".join(lines)
    reading.awaited.clear()


def _word(reading: _Reading) -> str:
    """The word that starts here, quotes removed; empty when none does."""
    pieces: list[str] = []
    while reading.position < len(reading.text):
        before = reading.position
        pieces.append(_piece(reading))
        if reading.position == before:
            break
    return "".join(pieces)


def _piece(reading: _Reading) -> str:
    """One quoted or unquoted stretch of a word."""
    if plain := reading.take(_PLAIN):
        return plain.group()
    two = reading.text[reading.position : reading.position + 2]
    if two.startswith("'"):
        return _single_quoted(reading)
    if two == "$'":
        return _ansi_quoted(reading)
    if two.startswith('"') or two == '$"':
        reading.position += len(two) if two == '$"' else 1
        return _double_quoted(reading)
    if two.startswith("\\"):
        return _escaped(reading)
    return _substitution(reading)


def _single_quoted(reading: _Reading) -> str:
    start = reading.position
    end = reading.text.find("'", start + 1)
    if end < 0:
        raise ShellError("the single quote is never closed", start)
    reading.position = end + 1
    return reading.text[start + 1 : end]


def _ansi_quoted(reading: _Reading) -> str:
    start = reading.position
    match = _ANSI_TEXT.match(reading.text, start + 2)
    if match is None or not reading.text.startswith("'", match.end()):
        raise ShellError("the quote $' is never closed", start)
    reading.position = match.end() + 1
    return _ANSI_ESCAPE.sub(_ansi_character, match.group())


def _ansi_character(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] in "xuU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else escape[0]
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ANSI_NAMED.get(code, code if code in "\\'\"?" else escape[0])


def _double_quoted(reading: _Reading) -> str:
    start = reading.position - 1
    pieces: list[str] = []
    while reading.position < len(reading.text):
        if plain := reading.take(_DOUBLE_PLAIN):
            pieces.append(plain.group())
        elif reading.text[reading.position] == '"':
            reading.position += 1
            return "".join(pieces)
        elif reading.text[reading.position] == "\\":
            pieces.append(_escaped_in_double_quotes(reading))
        else:
            pieces.append(_substitution(reading))
    raise ShellError("the double quote is never closed", start)


def _escaped_in_double_quotes(reading: _Reading) -> str:
    """Between double quotes a backslash only escapes `$`, a backtick, `"`, itself and the line end."""
    following = reading.text[reading.position + 1 : reading.position + 2]
    reading.position += 1 + len(following)
    if following == "\n":
        return ""
    return following if following in {"$", "`", '"', "\\"} else "\\" + following


def _escaped(reading: _Reading) -> str:
    if reading.take(_CONTINUED):  # in the middle of a word it joins the halves
        return ""
    following = reading.text[reading.position + 1 : reading.position + 2]
    reading.position += 1 + len(following)
    return following or "\\"


def _substitution(reading: _Reading) -> str:
    """`$NAME`, `${…}`, `$(…)`, `<(…)` or a backtick command, as it was written; nothing when none stands here."""
    start = reading.position
    if reading.text.startswith(("$(", "<("), start):
        reading.position = _closing_parenthesis(reading.text, start)
        reading.substitutions.append(Word(reading.text[start + 2 : reading.position - 1], start + 2))
    elif reading.text.startswith("`", start):
        end = reading.text.find("`", start + 1)
        if end < 0:
            raise ShellError("the backtick is never closed", start)
        reading.position = end + 1
        reading.substitutions.append(Word(reading.text[start + 1 : end], start + 1))
    else:
        reading.take(_VARIABLE)
    return reading.text[start : reading.position]


def _closing_parenthesis(text: str, start: int) -> int:
    """The position after the parenthesis that closes `$(`; what stands in quotes does not count."""
    depth, position = 0, start
    while mark := _NEXT_PARENTHESIS.search(text, position):
        position = mark.end()
        if mark.group() in "()":
            depth += 1 if mark.group() == "(" else -1
            if depth == 0:
                return position
        elif quoted := _SKIPPED_QUOTE.match(text, mark.start()):
            position = quoted.end()
    raise ShellError("the substitution $( is never closed", start)
