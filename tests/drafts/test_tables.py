import csv

import pytest

from generator.drafts.tables import parse_table
from generator.errors import UserError

ROWS = [["Name", "Größe"], ["ryl", "a, b; c"], ["tpfy", "zwei\nZeilen"]]


def as_text(delimiter: str) -> str:
    return "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in ROWS)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("declared", [False, True])
def test_encodings_and_delimiters_are_detected(encoding: str, delimiter: str, declared: bool):
    text = (f"sep={delimiter}\r\n" if declared else "") + as_text(delimiter)
    table = parse_table(text.encode(encoding), "a.csv")
    assert [list(row.cells) for row in table] == [[cell.replace("\n", "\n") for cell in row] for row in ROWS]
    assert [row.line for row in table] == [1 + declared, 2 + declared, 3 + declared]


def test_a_file_that_is_not_text_is_refused():
    with pytest.raises(UserError, match="neither UTF-8 nor Windows-1252"):
        parse_table(b"Name\n\x81\x8d\xff", "a.csv")


def test_an_unclosed_cell_is_refused():
    with pytest.raises(UserError, match=r"cannot read a\.csv as a table"):
        parse_table(b'Name,Owner\n"' + b"x" * 200_000, "a.csv")


@pytest.mark.parametrize(
    "sheet", [b'name,owner\n"unclosed,x\n', b'name,owner\nryl,x\n"un\nclosed,x', b'name;owner\na;"']
)
def test_an_unclosed_quote_is_refused_with_its_line(sheet: bytes):
    line = 3 if b"ryl" in sheet else 2
    with pytest.raises(UserError, match=f"unclosed quote in the row that begins on line {line}"):
        parse_table(sheet, "a.csv")


def test_cells_have_a_size_limit():
    before = csv.field_size_limit()
    table = parse_table(b'Name,Notes\nryl,"' + b"x, y\n" * 50_000 + b'"\ntpfy,z', "a.csv")
    assert [len(row.cells[1]) for row in table] == [5, 249_999, 1]
    with pytest.raises(UserError, match="a cell has more than 1,000,000 characters"):
        parse_table(b"Name,Notes\nryl," + b"x" * 1_000_001, "a.csv")
    assert csv.field_size_limit() == before
