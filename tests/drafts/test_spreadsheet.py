import csv
from pathlib import Path
from typing import Any

import pytest

from generator.drafts.reading import parse_table
from generator.drafts.records import DayFormat, MatchConfidence, Party, match_columns, parse_choice, parse_party
from generator.drafts.spreadsheet import import_spreadsheet
from generator.errors import UserError
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

FUNCTIONS = {"ds": "Data Science", "merch_ops": "Merch Operations"}
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


@pytest.mark.parametrize("sheet", [b"name\nryl\ntpfy\n", b"Our models\nModel name\nryl\ntpfy", b"name,\nryl,\ntpfy,\n"])
def test_a_list_of_names_is_a_table(sheet: bytes):
    files = import_spreadsheet(sheet, "a.csv", FUNCTIONS).files
    assert [str(file.ref) for file in files] == ["model:ryl", "model:tpfy"]


@pytest.mark.parametrize(
    ("header", "field", "confidence"),
    [
        ("name", "name", MatchConfidence.SAME),
        ("Model Name *", "name", MatchConfidence.SYNONYM),
        ("Deployed On (date)", "deployed_on", MatchConfidence.SAME),
        ("DS POC", "contacts.ds", MatchConfidence.SYNONYM),
        ("Contact Merch Operations", "contacts.merch_ops", MatchConfidence.SYNONYM),
        ("Ownerr", "owners", MatchConfidence.PROPOSED),
        ("Production endpoint of the model", "endpoints.production", MatchConfidence.PROPOSED),
        ("Cost centre", "", MatchConfidence.UNKNOWN),
        ("", "", MatchConfidence.UNKNOWN),
    ],
)
def test_columns_are_matched_to_fields(header: str, field: str, confidence: MatchConfidence):
    column = match_columns([header], FUNCTIONS, {})[0]
    assert (column.field, column.confidence) == (field, confidence)


def test_the_first_of_two_columns_fills_the_field():
    assert [column.confidence for column in match_columns(["Owner", "Owned by"], FUNCTIONS, {})] == [
        MatchConfidence.SYNONYM,
        MatchConfidence.DUPLICATE,
    ]


def test_given_fields_take_precedence():
    columns = match_columns(["Ownerr", "Owner"], FUNCTIONS, {"ownerr": "owners", "Owner": ""})
    assert [(column.field, column.confidence) for column in columns] == [
        ("owners", MatchConfidence.GIVEN),
        ("", MatchConfidence.UNKNOWN),
    ]


@pytest.mark.parametrize(
    ("given", "told"),
    [({"Onwer": "owners"}, "did you mean 'Owner'"), ({"Owner": "onwers"}, "did you mean 'owners'")],
)
def test_unknown_columns_and_fields_are_refused(given: dict[str, str], told: str):
    with pytest.raises(UserError, match=told):
        match_columns(["Owner"], FUNCTIONS, given)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2025-11-03", "2025/1/2 10:30"], ["2025-11-03", "2025-01-02"]),
        (["03/11/2025", "25/12/2024"], ["2025-11-03", "2024-12-25"]),
        (["11/03/2025", "12/25/2024"], ["2025-11-03", "2024-12-25"]),
        (["03/11/2025", "04/12/2024"], [None, None]),
        (["13/11/2025", "11/13/2025"], [None, None]),
        (["03.11.25", "5.1.2024"], ["2025-11-03", "2024-01-05"]),
        (["3-Nov-2025", "3rd November 2025", "Nov 3, 2025"], ["2025-11-03"] * 3),
        (["31/31/2025", "soon", "45000"], [None, None, None]),
        (["05/05/2025"], ["2025-05-05"]),
    ],
)
def test_only_unambiguous_days_are_read(cells: list[str], expected: list[str | None]):
    days = DayFormat.detect(cells)
    assert [days.parse(cell) for cell in cells] == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Asha Rao <asha@example.com>", Party("person", "Asha Rao", "asha@example.com")),
        ("asha.rao@example.com", Party("person", "Asha Rao", "asha.rao@example.com")),
        ("DS Ranking", Party("team", "DS Ranking")),
        ("#ds-ranking", Party("team", "ds-ranking")),
        ("Asha Rao", Party("person", "Asha Rao", guessed=True)),
        ("Phoenix", Party("team", "Phoenix", guessed=True)),
    ],
)
def test_teams_and_people_are_told_apart(text: str, expected: Party):
    assert parse_party(text) == expected


def test_common_words_for_a_lifecycle_are_known():
    assert [parse_choice("lifecycle", text) for text in ("Live", "In-Production", "PoC", "sunset", "maybe", "")] == [
        "production", "production", "experimental", "deprecated", "", "",
    ]  # fmt: skip


def test_one_cell_clears_up_whether_another_names_a_person(tmp_path: Path):
    sheet = "Name,Owner,DS contact\nryl,Asha; asha@example.com,Asha Rao <asha@example.com>\ntpfy,Asha Rao,\n"
    cards = load_drafts(import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS), tmp_path)
    assert [str(ref) for ref in cards.by_ref] == ["model:ryl", "model:tpfy", "person:asha-rao", "team:asha"]
    ryl: Any = cards.by_ref[Ref("model", "ryl")].card
    assert ryl.owners == ("asha", "asha-rao")
    assert ryl.contacts == {"ds": "asha-rao"}


def test_a_given_column_fills_the_card(tmp_path: Path):
    sheet = b"Bezeichnung;Zuhause\nryl;ds-ranking\n"
    imported = import_spreadsheet(sheet, "a.csv", FUNCTIONS, {"Bezeichnung": "name", "Zuhause": "team"})
    assert imported.interpretations == (
        "column 'Bezeichnung': name (as given)",
        "column 'Zuhause': team (as given)",
    )
    card: Any = load_drafts(imported, tmp_path).by_ref[Ref("model", "ryl")].card
    assert card.owners == ("ds-ranking",)


@pytest.mark.parametrize("sheet", [b"", b"a,b\n1,2\n", b"Name,Owner\n", b"Name,Owner\n,ds\n"])
def test_a_table_without_models_is_refused(sheet: bytes):
    with pytest.raises(UserError):
        import_spreadsheet(sheet, "a.csv", FUNCTIONS)


def test_a_formula_stays_text(tmp_path: Path):
    sheet = b'Name,Owner,Notes\nryl,ds,"=HYPERLINK(""http://evil"")"\n'
    card: Any = load_drafts(import_spreadsheet(sheet, "a.csv", FUNCTIONS), tmp_path).by_ref[Ref("model", "ryl")].card
    assert card.notes == '=HYPERLINK("http://evil")'
