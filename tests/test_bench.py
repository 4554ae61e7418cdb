"""The benchmarks measure what they say."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench.books import write_book
from bench.build import write_hugo_site
from bench.change import edit_name, edit_note
from bench.reconcile import MADE_FORMATS, list_cards, write_log
from bench.sizes import choose_pages, measure_pages
from generator.evidence.records import SeenCall
from generator.evidence.traffic.formats import TrafficFormat
from generator.evidence.traffic.reconcile import TrafficReader
from generator.project import open_project
from tests.books import REPOSITORY


def test_an_unknown_benchmark_is_named_with_those_that_exist():
    command = [sys.executable, "-m", "bench", "biuld"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "unknown: biuld; choose from build, change, check" in done.stderr


def test_hugo_gets_every_page_and_the_page_of_each_folder_by_its_own_name(tmp_path: Path):
    docs = tmp_path / "docs"
    (docs / "models").mkdir(parents=True)
    for name in ("index.md", "models/index.md", "models/ryl.md"):
        (docs / name).write_text(f"# {name}\n", encoding="utf-8")
    write_hugo_site(docs, tmp_path / "hugo")
    content = tmp_path / "hugo/content"
    assert sorted(path.relative_to(content).as_posix() for path in content.rglob("*.md")) == [
        "_index.md",
        "models/_index.md",
        "models/ryl.md",
    ]


@pytest.mark.parametrize("edit", [edit_note, edit_name])
def test_a_change_of_the_benchmark_reaches_the_page_of_its_card(edit: Callable[[Path, str], str], tmp_path: Path):
    write_book(tmp_path, 20)
    text = edit(tmp_path, "of today")
    assert text not in {"", "of today"}
    pages, findings = open_project(tmp_path).render_pages()
    assert not findings
    assert [page.path for page in pages if page.key == "model:m5" and text in page.markdown] == ["models/m5.md"]


@pytest.mark.parametrize("name", MADE_FORMATS)
def test_the_traffic_of_the_benchmark_is_read_and_nearly_all_of_it_reaches_models(name: TrafficFormat, tmp_path: Path):
    log = tmp_path / "made.log"
    write_log(log, name, 0.2)
    reader = TrafficReader(list_cards())
    with log.open("rb") as file:
        read = reader.read(log.name, file)
    source, *calls = reader.build_records()
    assert (read.format, read.bad.count) == (name, 0)
    assert all(isinstance(call, SeenCall) and call.system and call.ref.startswith("model:") for call in calls)
    assert sum(call.requests for call in calls if isinstance(call, SeenCall)) > 0.8 * source.requests


def test_the_largest_page_of_each_folder_is_chosen():
    sizes = {"models/index.html": (9, 90), "models/a.html": (7, 70), "models/b.html": (8, 80), "map.html": (3, 30)}
    assert choose_pages({10: {}, 20: sizes}) == ["models/index.html", "models/b.html", "map.html"]


def test_pages_are_measured_as_a_server_sends_them(tmp_path: Path):
    (tmp_path / "map").mkdir()
    (tmp_path / "map/t.html").write_text("x" * 30_000, encoding="utf-8")
    (tmp_path / "small.html").write_text("x", encoding="utf-8")
    [(path, (compressed, size))] = measure_pages(tmp_path).items()
    assert (path, size) == ("map/t.html", 30_000)
    assert compressed < 100
