"""Reads one word of a shell command: quotes, escapes and expansions.

Nothing is run. `$TOKEN`, `${TOKEN}` and `$(command)` remain in the word as written; `${CITY:-mysuru}` becomes its
default value. Bash is the reference: only blanks, tabs and line feeds separate words, a carriage return does not.
"""

import re
from dataclasses import dataclass, field

_CONTINUED = re.compile(r"\\\n")
_PLAIN = re.compile(r"[^ \t\n'\"\\$`;&|<>()]+")
_DOUBLE_PLAIN = re.compile(r'[^"\\$`]+')
_VARIABLE = re.compile(r"\$\{[^}\n]{0,200}\}|\$\w*")
"""Of bounded length, so that no text makes the search for its end slow; `globs.VARIABLE` has the same bound."""
PLAIN_VARIABLE = re.compile(
    r"\$\{[A-Za-z_]\w*(?::?\?[\w .,]{0,100}|:?-(?P<default>[\w.,:/@%+-]{0,200}))?\}"
    r"|\$(?![{\[(])(?:\w+|[@*#?$-]|!(?=[\s=(\"]|\Z))?",
    re.ASCII,
)
"""A variable that runs nothing, with its default value or error message.

`${PROMPT_COMMAND:=reboot}` does not match: it sets a variable of the shell, and this one is run at the next prompt.
"""
EXPANDED = "\1"
"""The character in `Word.unquoted` for each character of a variable, or of its default value."""
_HISTORY = re.compile(r"!(?=[^\s=(\"])")
"""The text that an interactive shell replaces by an earlier command, outside single quotes."""
_SKIPPED_QUOTE = re.compile(r"\\.|'[^']*'|\"(?:[^\"\\]|\\.)*\"", re.DOTALL)
_NEXT_PARENTHESIS = re.compile(r"[()'\"\\]")
_ANSI_TEXT = re.compile(r"(?:[^'\\]|\\.)*", re.DOTALL)
_ANSI_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|c.|.)", re.DOTALL)
_ANSI_NAMED = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))


class ShellError(ValueError):
    """The text is no complete shell command; `offset` is the character at which it stops making sense."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


@dataclass(frozen=True, slots=True)
class Word:
    """A word as the command receives it, with its position in the text."""

    text: str
    offset: int
    unquoted: str = ""
    """The same characters; each quoted one is NUL, each one of a variable EXPANDED: what the shell may still split."""


@dataclass(slots=True)
class WordReader:
    """The position in a text that is read from left to right, and the expansions before it."""

    text: str
    position: int = 0
    substitutions: list[Word] = field(default_factory=list)
    """The contents of `$(…)`, `<(…)` and backticks."""
    expansions: list[Word] = field(default_factory=list)
    """Expansions of which the result is unknown or stays: `${A:-$(b)}`, `${A:=b}`, `$[…]`, `!history`."""
    quoted_line_end: int = -1
    """The position of the last line end in single quotes."""

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Step over a match at the position."""
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match


def read_word(reader: WordReader) -> Word:
    """Return the word at the position, quotes removed; empty if no word starts there."""
    start = reader.position
    pieces: list[str] = []
    unquoted: list[str] = []
    while reader.position < len(reader.text):
        before = reader.position
        piece, seen = _read_piece(reader)
        if reader.position == before:
            break
        pieces.append(piece)
        unquoted.append(seen)
    return Word("".join(pieces), start, "".join(unquoted))


def _read_piece(reader: WordReader) -> tuple[str, str]:
    """Read a part of a word that has one kind of quotes; also return what the shell may still expand of it."""
    start = reader.position
    if plain := reader.take(_PLAIN):
        _note_history(reader, start)
        return plain.group(), plain.group()
    quoted = _read_quoted(reader)
    if quoted is not None:
        return quoted, "\0" * len(quoted)
    substitution = _read_substitution(reader)
    is_variable = reader.position > start + 1 and PLAIN_VARIABLE.match(reader.text, start) is not None
    return substitution, EXPANDED * len(substitution) if is_variable else substitution


def _read_quoted(reader: WordReader) -> str | None:
    """Read a quoted or escaped part; None if the text is neither."""
    two = reader.text[reader.position : reader.position + 2]
    if two.startswith("'"):
        return _read_single_quoted(reader)
    if two == "$'":
        return _read_ansi_quoted(reader)
    if two.startswith('"') or two == '$"':
        reader.position += len(two) if two == '$"' else 1
        return _read_double_quoted(reader)
    return _read_escape(reader) if two.startswith("\\") else None


def _note_history(reader: WordReader, start: int) -> None:
    """Note a reference to the history of an interactive shell in the text since `start`."""
    match = _HISTORY.search(reader.text[start : reader.position + 1])
    if match is not None and start + match.start() < reader.position:
        found = start + match.start()
        reader.expansions.append(Word(reader.text[found : max(reader.position, found + 2)], found))


