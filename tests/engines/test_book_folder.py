"""Other engines in the folder of a book, without `modelbook render`."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.cli.running import run
from tests.engines.environments import PROPERDOCS, ZENSICAL, install_environment
from tests.engines.test_engines import read_pages
from tests.sites import write_own_book

IN_BOOK = replace(ZENSICAL, arguments=("zensical", "build"))


@pytest.fixture
def new_book(tmp_path) -> Path:
    assert run("init", tmp_path / "models").code == 0
    return tmp_path / "models"


def test_zensical_stops_in_a_new_book_and_names_the_commands_that_build_it(new_book):
    done = IN_BOOK.run(new_book)
    assert done.returncode == 1
    assert not (new_book / "site").exists()
    first, second = ["modelbook", "render", "--out", "rendered"], ("zensical", "build", "-f", "rendered/mkdocs.yml")
    assert f"Run '{' '.join(first)}', then '{' '.join(second)}'" in done.stderr + done.stdout
    assert run(*first[1:-1], new_book / "rendered", "-C", new_book).code == 0
    done = replace(ZENSICAL, arguments=second).run(new_book)
    assert done.returncode == 0, done.stderr
    assert (new_book / "rendered/site/models/recommendations.html").is_file()


def test_zensical_skips_every_card_without_the_file_that_stops_it(new_book):
    (new_book / "zensical.toml").unlink()
    assert IN_BOOK.run(new_book).returncode == 0
    assert (new_book / "site/guide.html").is_file()
    assert not (new_book / "site/models").exists()


@pytest.mark.sample(0)
def test_properdocs_builds_a_book_with_the_plugin(shared_books, tmp_path):
    book = shared_books.build("own", write_own_book)
    (packages,) = install_environment(PROPERDOCS.environment).glob("lib/python*/site-packages")
    done = subprocess.run(
        [sys.executable, "-m", *PROPERDOCS.arguments, "--site-dir", tmp_path / "site"],
        cwd=book,
        env={**os.environ, "PYTHONPATH": str(packages)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert read_pages(tmp_path / "site") == read_pages(book / "site")
