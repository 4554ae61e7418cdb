"""The rows of a table saved as text."""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import islice

from msgspec import field

from generator.errors import UserError
from generator.values import FrozenValue

ROWS_LIMIT = 20_000
CELL_LIMIT = 1_000_000
"""Characters of a cell."""
_DELIMITERS = (",", ";", "\t", "|")
_BYTE_ORDER_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_DECLARED_DELIMITER = re.compile(r"sep=(?P<delimiter>[,;\t|])\r?\n", re.IGNORECASE)
_END = "\0"
"""A row below the last one. No cell contains it, because it is removed from the text."""


class SheetRow(FrozenValue):
    """A row of a table."""

    line: int
    """Its first line in a text, or its number in a workbook."""
    cells: tuple[str, ...]
    number: int = 0
    """Its number in the table, from 1: a cell of a text can have several lines."""
    links: Mapping[int, str] = field(default_factory=dict)
    """The addresses that the cells of a workbook link to, by column from 0."""
    comments: Mapping[int, str] = field(default_factory=dict)
    """The comments on the cells of a workbook, by column from 0."""


def parse_table(content: bytes, file: str) -> tuple[SheetRow, ...]:
    """Return the rows of a table saved as text that are not empty; quoted cells can span lines.

    The encoding is UTF-8 or UTF-16 by the byte order mark, else UTF-8 if the bytes are valid, else Windows-1252. The
    delimiter is a comma, semicolon, tab or bar.
    """
    for encoding in [name for mark, name in _BYTE_ORDER_MARKS if content.startswith(mark)] or ["utf-8", "cp1252"]:
        with suppress(UnicodeDecodeError):
            text = content.decode(encoding).replace("\0", " ")
            break
    else:
        raise UserError(f"{file} is neither UTF-8 nor Windows-1252 text: save it as CSV UTF-8")
    declared = _DECLARED_DELIMITER.match(text)
    process_limit = csv.field_size_limit(CELL_LIMIT)  # it applies to the whole process
    try:
        delimiter = declared["delimiter"] if declared else _detect_delimiter(text)
        rows = tuple(_parse_rows(text[declared.end() :] if declared else text, delimiter, 1 if declared else 0))
    except csv.Error as error:
        too_large = f"a cell has more than {CELL_LIMIT:,} characters"
        message = f"cannot read {file} as a table: {too_large if 'field limit' in str(error) else error}"
        raise UserError(message) from None
    finally:
        csv.field_size_limit(process_limit)
    if len(rows) > ROWS_LIMIT:
        raise UserError(f"{file} has more than {ROWS_LIMIT:,} rows: import a part of it")
    return rows


def _detect_delimiter(text: str) -> str:
    """Return the delimiter by which most of the first rows have the same number of cells, if more than one.

    Of two that are as good, the one that is right for more rows: a cell can list words with another delimiter. The
    share of the rows counts, because a wrong delimiter cuts cells of several lines into more rows.
    """

    def rate(delimiter: str) -> tuple[float, int]:
        widths: list[int] = []
        with suppress(csv.Error):  # the excerpt can end within quotes
            widths.extend(len(row.cells) for row in islice(_parse_rows(text[:200_000], delimiter, 0), 30))
        usual = max(widths, key=widths.count, default=1)
        count = widths.count(usual)
        return (count * count / len(widths) * min(usual, 5) if usual > 1 else 0), count

    return max(_DELIMITERS, key=rate)


def _parse_rows(text: str, delimiter: str, skipped_lines: int) -> Iterator[SheetRow]:
    """Yield the rows; raise csv.Error for an unclosed quote, which the reader of `csv` accepts."""
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=delimiter, skipinitialspace=True)
    line = skipped_lines + 1
    for number, cells in enumerate(reader, 1):
        if cells == [_END]:
            return
        if cells and cells[-1].endswith(_END):
            raise csv.Error(f"unclosed quote in the row that begins on line {line}")
        stripped = tuple(cell.strip() for cell in cells)
        if any(stripped):
            yield SheetRow(line, stripped, number)
        line = skipped_lines + reader.line_num + 1
