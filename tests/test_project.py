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
