"""`modelbook export readme`: in the repository of a model, from the folder of the book or from the published one."""

import json
import os
from pathlib import Path

import pytest

from generator.evidence.published_book import parse_catalog
from generator.evidence.records import Evidence
from generator.exports.readme import render_section
from generator.exports.readme_section import BEGIN, END
from generator.merged_book import open_published
from generator.names import Ref
from generator.schema import Model
from tests.books import MKDOCS, MODEL, TEAM, open_own_book, write_book
from tests.cli.running import Ran, run
from tests.collected_books import publish
from tests.evidence.live_server import reply, serve

OURS = f"# Ranking\n\nHow to train it.\n\n{BEGIN}\n{END}\n\n## Licence\n\nNone.\n"


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return write_book(tmp_path / "book", {"ryl.yml": MODEL + "aliases: [RYL]\n", "t.yml": TEAM}, MKDOCS)


@pytest.fixture
def catalog(tmp_path: Path, book: Path) -> Path:
    assert run("export", "catalog", "-C", book, "-o", tmp_path / "catalog.json").code == 0
    return tmp_path / "catalog.json"


@pytest.fixture
def readme(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README of the repository that is the current folder."""
    (tmp_path / "web").mkdir()
    monkeypatch.chdir(tmp_path / "web")
    (tmp_path / "web/README.md").write_text(OURS, "utf-8")
    return tmp_path / "web/README.md"


def export(book: Path | str, *arguments: str | Path) -> Ran:
    return run("export", "readme", "ryl", *(("-C", book) if isinstance(book, Path) else ("--book", book)), *arguments)


@pytest.mark.parametrize("is_published", [False, True])
def test_the_part_is_written_and_then_up_to_date(book, catalog, readme, is_published):
    source = str(catalog) if is_published else book
    stale = export(source, "--check")
    assert stale.code == 1
    assert stale.out.startswith("--- a/README.md\n+++ b/README.md\n@@ ")
    assert "+Ranks restaurants.\n" in stale.out
    assert "README.md is not up to date" in stale.err
    assert readme.read_text("utf-8") == OURS
    assert export(source, "-o", "README.md").code == 0
    text = readme.read_text("utf-8")
    before, after = OURS.split(f"{BEGIN}\n{END}")
    assert text.startswith(before)
    assert text.endswith(after)
    assert "Generated from `cards/ryl.yml`" in text
    assert (export(book, "--check").code, export(str(catalog), "--check").code) == (0, 0)


def test_a_changed_card_makes_the_part_stale_and_other_text_does_not(book, readme):
    export(book, "-o", readme)
    readme.write_text(readme.read_text("utf-8").replace("How to train it.", "Ask us."), "utf-8")
    assert export(book, "--check").code == 0
    card = book / "cards/ryl.yml"
    card.write_text(card.read_text("utf-8").replace("Ranks restaurants.", "Ranks dishes."), "utf-8")
    stale = export(book, "--check")
    assert stale.code == 1
    assert "-Ranks restaurants.\n+Ranks dishes.\n" in stale.out
    assert "Ask us." not in stale.out.split("@@")[2]


def test_a_readme_that_is_wholly_generated_is_compared_and_replaced_as_a_whole(book, readme):
    readme.unlink()
    assert export(book, "--check").code == 1
    assert export(book, "-o", readme).code == 0
    assert readme.read_text("utf-8") == export(book).out
    assert export(book, "--check").code == 0
    readme.write_text(readme.read_text("utf-8").replace("Ranks", "Sorts"), "utf-8")
    assert export(book, "--check").code == 1
    assert export(book, "-o", readme).code == 0


@pytest.mark.parametrize("options", [["--check"], ["-o", "README.md"]])
def test_a_readme_with_other_text_and_without_markers_is_never_replaced(book, readme, options):
    readme.write_text("# Ranking\n", "utf-8")
    ran = export(book, *options)
    assert (ran.code, ran.out) == (2, "")
    assert f"add the lines `{BEGIN}` and `{END}`" in ran.err
    assert readme.read_text("utf-8") == "# Ranking\n"


@pytest.mark.parametrize("options", [["--check"], ["-o", "README.md"]])
def test_a_marker_without_the_other_is_an_error(book, readme, options):
    readme.write_text(OURS.replace(END, ""), "utf-8")
    ran = export(book, *options)
    assert ran.code == 2
    assert "unexpected markers in README.md, line 5" in ran.err


def test_a_readme_that_cannot_be_read_is_an_error(book, readme):
    readme.write_bytes(b"\xff\xfe")
    assert "README.md cannot be read: not UTF-8 text" in export(book, "--check").err
    readme.unlink()
    readme.mkdir()
    assert export(book, "--check").code == 2


def test_a_diff_of_a_hostile_card_is_no_command_and_no_escape_sequence(book, readme):
    card = book / "cards/ryl.yml"
    card.write_text(card.read_text("utf-8") + 'notes: "a\\u001b[31m"\n', "utf-8")
    assert "\x1b" not in export(book, "--check").out


def test_the_part_links_to_the_page_of_the_published_book(catalog, readme, authority):
    content = json.loads(catalog.read_bytes())
    (node,) = (one for one in content["nodes"] if one["ref"] == "model:ryl")
    node["page"] = "models/ryl.html"
    with serve(reply(json.dumps(content).encode()), authority.issue()) as server:
        site = f"https://localhost:{server.port}/book"
        assert export(site, "-o", "README.md").code == 0
        assert export(site, "--check").code == 0
    assert {one.path for one in server.received} == {"/book/catalog.json"}
    assert f"]({site}/models/ryl.html)" in readme.read_text("utf-8").replace("<", "").replace(">", "")


def test_contacts_have_the_titles_of_their_functions(book, catalog, readme):
    cards = {"ryl.yml": f"{MODEL}contacts: {{ds: t, old: t}}\n", "t.yml": TEAM}
    mkdocs = MKDOCS.replace("as_of: 2026-11-20", "as_of: 2026-11-20, functions: {ds: Data Science}")
    write_book(book, cards, mkdocs)
    made = export(book).out
    assert "| **Contact, Data Science** |" in made
    assert "| **Contact, old** |" in made
    run("export", "catalog", "-C", book, "-o", catalog)
    assert export(str(catalog)).out == made


def test_an_unknown_model_of_a_published_book_is_an_error(catalog, readme):
    ran = run("export", "readme", "ryll", "--book", catalog, "--check")
    assert ran.code == 2
    assert "'ryl'" in ran.err
    assert run("export", "readme", "RYL", "--book", catalog, "--check").code == 1


def test_the_published_book_gives_the_same_text_as_its_folder():
    own = open_own_book()
    published = parse_catalog(own.render_catalog().join(), "catalog.json")
    assert published.evidence != Evidence()
    with open_published(published) as opened:
        for loaded in own.cards.items:
            if isinstance(loaded.card, Model):
                expected = render_section(own.graph, loaded.ref, own.today, "", own.book.sightings)
                assert render_section(opened.graph, loaded.ref, opened.today, "", opened.book.sightings) == expected


def test_a_collected_card_is_generated_from_the_file_in_its_own_repository(tmp_path):
    with open_published(publish(tmp_path)) as opened:
        section = render_section(opened.graph, Ref("model", "ryl"), opened.today)
    assert section.endswith("Generated from `modelbook/ryl.yml` in shop/ranking. Edit that file.\n")


OPENAPI = """
openapi: 3.1.0
info: {title: A, version: "1"}
paths:
  /v1/rank:
    post:
      requestBody: {content: {application/json: {schema: {type: object, required: [city]}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {type: array}}}}}
