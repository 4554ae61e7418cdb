"""Files from other sources as plain data, within limits: YAML and JSON.

Scalars of YAML stay as typed (`schema.base.Scalar`), so that the version 2.10 does not become 2.1.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeAlias, cast

from generator.drafts.text_cleaning import to_one_line, to_printable
from generator.errors import UserError
from generator.load.yaml_reader import DEPTH_LIMIT, read_documents
from generator.load.yaml_reader import SIZE_LIMIT as VALUES_LIMIT
from generator.schema.base import parse_number
from generator.values import FrozenValue

Plain: TypeAlias = "dict[str, Plain] | list[Plain] | str | int | float | bool | None"

SIZE_LIMIT = 5_000_000
"""Bytes of a file."""
_SURROGATE = re.compile("[\ud800-\udfff]")


class SourceDocument(FrozenValue):
    """A document of a file, with the number of its first line."""

    value: Plain
    line: int


class _UnboundedNumberError(Exception):
    """A number of a JSON text that no card can have."""


def read_bytes(path: Path, limit: int = SIZE_LIMIT) -> bytes:
    """Return the bytes of a file; raise UserError if it is missing, not regular, or larger than the limit."""
    try:
        if not path.is_file():
            raise UserError(f"{path} is a folder: name a file in it" if path.is_dir() else f"there is no file {path}")
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise UserError(f"cannot read {path}: {error.strerror}") from None
    if len(content) > limit:
        raise UserError(f"{path} is larger than {limit:,} bytes: import a part of it")
    return content


def read_text(path: Path, limit: int = SIZE_LIMIT) -> str:
    """Return the text of a UTF-8 file without byte order mark, with line feeds as line breaks."""
    try:
        text = read_bytes(path, limit).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def open_folder(folder: Path) -> Callable[[str], str | None]:
    """Return the reader of the texts in a folder and below it by name; it follows no link out of the folder."""
    root = folder.resolve()

    def read(name: str) -> str | None:
        try:
            path = root / name
            return read_text(path) if path.resolve().is_relative_to(root) else None
        except (UserError, OSError, ValueError):
            return None

    return read


def parse_documents(text: str, source: str) -> tuple[SourceDocument, ...]:
    """Return all documents of a YAML or JSON text; `source` is its name in the UserError that a mistake raises."""
    if text.lstrip()[:1] in {"{", "["}:
        with suppress(json.JSONDecodeError):  # YAML can also begin with a bracket
            return (SourceDocument(_parse_json(text, source), 1),)
    documents, findings = read_documents(to_printable(text), source, is_card=False)
    for finding in findings:
        raise UserError(f"cannot read {source}:{finding.position.line}: {to_one_line(finding.message, 200)}")
    return tuple(
        SourceDocument(cast(Plain, document.root.to_plain()), document.root.mark.line) for document in documents
    )


def parse_first_document(text: str, source: str) -> Plain:
    """Return the first document of a text; None if it has none."""
    return next((document.value for document in parse_documents(text, source)), None)


def _parse_json(text: str, source: str) -> Plain:
    too_large = f"{source} is nested deeper than {DEPTH_LIMIT} levels or has more than {VALUES_LIMIT:,} values"
    try:
        value: Plain = json.loads(text, parse_constant=str, parse_int=_parse_number, parse_float=_parse_number)
    except _UnboundedNumberError as error:
        number = str(error)
        line = text.count("\n", 0, text.find(number)) + 1
        raise UserError(f"{source}:{line} has a number that is out of range: {to_one_line(number, 40)}") from None
    except RecursionError:
        raise UserError(too_large) from None
    for count, (depth, current) in enumerate(iterate_values(value), 1):
        if depth > DEPTH_LIMIT or count > VALUES_LIMIT:
            raise UserError(too_large)
        texts = current if isinstance(current, dict) else [current] if isinstance(current, str) else []
        if any(map(_SURROGATE.search, texts)):
            raise UserError(f"{source} has an unpaired surrogate: correct its \\u escapes")
    return value


def _parse_number(text: str) -> int | float:
    number = parse_number(text)
    if number is None:
        raise _UnboundedNumberError(text)
    return number


def iterate_values(value: object) -> Iterator[tuple[int, object]]:
    """Yield a value and all values within it with their depth, which begins at 1, without recursion."""
    waiting: list[tuple[int, object]] = [(1, value)]
    while waiting:
        depth, current = waiting.pop()
        yield depth, current
        inner = current.values() if isinstance(current, dict) else current if isinstance(current, list) else ()
        waiting.extend((depth + 1, item) for item in inner)


def read_vocabulary(table: str) -> Mapping[str, str]:
    """Return the words of a table of `vocabulary.toml` with the field or value that each stands for."""
    tables = tomllib.loads(Path(__file__).with_name("vocabulary.toml").read_text("utf-8"))
    return {word: value for value, words in tables[table].items() for word in words}
