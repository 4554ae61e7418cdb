"""The wall time and the peak memory of a command in a separate process."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BYTECODE = Path(tempfile.gettempdir()) / "modelbook-bench-bytecode"
"""The cache of compiled modules, which an installed program has too."""


@dataclass(frozen=True)
class Measured:
    """The cost of a command."""

    seconds: float
    megabytes: float
    """Peak resident memory of the largest process: the command itself or one that it starts."""
    cpu_seconds: float = 0
    """Of the process and its children."""


def measure(*arguments: str, cwd: Path, program: str = sys.executable) -> Measured:
    """Run `python ARGUMENTS`, or another program; raise RuntimeError with its output if it fails."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with (cwd / "bench.log").open("w+", encoding="utf-8") as log:
        started = time.perf_counter()
        process = subprocess.Popen([program, *arguments], cwd=cwd, env=environment, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if status:
            log.seek(0)
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{log.read()[-2000:]}")
    return Measured(seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)
