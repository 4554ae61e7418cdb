import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from generator.drafts.day_formats import DayFormat
from generator.drafts.records import parse_choice
from generator.drafts.spreadsheet import SheetOptions, import_spreadsheet
from generator.errors import UserError
from generator.names import Ref
from tests.drafts.draft_loading import load_drafts

FUNCTIONS = {"ds": "Data Science", "merch_ops": "Merch Operations"}


@pytest.mark.parametrize("sheet", [b"name\nryl\ntpfy\n", b"Our models\nModel name\nryl\ntpfy", b"name,\nryl,\ntpfy,\n"])
def test_a_list_of_names_is_a_table(sheet: bytes):
    files = import_spreadsheet(sheet, "a.csv", FUNCTIONS).files
    assert [str(file.ref) for file in files] == ["model:ryl", "model:tpfy"]


def test_one_cell_clears_up_whether_another_names_a_person(tmp_path: Path):
    sheet = "Name,Owner,DS contact\nryl,Asha; asha@example.com,Asha Rao <asha@example.com>\ntpfy,Asha Rao,\n"
    cards = load_drafts(import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS), tmp_path)
    assert [str(ref) for ref in cards.by_ref] == ["model:ryl", "model:tpfy", "person:asha-rao", "team:asha"]
    ryl: Any = cards.by_ref[Ref("model", "ryl")].card
    assert ryl.owners == ("asha", "asha-rao")
    assert ryl.contacts == {"ds": "asha-rao"}


def test_a_given_column_fills_the_card(tmp_path: Path):
    sheet = b"Bezeichnung;Zuhause\nryl;ds-ranking\n"
    imported = import_spreadsheet(sheet, "a.csv", FUNCTIONS, SheetOptions({"Bezeichnung": "name", "Zuhause": "team"}))
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


def load_model(sheet: str, tmp_path: Path, name: str = "dish-ranker", options: SheetOptions | None = None) -> Any:
    return (
        load_drafts(import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS, options), tmp_path)
        .by_ref[Ref("model", name)]
        .card
    )


KEPT_DAYS = {"Live since": "07-Mar", "Review date": "Q3 2027"}


@pytest.mark.parametrize(
    ("sheet", "kept"),
    [
        ("Model,Limits,Limits,Limits\nDish ranker,a,b,c\n", {"Limits": "a", "Limits 2": "b", "Limits 3": "c"}),
        ("Model,Limits,Limits\nDish ranker,a,\n", {"Limits": "a"}),
        ("Model,Remark,Remark,Remark\nDish ranker,a,b,c\n", {"Remark 2": "b", "Remark 3": "c"}),
        ("Model,Team\nDish ranker,Menu,beyond,the header\n", {"column 3": "beyond", "column 4": "the header"}),
        ("Model,Phase\nDish ranker,Run and Maintain\n", {"Phase": "Run and Maintain"}),
        ("Model,Mode\nDish ranker,on the handset\n", {"Mode": "on the handset"}),
        ("Model,Live since,Review date\nDish ranker,07-Mar,Q3 2027\n", KEPT_DAYS),
        ("Model,Fallback,Replaced by\nDish ranker,the wiki,nothing yet\n",
         {"Fallback": "the wiki", "Replaced by": "nothing yet"}),
        ("Model,Use case,Screen\nDish ranker,ranks,home\n", {"Use case": "ranks", "Screen": "home"}),
        ("Model,DS contact\nDish ranker,Ola Nord; Mira Sund\n", {"DS contact": "Ola Nord; Mira Sund"}),
        ("Model,ID\nDish ranker,AI 7/3\n", {"ID": "AI 7/3"}),
        ("Model,Owner,Version\nDish ranker,TBD,n/a\n", {"Owner": "TBD", "Version": "n/a"}),
    ],
)  # fmt: skip
def test_a_cell_that_no_field_takes_is_kept(sheet: str, kept: dict[str, str], tmp_path: Path):
    card = load_model(sheet, tmp_path, "ai-7-3" if "ID" in kept else "dish-ranker")
    assert card.extras["x-spreadsheet"] == kept


