"""A short run of the fuzzer. `make fuzz` runs 100,000 cards with a new seed."""

import os
import subprocess
import sys

import pytest

from bench.fuzz.targets import ROOT, list_targets

SEED = os.environ.get("MODELBOOK_FUZZ_SEED", "1")
COUNTS = {"cards": 2_000}


@pytest.mark.parametrize("name", [target.name for target in list_targets()])
def test_no_mutated_input_crashes(name: str):
    count = str(COUNTS.get(name, 50))
    command = [sys.executable, "-m", "bench.fuzz", "--seed", SEED, "--only", name, "--processes", "1"]
    run = subprocess.run(
        [*command, "--cards", count, "--others", count], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
