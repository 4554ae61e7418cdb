"""The answers about cards from other repositories, and the commands that write cards."""

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tests.books import REPOSITORY
from tests.cli.running import run
from tests.cli.test_leave import contents
from tests.evidence.checkouts import make_checkout
from tests.locked_books import COMMIT, TEAMS, build_model, write_collected_book

URL = "https://github.com/shop/web"
SOURCE = {"repository": URL, "name": "shop/web", "url": URL, "path": "modelbook/ryl.yml", "commit": COMMIT}
PEOPLE = "kind: person\nid: asha\nname: Asha\nteam: ranking\n---\nkind: person\nid: joel\nname: Joel\nteam: ranking\n"


@pytest.fixture
def book(tmp_path) -> Path:
    files = {"shop/web": {"modelbook/ryl.yml": build_model("ryl", "asha")}}
    return write_collected_book(tmp_path / "book", files, {"people.yml": PEOPLE})


def test_show_who_and_history_name_the_repository(book):
    shown = run("show", "ryl", "-C", book).out
    assert f"From modelbook/ryl.yml in shop/web, commit 3f2a91c07b: {URL}/edit/HEAD/modelbook/ryl.yml" in shown
    assert "From modelbook/ryl.yml in shop/web" in run("who", "ryl", "-C", book).out
    out = run("history", "ryl", "-C", book).out
    assert f"The history of this card is in its repository: {URL}/commits/HEAD/modelbook/ryl.yml" in out


@pytest.mark.parametrize("command", ["show", "who", "history"])
def test_the_json_of_an_answer_has_the_source_of_a_collected_card_only(book, command):
    assert run(command, "ryl", "-C", book, "--json").data["source"] == SOURCE
    assert "source" not in run(command, "asha", "-C", book, "--json").data


def test_the_catalog_has_the_source_of_a_collected_card_only(book):
    data = run("export", "catalog", "-C", book).data
    schema = json.loads((REPOSITORY / "generator/exports/catalog.schema.json").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(data)) == []
    sources = {node["ref"]: node.get("source") for node in data["nodes"]}
    assert sources["model:ryl"] == SOURCE
    assert sources["person:asha"] is None


def test_new_names_the_repository_that_has_the_id(book):
    assert "model:ryl is defined at modelbook/ryl.yml in shop/web" in run("new", "model", "ryl", "-C", book).err


def test_leave_writes_the_cards_of_the_book_and_names_the_repository_of_the_others(book):
    copies = contents(book / "cards/collected")
    ran = run("leave", "asha", "--on", "2026-11-30", "--successor", "joel", "--write", "-C", book)
    assert ran.code == 1
    assert "`owners.0` is in modelbook/ryl.yml in shop/web: change it there" in ran.out
    assert "wrote 1 file; 1 reference to person:asha left" in ran.out
    assert "left_on: 2026-11-30" in (book / "cards/people.yml").read_text()
    assert contents(book / "cards/collected") == copies


def test_scan_fix_names_the_repository_of_the_system(tmp_path):
    system = "kind: system\nid: feed\nname: Feed\ntype: service\nsummary: S.\nowners: [ranking]\nrepo: shop/feed\n"
    files = {"shop/feed": {"modelbook.yml": system}}
    root = write_collected_book(tmp_path / "book", files, {"m.yml": build_model("restaurant-ranker")})
    make_checkout(
        tmp_path / "code/feed", {"app.py": 'MODEL = "restaurant-ranker"\n'}, remote="https://github.com/shop/feed"
    )
    copies = contents(root / "cards/collected")
    ran = run("scan", tmp_path / "code", "--fix", "-C", root)
    assert (
        "modelbook.yml in shop/feed is the card of another repository: add model:restaurant-ranker" in ran.out + ran.err
    )
    assert contents(root / "cards/collected") == copies


def test_an_import_never_writes_into_the_collected_cards(tmp_path):
    files = {"shop/web": {"modelbook/ryl.yml": build_model("ryl")}}
    root = write_collected_book(tmp_path / "book", files, {"teams.yml": TEAMS})
    (tmp_path / "list.csv").write_text("id,name,summary,owner\nryl,RYL,Ranks,ranking\nnew,New,Sorts,ranking\n")
    copies = contents(root / "cards/collected")
    ran = run("import", "csv", tmp_path / "list.csv", "-C", root)
    assert "a card model:ryl exists already" in ran.out
    assert contents(root / "cards/collected") == copies


def test_an_address_that_a_browser_would_run_is_not_in_the_catalog(book):
    lock = (book / "collect.lock").read_text()
    (book / "collect.lock").write_text(lock.replace('"url": "https:', '"url": "javascript:'))
    sources = [node["source"] for node in run("export", "catalog", "-C", book).data["nodes"] if "source" in node]
    assert {source["url"] for source in sources} == {""}
