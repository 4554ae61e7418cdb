"""The only module that prints. Terminals and CI systems find no command in what it prints."""

import errno
import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress

import click

from generator.errors import UserError
from generator.printable import escape_line, escape_unprintable
from generator.values import FrozenValue


class OutputClosedError(Exception):
    """The reader of the standard output has closed it, as in `modelbook debt | head -1`."""


class Line(FrozenValue):
    """A text with its style, which only a terminal shows."""

    text: str
    bold: bool = False
    colour: str | None = None


class WorkflowCommand(FrozenValue):
    """A line that a CI system runs as a command; the values in it are already escaped."""

    text: str


PrintedLine = str | Line | WorkflowCommand | tuple[str | Line, ...]
"""A line: plain text, text with a style, a command for a CI system, or several pieces with their own styles."""


def format_lines(lines: Iterable[PrintedLine]) -> str:
    """Return the lines as they are printed, each of them on one line."""
    return "\n".join(map(_format_line, lines))


def _format_line(line: PrintedLine) -> str:
    match line:
        case WorkflowCommand():
            return line.text
        case tuple():
            pieces = [piece if isinstance(piece, Line) else Line(piece) for piece in line]
            pieces = [Line(escape_unprintable(piece.text), piece.bold, piece.colour) for piece in pieces]
            plain = "".join(piece.text for piece in pieces)
            safe = escape_line(plain)
            return (
                "".join(map(_apply_style, pieces)) if safe == plain else safe
            )  # without styles: an escape crosses pieces
        case Line():
            return _apply_style(Line(escape_line(line.text), line.bold, line.colour))
        case _:
            return escape_line(line)


def _apply_style(line: Line) -> str:
    if not (line.bold or line.colour):
        return line.text
    return click.style(line.text, bold=line.bold or None, fg=line.colour)


def print_lines(lines: Iterable[PrintedLine], *, err: bool = False) -> None:
    """Print lines on the standard output, or on the error stream; nothing for none.

    Raises UserError if the standard output cannot be written, OutputClosedError if its reader has closed it.
    """
    several = list(lines)
    if not several:
        return
    try:
        click.echo(format_lines(several), err=err)
    except OSError as error:
        discard_output(err=err)
        if err:
            return  # there is no other stream to report it
        if error.errno in {errno.EPIPE, errno.EINVAL}:  # EINVAL is how Windows says it
            raise OutputClosedError from None
        raise UserError(f"cannot write to the standard output: {error.strerror}") from None


def print_line(line: PrintedLine, *, err: bool = False) -> None:
    """Print one line."""
    print_lines([line], err=err)


def print_document(text: str, *, err: bool = False) -> None:
    """Print a document of several lines, such as a report or an export."""
    print_lines(text.removesuffix("\n").split("\n"), err=err)


def confirm(question: str) -> bool:
    """Ask a question on the terminal."""
    return click.confirm(escape_line(question), err=True)


def is_terminal() -> bool:
    """Return whether the error stream is a terminal."""
    return sys.stderr.isatty()


def is_interactive() -> bool:
    """Return whether the user can be asked a question."""
    return sys.stdin.isatty() and is_terminal()


def prepare_streams() -> None:
    """Prevent encoding errors: UTF-8 if a program reads, escapes on a terminal that cannot show a character."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            chosen = stream.isatty() or "PYTHONIOENCODING" in os.environ
            stream.reconfigure(encoding=stream.encoding if chosen else "utf-8", errors="backslashreplace")


def discard_output(*, err: bool = False) -> None:
    """Discard the buffer of a stream, which Python would otherwise try to write again at its end."""
    stream = sys.stderr if err else sys.stdout
    with suppress(OSError, ValueError, AttributeError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
