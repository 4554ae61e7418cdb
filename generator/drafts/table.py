"""The bytes of a spreadsheet saved as text to rows, whichever program saved it."""

import csv
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

from generator.errors import UserError

ROWS_LIMIT = 20_000
CELL_LIMIT = 1_000_000
"""Characters of a cell: as many as a card may have."""
_DELIMITERS = (",", ";", "\t", "|")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_END = "\0"
"""What stands below the last row: no text has it, since it is taken out of all of them."""
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
    start = 1 if declared else 0
    body = text[declared.end() :] if declared else text
    with _large_cells():
        delimiter = declared["delimiter"] if declared else _delimiter(text)
        try:
            rows = tuple(_rows(body, delimiter, start))
        except csv.Error as error:
            too_large = "field limit" in str(error)
            why = f"a cell has more than {CELL_LIMIT:,} characters" if too_large else str(error)
            message = f"{file} cannot be read as a table: {why}"
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


@contextmanager
def _large_cells() -> Iterator[None]:
    """Cells of any size that a card can take; the limit is one of the whole process, so it is put back."""
    before = csv.field_size_limit(CELL_LIMIT)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _delimiter(text: str) -> str:
    """The separator by which most of the first rows have the same number of cells, and more than one."""

    def fitness(delimiter: str) -> tuple[int, int]:
        widths: list[int] = []
        with suppress(csv.Error):  # where the text is cut off, the rows before count
            widths.extend(len(row.cells) for row in islice(_rows(text[:200_000], delimiter, 0), 30))
        usual = max(widths, key=widths.count, default=1)
        return (widths.count(usual) * min(usual, 5) if usual > 1 else 0), usual

    return max(_DELIMITERS, key=fitness)


def _rows(text: str, delimiter: str, start: int) -> Iterator[Row]:
    """The rows that hold anything; raises csv.Error where a quote stays open, which the reader itself lets pass."""
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=delimiter, skipinitialspace=True)
    line = start + 1
    for cells in reader:
        if cells == [_END]:
            return
        if cells and cells[-1].endswith(_END):
            message = f"the row that begins in line {line} has a quote that is never closed"
            raise csv.Error(message)
        stripped = tuple(cell.strip() for cell in cells)
        if any(stripped):
            yield Row(line, stripped)
        line = start + reader.line_num + 1
