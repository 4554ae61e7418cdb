"""Reads the commands of a shell script: words, operators, comments, redirections and here-documents.

Nothing is run. `$TOKEN`, `${TOKEN}` and `$(command)` remain in a word as written; `${CITY:-mysuru}` becomes its
default value. Bash is the reference: only blanks, tabs and line feeds separate words, a carriage return does not.
"""

import re
from dataclasses import dataclass, field

from generator.values import FrozenValue

_ELEMENT = re.compile(
    r"""
    (?P<blank>(?:[ \t]|\\\n)+)
    | (?P<comment>\#[^\n]*)
    | (?P<redirection>(?P<fd>(?:\d(?:\\\n)*)*)(?P<sign><<<|<<-?|>>|>\||>&|>(?!\()|<>|<&|<(?!\())|&>>?)(?:[ \t]|\\\n)*
    | (?P<operator>\n|&&|\|\||\|&|;;&?|;&|[;&|()])
    """,
    re.VERBOSE,
)
"""The elements of a script other than words."""
_NO_TARGET = re.compile(r"#|\d+[<>]")
_PLAIN_VARIABLE = (
    r"(?a:\$\{[A-Za-z_]\w*(?::?\?[\w .,]{0,100}|:?-(?P<default>[\w.,:/@%+-]{0,200}))?\}"
    r"|\$(?![{\[(]|(?:\\\n)+\S|\w+(?:\\\n)+\w)(?:\w+|[@*#?$-]|!(?=[\s=(\"]|\Z))?)"
)
"""A variable that runs nothing, with its default value or error message.

`${PROMPT_COMMAND:=reboot}` does not match: it sets a variable of the shell, and this one is run at the next prompt.
Neither does `$` at the end of a continued line: bash joins the lines before it reads `$(id)` or the rest of a name.
"""
_EXPANSION = rf"""
    (?P<substitution>[$<>]\()
    | `(?P<backticks>[^`]*)`
    | (?P<unclosed>\$?'|`)
    | (?P<variable>{_PLAIN_VARIABLE})
    | (?P<expansion>\$\{{[^}}\n]{{0,200}}\}}|\$\w*)  # of bounded length, so that no text makes the search slow
"""
_PART = re.compile(
    rf"""
    (?P<plain>[^ \t\n'"\\$`;&|<>()]+)
    | '(?P<single>[^']*)'
    | \$'(?P<ansi>(?:[^'\\]|\\.)*+)'
    | (?P<quote>\$?")
    | \\\n(?P<continued>)
    | \\(?P<escaped>.)
    | (?P<last>\\)
    | {_EXPANSION}
    """,
    re.VERBOSE | re.DOTALL,
)
"""A part of a word with one kind of quotes."""
_PART_IN_DOUBLE_QUOTES = re.compile(
    rf"""
    (?P<plain>[^"\\$`]+)
    | (?P<quote>")
    | \\\n(?P<continued>)
    | \\(?P<escaped>["\\$`])
    | (?P<literal>\\.?)
    | {_EXPANSION.replace("$?'|", "")}
    """,
    re.VERBOSE | re.DOTALL,
)
_QUOTED = frozenset({"single", "ansi", "escaped", "last"})
EXPANDED = "\1"
"""The character in `Word.unquoted` for each character of a variable, or of its default value."""
_HISTORY = re.compile(r"!(?=[^\s=(\"])")
"""The text that an interactive shell replaces by an earlier command, outside single quotes."""
_UNCLOSED = {"'": "the single quote", "$'": "the quote $'", "`": "the backtick"}
_ANSI_ESCAPE = re.compile(r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|c.|.)", re.DOTALL)
_ANSI_NAMED = dict(zip("abeEfnrtv", "\a\b\x1b\x1b\f\n\r\t\v", strict=True))
_PARENTHESIS = re.compile(r"\\.|'[^']*'|\"(?:[^\"\\]|\\.)*+\"|([()])", re.DOTALL)
"""A parenthesis, or quoted text, in which none counts."""
_LINE = re.compile(r"[^\n]*\n?")
_CONTINUED_LINE = re.compile(r"(?:[^\\\n]|\\.?)*+\n?", re.DOTALL)
"""A line of a here-document, with the following ones while it ends in a backslash."""
_EXPANDED_IN_HERE_DOCUMENT = re.compile(rf"(?!{_PLAIN_VARIABLE})(?:`|\$(?:\\\n)*[(\[{{])(?=(?P<rest>[^\n]*))")
_DANGLING = re.compile(r"(?<!\\)(?:\\\\)*(\\)\n*\Z")


