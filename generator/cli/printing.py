"""Answers on the terminal: plain lines, some of them marked; no secret, nothing that drives a terminal."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import click

from generator.findings import Position
from generator.scan.secrets import redact, redact_data

VERSION = 1
"""The version of every JSON answer; a key that goes or changes its meaning raises it, a new one does not."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its look, which is shown on a terminal only."""

    text: str
    bold: bool = False
    colour: str | None = None


def title(name: str, ref: object = "") -> Line:
    """The first line of an answer: what it is about."""
    return Line(f"{name}  ({ref})" if str(ref) else name, bold=True)


def heading(words: str) -> Line:
    """The line above a part of an answer."""
    return Line(words, bold=True)


def shown(lines: Iterable[str | Line]) -> str:
    """The lines as they are printed."""
    return "\n".join(_shown(Line(line) if isinstance(line, str) else line) for line in lines)


def _shown(line: Line) -> str:
    text = redact(harmless(line.text))
    return click.style(text, bold=line.bold or None, fg=line.colour) if line.bold or line.colour else text


def harmless(text: str) -> str:
    """The text on one line, without what could move the cursor or change colours."""
    return "".join(letter if letter.isprintable() or letter == "\t" else "\N{REPLACEMENT CHARACTER}" for letter in text)


def print_answer(
    lines: Iterable[str | Line], data: Mapping[str, Any], missing: Iterable[Position] | None = None, *, as_json: bool
) -> None:
    """Print an answer for people, or as JSON for programs: `version`, then its own keys; secrets are blacked out.

    The JSON of an answer from the graph also has `left_out`: what is `missing`, since it could not be read.
    """
    whole = data if missing is None else {**data, "left_out": left_out_data(missing)}
    click.echo(json_text(whole) if as_json else shown(lines))


def left_out_data(missing: Iterable[Position]) -> list[str]:
    """The places that an answer leaves out, as data."""
    return [f"{place.file}:{place.line}" for place in missing]


def json_text(data: Mapping[str, Any]) -> str:
    """The data as JSON; references, days and words of a choice as text."""
    return json.dumps(redact_data({"version": VERSION, **data}), ensure_ascii=False, indent=2, default=str)