def _read_single_quoted(reader: WordReader) -> str:
    start = reader.position
    end = reader.text.find("'", start + 1)
    if end < 0:
        raise ShellError("the single quote is not closed", start)
    reader.position = end + 1
    _note_line_end(reader, start)
    return reader.text[start + 1 : end]


def _note_line_end(reader: WordReader, start: int) -> None:
    reader.quoted_line_end = max(reader.quoted_line_end, reader.text.rfind("\n", start, reader.position))


def _read_ansi_quoted(reader: WordReader) -> str:
    start = reader.position
    match = _ANSI_TEXT.match(reader.text, start + 2)
    if match is None or not reader.text.startswith("'", match.end()):
        raise ShellError("the quote $' is not closed", start)
    reader.position = match.end() + 1
    _note_line_end(reader, start)
    return _ANSI_ESCAPE.sub(_decode_ansi_escape, match.group()).partition("\0")[0]


def _decode_ansi_escape(escape: re.Match[str]) -> str:
    code = escape[1]
    if code[0] == "c" and len(code) > 1:
        return chr(ord(code[1].upper()) & 0x1F)
    if code[0] in "xuU" and len(code) > 1:
        number = int(code[1:], 16)
        return chr(number) if number <= 0x10FFFF else escape[0]
    if code[0] in "01234567":
        return chr(int(code, 8) & 0xFF)
    return _ANSI_NAMED.get(code, code if code in "\\'\"?" else escape[0])


def _read_double_quoted(reader: WordReader) -> str:
    start = reader.position - 1
    pieces: list[str] = []
    while reader.position < len(reader.text):
        before = reader.position
        if plain := reader.take(_DOUBLE_PLAIN):
            pieces.append(plain.group())
            _note_history(reader, before)
        elif reader.text[reader.position] == '"':
            reader.position += 1
            return "".join(pieces)
        elif reader.text[reader.position] == "\\":
            pieces.append(_read_escape_in_double_quotes(reader))
        else:
            pieces.append(_read_substitution(reader))
    raise ShellError("the double quote is not closed", start)


def _read_escape_in_double_quotes(reader: WordReader) -> str:
    """Read a backslash in double quotes, which only escapes `$`, a backtick, `"`, itself and the line end."""
    following = reader.text[reader.position + 1 : reader.position + 2]
    reader.position += 1 + len(following)
    if following == "\n":
        return ""
    return following if following in {"$", "`", '"', "\\"} else "\\" + following


def _read_escape(reader: WordReader) -> str:
    if reader.take(_CONTINUED) or skip_dropped_backslash(reader):  # in a word it joins the halves
        return ""
    following = reader.text[reader.position + 1 : reader.position + 2]
    reader.position += 1 + len(following)
    return following or "\\"


def skip_dropped_backslash(reader: WordReader) -> bool:
    """Step over a backslash that ends the text on a line that began in single quotes: bash drops only this one."""
    is_last = reader.position == len(reader.text) - 1 and reader.text[reader.position] == "\\"
    is_dropped = is_last and 0 <= reader.quoted_line_end == reader.text.rfind("\n")
    reader.position += is_dropped
    return is_dropped


def _read_substitution(reader: WordReader) -> str:
    """Read `$NAME`, `${…}`, `$(…)`, `<(…)` or backticks as written; a default value replaces its variable."""
    start = reader.position
    if reader.text.startswith(("$(", "<(", ">("), start):
        reader.position = _find_closing_parenthesis(reader.text, start)
        reader.substitutions.append(Word(reader.text[start + 2 : reader.position - 1], start + 2))
    elif reader.text.startswith("`", start):
        end = reader.text.find("`", start + 1)
        if end < 0:
            raise ShellError("the backtick is not closed", start)
        reader.position = end + 1
        reader.substitutions.append(Word(reader.text[start + 1 : end], start + 1))
    elif variable := reader.take(PLAIN_VARIABLE):
        return variable["default"] or variable.group()
    elif reader.take(_VARIABLE):
        reader.expansions.append(Word(reader.text[start : max(reader.position, start + 2)], start))
    return reader.text[start : reader.position]


def _find_closing_parenthesis(text: str, start: int) -> int:
    """Return the position after the parenthesis that closes `$(`, ignoring quoted ones."""
    depth, position = 0, start
    while mark := _NEXT_PARENTHESIS.search(text, position):
        position = mark.end()
        if mark.group() in "()":
            depth += 1 if mark.group() == "(" else -1
            if depth == 0:
                return position
        elif quoted := _SKIPPED_QUOTE.match(text, mark.start()):
            position = quoted.end()
    raise ShellError("the substitution $( is not closed", start)
