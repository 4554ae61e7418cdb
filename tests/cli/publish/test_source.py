"""The warning about a site that is older than its cards."""

import os
from pathlib import Path

import pytest

from tests.books import MODEL, TEAM, write_book
from tests.cli.running import Ran, run
from tests.confluence.publishing import build_library, write_site

BUILT = 1_000_000_000
"""When the site was built, in seconds; everything else is older unless a test says otherwise."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    root = write_book(tmp_path, {"models/ryl.yml": MODEL, "teams/t.yml": TEAM})
    (root / "templates").mkdir()
    (root / "templates/model.md.j2").write_text("mine", "utf-8")
    write_site(root / "site", build_library(2))
    for path in root.rglob("*"):
        os.utime(path, (BUILT - 100, BUILT - 100))
    os.utime(root / "site/pages.json", (BUILT, BUILT))
    return root


def parity(root: Path) -> Ran:
    return run("publish", "parity", "-C", root)


def test_no_warning_for_a_site_as_new_as_its_cards(book: Path):
    os.utime(book / "cards/models/ryl.yml", (BUILT, BUILT))
    ran = parity(book)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("changed", ["cards/models/ryl.yml", "templates/model.md.j2", "mkdocs.yml"])
def test_a_newer_source_is_named_once_and_the_command_continues(book: Path, changed: str):
    before = parity(book)
    os.utime(book / changed, (BUILT + 1, BUILT + 1))
    ran = parity(book)
    assert ran.err == f"warning: the site is older than {changed}: run `modelbook build` first\n"
    assert (ran.code, ran.out) == (before.code, before.out)


def test_the_newest_source_is_named(book: Path):
    os.utime(book / "cards/models/ryl.yml", (BUILT + 1, BUILT + 1))
    os.utime(book / "cards/teams/t.yml", (BUILT + 2, BUILT + 2))
    assert "older than cards/teams/t.yml:" in parity(book).err


def test_files_without_pages_do_not_make_the_site_old(book: Path):
    (book / "cards/.ryl.yml.swp").write_text("an editor's", "utf-8")
    (book / "cards/gone.yml").symlink_to(book / "nowhere.yml")
    (book / "notes.txt").write_text("new", "utf-8")
    assert parity(book).err == ""