class ShellError(ValueError):
    """The text is no complete shell command; `offset` is the character at which it stops making sense."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.offset = offset


class Word(FrozenValue):
    """A word as the command receives it, with its position in the text."""

    text: str
    offset: int
    unquoted: str = ""
    """The same characters; each quoted one is NUL, each one of a variable EXPANDED: what the shell may still split."""


class Redirection(FrozenValue):
    """A file that the shell opens for a command: `2>> log.txt`."""

    operator: str
    target: str
    offset: int


@dataclass(slots=True)
class Command:
    """One simple command."""

    words: list[Word] = field(default_factory=list)
    standard_input: str | None = None
    """The text of its here-document or here-string."""
    substitutions: list[Word] = field(default_factory=list)
    """The contents of its `$(…)`, `<(…)` and backticks, with their positions: commands themselves."""
    expansions: list[Word] = field(default_factory=list)
    """Expansions of which the result is unknown or stays: `${A:-$(b)}`, `${A:=b}`, `$[…]`, `!history`."""
    redirections: list[Redirection] = field(default_factory=list)
    end: Word | None = None
    """The operator after it; None at the end of the text."""


@dataclass(slots=True)
class Script:
    """The contents of a text: its commands, and the text between them."""

    commands: list[Command] = field(default_factory=list)
    operators: list[Word] = field(default_factory=list)
    """The operators that end no command, such as `(` or a leading `;`; line ends are not among them."""
    comments: list[Word] = field(default_factory=list)
    dangling: int | None = None
    """The position of a backslash after which nothing follows, so that a terminal waits for another line."""


class _HereDocument(FrozenValue):
    command: Command
    end: str
    strips_tabs: bool
    is_expanded: bool
    is_standard_input: bool
    offset: int


def parse_script(text: str) -> Script:
    """Return the simple commands of a text, in order; pipes, `;`, `&`, parentheses and line ends separate them.

    Raises ShellError if a quote, a substitution or a here-document is not closed. Takes time linear in the text.
    """
    reader = _ScriptReader(text)
    while reader.position < len(text):
        reader.read_element()
    reader.read_here_documents()
    reader.end_command(None)
    script = reader.script
    dangling = _DANGLING.search(text)
    end_of_comments = max((comment.offset + len(comment.text) for comment in script.comments), default=0)
    if dangling and dangling.start(1) >= end_of_comments:
        script.dangling = dangling.start(1)
    return script


@dataclass(slots=True)
class _ScriptReader:
    """A text that is read from left to right, with the position and the commands before it."""

    text: str
    position: int = 0
    script: Script = field(default_factory=Script)
    command: Command = field(default_factory=Command)
    """The command at the position."""
    awaited: list[_HereDocument] = field(default_factory=list)
    """Here-documents whose text begins on the next line."""
    quoted_line_end: int = -1
    """The position of the last line end in single quotes."""

    def read_element(self) -> None:
        """Read the next element of the text; the position always advances."""
        if self._is_dropped_backslash(self.position):
            self.position += 1
            return
        element = _ELEMENT.match(self.text, self.position)
        if element is None:
            self.command.words.append(self._read_word())
            return
        start, self.position = self.position, element.end()
        match element.lastgroup:
            case "comment":
                self.script.comments.append(Word(element.group(), start))
            case "redirection":
                self._read_redirection(element)
            case "operator":
                if element.group() == "\n":
                    self.read_here_documents()
                self.end_command(Word(element.group(), start))

    def end_command(self, end: Word | None) -> None:
        """Add the command at the position, if there is one, and begin another."""
        if self.command != Command():
            self.command.end = end
            self.script.commands.append(self.command)
            self.command = Command()
        elif end is not None and end.text != "\n":
            self.script.operators.append(end)

    def _read_redirection(self, found: re.Match[str]) -> None:
        is_missing = _NO_TARGET.match(self.text, self.position) is not None
        target = self._read_word()
        if is_missing or target.offset == self.position:
            raise ShellError("the redirection has no target", found.start())
        operator, value = found["redirection"].replace("\\\n", ""), target.text
        is_standard_input = re.match("0?<", operator) is not None
        if found["sign"] == "<<<":
            operator, value = "<<<", target.text + "\n"
            if is_standard_input:
                self.command.standard_input = value
        elif found["sign"] in {"<<", "<<-"}:
            operator = "<<"
            written = self.text[target.offset : self.position].replace("\\\n", "")
            is_expanded = not {"'", '"', "\\"} & set(written)
            strips_tabs = found["sign"] == "<<-"
            document = _HereDocument(self.command, value, strips_tabs, is_expanded, is_standard_input, found.start())
            self.awaited.append(document)
        self.command.redirections.append(Redirection(operator, value, found.start()))

    def read_here_documents(self) -> None:
        """Read the text of the here-documents that the lines before the position announce."""
        for document in self.awaited:
            start = self.position
            lines: list[str] = []
            while (line := self._read_line(document)).removesuffix("\n") != document.end:
                lines.append(line)
            text = "".join(lines)
            if document.is_expanded:
                text = re.sub(r"\\([$`\\])", r"\1", text)
                for found in _EXPANDED_IN_HERE_DOCUMENT.finditer(self.text, start, self.position):
                    document.command.expansions.append(Word(found[0] + found["rest"], found.start()))
            if document.is_standard_input:
                document.command.standard_input = text
        self.awaited.clear()

    def _read_line(self, document: _HereDocument) -> str:
        if self.position >= len(self.text):
            raise ShellError(f"the here-document {document.end!r} is not closed", document.offset)
        found = (_CONTINUED_LINE if document.is_expanded else _LINE).match(self.text, self.position)
        assert found is not None  # both also match the empty text
        self.position = found.end()
        line = re.sub(r"(\\[^\n])|\\\n", r"\1", found.group()) if document.is_expanded else found.group()
        return line.lstrip("\t") if document.strips_tabs else line

    def _read_word(self) -> Word:
        """Return the word at the position, quotes removed; empty if no word starts there."""
        start = self.position
        pieces: list[str] = []
        unquoted: list[str] = []
        opened: int | None = None  # the position of the double quote around the position
        while part := (_PART if opened is None else _PART_IN_DOUBLE_QUOTES).match(self.text, self.position):
            if part.lastgroup == "quote":
                self.position = part.end()
                opened = part.end() - 1 if opened is None else None
                continue
            if part.lastgroup == "unclosed":
                raise ShellError(f"{_UNCLOSED[part.group()]} is not closed", part.start())
            piece = self._read_part(part)
            pieces.append(piece)
            if opened is not None or part.lastgroup in _QUOTED:
                unquoted.append("\0" * len(piece))
            else:
                is_variable = part.lastgroup == "variable" and part.group() != "$"
                unquoted.append(EXPANDED * len(piece) if is_variable else piece)
        if opened is not None:
            raise ShellError("the double quote is not closed", opened)
        return Word("".join(pieces), start, "".join(unquoted))

    def _read_part(self, part: re.Match[str]) -> str:
        """Return a part of a word without its quotes, and note what the shell would expand in it."""
        start, self.position = self.position, part.end()
        kind = str(part.lastgroup)
        match kind:
            case "plain":
                if history := _HISTORY.search(self.text, start, self.position + 1):
                    found = history.start()
                    shown = self.text[found : max(self.position, found + 2)]
                    self.command.expansions.append(Word(shown, found))
            case "single" | "ansi":
                self.quoted_line_end = max(self.quoted_line_end, self.text.rfind("\n", start, self.position))
                if kind == "ansi":
                    return _ANSI_ESCAPE.sub(_decode_ansi_escape, part[kind]).partition("\0")[0]
            case "last" if self._is_dropped_backslash(start):
                return ""
            case "substitution":
                self.position = _find_closing_parenthesis(self.text, start)
                self.command.substitutions.append(Word(self.text[start + 2 : self.position - 1], start + 2))
                return self.text[start : self.position]
            case "backticks":
                self.command.substitutions.append(Word(part[kind], start + 1))
                return part.group()
            case "variable":
                return part["default"] or part.group()
            case "expansion":
                self.command.expansions.append(Word(self.text[start : max(self.position, start + 2)], start))
        return part[kind]

    def _is_dropped_backslash(self, position: int) -> bool:
        """Return whether a backslash ends the text on a line that began in single quotes: bash drops only this one."""
        is_last = position == len(self.text) - 1 and self.text[position] == "\\"
        return is_last and 0 <= self.quoted_line_end == self.text.rfind("\n")


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


def _find_closing_parenthesis(text: str, start: int) -> int:
    """Return the position after the parenthesis that closes `$(`, ignoring quoted ones."""
    depth = 0
    for found in _PARENTHESIS.finditer(text, start):
        if found[1]:
            depth += 1 if found[1] == "(" else -1
            if depth == 0:
                return found.end()
    raise ShellError("the substitution $( is not closed", start)
