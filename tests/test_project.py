import gc
from datetime import date

import pytest

from generator.errors import UserError
from generator.project import open_project
from tests.books import MODEL, TEAM, open_book, write_book


def test_the_collector_is_as_it_was_after_a_book_was_opened_and_its_pages_were_made(tmp_path):
    assert gc.isenabled()
    pages, _ = open_book(tmp_path, {"ryl.yml": MODEL, "team.yml": TEAM}).render_pages()
    assert pages
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_the_collector_stays_off_for_those_who_turned_it_off(tmp_path):
    gc.disable()
    try:
        open_book(tmp_path, {"ryl.yml": MODEL, "team.yml": TEAM})
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_collector_runs_again_where_there_is_no_book(tmp_path):
    with pytest.raises(UserError):
        open_project(tmp_path)
    assert gc.isenabled()


def test_the_day_that_is_asked_for_comes_before_the_one_that_the_configuration_fixes(tmp_path):
    write_book(tmp_path, {"ryl.yml": MODEL, "team.yml": TEAM})  # as_of: 2026-11-20
    assert open_project(tmp_path).today == date(2026, 11, 20)
    assert open_project(tmp_path, date(2027, 1, 15)).today == date(2027, 1, 15)
