"""`modelbook import` with real files: the options of the command, and its exit status."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.books import write_book
from tests.cli.running import run


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book", {})


def test_a_workbook_becomes_drafts_that_pass_the_check(book, tmp_path):
    workbook = Workbook()
    rows = [["General", None, "State"], ["Use of model", "Unit", "Phase"], ["Dish ranker", "Menu", "Run and Maintain"]]
    for row in rows:
        workbook.active.append(row)
    workbook.save(tmp_path / "list.xlsx")
    options = ["--column", "Use of model=name", "--column", "Unit=team", "--header-row", "2"]
    ran = run("import", "csv", tmp_path / "list.xlsx", *options, "--value", "Run and Maintain=production", "-C", book)
    assert ran.code == 0
    assert "lifecycle: production\n" in (book / "cards/models/dish-ranker.yml").read_text("utf-8")
    codes = {one["code"] for one in run("check", "-C", book, "--format", "json").data["findings"]}
    assert not {code for code in codes if code.startswith(("MB0", "MB1"))}


@pytest.mark.parametrize("option", [["--value", "x"], ["--value", "x=y"], ["--header-row", "0"], ["--column", "x"]])
def test_an_invalid_option_is_a_usage_error(book, tmp_path, option):
    (tmp_path / "list.csv").write_text("Model\nryl\n")
    ran = run("import", "csv", tmp_path / "list.csv", *option, "-C", book)
    assert (ran.code, ran.out) == (2, "")
    assert option[0] in ran.err


def test_a_source_that_becomes_no_card_is_said_with_status_1(book, tmp_path):
    (tmp_path / "catalog-info.yaml").write_text("kind: Template\nmetadata: {name: new-service}\nspec: {}\n")
    ran = run("import", "backstage", tmp_path / "catalog-info.yaml", "-C", book)
    assert ran.code == 1
    assert ran.out.endswith("nothing in the source becomes a card\n")
    assert "template:new-service" in ran.out
