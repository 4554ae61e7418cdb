"""The output of commands: answers as text or JSON with secrets redacted, and files that the user asks for."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from generator.answers.data import build_answer_data
from generator.cli.console import Line, PrintedLine, format_lines, print_document, print_line, print_lines
from generator.errors import report_write_errors
from generator.findings import Position
from generator.printable import escape_json, escape_line
from generator.secrets.redaction import redact


def format_title(name: str, ref: object = "") -> Line:
    """Return the first line of an answer: its subject."""
    return Line(f"{name}  ({ref})" if str(ref) else name, bold=True)


def format_heading(text: str) -> Line:
    """Return the line above a section of an answer."""
    return Line(text, bold=True)


def format_section(heading: str, lines: Iterable[PrintedLine]) -> Iterator[PrintedLine]:
    """Return an empty line, the heading and the lines; nothing if there are no lines."""
    for number, line in enumerate(lines):
        if number == 0:
            yield from ("", format_heading(heading))
        yield line


def print_answer(
    lines: Iterable[PrintedLine], data: Mapping[str, Any], missing: Iterable[Position] | None = None, *, as_json: bool
) -> None:
    """Print an answer as text, or as JSON with its `version`; secrets are redacted.

    The JSON of an answer from the graph also has `left_out`: the positions of the cards that are `missing` in it.
    """
    if as_json:
        print_document(render_json(build_answer_data(data, missing)))
    else:
        print_lines(map(redact_line, lines))


def redact_line(line: PrintedLine) -> PrintedLine:
    """Return a line without secrets."""
    match line:
        case str():
            return redact(escape_line(line))
        case Line():
            return Line(redact(escape_line(line.text)), line.bold, line.colour)
        case tuple():
            return tuple(Line(redact(x.text), x.bold, x.colour) if isinstance(x, Line) else redact(x) for x in line)
        case _:
            return line


def render_json(data: object, indent: int | None = 2) -> str:
    """Return data as JSON that is safe to print; references, days and enumerations become text."""
    return escape_json(json.dumps(data, ensure_ascii=False, indent=indent, default=str))


def write_file(path: Path, content: str | bytes) -> None:
    """Write a file and its folders, and report its path on stderr."""
    with report_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    print_line(f"wrote {path}", err=True)


def print_report(lines: Iterable[PrintedLine], output: Path | None) -> None:
    """Print a report, or write it without colours to the file that the user names."""
    if output is None:
        print_lines(lines)
        return
    with report_write_errors(output):
        output.write_text(click.unstyle(format_lines(lines)) + "\n", encoding="utf-8")


def print_or_write(text: str, output: Path | None) -> None:
    """Print a document, or write it to the file that the user names."""
    if output is None:
        print_document(text)
    else:
        write_file(output, text)
