"""The warning about a site that is older than its cards."""

import os
from pathlib import Path

import pytest

from generator.cli.publish.source import read_source
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.confluence.publishing import build_library, write_site

BUILT = 1_000_000_000
"""When the site was built, in seconds; everything else is older unless a test says otherwise."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    mkdocs = MKDOCS.replace("{as_of: 2026-11-20}", "{baseline: known.json}")
    root = write_book(tmp_path, {"models/ryl.yml": MODEL, "teams/t.yml": TEAM}, mkdocs)
    (root / "known.json").write_text("{}", "utf-8")
    (root / "templates").mkdir()
    (root / "templates/model.md.j2").write_text("mine", "utf-8")
    write_site(root / "site", build_library(2))
    for path in root.rglob("*"):
        os.utime(path, (BUILT - 100, BUILT - 100))
    os.utime(root / "site/pages.json", (BUILT, BUILT))
    return root


def read_warning(root: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """Return what the error stream says when the site is read."""
    assert len(read_source(root, None).built.entries) == 4
    return capsys.readouterr().err


def test_no_warning_for_a_site_as_new_as_its_cards(book: Path, capsys: pytest.CaptureFixture[str]):
    os.utime(book / "cards/models/ryl.yml", (BUILT, BUILT))
    assert read_warning(book, capsys) == ""


@pytest.mark.parametrize("changed", ["cards/models/ryl.yml", "templates/model.md.j2", "mkdocs.yml", "known.json"])
def test_a_newer_source_is_named_once_and_the_site_is_read(
    book: Path, capsys: pytest.CaptureFixture[str], changed: str
):
    os.utime(book / changed, (BUILT + 1, BUILT + 1))
    expected = f"warning: the site is older than {changed}: run `modelbook build` first\n"
    assert read_warning(book, capsys) == expected


def test_the_newest_source_is_named(book: Path, capsys: pytest.CaptureFixture[str]):
    os.utime(book / "cards/models/ryl.yml", (BUILT + 1, BUILT + 1))
    os.utime(book / "cards/teams/t.yml", (BUILT + 2, BUILT + 2))
    assert "older than cards/teams/t.yml:" in read_warning(book, capsys)


def test_files_without_pages_do_not_make_the_site_old(book: Path, capsys: pytest.CaptureFixture[str]):
    (book / "cards/.ryl.yml.swp").write_text("an editor's", "utf-8")
    (book / "cards/gone.yml").symlink_to(book / "nowhere.yml")
    (book / "notes.txt").write_text("new", "utf-8")
    assert read_warning(book, capsys) == ""
