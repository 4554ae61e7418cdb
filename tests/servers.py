"""A running `modelbook serve` for tests, over real sockets."""

import http.client
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from tests.command_server import ForkedCommand, get_command_server, open_stream

Found = TypeVar("Found")
PATIENCE = 180
"""Seconds; it only guards against hangs, on a loaded machine too."""


@dataclass(frozen=True)
class Answer:
    """A response of the server."""

    status: int
    text: str


@dataclass(frozen=True)
class Server:
    """A server that answers on a port of this machine."""

    process: ForkedCommand
    port: int
    log: Path

    def get(self, path: str, host: str | None = None) -> Answer:
        """Ask for a page, if wanted under another host name; status 0 if there is no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request("GET", path, headers={"Host": host} if host is not None else {})
            response = connection.getresponse()
            return Answer(response.status, response.read().decode())
        except (OSError, http.client.HTTPException):
            return Answer(0, "")
        finally:
            connection.close()

    def wait_for(self, path: str, condition: Callable[[Answer], bool]) -> Answer:
        """Ask until the answer is the expected one."""

        def look() -> Answer | None:
            answer = self.get(path)
            return answer if condition(answer) else None

        return wait_until_found(look)


@contextmanager
def start_server(root: Path, *options: str, host: str = "127.0.0.1", name: str = "modelbook") -> Iterator[Server]:
    """Start the server (`name` is the program to run) and end it with SIGTERM."""
    log = root.parent / f"{root.name}.log"
    with log.open("wb") as output:
        process, port = _start(name, host, options, root, log, output)
    try:
        yield Server(process, port, log)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE)


def wait_until_found(look: Callable[[], Found | None]) -> Found:
    """Return the first result of `look` that is not None."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise AssertionError("timed out")


def _start(
    name: str, host: str, options: Sequence[str], root: Path, log: Path, output: BinaryIO
) -> tuple[ForkedCommand, int]:
    """Start the server on a free port. If another process takes the port first, try the next one."""
    for _ in range(5):
        with socket.socket() as listener:
            listener.bind((host, 0))
            port = int(listener.getsockname()[1])
        address = ["--address" if name == "modelbook" else "--dev-addr", f"{host}:{port}"]
        with open_stream(os.devnull) as stdin:
            streams = [stdin.fileno(), output.fileno(), output.fileno()]
            process = get_command_server().start(
                name, ["serve", *address, *options], root, os.environ, streams=streams, new_session=True
            )

        def find_state(process: ForkedCommand = process, port: int = port) -> str | None:
            if process.poll() is not None:
                return "ended"
            return "serving" if re.search(rf"Serving on http://\S+:{port}/", log.read_text("utf-8")) else None

        if wait_until_found(find_state) == "serving":
            return process, port
        if "Address already in use" not in log.read_text("utf-8"):
            break
    raise AssertionError(log.read_text("utf-8"))
