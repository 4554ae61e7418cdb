"""The benchmarks measure what they say."""

import subprocess
import sys
from pathlib import Path

from bench.books import write_book
from bench.build import OWN_PART


def test_the_own_part_of_a_build_renders_pages(tmp_path: Path):
    write_book(tmp_path, 20)
    command = [sys.executable, "-c", OWN_PART, "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages, characters = map(int, done.stdout.split())
    assert pages > 20
    assert characters > pages
