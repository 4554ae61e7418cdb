"""`python -m bench.fuzz`: mutate inputs, use each, and report every exception and hang."""

import argparse
import random
import sys

from bench.fuzz.run import KEPT, run
from bench.fuzz.targets import ROOT, list_targets


def main() -> None:
    """Print a row for each target, then every failure; exit with 1 if there is one."""
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--seed", default=str(random.SystemRandom().randrange(10**6)), help="repeats a run")
    parser.add_argument("--cards", type=int, default=100_000)
    parser.add_argument("--others", type=int, default=20_000, help="inputs for each importer and for the curl reader")
    parser.add_argument("--only", action="append", help="a target's name; repeatable")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    print(f"seed {options.seed}\n")
    print("| target | inputs | seconds | a second | slowest, s | failures |\n|---|---|---|---|---|---|")
    failures: list[str] = []
    for target in list_targets():
        if options.only and target.name not in options.only:
            continue
        count = options.cards if target.name == "cards" else options.others
        outcome = run(target, options.seed, count, options.processes)
        failures += outcome.failures
        rate = outcome.inputs / outcome.seconds
        print(
            f"| {target.name} | {outcome.inputs:,} | {outcome.seconds:.0f} | {rate:.0f} | {outcome.slowest:.1f} | "
            f"{len(outcome.failures)} |",
            flush=True,
        )
    for failure in failures:
        print(f"\n{failure}")
    if failures:
        print(f"\n{len(failures)} failures; their files are in {KEPT.relative_to(ROOT)}, and the seed repeats them")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
