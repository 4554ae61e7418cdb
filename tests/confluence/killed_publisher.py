"""Publishers that kill themselves after a number of requests, in separate processes over sockets.

Run as a program, it reads one JSON object a line, `{"folder", "last"}`, forks a publisher for each, and
writes the status that the publisher ended with. Forking spares each publisher what starting Python would cost.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from generator.confluence.built import read_site
from generator.confluence.rest import RequestAttempt, connect, read_credentials
from generator.confluence.sync.apply import apply
from generator.confluence.sync.lock import RunEnvironment
from generator.confluence.sync.prepare import Waiting, prepare
from generator.confluence.sync.values import PublishSettings

ROOT = Path(__file__).parents[2]


class Publishers:
    """The program as a child process of a test."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def killed(self, environ: Mapping[str, str], folder: Path, last: int) -> bool:
        """Return whether a publisher was killed after `last` requests."""
        order = {"environ": dict(environ), "folder": str(folder), "last": last}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline()) == -signal.SIGKILL


@contextmanager
def run_publishers() -> Iterator[Publishers]:
    """Run the program until the context ends."""
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Publishers(process)


def main() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                publish(order["environ"], Path(order["folder"]), order["last"])
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def publish(environ: Mapping[str, str], folder: Path, last: int) -> None:
    """Publish the site in the folder until the process is killed, or to the end."""
    left, gate = [last], threading.Lock()

    def count(_: RequestAttempt) -> None:
        with gate:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    wiki = connect(read_credentials(environ), observer=count)
    built = read_site(folder, lambda _: ())
    settings = PublishSettings(space="BOOK")
    prepared = prepare(wiki, built, settings, Waiting(time.time, time.sleep))
    environment = RunEnvironment("a process", time.time, time.sleep, lambda svg: svg.encode())
    apply(prepared.plan, wiki, built, environment, manifest=prepared.manifest)


if __name__ == "__main__":
    main()