def test_a_draft_says_what_the_source_says_about_a_guess():
    sheet = "Model,Phase,Mode\nDish ranker,Run and Maintain,on the handset\n"
    result = import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS)
    text = result.files[0].text
    assert "# Guessed: the source says 'Run and Maintain'; one of experimental, " in text
    assert "# Guessed: the source says 'on the handset'; one of online, " in text
    assert "set it as in --value 'Run and Maintain=production'" in str(result.notes[0])


def test_a_value_that_the_schema_refuses_is_kept_beside_the_others(tmp_path: Path):
    sheet = "Model,Endpoint,Staging endpoint,Features\nDish ranker,see wiki,https://a.example.com/x,no pair\n"
    card = load_model(sheet, tmp_path)
    assert card.endpoints == {"staging": "https://a.example.com/x"}
    assert card.extras["x-left-out"] == {"endpoints.production": "see wiki", "features": ["no pair"]}


def test_values_can_be_given(tmp_path: Path):
    options = SheetOptions(values={"run and maintain": "production", "on the handset": "online"})
    card = load_model("Model,Phase,Mode\nDish ranker,Run and Maintain,On the handset\n", tmp_path, options=options)
    assert (card.lifecycle, card.serving) == ("production", "online")
    assert "x-spreadsheet" not in card.extras


TITLES = "Models of the kitchen,,,\nas of November,,,\nModel,Team,Stage,Point person\nDish ranker,Menu,live,Ola Nord\n"
SECTIONS = "General,,People,,State\nUse of model,Purpose,Unit,Contact,Stage\nDish ranker,Ranks dishes,Menu,Ola,pilot\n"


@pytest.mark.parametrize(
    ("sheet", "options"),
    [
        (TITLES, SheetOptions()),
        (TITLES, SheetOptions({"Point person": "contacts.ds"})),
        (TITLES, SheetOptions(header_row=3)),
        (SECTIONS, SheetOptions({"Use of model": "name"})),
        (SECTIONS, SheetOptions({"Use of model": "name"}, header_row=2)),
        ("\n\nModel\nDish ranker\n", SheetOptions(header_row=3)),
        ('"a\nb",c\nModel,Team\nDish ranker,Menu\n', SheetOptions(header_row=2)),
    ],
)
def test_the_header_below_titles_is_found(sheet: str, options: SheetOptions, tmp_path: Path):
    assert load_model(sheet, tmp_path, options=options).name == "Dish ranker"


def test_rows_that_are_no_models_are_listed():
    sheet = "Kitchen models,of 2026\nModel,Team\nDish ranker,Menu\n,Pricing\nTotal:\n,,draft of May\n"
    notes = [str(note) for note in import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS).notes]
    assert "a.csv:1: above the header: Kitchen models | of 2026" in notes
    assert "a.csv:4: a row without a name: Pricing" in notes
    assert "a.csv:6: a row without a name: draft of May" in notes


@pytest.mark.parametrize(
    ("sheet", "options", "message"),
    [
        ("Solution Name,Business Unit\na,b\n", SheetOptions(),
         "as in --column 'Solution Name=name'; the columns are: Solution Name, Business Unit"),
        ("Produkt,Einheit\na,b\n", SheetOptions(), "as in --column 'HEADER=name'; the columns are: Produkt, Einheit"),
        (TITLES, SheetOptions({"Point persn": "contacts.ds"}), "did you mean 'Point person'"),
        (TITLES, SheetOptions(header_row=1), "no column for the name"),
        (TITLES, SheetOptions(header_row=9), "has no row 9 with cells"),
        (TITLES, SheetOptions(sheet="Models"), "not a workbook"),
        ("", SheetOptions(), "has no rows"),
    ],
)  # fmt: skip
def test_a_header_that_is_not_found_is_explained(sheet: str, options: SheetOptions, message: str):
    with pytest.raises(UserError) as caught:
        import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS, options)
    assert message in str(caught.value)


def test_people_with_addresses_become_people(tmp_path: Path):
    sheet = 'Model,Owner\nDish ranker,Ola Nord (ola@example.com)\nFee model,"Sund, Mira"\n'
    cards = load_drafts(import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS), tmp_path).by_ref
    ola: Any = cards[Ref("person", "ola-nord")].card
    assert ola.email == "ola@example.com"
    assert [str(ref) for ref in cards if ref.kind != "model"] == ["person:mira-sund", "person:ola-nord"]


