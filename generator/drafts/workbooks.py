"""The rows of a workbook of Excel (.xlsx, .xlsm) as texts, with the links and comments of its cells.

`openpyxl` reads links and comments, which `python-calamine` does not.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from generator.drafts.tables import CELL_LIMIT, ROWS_LIMIT, SheetRow
from generator.drafts.text_cleaning import clean_text, to_one_line
from generator.errors import UserError
from generator.names import suggest_name

UNPACKED_LIMIT = 50_000_000
"""Bytes of all unpacked files of a workbook."""
_MEMBERS_LIMIT = 5_000
_COLUMNS_LIMIT = 1_000
_SIGNATURE = b"PK\x03\x04"
_COMPOUND_SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # MS-CFB, 2.2: of .xls files, and of encrypted .xlsx files
_XML = re.compile(r"\.(xml|rels|vml)$")
_FORMULA = re.compile(rb"<(\w+:)?f[ >/]")
_DECIMALS = re.compile(r"#?,?#*0\.(?P<decimals>0+)")


def is_workbook(content: bytes) -> bool:
    """Return whether a file is packed like a workbook."""
    return content.startswith((_SIGNATURE, _COMPOUND_SIGNATURE))


def parse_workbook(content: bytes, file: str, sheet: str = "") -> tuple[str, tuple[SheetRow, ...], tuple[str, ...]]:
    """Return the name of a sheet, its rows that are not empty, and the names of the other sheets that have rows.

    Without a name it is the first visible sheet with rows. A cell that is merged with those below fills them.
    """
    has_formulas = _check_archive(content, file)
    workbook = _load_workbook(content, file, values=True)
    formulas = _load_workbook(content, file, values=False) if has_formulas else workbook
    rows = {one.title: _read_rows(one, formulas[one.title], file) for one in workbook.worksheets}
    if sheet and sheet not in rows:
        raise UserError(f"{file} has no sheet {sheet!r}: {suggest_name(sheet, rows)}")
    filled = [one.title for one in workbook.worksheets if rows[one.title]]
    visible = [title for title in filled if workbook[title].sheet_state == "visible"]
    chosen = sheet or next(iter([*visible, *filled]), "")
    if not chosen:
        raise UserError(f"{file} has no sheet with rows")
    return chosen, rows[chosen], tuple(title for title in filled if title != chosen)


def _check_archive(content: bytes, file: str) -> bool:
    """Return whether a workbook has formulas; raise UserError if it unpacks to more than a workbook may have.

    `zipfile` never unpacks more of a file than its declared size, so a wrong size is no way around the limit.
    """
    if content.startswith(_COMPOUND_SIGNATURE):
        raise UserError(f"{file} is a workbook of Excel 97 to 2003, or has a password: save it as .xlsx without one")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = archive.infolist()
            if len(members) > _MEMBERS_LIMIT or sum(member.file_size for member in members) > UNPACKED_LIMIT:
                raise UserError(f"{file} unpacks to more than {UNPACKED_LIMIT:,} bytes: import a part of it")
            texts = {member.filename: archive.read(member) for member in members if _XML.search(member.filename)}
    except UserError:
        raise
    except Exception as error:  # noqa: BLE001 - damaged archives raise more than `zipfile` documents
        raise UserError(f"cannot read {file} as a workbook: {_describe(error)}") from None
    if any(b"<!DOCTYPE" in text for text in texts.values()):  # which ECMA-376-2 forbids
        raise UserError(f"cannot read {file} as a workbook: it defines entities of XML")
    return any("worksheets/" in name and _FORMULA.search(text) for name, text in texts.items())


def _describe(error: Exception) -> str:
    return to_one_line(error, 200) or "it is damaged"


def _load_workbook(content: bytes, file: str, *, values: bool) -> Any:  # noqa: ANN401 - openpyxl has no types
    """Return a workbook with the values of its formulas, or with their texts."""
    from openpyxl import load_workbook  # noqa: PLC0415 - it takes 0.2 s to import

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # parts that no draft needs, such as rules for the input
            return load_workbook(io.BytesIO(content), data_only=values, keep_links=False)
    except Exception as error:  # noqa: BLE001 - openpyxl raises any exception for a damaged workbook
        raise UserError(f"cannot read {file} as a workbook: {_describe(error)}") from None


def _read_rows(sheet: Any, formulas: Any, file: str) -> tuple[SheetRow, ...]:  # noqa: ANN401 - openpyxl has no types
    # `iter_rows` would make a cell for each place up to the last one, of which a sheet has 17 thousand million.
    places: Mapping[tuple[int, int], Any] = getattr(sheet, "_cells", {})  # a chart sheet has none
    texts: dict[int, dict[int, str]] = {}
    links: dict[int, dict[int, str]] = {}
    comments: dict[int, dict[int, str]] = {}
    for (row, column), cell in sorted(places.items()):
        value = cell.value if cell.value is not None else formulas.cell(row, column).value
        text = _format_cell(value, str(getattr(cell, "number_format", "")))
        link = getattr(cell, "hyperlink", None)
        address = clean_text((link.target or (f"#{link.location}" if link.location else "")) if link else "")
        note = clean_text(cell.comment.text) if getattr(cell, "comment", None) else ""
        for found, known in ((text, texts), (address if address != text else "", links), (note, comments)):
            if found:
                known.setdefault(row, {})[column - 1] = found
                texts.setdefault(row, {}).setdefault(column - 1, "")
    for merged in sheet.merged_cells.ranges if hasattr(sheet, "merged_cells") else ():
        top = texts.get(merged.min_row, {}).get(merged.min_col - 1)
        if top and merged.min_col == merged.max_col:
            for row in range(merged.min_row + 1, min(merged.max_row, merged.min_row + ROWS_LIMIT) + 1):
                if row in texts:
                    texts[row][merged.min_col - 1] = top
    if len(texts) > ROWS_LIMIT or any(max(cells) >= _COLUMNS_LIMIT for cells in texts.values()):
        raise UserError(f"{file} has more than {ROWS_LIMIT:,} rows or {_COLUMNS_LIMIT:,} columns: import a part of it")
    rows: list[SheetRow] = []
    for row, cells in sorted(texts.items()):
        filled = tuple(cells.get(column, "") for column in range(max(cells) + 1))
        rows.append(SheetRow(row, filled, row, links.get(row, {}), comments.get(row, {})))
    return tuple(rows)


def _format_cell(value: object, number_format: str) -> str:
    """Return the text that Excel shows, as far as a draft needs it: 2.10 with two decimals, 95%, 2026-01-05."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() | int() if number_format.endswith("%"):
            return f"{value * 100:.10g}%"
        case float() | int() if decimals := _DECIMALS.fullmatch(number_format):
            return f"{value:.{min(len(decimals['decimals']), 20)}f}"
        case float() if value.is_integer() and abs(value) < 10**15:
            return str(int(value))
        case datetime() if value.time() == datetime.min.time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "seconds")
        case _:
            return clean_text(value)[:CELL_LIMIT]
