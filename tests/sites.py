"""Sites that MkDocs builds for tests in a child process."""

import fcntl
import functools
import http.server
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.books import REPOSITORY
from tests.command_server import ForkedCommand, get_command_server

PAGES_OF_EACH_KIND = (
    "index.html", "debt.html", "attention.html", "who-to-call.html", "map.html", "models/index.html", "models/ryl.html",
    "models/ryl-v3.html", "flows/home-ranking.html", "systems/home-feed.html", "experiments/ryl-v3-ab.html",
    "migrations/scorer-to-kserve.html", "teams/data-science.html", "people/asha.html",
    "resources/feature_view/customer_profile.html", "reference/fields.html", "reference/codes/index.html", "tags.html",
    "tutorial.html",
)  # fmt: skip
"""Pages of the demo site."""


def run_modelbook(
    *arguments: str, cwd: Path, stdout: str = "", stderr: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the command line in its own process, as a user would, if wanted with a file for a stream."""
    environ = {**os.environ, **environment}
    if not any(name.startswith("PYTHON") for name in environment):
        return get_command_server().run("modelbook", arguments, cwd, environ, stdout=stdout, stderr=stderr)
    return subprocess.run(
        [sys.executable, "-m", "generator", *arguments],
        cwd=cwd,
        env=environ,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def start_modelbook(*arguments: str, cwd: Path) -> ForkedCommand:
    """Start the command line in a session of its own."""
    return get_command_server().start("modelbook", arguments, cwd, os.environ, new_session=True)


def run_mkdocs(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run MkDocs in its own process."""
    return get_command_server().run(
        "mkdocs", arguments, cwd, {**os.environ, "NO_MKDOCS_2_WARNING": "1"}, stdout="", stderr=""
    )


def build(root: Path, site: Path) -> str:
    """Build the site of a book, and return the output of the command."""
    done = run_modelbook("build", "--site-dir", str(site), cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@dataclass(frozen=True)
class SharedBooks:
    """Books with their sites, each built by the first process that needs it."""

    folder: Path

    def build(self, name: str, write: Callable[[Path], object]) -> Path:
        """Return the folder of the book, with its site in `site/`. `write` writes the book to the given folder."""
        root = self.folder / name
        with (self.folder / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (root / "site").exists():
                write(root)
                build(root, root / "site")
        return root


def list_pages(site: Path) -> list[Path]:
    """List the HTML files of a site, without those that redirect to another page."""
    return [path for path in site.rglob("*.html") if 'http-equiv="refresh"' not in path.read_text("utf-8")]


def write_own_book(root: Path) -> None:
    """Copy the demo book of the repository."""
    root.mkdir(exist_ok=True)
    for name in ("cards", "docs", "evidence"):
        shutil.copytree(REPOSITORY / name, root / name, dirs_exist_ok=True)
    shutil.copy(REPOSITORY / "mkdocs.yml", root)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Print nothing."""


@contextmanager
def serve_folder(folder: Path, below: str = "") -> Iterator[str]:
    """Serve a folder over HTTP on loopback, if wanted in a subdirectory of the address."""

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
