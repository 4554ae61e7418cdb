"""A short run of the fuzzer. `make fuzz` runs 100,000 cards with a new seed."""

import os
import subprocess
import sys

import pytest

from bench.fuzz.targets import ROOT, list_targets

SEED = os.environ.get("MODELBOOK_FUZZ_SEED", "1")
NAMES = [target.name for target in list_targets()]


@pytest.mark.parametrize(
    ("names", "count"), [(["cards"], "2000"), (NAMES[1:], "50")], ids=["cards", "imports and sample calls"]
)
def test_no_mutated_input_crashes(names: list[str], count: str):
    command = [sys.executable, "-m", "bench.fuzz", "--seed", SEED, "--processes", "1"]
    only = [option for name in names for option in ("--only", name)]
    run = subprocess.run(
        [*command, *only, "--cards", count, "--others", count], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert [name for name in NAMES if f"\n| {name} | {int(count):,} |" in run.stdout] == names
