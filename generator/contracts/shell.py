"""Reads the commands of a shell script: words, operators, comments, redirections and here-documents."""

import re
from dataclasses import dataclass, field, replace

from generator.contracts.shell_words import (
    PLAIN_VARIABLE,
    ShellError,
    Word,
    WordReader,
    read_word,
    skip_dropped_backslash,
)

_BLANK = re.compile(r"(?:[ \t]|\\\n)+")
_COMMENT = re.compile(r"#[^\n]*")
_HERE_DOCUMENT = re.compile(r"(?P<fd>\d*)<<(?P<tabs>-?)(?!<)[ \t]*")
_HERE_STRING = re.compile(r"(?P<fd>\d*)<<<(?:[ \t]|\\\n)*")
_REDIRECTION = re.compile(r"(?:\d*(?:>>|>\||>&|>(?!\()|<>|<&|<(?!\())|&>>|&>)(?:[ \t]|\\\n)*")
_NO_TARGET = re.compile(r"#|\d+[<>]")
_OPERATOR = re.compile(r"\n|&&|\|\||\|&|;;&?|;&|[;&|()]")
_EXPANDED_IN_HERE_DOCUMENT = re.compile(r"`|\$[(\[{]")
_CONTINUED_LINE = re.compile(r"(?<!\\)(?:\\\\)*\\\n\Z")

__all__ = ["Command", "Redirection", "Script", "ShellError", "Word", "parse_script"]


