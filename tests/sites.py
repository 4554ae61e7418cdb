"""Built sites for tests: a real MkDocs build in a child process."""

import functools
import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def modelbook(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a user would."""
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def build(root: Path, site: Path) -> str:
    """Build a book's site; the command's output."""
    done = modelbook("build", "--site-dir", str(site), cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


@contextmanager
def served(folder: Path, below: str = "") -> Iterator[str]:
    """The folder over HTTP on loopback; `below` is a subdirectory of the address that it appears under."""

    class Handler(_Quiet):
        def translate_path(self, path: str) -> str:
            prefix = f"/{below}/" if below else "/"
            return super().translate_path("/" + path.removeprefix(prefix) if path.startswith(prefix) else "/nowhere")

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/{f'{below}/' if below else ''}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
