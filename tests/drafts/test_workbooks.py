"""Workbooks of Excel: values as Excel shows them, links and comments, and workbooks that are made to do harm."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.comments import Comment

from generator.drafts.spreadsheet import SheetOptions, import_spreadsheet
from generator.drafts.tables import SheetRow
from generator.drafts.workbooks import UNPACKED_LIMIT, parse_workbook
from generator.errors import UserError
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

FUNCTIONS = {"ds": "Data Science"}
MODELS = (("Model", "Team", "Stage"), ("Dish ranker", "Menu", "live"))


def save(workbook: Workbook) -> bytes:
    content = io.BytesIO()
    workbook.save(content)
    return content.getvalue()


def make_workbook(rows: Sequence[Sequence[Any]] = MODELS) -> Workbook:
    workbook = Workbook()
    for row in rows:
        workbook.active.append(row)
    return workbook


def read_rows(workbook: Workbook) -> tuple[SheetRow, ...]:
    return parse_workbook(save(workbook), "a.xlsx")[1]


def replace_member(content: bytes, name: str, text: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, text if member == name else old.read(member))
    return made.getvalue()


def test_cells_are_read_as_excel_shows_them():
    workbook = make_workbook(
        [[2, 2.0, 2.5, True, date(2025, 11, 3), datetime.fromisoformat("2025-11-03 16:05"), None, " a \n b "]]
    )
    sheet = workbook.active
    for column, (value, number_format) in enumerate([(2.1, "0.00"), (0.95, "0%"), (1234.5, "#,##0.00")], 9):
        sheet.cell(1, column, value).number_format = number_format
    (row,) = read_rows(workbook)
    assert row.cells == (
        "2", "2", "2.5", "TRUE", "2025-11-03", "2025-11-03 16:05:00", "", "a \n b", "2.10", "95%", "1234.50",
    )  # fmt: skip


def test_a_formula_without_a_value_is_read_as_its_text():
    (row,) = read_rows(make_workbook([["=1+1", '=HYPERLINK("https://a.example.com")']]))
    assert row.cells == ("=1+1", '=HYPERLINK("https://a.example.com")')


def test_links_and_comments_of_cells_are_kept(tmp_path: Path):
    workbook = make_workbook([["Model", "Owner", "Repo", "Concern"], ["Dish ranker", "Ola Nord", "the code", "low"]])
    sheet = workbook.active
    sheet["A2"].hyperlink, sheet["B2"].hyperlink = "https://wiki.example.com/dish", "mailto:ola@example.com"
    sheet["C2"].hyperlink = "https://git.example.com/dish"
    sheet["D2"].comment = Comment("until the audit", "Mira")
    cards = load_drafts(import_spreadsheet(save(workbook), "a.xlsx", FUNCTIONS), tmp_path).by_ref
    card: Any = cards[Ref("model", "dish-ranker")].card
    ola: Any = cards[Ref("person", "ola-nord")].card
    assert card.links == {"repo": "https://git.example.com/dish"}
    assert ola.email == "ola@example.com"
    assert card.extras["x-spreadsheet"] == {
        "Model link": "https://wiki.example.com/dish",
        "Repo text": "the code",
        "Concern": "low",
        "Concern comment": "until the audit",
    }


def test_a_merged_cell_fills_the_rows_beside_it():
    workbook = make_workbook([["Model", "Team"], ["ryl", "Menu"], ["tpfy", None], [None, None], ["eta", "Couriers"]])
    workbook.active.merge_cells("B2:B4")
    workbook.active.merge_cells("A5:B5")
    assert [row.cells for row in read_rows(workbook)] == [
        ("Model", "Team"), ("ryl", "Menu"), ("tpfy", "Menu"), ("eta",),
    ]  # fmt: skip


def test_the_first_visible_sheet_is_read_and_the_others_are_told():
    workbook = make_workbook([["Total", 3]])
    workbook.active.title, workbook.active.sheet_state = "Hidden", "hidden"
    for title, rows in {"Empty": [], "Models": MODELS, "Notes": [["read me"]]}.items():
        sheet = workbook.create_sheet(title)
        for row in rows:
            sheet.append(row)
    result = import_spreadsheet(save(workbook), "a.xlsx", FUNCTIONS)
    assert "a.xlsx, sheet Models:2, Dish ranker" in result.files[0].text
    assert [note.message for note in result.notes] == [
        f"the sheet '{title}' was not read: add `--sheet '{title}'`" for title in ("Hidden", "Notes")
    ]


def test_a_sheet_can_be_chosen():
    workbook = make_workbook([["read me"]])
    workbook.create_sheet("Models").append(["Model"])
    workbook["Models"].append(["ryl"])
    result = import_spreadsheet(save(workbook), "a.xlsx", FUNCTIONS, SheetOptions(sheet="Models"))
    assert [str(file.ref) for file in result.files] == ["model:ryl"]
    with pytest.raises(UserError, match="has no sheet 'Model': did you mean 'Models'"):
        import_spreadsheet(save(workbook), "a.xlsx", FUNCTIONS, SheetOptions(sheet="Model"))


@given(st.lists(st.lists(st.text("ab ,;\n\"'=7é", max_size=8), min_size=3, max_size=3), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_a_workbook_gives_the_same_rows_as_its_cells(rows: list[list[str]]):
    workbook = make_workbook()
    for number, row in enumerate(rows, 3):
        for column, text in enumerate(row, 1):
            cell = workbook.active.cell(number, column, text)
            cell.data_type = "s"
    found = {row.number: row.cells for row in read_rows(workbook)}
    for number, row in enumerate(rows, 3):
        cells = [cell.strip() for cell in row]
        assert [*found.get(number, ()), "", "", ""][:3] == cells


def test_a_cell_far_away_costs_nothing():
    workbook = make_workbook()
    workbook.active.cell(1_048_576, 3, "the end")
    assert [row.number for row in read_rows(workbook)] == [1, 2, 1_048_576]
    workbook.active.cell(1, 16_384, "the edge")
    with pytest.raises(UserError, match="more than 20,000 rows or 1,000 columns"):
        read_rows(workbook)


def test_a_workbook_that_unpacks_to_too_much_is_refused():
    bomb = replace_member(save(make_workbook()), "xl/worksheets/sheet1.xml", "<a/>" * (UNPACKED_LIMIT // 4 + 1))
    assert len(bomb) < 1_000_000
    with pytest.raises(UserError, match="unpacks to more than 50,000,000 bytes"):
        parse_workbook(bomb, "a.xlsx")


def test_a_workbook_that_lies_about_its_size_is_refused():
    bomb = replace_member(save(make_workbook()), "xl/worksheets/sheet1.xml", "<a/>" * 20_000_000)
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        size = archive.getinfo("xl/worksheets/sheet1.xml").file_size
    lie = bomb.replace(size.to_bytes(4, "little"), (1_000).to_bytes(4, "little"))
    with pytest.raises(UserError, match=r"cannot read a\.xlsx as a workbook"):
        parse_workbook(lie, "a.xlsx")


@pytest.mark.parametrize(
    "entity",
    ['<!ENTITY e SYSTEM "file:///etc/passwd">', '<!ENTITY a "xxxxxxxxxx"><!ENTITY e "&a;&a;&a;&a;&a;&a;&a;&a;">'],
)
@pytest.mark.parametrize("member", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"])
def test_a_workbook_with_entities_is_refused(entity: str, member: str):
    content = save(make_workbook())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        text = archive.read(member).decode()
    start = text.index("<", text.index("?>") if text.startswith("<?") else 0)
    changed = f"{text[:start]}<!DOCTYPE x [{entity}]>{text[start:]}".replace("Dish ranker", "Dish &e;")
    with pytest.raises(UserError, match="it defines entities of XML"):
        parse_workbook(replace_member(content, member, changed), "a.xlsx")


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"PK\x03\x04" + b"x" * 500, b"PK\x03\x04\0\0\0\0"])
def test_a_damaged_workbook_is_refused(content: bytes):
    with pytest.raises(UserError, match=r"cannot read a\.xlsx as a workbook"):
        import_spreadsheet(content, "a.xlsx", FUNCTIONS)


def test_a_workbook_of_an_old_excel_or_with_a_password_is_refused():
    with pytest.raises(UserError, match=r"or has a password: save it as \.xlsx"):
        import_spreadsheet(bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 504, "models.xls", FUNCTIONS)


def test_an_archive_that_is_no_workbook_is_refused():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", "a")
    with pytest.raises(UserError, match=r"cannot read a\.xlsx as a workbook"):
        parse_workbook(content.getvalue(), "a.xlsx")


@given(st.integers(0, 4_000), st.binary(min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_any_damage_gives_rows_or_an_error(place: int, bytes_: bytes):
    content = save(make_workbook())
    damaged = content[:place] + bytes_ + content[place + len(bytes_) :]
    try:
        import_spreadsheet(damaged, "a.xlsx", FUNCTIONS)
    except UserError:
        return
