"""The output depends on the cards only."""

import os
from pathlib import Path

from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.corpus import SAMPLE, read_corpus, write_corpus
from tests.sites import run_modelbook

NO_FUNCTIONS = MKDOCS.replace("{as_of: 2026-11-20}", "{as_of: 2026-11-20, functions: {}}")
STAMPED = {"sitemap.xml", "sitemap.xml.gz"}
"""Files that contain the day of the build."""


def read_files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def build_with(root: Path, seed: str, zone: str) -> dict[str, bytes]:
    done = run_modelbook(
        "build", "--site-dir", str(root / "out"), cwd=root, PYTHONHASHSEED=seed, TZ=zone, LC_ALL="C.UTF-8"
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return read_files(root / "out")


def test_a_site_does_not_depend_on_folder_hash_seed_or_time_zone(tmp_path):
    sites = []
    for name, seed, zone in (("a", "1", "UTC"), ("somewhere-else", "2", "Asia/Kolkata")):
        root = write_book(tmp_path / name, {"t.yml": TEAM, "ryl.yml": MODEL}, NO_FUNCTIONS)
        write_corpus(root / "cards", read_corpus(SAMPLE))
        for path in sorted((root / "cards").rglob("*.yml"), reverse=name != "a"):
            os.utime(path, (len(seed), 1))
        sites.append(build_with(root, seed, zone))
    first, second = sites
    assert first.keys() == second.keys()
    different = {name for name in first if first[name] != second[name]}
    assert different <= STAMPED
    assert not [name for name in first if str(tmp_path).encode() in first[name]]


def test_rendered_pages_do_not_depend_on_the_hash_seed(tmp_path):
    root = write_book(tmp_path / "book", {"t.yml": TEAM, "ryl.yml": MODEL})
    for name, seed in (("one", "1"), ("two", "2")):
        done = run_modelbook("render", "--out", str(tmp_path / name), cwd=root, PYTHONHASHSEED=seed)
        assert done.returncode == 0, done.stderr
    assert read_files(tmp_path / "one") == read_files(tmp_path / "two")
