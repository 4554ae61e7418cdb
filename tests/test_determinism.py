"""The output depends on the cards only."""

import os
from pathlib import Path

from generator.confluence.built import read_site
from generator.confluence.sync.draft import draft_of
from generator.confluence.sync.values import PublishSettings
from generator.confluence.wiki import Flavour
from generator.diagrams.png import extract_svg_links
from tests.books import MKDOCS, MODEL, TEAM, write_book
from tests.corpus import SAMPLE, read_corpus, write_corpus
from tests.history.repositories import new_repository
from tests.sites import build, run_modelbook

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


DATED_CARDS = {
    "t.yml": TEAM,
    "late.yml": MODEL.replace("id: ryl", "id: late\nreview_by: 2026-09-30").lstrip(),
    "soon.yml": MODEL.replace("id: ryl", "id: soon\nreview_by: 2026-12-10").lstrip(),
    "ab.yml": "kind: experiment\nid: ab\nname: AB\nowners: [t]\nstatus: concluded\n"
    "started_on: 2026-08-03\nended_on: 2026-09-01\nvariants: {a: {traffic: 50}, b: {traffic: 50}}\n"
    "decision: {winner: a, by: p, decided_on: 2026-09-02}\n"
    "cleanup: {due: 2026-11-01, items: [{remove: 'topic:a', owner: p}]}\n",
    "m.yml": "kind: migration\nid: m\nname: M\nowners: [p]\nstatus: running\nmoves: [model:soon]\n"
    "waves: [{traffic: 1, done_on: 2026-10-01}, {traffic: 100, planned_on: 2026-12-20}]\n",
}


def convert_pages(root: Path, day: str) -> dict[str, tuple[str, str, str]]:
    """Build the site of a book on a day, and return the pages as they are published."""
    (root / "mkdocs.yml").write_text(MKDOCS.replace("2026-11-20", day), encoding="utf-8")
    build(root, root / "site")
    converted = {}
    for wanted in read_site(root / "site", extract_svg_links).all_wanted():
        body = "".join(map(str, wanted.converted.storage.parts))
        digest = draft_of(wanted, PublishSettings(space="BOOK"), Flavour.CLOUD).digest
        converted[wanted.entry.ref] = (wanted.entry.title, body, digest)
    return converted


def test_published_pages_change_when_a_duty_does_and_not_when_a_day_passes(tmp_path):
    repository = new_repository(tmp_path)
    write_book(tmp_path, {})
    repository.commit(
        "start", "2026-08-03", {**DATED_CARDS, "late.yml": DATED_CARDS["late.yml"].replace("-09-", "-10-")}
    )
    repository.commit("earlier review", "2026-08-10", DATED_CARDS)
    saturday = convert_pages(tmp_path, "2026-11-21")
    home = (tmp_path / "site/index.html").read_text("utf-8")
    assert "in 19 days" in home
    assert all(len(body) > 100 for _, body, _ in saturday.values())
    assert convert_pages(tmp_path, "2026-11-22") == saturday
    assert "in 18 days" in (tmp_path / "site/index.html").read_text("utf-8")
    assert convert_pages(tmp_path, "2026-11-23") == saturday, "a new week is no change"
    later = convert_pages(tmp_path, "2026-12-11")
    changed = {ref for ref, page in later.items() if page != saturday[ref]}
    assert {"page:home", "page:debt", "page:attention", "model:soon", "team:t"} <= changed
    assert not {"model:late", "page:map", "page:who-to-call", "page:models"} & changed
