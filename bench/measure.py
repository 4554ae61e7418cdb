"""Commands with their wall seconds and peak memory, each in a process of its own."""

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

BYTECODE = Path(tempfile.gettempdir()) / "modelbook-bench-bytecode"
"""Where compiled modules are kept, as they are beside those of an installed program."""


@dataclass(frozen=True)
class Measured:
    """What a command took."""

    seconds: float
    megabytes: float
    """Peak resident memory of the process and its children."""


def measure(*arguments: str, cwd: Path) -> Measured:
    """Run `python ARGUMENTS`; RuntimeError with its output when it fails."""
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPYCACHEPREFIX": str(BYTECODE)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    with (cwd / "bench.log").open("w+", encoding="utf-8") as log:
        started = time.perf_counter()
        process = subprocess.Popen([sys.executable, *arguments], cwd=cwd, env=environment, stdout=log, stderr=log)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        if status:
            log.seek(0)
            raise RuntimeError(f"{' '.join(arguments)} failed:\n{log.read()[-2000:]}")
    return Measured(seconds, usage.ru_maxrss / 1024)
