"""A short run of the fuzzer. With --all it mutates 2,000 cards; `make fuzz` mutates 100,000 with a new seed."""

import os
import subprocess
import sys

import pytest

from bench.fuzz.targets import ROOT, list_targets

SEED = os.environ.get("MODELBOOK_FUZZ_SEED", "1")
NAMES = [target.name for target in list_targets()]


@pytest.mark.parametrize(
    ("names", "few", "many"), [(["cards"], 240, 2000), (NAMES[1:], 50, 50)], ids=["cards", "imports and sample calls"]
)
def test_no_mutated_input_crashes(names: list[str], few: int, many: int, pytestconfig: pytest.Config):
    count = many if pytestconfig.getoption("--all") else few
    command = [sys.executable, "-m", "bench.fuzz", "--seed", SEED, "--processes", "1"]
    only = [option for name in names for option in ("--only", name)]
    run = subprocess.run(
        [*command, *only, "--cards", str(count), "--others", str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert [name for name in NAMES if f"\n| {name} | {count:,} |" in run.stdout] == names
