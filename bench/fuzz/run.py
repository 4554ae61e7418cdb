"""Runs of a target on mutated inputs in several processes; exceptions and hangs are failures."""

import faulthandler
import multiprocessing
import random
import signal
import tempfile
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from bench.fuzz.targets import ROOT, Files, Target, write

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["bench.fuzz.targets"])  # so that a process for each target starts at once

HANG = 10
"""Seconds of CPU time after which one run counts as a hang; on a busy machine, they take longer."""
BLOCKED = 120
"""Seconds after which a run without CPU time counts as a hang."""
KEPT = ROOT / "bench/out/fuzz"
"""The folder for the files of failed runs."""


@dataclass(frozen=True)
class Outcome:
    """The runs of one process."""

    inputs: int
    seconds: float
    slowest: float
    failures: tuple[str, ...]


def fuzz(target: Target, seed: str, first: int, count: int, log: Path) -> Outcome:
    """Run inputs number `first` and on; the log receives the stack of a hang, which ends the process."""
    failures: list[str] = []
    started, slowest = time.perf_counter(), 0.0
    with log.open("w", encoding="utf-8") as stacks, tempfile.TemporaryDirectory(prefix="modelbook-fuzz-") as name:
        folder = Path(name) / "book"
        faulthandler.register(signal.SIGVTALRM, file=stacks, chain=True)  # then the signal ends the process
        for number in range(first, first + count, target.size):
            files = target.mutate(random.Random(f"{seed}:{target.name}:{number}"))
            print(number, file=stacks, flush=True)
            faulthandler.dump_traceback_later(BLOCKED, exit=True, file=stacks)
            signal.setitimer(signal.ITIMER_VIRTUAL, HANG)
            began = time.perf_counter()
            try:
                target.run(folder, files)
            except Exception:  # noqa: BLE001 - every exception is reported
                failures.append(f"{target.name} {number}\n{traceback.format_exc()}")
                keep(target, number, smallest(target, folder, files))
            slowest = max(slowest, time.perf_counter() - began)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            faulthandler.cancel_dump_traceback_later()
    return Outcome(count, time.perf_counter() - started, slowest, tuple(failures))


def smallest(target: Target, folder: Path, files: Files) -> Files:
    """Return the mutated file that fails by itself; all files if there is no such file."""
    for path, content in files.items():
        try:
            target.run(folder, {path: content})
        except Exception:  # noqa: BLE001 - this file fails
            return {path: content}
    return files


def keep(target: Target, number: int, files: Files) -> None:
    """Keep the files of a failed run."""
    write(KEPT / f"{target.name}-{number}", files)


def run(target: Target, seed: str, count: int, processes: int) -> Outcome:
    """Distribute the inputs to processes. A process that dies was ended after a hang: its log has the stack."""
    share = -(-count // (processes * target.size)) * target.size
    started = time.perf_counter()
    outcomes: list[Outcome] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="modelbook-fuzz-log-") as folder:
        logs = [Path(folder) / str(number) for number in range(processes)]
        pools = [ProcessPoolExecutor(1, CONTEXT) for _ in logs]
        futures = [
            pool.submit(fuzz, target, seed, number * share, share, log)
            for number, (pool, log) in enumerate(zip(pools, logs, strict=True))
        ]
        for future, log in zip(futures, logs, strict=True):
            try:
                outcomes.append(future.result())
            except BrokenProcessPool:
                failures.append(f"{target.name} hung or died:\n{log.read_text(encoding='utf-8')[-4000:]}")
        for pool in pools:
            pool.shutdown()
    failures += [failure for outcome in outcomes for failure in outcome.failures]
    done = sum(outcome.inputs for outcome in outcomes)
    slowest = max((one.slowest for one in outcomes), default=0)
    return Outcome(done, time.perf_counter() - started, slowest, tuple(failures))
