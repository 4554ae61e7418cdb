"""The benchmarks measure what they say."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench.books import write_book
from bench.build import OWN_PART
from bench.reconcile import MADE_FORMATS, list_cards, write_log
from generator.evidence.records import SeenCall
from generator.evidence.traffic.formats import TrafficFormat
from generator.evidence.traffic.reconcile import TrafficReader


def test_the_own_part_of_a_build_renders_pages(tmp_path: Path):
    write_book(tmp_path, 20)
    command = [sys.executable, "-c", OWN_PART, "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages, characters = map(int, done.stdout.split())
    assert pages > 20
    assert characters > pages


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
