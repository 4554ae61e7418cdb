"""`modelbook export inventory`: every cell has its source, on any day, with the same bytes."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from openpyxl import load_workbook

from generator.answers.inventory import COLUMNS
from generator.load.collected import CollectedRepository, CollectLock, render_lock
from tests.books import MKDOCS, write_book
from tests.cli.running import run
from tests.history.repositories import Repository, new_repository

BOOK = MKDOCS.replace("{as_of: 2026-11-20}", "{as_of: 2026-11-20, inventory: {tiers: {1: 365}}}")
MODEL = """\
kind: model
id: fraud
name: Fraud
summary: Finds fraud.
lifecycle: production
serving: online
owners: [risk]
tier: 1
validation:
  by: audit
  on: 2026-01-10
  result: approved
approved_uses:
  - use: Payments
    systems: [checkout]
"""
OTHERS = """\
kind: team
id: risk
name: Risk
---
kind: team
id: audit
name: Audit
---
kind: system
id: checkout
name: Checkout
type: service
uses:
  - model: fraud
    why: Refuses a payment
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = new_repository(tmp_path / "book")
    write_book(repository.root, {}, BOOK)
    return repository


def read_tables(path: Path) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """The values and the sources by model and title of the column."""
    with path.open(encoding="utf-8", newline="") as file:
        values = {row["Id"]: row for row in csv.DictReader(file)}
    with path.with_suffix(".sources.csv").open(encoding="utf-8", newline="") as file:
        sources = {row["Model"]: row for row in csv.DictReader(file)}
    return values, sources


def export(repository: Repository, name: str, *options: str) -> Path:
    path = repository.root.parent / "out" / name
    ran = run("export", "inventory", "-C", repository.root, "-o", path, *options)
    assert ran.code == 0, ran.err
    return path


def test_each_cell_names_its_card_its_lines_and_their_commit(repository: Repository) -> None:
    first = repository.commit("one", "2026-02-01", {"fraud.yml": MODEL, "o.yml": OTHERS})[:10]
    changed = MODEL.replace("result: approved", "result: rejected")
    second = repository.commit("two", "2026-03-01", {"fraud.yml": changed})[:10]
    repository.write("fraud.yml", changed.replace("tier: 1", "tier: 1\nrisk: high"))
    values, sources = read_tables(export(repository, "i.csv"))
    fraud, where = values["fraud"], sources["fraud"]
    assert fraud["Result of the validation"] == "rejected"
    assert where["Result of the validation"] == f"cards/fraud.yml:12 @ {second} (2026-03-01)"
    assert (fraud["Risk rating"], where["Risk rating"]) == ("high", "cards/fraud.yml:9 @ not committed")
    assert fraud["Consumers"] == "Checkout: Refuses a payment"
    assert where["Consumers"] == f"cards/o.yml:14-15 @ {first} (2026-02-01)"
    assert (fraud["Owners"], fraud["Validated by"]) == ("Risk", "Audit")
    place = "cards/fraud.yml:7 @ {0} (2026-02-01); cards/o.yml:3 @ {0} (2026-02-01)"
    assert where["Owners"] == place.format(first)
    assert fraud["Next validation"] == "2027-01-10"
    assert where["Next validation"].startswith(f"cards/fraud.yml:11 @ {first}")
    assert fraud["Approved uses"] == "Payments (for Checkout)"
    assert where["Approved uses"] == f"cards/fraud.yml:14-15 @ {first} (2026-02-01)"
    assert fraud["Findings"].startswith("MB426 model:fraud is in production")
    assert (fraud["Last change"], where["Last change"]) == (
        "2026-03-01",
        f"cards/fraud.yml:1-16 @ {second} (2026-03-01)",
    )
    assert (fraud["Vendor or origin"], where["Vendor or origin"]) == ("", "")
    assert list(fraud) == list(where)[1:] == list(COLUMNS.values())


