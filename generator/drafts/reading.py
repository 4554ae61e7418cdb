"""Text from elsewhere to plain data: YAML or JSON, within limits, and nothing in it is run.

Scalars of YAML stay as typed (`schema.base.Scalar`), so that a version 2.10 does not become 2.1.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, cast

from generator.drafts.words import one_line
from generator.errors import UserError
from generator.load.rules import TOO_NESTED
from generator.load.yaml_reader import DEPTH_LIMIT, read_documents
from generator.load.yaml_reader import SIZE_LIMIT as VALUES_LIMIT
from generator.schema.base import Scalar, parse_number

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | Scalar | str | int | float | bool | None"

SIZE_LIMIT = 5_000_000
"""Bytes of a file that is read."""
_SURROGATE = re.compile("[\ud800-\udfff]")
_LINE_BREAKS = str.maketrans("\x85\u2028\u2029", "   ")
"""The line breaks of Unicode, which cards cannot have."""


@dataclass(frozen=True, slots=True)
class Part:
    """One document of a file."""

    value: Plain
    line: int
    """Where it begins, counted from 1."""


class _UnboundedNumberError(Exception):
    """A number of a JSON text that no card can hold."""


def read_bytes(path: Path, limit: int = SIZE_LIMIT) -> bytes:
    """The bytes of a regular file; raises UserError where there is none, or one beyond the limit."""
    try:
        if not path.is_file():
            message = f"there is no file {path}"
            raise UserError(message)
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise UserError(message) from None
    if len(content) > limit:
        message = f"{path} is larger than {limit:,} bytes; import a part of it"
        raise UserError(message)
    return content


def read_text(path: Path, limit: int = SIZE_LIMIT) -> str:
    """The text of a UTF-8 file, with or without byte order mark, with one sort of line break."""
    try:
        text = read_bytes(path, limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8"
        raise UserError(message) from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parts(text: str, source: str) -> tuple[Part, ...]:
    """All documents of a YAML or JSON text; `source` names it in the UserError that a mistake raises."""
    if text.lstrip()[:1] in {"{", "["}:
        try:
            value = json.loads(text, parse_constant=str, parse_int=_parse_number, parse_float=_parse_number)
        except json.JSONDecodeError:
            pass  # YAML may also begin with a bracket
        except RecursionError:
            raise _too_large(source) from None
        except _UnboundedNumberError as error:
            number = str(error)
            line = text.count("\n", 0, text.find(number)) + 1
            message = f"{source}:{line} has a number that is out of range: {one_line(number, 40)}"
            raise UserError(message) from None
        else:
            return (Part(_limited(value, source), 1),)
    documents, findings = read_documents(text.translate(_LINE_BREAKS), source, is_card=False)
    for finding in findings:
        if finding.code == TOO_NESTED.code:
            raise _too_large(source)
        message = f"{source}:{finding.position.line} is not YAML: {one_line(finding.message, 200)}"
        raise UserError(message)
    return tuple(Part(cast("Plain", document.root.plain()), document.at().line) for document in documents)


def part(text: str, source: str) -> Plain:
    """The first document of a text."""
    return next((found.value for found in parts(text, source)), None)


def _parse_number(text: str) -> int | float:
    number = parse_number(text)
    if number is None:
        raise _UnboundedNumberError(text)
    return number


def _too_large(source: str) -> UserError:
    return UserError(
        f"{source} is nested deeper than {DEPTH_LIMIT} levels or holds more than {VALUES_LIMIT:,} values; import a part"
    )


def _limited(value: Plain, source: str) -> Plain:
    waiting: list[tuple[int, Plain]] = [(0, value)]
    seen = 0
    while waiting:
        depth, current = waiting.pop()
        seen += 1
        if depth > DEPTH_LIMIT or seen > VALUES_LIMIT:
            raise _too_large(source)
        texts = current if isinstance(current, dict) else [current] if isinstance(current, str) else []
        if any(_SURROGATE.search(text) for text in texts):
            message = f"{source} holds half of a character, which no text can; correct the \\u escapes"
            raise UserError(message)
        inner = current.values() if isinstance(current, dict) else current if isinstance(current, list) else ()
        waiting.extend((depth + 1, item) for item in inner)
    return value