def test_the_id_of_a_name_in_another_script_is_told():
    sheet = "Model,Owner,Used by\nЦена доставки,Отдел цен,配送アプリ\nDish ranker,Menu,App\n"  # noqa: RUF001
    result = import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS)
    assert {str(file.ref) for file in result.files} >= {"model:tsena-dostavki", "team:otdel-tsen"}
    told = [note.place for note in result.notes if "was made from the name" in note.message]
    assert told == ["a.csv, Отдел цен", "a.csv, 配送アプリ", "a.csv:2, Цена доставки"]


WORDS = st.lists(
    st.sampled_from(["soup", "rice", "Ola", "Nord", "Menu", "7", "team", "zażółć", "цены", "live", "batch"]),
    min_size=1,
    max_size=4,
)
CELL = st.one_of(
    st.just(""),
    WORDS.map(" ".join),
    WORDS.map(", ".join),
    WORDS.map("; ".join),
    st.sampled_from([
        "Ola Nord (ola@example.com)", "3 Nov 2025", "03/11/2025", "07-Mar", "Run and Maintain", "nightly job", "TBD",
        "https://a.example.com/x", "Sund, Mira", "x" * 300, "a\nb", "- one\n- two", "view:feature",
    ]),
)  # fmt: skip
ANY_HEADER = st.sampled_from([
    "Model", "Name", "ID", "Team", "Owner", "DS contact", "Stage", "Mode", "Deployed", "Review date", "URL", "Limits",
    "Limits", "Notes", "Purpose", "Used by", "Why", "Screen", "Fallback", "Features", "Repo", "Tags", "Curl", "",
])  # fmt: skip


@given(st.lists(ANY_HEADER, max_size=8), st.lists(st.lists(CELL, max_size=11), min_size=1, max_size=4))
@example([], [["soup; soup; soup; soup"], ["soup; soup; soup; soup"]])
@example([], [["soup; soup; soup; soup", "a\nb", "soup; soup; soup; soup"]])
@settings(max_examples=200, deadline=None)
def test_no_cell_is_ever_lost(headers: list[str], rows: list[list[str]]):
    headers = ["Model", "Team", *headers]
    content = io.StringIO()
    several = [headers, *(["Dish ranker", "Menu", *row] for row in rows[:1]), *rows]
    width = max(map(len, several))
    csv.writer(content).writerows([*row, *[""] * (width - len(row))] for row in several)
    result = import_spreadsheet(content.getvalue().encode(), "a.csv", FUNCTIONS)
    found = "\n".join([*(file.text for file in result.files), *map(str, result.notes)]).lower()
    for cell in (cell for row in rows for cell in row):
        days = [DayFormat(day_first=day_first).parse(cell) for day_first in (True, False)]
        choices = [parse_choice(name, cell) for name in ("lifecycle", "serving")]
        assert all(word in found for word in re.findall(r"\w+", cell.lower())) or any([*days, *choices])


def test_the_columns_of_a_list_of_model_risks_fill_the_inventory(tmp_path: Path):
    sheet = (
        "Model name,Tier,Risk rating,Risk rationale,Validated by,Validation date,Validation result,Next validation\n"
        "Dish ranker,1,High,Decides on orders,Model Risk Team,2026-09-15,Approved with conditions,2027-09-15\n"
    )
    card = load_model(sheet, tmp_path)
    assert card.tier == "1"
    assert (card.risk.rating, card.risk.why) == ("High", "Decides on orders")
    validation = card.validation
    assert (validation.by, str(validation.on), validation.result, str(validation.next)) == (
        "model-risk-team",
        "2026-09-15",
        "Approved with conditions",
        "2027-09-15",
    )


def test_cells_about_a_validation_that_no_field_takes_are_kept(tmp_path: Path):
    sheet = "Model name,Risk rationale,Validated by,Validation date\nDish ranker,New,Ann Lee; Bo Ek,soon\n"
    imported = import_spreadsheet(sheet.encode(), "a.csv", FUNCTIONS)
    card: Any = load_drafts(imported, tmp_path).by_ref[Ref("model", "dish-ranker")].card
    assert card.validation.by == "ann-lee"
    assert card.validation.on is None
    text = next(file.text for file in imported.files if file.path == "models/dish-ranker.yml")
    assert "soon" in text
    assert "Bo Ek" in text
    assert "why: New" in text
