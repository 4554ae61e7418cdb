"""The bytes of a spreadsheet saved as text to rows, whichever program saved it."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.errors import UserError

ROWS_LIMIT = 20_000
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED = re.compile(r"sep=(?P<delimiter>[,;\t|])\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Row:
    """One row with the line on which it begins, counted from 1."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """All rows that hold anything, and how they were read."""

    rows: tuple[Row, ...]
    encoding: str
    delimiter: str


def read_table(content: bytes, file: str) -> Table:
    """The rows of a text that separates cells by comma, semicolon, tab or bar; quoted cells may span lines.

    UTF-8 and UTF-16 by their marks, else UTF-8 where the bytes are that, else the Windows code page 1252.
    """
    text, encoding = _decoded(content, file)
    declared = _DECLARED.match(text)
    delimiter = declared["delimiter"] if declared else _delimiter(text)
    start = 1 if declared else 0
    body = text[declared.end() :] if declared else text
    try:
        rows = tuple(_rows(body, delimiter, start))
    except csv.Error as error:
        message = f"{file} cannot be read as a table: {error}"
        raise UserError(message) from None
    if len(rows) > ROWS_LIMIT:
        message = f"{file} has more than {ROWS_LIMIT:,} rows; import a part of it"
        raise UserError(message)
    return Table(rows, encoding, delimiter)


def _decoded(content: bytes, file: str) -> tuple[str, str]:
    encodings = [encoding for mark, encoding in _MARKS if content.startswith(mark)] or ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding).replace("\0", " "), encoding
        except UnicodeDecodeError:
            continue
    message = f"{file} is neither UTF-8 nor Windows-1252 text; save it as CSV UTF-8"
    raise UserError(message)


def _delimiter(text: str) -> str:
    """The separator by which most of the first rows have the same number of cells, and more than one."""

    def fitness(delimiter: str) -> tuple[int, int]:
        try:
            widths = [len(row.cells) for row, _ in zip(_rows(text[:200_000], delimiter, 0), range(30), strict=False)]
        except csv.Error:
            return 0, 0
        usual = max(widths, key=widths.count, default=1)
        return (widths.count(usual) * min(usual, 5) if usual > 1 else 0), usual

    return max(_DELIMITERS, key=fitness)


def _rows(text: str, delimiter: str, start: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    line = start + 1
    for cells in reader:
        stripped = tuple(cell.strip() for cell in cells)
        if any(stripped):
            yield Row(line, stripped)
        line = start + reader.line_num + 1