"""


def test_the_published_book_has_the_operation_of_a_contract(tmp_path, readme):
    card = MODEL + "contract: {openapi: rank.yaml, operation: POST /v1/rank}\n"
    book = write_book(tmp_path / "other", {"ryl.yml": card, "t.yml": TEAM, "rank.yaml": OPENAPI}, MKDOCS)
    assert run("export", "catalog", "-C", book, "-o", tmp_path / "other.json").code == 0
    assert export(book, "-o", readme).code == 0
    assert "The operation `POST /v1/rank`." in readme.read_text("utf-8")
    assert export(str(tmp_path / "other.json"), "--check").code == 0


EXAMPLE = f"```html\n{BEGIN}\n{END}\n```\n\n"


def test_markers_in_a_block_of_code_are_an_example(book, readme):
    readme.write_text(EXAMPLE + OURS, "utf-8")
    assert export(book, "-o", readme).code == 0
    text = readme.read_text("utf-8")
    assert text.startswith(EXAMPLE)
    assert "Ranks restaurants." in text
    assert export(book, "--check").code == 0
    readme.write_text(EXAMPLE, "utf-8")
    assert "add the lines `<!-- modelbook begin -->`" in export(book, "-o", readme).err


def test_a_generated_readme_with_other_line_breaks_is_up_to_date(book, readme):
    readme.unlink()
    export(book, "-o", readme)
    readme.write_bytes(readme.read_bytes().replace(b"\n", b"\r\n"))
    before = readme.read_bytes()
    assert export(book, "--check").code == 0
    assert export(book, "-o", readme).code == 0
    assert readme.read_bytes() == before


def test_a_byte_order_mark_before_the_first_marker_is_kept(book, readme):
    readme.write_text(f"\ufeff{BEGIN}\n{END}\n", "utf-8")
    assert export(book, "-o", readme).code == 0
    assert readme.read_text("utf-8").startswith(f"\ufeff{BEGIN}\n\nRanks restaurants.")


def test_a_pipe_is_not_read(book, readme):
    readme.unlink()
    os.mkfifo(readme)
    assert export(book, "--check").code == 1