def test_a_day_has_the_cards_of_that_day_and_its_findings(repository: Repository) -> None:
    first = repository.commit("one", "2026-02-01", {"fraud.yml": MODEL, "o.yml": OTHERS})[:10]
    repository.commit("two", "2026-03-01", {"fraud.yml": MODEL.replace("2026-01-10", "2026-02-20"), "new.yml": OTHERS})
    values, sources = read_tables(export(repository, "i.csv", "--as-of", "2026-02-28"))
    assert values["fraud"]["Validated on"] == "2026-01-10"
    assert sources["fraud"]["Validated on"] == f"cards/fraud.yml:11 @ {first} (2026-02-01)"
    assert values["fraud"]["Last change"] == "2026-02-01"
    later, _ = read_tables(export(repository, "i.csv", "--as-of", "2026-03-01"))
    assert later["fraud"]["Validated on"] == "2026-02-20"
    overdue = MODEL.replace("2026-01-10", "2024-06-01")
    repository.commit("three", "2026-04-01", {"fraud.yml": overdue, "new.yml": None})
    assert "MB420" in read_tables(export(repository, "i.csv", "--as-of", "2026-04-02"))[0]["fraud"]["Findings"]
    page = export(repository, "i.html", "--as-of", "2026-02-01").read_text("utf-8")
    assert f"commit: {repository.git('rev-list', '--max-parents=0', 'HEAD').strip()}" in page


def test_a_day_is_that_of_the_main_line(repository: Repository) -> None:
    repository.commit("one", "2026-02-01", {"fraud.yml": MODEL, "o.yml": OTHERS})
    repository.git("checkout", "-q", "-b", "side")
    repository.commit("side", "2026-02-02", {"fraud.yml": MODEL.replace("tier: 1", "tier: 9")})
    repository.git("checkout", "-q", "main")
    repository.git("merge", "-q", "--no-ff", "-m", "merge", "side", day="2026-03-01")
    for day, tier in (("2026-02-15", "1"), ("2026-03-01", "9")):
        assert read_tables(export(repository, "i.csv", "--as-of", day))[0]["fraud"]["Tier"] == tier


@pytest.mark.parametrize(
    ("day", "words"),
    [("2026-01-31", "the first commit is of 2026-02-01"), ("2099-01-01", "the day is in the future")],
)
def test_a_day_without_a_book_is_refused(repository: Repository, day: str, words: str) -> None:
    repository.commit("one", "2026-02-01", {"fraud.yml": MODEL, "o.yml": OTHERS})
    ran = run("export", "inventory", "-C", repository.root, "--as-of", day)
    assert (ran.code, ran.out) == (2, "")
    assert f"no book as of {day}: " in ran.err
    assert words in ran.err


def test_without_git_only_the_cards_of_today_can_be_read(tmp_path: Path) -> None:
    write_book(tmp_path, {"fraud.yml": MODEL, "o.yml": OTHERS}, BOOK)
    ran = run("export", "inventory", "-C", tmp_path)
    assert (ran.code, "fraud,Fraud" in ran.out) == (0, True)
    assert "names no commits: the cards are not in a git repository" in ran.err
    refused = run("export", "inventory", "-C", tmp_path, "--as-of", "2026-11-20")
    assert refused.code == 2
    assert "the cards are not in a git repository; only the state of today can be read without `--as-of`" in refused.err