@dataclass(frozen=True, slots=True)
class Redirection:
    """A file that the shell opens for a command: `2>> log.txt`."""

    operator: str
    target: str
    offset: int


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command."""

    words: tuple[Word, ...]
    standard_input: str | None = None
    """The text of its here-document or here-string."""
    substitutions: tuple[Word, ...] = ()
    """The contents of its `$(…)`, `<(…)` and backticks, with their positions: commands themselves."""
    expansions: tuple[Word, ...] = ()
    """Expansions of which the result is unknown or stays: `${A:-$(b)}`, `${A:=b}`, `$[…]`, `!history`."""
    redirections: tuple[Redirection, ...] = ()
    end: Word | None = None
    """The operator after it; None at the end of the text."""


@dataclass(frozen=True, slots=True)
class Script:
    """The contents of a text: its commands, and the text between them."""

    commands: tuple[Command, ...]
    operators: tuple[Word, ...]
    """The operators that end no command, such as `(` or a leading `;`; line ends are not among them."""
    comments: tuple[Word, ...]
    dangling: int | None
    """The position of a backslash after which nothing follows, so that a terminal waits for another line."""


@dataclass(slots=True)
class _Reading(WordReader):
    """The position of the reader, and the command that it collects."""

    words: list[Word] = field(default_factory=list)
    standard_input: str | None = None
    redirections: list[Redirection] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    operators: list[Word] = field(default_factory=list)
    comments: list[Word] = field(default_factory=list)
    awaited: list["_HereDocument"] = field(default_factory=list)
    """Here-documents whose text begins on the next line."""

    def finish(self, end: Word | None) -> None:
        """Add the command collected so far, if there is one."""
        if self.words or self.substitutions or self.expansions or self.redirections:
            self.commands.append(
                Command(
                    words=tuple(self.words),
                    standard_input=self.standard_input,
                    substitutions=tuple(self.substitutions),
                    expansions=tuple(self.expansions),
                    redirections=tuple(self.redirections),
                    end=end,
                )
            )
        elif end is not None and end.text != "\n":
            self.operators.append(end)
        self.words, self.standard_input = [], None
        self.substitutions, self.expansions, self.redirections = [], [], []


@dataclass(frozen=True, slots=True)
class _HereDocument:
    end: str
    strips_tabs: bool
    is_expanded: bool
    is_standard_input: bool
    offset: int
    command: int
    """The index of its command."""


def parse_script(text: str) -> Script:
    """Return the simple commands of a text, in order; pipes, `;`, `&`, parentheses and line ends separate them.

    Raises ShellError if a quote, a substitution or a here-document is not closed. Takes time linear in the text.
    """
    reading = _Reading(text)
    while reading.position < len(text):
        _read_element(reading)
    if reading.awaited:
        raise _make_unclosed_error(reading.awaited[0])
    reading.finish(None)
    dangling = len(text.rstrip("\n")) - 1
    return Script(
        tuple(reading.commands),
        tuple(reading.operators),
        tuple(reading.comments),
        dangling if _is_dangling(reading, dangling) else None,
    )


def _is_dangling(reading: _Reading, position: int) -> bool:
    """Return whether the text ends in a backslash that continues the line."""
    backslashes = len(reading.text[: position + 1]) - len(reading.text[: position + 1].rstrip("\\"))
    in_comment = bool(reading.comments) and reading.comments[-1].offset + len(reading.comments[-1].text) > position
    return backslashes % 2 == 1 and not in_comment


def _read_element(reading: _Reading) -> None:
    """Read the next element of the text; the position always advances."""
    if reading.take(_BLANK) or skip_dropped_backslash(reading):
        return
    start = reading.position
    if comment := reading.take(_COMMENT):
        reading.comments.append(Word(comment.group(), start))
    elif here_string := reading.take(_HERE_STRING):
        text = _read_target(reading, start).text + "\n"
        reading.redirections.append(Redirection("<<<", text, start))
        if here_string["fd"] in {"", "0"}:
            reading.standard_input = text
    elif document := reading.take(_HERE_DOCUMENT):
        end = _read_target(reading, start)
        is_expanded = not {"'", '"', "\\"} & set(reading.text[document.end() : reading.position])
        is_input = document["fd"] in {"", "0"}
        reading.redirections.append(Redirection("<<", end.text, start))
        reading.awaited.append(
            _HereDocument(end.text, bool(document["tabs"]), is_expanded, is_input, start, len(reading.commands))
        )
    elif redirection := reading.take(_REDIRECTION):
        reading.redirections.append(
            Redirection(redirection.group().rstrip(" \t\\\n"), _read_target(reading, start).text, start)
        )
    elif operator := reading.take(_OPERATOR):
        if operator.group() == "\n":
            _read_here_documents(reading)
        reading.finish(Word(operator.group(), start))
    else:
        reading.words.append(read_word(reading))


def _read_target(reading: _Reading, start: int) -> Word:
    """Return the word after a redirection that begins at `start`."""
    is_missing = _NO_TARGET.match(reading.text, reading.position) is not None
    target = read_word(reading)
    if is_missing or target.offset == reading.position:
        raise ShellError("the redirection has no target", start)
    return target


def _read_here_documents(reading: _Reading) -> None:
    """Read the text of the here-documents that the line just ended has announced."""
    for document in reading.awaited:
        start = reading.position
        lines: list[str] = []
        while True:
            if reading.position >= len(reading.text):
                raise _make_unclosed_error(document)
            line = _read_here_document_line(reading, is_continued=document.is_expanded)
            if document.strips_tabs:
                line = line.lstrip("\t")
            if line.removesuffix("\n") == document.end:
                break
            lines.append(line)
        _add_here_document(reading, document, "".join(lines), start)
    reading.awaited.clear()


def _add_here_document(reading: _Reading, document: _HereDocument, text: str, start: int) -> None:
    """Give the command of a here-document its text, and the expansions in it."""
    expansions = _find_expansions(reading, start) if document.is_expanded else []
    if document.is_expanded:
        text = re.sub(r"\\([$`\\])", r"\1", text)
    if document.command < len(reading.commands):  # an operator on the line has ended the command already
        command = reading.commands[document.command]
        reading.commands[document.command] = replace(
            command,
            standard_input=text if document.is_standard_input else command.standard_input,
            expansions=(*command.expansions, *expansions),
        )
        return
    reading.expansions += expansions
    if document.is_standard_input:
        reading.standard_input = text


def _read_here_document_line(reading: _Reading, *, is_continued: bool) -> str:
    """Return the next line; with `is_continued` joined to the following ones while it ends in a backslash."""
    pieces: list[str] = []
    while reading.position < len(reading.text):
        stop = reading.text.find("\n", reading.position) + 1 or len(reading.text)
        pieces.append(reading.text[reading.position : stop])
        reading.position = stop
        if not is_continued or not _CONTINUED_LINE.search(pieces[-1]):
            break
        pieces[-1] = pieces[-1][:-2]
    return "".join(pieces)


def _find_expansions(reading: _Reading, start: int) -> list[Word]:
    """Return the expansions of the text read since `start`, other than plain variables."""
    return [
        Word(reading.text[match.start() : reading.text.find("\n", match.start())], match.start())
        for match in _EXPANDED_IN_HERE_DOCUMENT.finditer(reading.text, start, reading.position)
        if not PLAIN_VARIABLE.match(reading.text, match.start())
    ]


def _make_unclosed_error(document: _HereDocument) -> ShellError:
    return ShellError(f"the here-document {document.end!r} is not closed", document.offset)
