"""Answers on the terminal: lines for people, JSON for programs, secrets redacted in both."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from generator.cli.console import Line, PrintedLine, print_document, print_lines
from generator.findings import Position
from generator.printable import escape_json, escape_line
from generator.secrets.redaction import redact, redact_data

VERSION = 1
"""The version of every JSON answer; a key that goes or changes its meaning raises it, a new one does not."""


def title(name: str, ref: object = "") -> Line:
    """Return the first line of an answer: what it is about."""
    return Line(f"{name}  ({ref})" if str(ref) else name, bold=True)


def heading(words: str) -> Line:
    """Return the line above a part of an answer."""
    return Line(words, bold=True)


def print_answer(
    lines: Iterable[PrintedLine], data: Mapping[str, Any], missing: Iterable[Position] | None = None, *, as_json: bool
) -> None:
    """Print an answer for people, or as JSON for programs: `version`, then its own keys; secrets are redacted.

    The JSON of an answer from the graph also has `left_out`: what is `missing`, since it could not be read.
    """
    if as_json:
        whole = data if missing is None else {**data, "left_out": left_out_data(missing)}
        print_document(json_text(redact_data({"version": VERSION, **whole})))
    else:
        print_lines(map(_redact_line, lines))


def _redact_line(line: PrintedLine) -> PrintedLine:
    match line:
        case str():
            return redact(escape_line(line))
        case Line():
            return Line(redact(escape_line(line.text)), line.bold, line.colour)
        case tuple():
            return tuple(Line(redact(x.text), x.bold, x.colour) if isinstance(x, Line) else redact(x) for x in line)
        case _:
            return line


def left_out_data(missing: Iterable[Position]) -> list[str]:
    """Return the places that an answer leaves out, as data."""
    return [f"{place.file}:{place.line}" for place in missing]


def json_text(data: object, indent: int | None = 2) -> str:
    """Return data as JSON that is safe to print; references, days and words of a choice become text."""
    return escape_json(json.dumps(data, ensure_ascii=False, indent=indent, default=str))