def test_the_workbook_has_the_sources_at_the_same_place_and_is_reproducible(repository: Repository) -> None:
    commit = repository.commit("one", "2026-02-01", {"fraud.yml": MODEL, "o.yml": OTHERS})[:10]
    first = export(repository, "i.xlsx")
    book = load_workbook(first)
    assert book.sheetnames == ["Inventory", "Sources", "About"]
    assert book["About"].column_dimensions["B"].width > 40, "a commit does not fit"
    values, sources = book["Inventory"], book["Sources"]
    column = list(COLUMNS).index("tier") + 1
    assert (values.cell(1, column).value, values.cell(2, column).value) == ("Tier", "1")
    assert sources.cell(2, column).value == f"cards/fraud.yml:8 @ {commit} (2026-02-01)"
    assert [row[0].value for row in values.iter_rows(min_row=2)] == ["fraud"]
    again = export(repository, "again.xlsx")
    assert first.read_bytes() == again.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    for name in ("i.csv", "i.html"):
        assert export(repository, name).read_bytes() == export(repository, f"again{name}").read_bytes()


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\uff1d"])
def test_no_cell_is_a_formula(repository: Repository, start: str) -> None:
    evil = f"{start}HYPERLINK(1)"
    text = MODEL.replace("name: Fraud", f"name: '{evil}'").replace("use: Payments", f"use: '{evil}'")
    repository.commit("one", "2026-02-01", {"fraud.yml": text, "o.yml": OTHERS})
    values, _ = read_tables(export(repository, "i.csv"))
    assert values["fraud"]["Name"] == f"'{evil}"
    assert values["fraud"]["Approved uses"].startswith(f"'{evil}")
    cells = [cell for row in load_workbook(export(repository, "i.xlsx"))["Inventory"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value} == {"s"}
    assert [cell.quotePrefix for cell in cells if str(cell.value).startswith(evil)] == [True, True]


def test_a_workbook_takes_any_text(repository: Repository) -> None:
    evil = r'"a\uffff\ufffe\u0085\u2028 _x003D_1"'
    text = MODEL.replace("Finds fraud.", evil).replace("use: Payments", f"use: {chr(0x1F600) * 20_000}")
    repository.commit("one", "2026-02-01", {"fraud.yml": text, "o.yml": OTHERS})
    row = next(load_workbook(export(repository, "i.xlsx"))["Inventory"].iter_rows(min_row=2, values_only=True))
    values = dict(zip(COLUMNS, row, strict=True))
    assert values["summary"] == "a  \u0085\u2028 _x005F_x003D_1"
    uses = values["approved_uses"]
    assert uses.startswith(chr(0x1F600) * 16_000)
    assert uses.endswith("(cut: --format csv has all of it)")
    assert len(uses.encode("utf-16-le")) // 2 in {32_766, 32_767}


def test_the_page_shows_each_value_with_its_source_and_needs_no_other_file(repository: Repository) -> None:
    text = BOOK + "repo_url: https://github.com/shop/book\n"
    (repository.root / "mkdocs.yml").write_text(text, encoding="utf-8")
    evil = MODEL.replace("Finds fraud.", "<script>alert(1)</script>")
    commit = repository.commit("one", "2026-02-01", {"fraud.yml": evil, "o.yml": OTHERS})
    page: Any = html.document_fromstring(export(repository, "i.html").read_text("utf-8"))
    rows = {row.find("th").text: row.findall("td") for row in page.xpath("//table[@class='model']/tbody/tr")}
    value, source = rows["Tier"]
    assert (value.text, source.text_content()) == ("1", f"cards/fraud.yml:8 @ {commit[:10]} (2026-02-01)")
    assert source.xpath(".//a/@href") == [f"https://github.com/shop/book/blob/{commit}/cards/fraud.yml#L8"]
    assert rows["Description"][0].text == "<script>alert(1)</script>"
    assert page.xpath("//script | //link | //img | //@src") == []
    assert [link.get("href") for link in page.xpath("//table[@class='list']//a")] == ["#fraud"]
    (missing,) = page.xpath("//p[@class='missing']")
    assert "Vendor or origin" in missing.text


def test_the_cells_of_a_collected_card_name_its_own_repository(repository: Repository) -> None:
    path = "collected/shop/fraud/modelbook/fraud.yml"
    repository.commit("one", "2026-02-01", {"o.yml": OTHERS})
    repository.write(path, MODEL)
    collected = CollectedRepository(
        name="shop/fraud", repository="https://github.com/shop/fraud", commit="ab" * 20, committed_on="2026-01-20",
        url="https://github.com/shop/fraud", files={"modelbook/fraud.yml": "cd" * 20},
    )  # fmt: skip
    (repository.root / "collect.lock").write_bytes(render_lock(CollectLock((collected,))))
    _, sources = read_tables(export(repository, "i.csv"))
    assert sources["fraud"]["Tier"] == "modelbook/fraud.yml:8 in shop/fraud @ ababababab (2026-01-20)"
    page = export(repository, "i.html").read_text("utf-8")
    assert f"https://github.com/shop/fraud/blob/{'ab' * 20}/modelbook/fraud.yml#L8" in page


def test_collected_cards_that_git_does_not_have_are_named(repository: Repository) -> None:
    collected = CollectedRepository(
        name="shop/fraud", repository="../fraud", commit="ab" * 20, committed_on="2026-01-20",
        files={"modelbook/fraud.yml": "cd" * 20},
    )  # fmt: skip
    (repository.root / "collect.lock").write_bytes(render_lock(CollectLock((collected,))))
    repository.commit("one", "2026-02-01", {"o.yml": OTHERS, "ryl.yml": MODEL.replace("id: fraud", "id: ryl")})
    ran = run("export", "inventory", "-C", repository.root, "--as-of", "2026-02-01")
    assert (ran.code, "ryl,Fraud" in ran.out) == (0, True)
    place = "cards/collected/shop/fraud/modelbook/fraud.yml"
    assert f"git does not have 1 file of collected cards, as {place}: their models are missing" in ran.err


def test_the_format_is_that_of_the_file_name(repository: Repository) -> None:
    repository.commit("one", "2026-02-01", {"fraud.yml": MODEL, "o.yml": OTHERS})
    assert export(repository, "a.HTML").read_text("utf-8").startswith("<!doctype html>")
    assert export(repository, "table", "--format", "html").read_text("utf-8").startswith("<!doctype html>")
    printed = run("export", "inventory", "-C", repository.root)
    assert next(csv.reader(io.StringIO(printed.out))) == list(COLUMNS.values())
    assert "name it with `--output inventory.csv`" in printed.err
    refused = run("export", "inventory", "-C", repository.root, "--format", "xlsx")
    assert (refused.code, refused.out) == (2, "")


def test_each_file_is_blamed_once(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    files = {f"m{number}.yml": MODEL.replace("id: fraud", f"id: m{number}") for number in range(6)}
    repository.commit("one", "2026-02-01", {**files, "o.yml": OTHERS})
    repository.commit("two", "2026-03-01", {name: text.replace("Fraud", "New") for name, text in files.items()})
    blamed: list[str] = []

    def blame(_root: Path, _revision: str, path: str, _prefix: str) -> list[Any]:
        blamed.append(path)
        return []

    monkeypatch.setattr("generator.history.blame._blame_file", blame)
    export(repository, "i.csv")
    assert sorted(blamed) == [f"cards/m{number}.yml" for number in range(6)]


def test_each_source_is_the_place_at_its_commit(repository: Repository) -> None:
    repository.commit("one", "2026-02-01", {"old.yml": MODEL, "o.yml": OTHERS})
    later = "# A comment\n# of two lines\n" + MODEL.replace("tier: 1\n", "tier: 1\nversion: 2.0\n")
    repository.commit("two", "2026-03-01", {"old.yml": None, "fraud.yml": later})
    values, sources = read_tables(export(repository, "i.csv"))
    for title in ("Name", "Tier", "Version", "Result of the validation", "Approved uses"):
        place, _, commit = sources["fraud"][title].partition(" @ ")
        file, _, lines = place.rpartition(":")
        stated = repository.git("show", f"{commit.split()[0]}:./{file}").splitlines()[int(lines.split("-")[0]) - 1]
        assert values["fraud"][title].split(" (")[0] in stated
