import gc
from datetime import date

import pytest

from generator.errors import UserError
from generator.project import open_project
from tests.books import MODEL, TEAM, open_book, write_book


def test_the_collector_is_restored_after_rendering(tmp_path):
    assert gc.isenabled()
    pages, _ = open_book(tmp_path, {"ryl.yml": MODEL, "team.yml": TEAM}).render_pages()
    assert pages
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_a_collector_that_was_off_stays_off(tmp_path):
    gc.disable()
    try:
        open_book(tmp_path, {"ryl.yml": MODEL, "team.yml": TEAM})
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_collector_is_restored_if_there_is_no_book(tmp_path):
    with pytest.raises(UserError):
        open_project(tmp_path)
    assert gc.isenabled()


def test_a_given_day_overrides_as_of(tmp_path):
    write_book(tmp_path, {"ryl.yml": MODEL, "team.yml": TEAM})  # as_of: 2026-11-20
    assert open_project(tmp_path).today == date(2026, 11, 20)
    assert open_project(tmp_path, date(2027, 1, 15)).today == date(2027, 1, 15)


SCANNED = '{"row":"repository","repo":"food/feed","commit":"c0ffee","committed_on":"2026-11-18","files":9}\n'


@pytest.mark.parametrize(("evidence", "codes"), [("", []), (SCANNED, ["MB020"])])
def test_an_accepted_finding_about_code_has_no_effect_only_if_code_was_scanned(tmp_path, evidence, codes):
    team = TEAM.replace("kind: team\n", "kind: team\nx-allow: {MB701: The preview ends in March}\n", 1)
    book = write_book(tmp_path, {"ryl.yml": MODEL, "t.yml": team})
    (book / "evidence").mkdir()
    (book / "evidence/code.jsonl").write_text(evidence, "utf-8")

    found = open_project(book, date(2026, 11, 20)).findings

    assert [finding.code for finding in found if finding.code == "MB020"] == codes
