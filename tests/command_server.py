"""Runs of the command line in processes that are forked from one that has imported everything.

Starting Python and importing the command costs a second each time, and the tests run hundreds of commands. A forked
process has its own working folder, environment and streams, like one that a user starts. The server reads one JSON
object a line and answers with one.
"""

import gc
import importlib
import json
import os
import pkgutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, BinaryIO

ROOT = Path(__file__).parents[1]


class CommandServer:
    """A process that forks commands."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__], cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def run(
        self, program: str, arguments: Sequence[str], cwd: Path, environ: Mapping[str, str], *, stdout: str, stderr: str
    ) -> subprocess.CompletedProcess[str]:
        """Run `modelbook` or `mkdocs` and wait for it. Text that is written to a given file is not returned."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        order = {"program": program, "arguments": [*arguments], "cwd": str(cwd), "environ": dict(environ)}
        order |= {"stdout": stdout, "stderr": stderr}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return subprocess.CompletedProcess([*arguments], answer["returncode"], answer["stdout"], answer["stderr"])


def serve() -> None:
    """Fork a command for each line of stdin, until it ends."""
    import generator  # noqa: PLC0415 - the tests only need the client

    for module in pkgutil.walk_packages(generator.__path__, "generator."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.freeze()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    for line in sys.stdin:
        order = json.loads(line)
        with open_stream(order["stdout"]) as stdout, open_stream(order["stderr"]) as stderr:
            child = os.fork()
            if child == 0:
                become_command(order, stdout.fileno(), stderr.fileno())
                return
            _, status = os.waitpid(child, 0)
            texts = [read_text(order[name], file) for name, file in (("stdout", stdout), ("stderr", stderr))]
        answer = {"returncode": os.waitstatus_to_exitcode(status), "stdout": texts[0], "stderr": texts[1]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def open_stream(name: str) -> BinaryIO:
    return open(name, "wb") if name else tempfile.TemporaryFile()  # noqa: PTH123


def read_text(name: str, file: BinaryIO) -> str:
    if name:
        return ""
    file.seek(0)
    return file.read().decode("utf-8")


def become_command(order: Mapping[str, Any], stdout: int, stderr: int) -> None:
    """Run the command in a forked process, and end the process with its exit status."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(stdout, 1)
    os.dup2(stderr, 2)
    os.environ.clear()
    os.environ.update(order["environ"])
    os.chdir(order["cwd"])
    sys.argv = [order["program"], *order["arguments"]]
    signal.alarm(300)
    (script,) = entry_points(group="console_scripts", name=order["program"])
    sys.exit(script.load()())


if __name__ == "__main__":
    serve()
