"""A short run of the fuzzer. With --all it mutates 2,000 cards; `make fuzz` mutates 100,000 with a new seed."""

import os
import subprocess
import sys

import pytest

from bench.fuzz.targets import ROOT, list_targets

SEED = os.environ.get("MODELBOOK_FUZZ_SEED", "1")
NAMES = [target.name for target in list_targets()]


def test_no_mutated_input_crashes(pytestconfig: pytest.Config):
    cards, others = (2000, 50) if pytestconfig.getoption("--all") else (96, 20)
    counts = dict.fromkeys(NAMES, others) | {"cards": cards}
    command = [sys.executable, "-m", "bench.fuzz", "--seed", SEED, "--processes", "1"]
    run = subprocess.run(
        [*command, "--cards", str(cards), "--others", str(others)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert [name for name in NAMES if f"\n| {name} | {counts[name]:,} |" in run.stdout] == NAMES
