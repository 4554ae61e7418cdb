"""A machine of a CI for the scripts of workflows: a real shell, and stand-ins for what GitHub and GitLab answer."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.command_server import LARGEST, get_command_server

needs_jq = pytest.mark.skipif(shutil.which("jq") is None, reason="needs jq, which is what `gh api --jq` runs")
needs_curl = pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")

GH = '''
"""`gh api` for the comments of pull request 7 of o/r, as https://cli.github.com/manual/gh_api describes it."""
import json, os, subprocess, sys
from pathlib import Path

def fail(message, status=1):
    print(f"gh: {message}", file=sys.stderr)
    sys.exit(status)

words = sys.argv[1:]
if not os.environ.get("GH_TOKEN"):
    fail("set the GH_TOKEN environment variable", 4)
if words[:1] != ["api"]:
    fail("unknown command", 2)
given, paths, flags = {}, [], set()
words = words[1:]
while words:
    word = words.pop(0)
    if word in ("--paginate", "--silent"):
        flags.add(word)
    elif word in ("--method", "--jq", "--field"):
        given[word] = words.pop(0)
    elif word.startswith("-"):
        fail(f"unknown flag: {word}", 2)
    else:
        paths.append(word)
(path,) = paths
state = Path(os.environ["GH_STATE"])
comments = json.loads(state.read_text("utf-8"))
method = given.get("--method", "GET")
if method == "GET":
    if path != "repos/o/r/issues/7/comments" or "--paginate" not in flags:
        fail("Not Found (HTTP 404)")
    done = subprocess.run(["jq", "-r", given["--jq"]], input=json.dumps(comments), capture_output=True, text=True)
    if done.returncode:
        fail(done.stderr)
    print(done.stdout, end="")
    sys.exit()
if os.environ.get("GH_READ_ONLY"):
    fail("Resource not accessible by integration (HTTP 403)")
key, _, value = given["--field"].partition("=")
if key != "body" or not value.startswith("@"):
    fail("invalid field", 2)
body = Path(value[1:]).read_text("utf-8")
if not body or len(body) > 65536:
    fail("Validation Failed (HTTP 422)")
if method == "POST" and path == "repos/o/r/issues/7/comments":
    comments.append({"id": 100 + len(comments), "body": body, "user": {"type": "Bot"}})
elif method == "PATCH" and path.rpartition("/")[0] == "repos/o/r/issues/comments":
    found = [one for one in comments if str(one["id"]) == path.rpartition("/")[2]]
    if not found:
        fail("Not Found (HTTP 404)")
    found[0]["body"] = body
else:
    fail("Not Found (HTTP 404)")
state.write_text(json.dumps(comments), "utf-8")
'''


CLIENT = '''
"""Has a command run by the tests, with the folder, the environment and the streams of this process."""
import json, os, socket, sys

with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
    server.connect(ADDRESS)
    order = {"arguments": sys.argv[1:], "cwd": os.getcwd(), "environ": dict(os.environ)}
    socket.send_fds(server, [json.dumps(order).encode()], [0, 1, 2])
    sys.exit(int(server.recv(16)))
'''


def run_commands(listener: socket.socket) -> None:
    """Run the commands of clients, one after the other, until the listener is shut down."""
    while True:
        try:
            client = listener.accept()[0]
        except OSError:
            return
        with client:
            message, streams, _, _ = socket.recv_fds(client, LARGEST, 3)
            order = json.loads(message)
            command = get_command_server().start(
                "modelbook", order["arguments"], Path(order["cwd"]), order["environ"], streams=streams
            )
            for stream in streams:
                os.close(stream)
            client.send(str(command.wait()).encode())


class Runner:
    """A machine whose shell runs the scripts of a workflow; its own commands come first on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder.parent / f"{folder.name}-bin"
        self.bin.mkdir()
        self._log = self.bin / "calls.log"
        self._log.write_text("", "utf-8")

    def add_command(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f'#!/bin/bash\necho "{name} $*" >> "{self._log}"\n{script}\n', "utf-8")
        path.chmod(0o755)

    @contextmanager
    def provide_modelbook(self) -> Iterator[None]:
        """Provide the command, which the command server of the tests runs with the folder and streams of the shell."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind("")  # Linux chooses an abstract address
            listener.listen()
            client = self.bin / "client.py"
            client.write_text(CLIENT.replace("ADDRESS", repr(listener.getsockname())), "utf-8")
            self.add_command("modelbook", f'exec "{sys.executable}" -SI "{client}" "$@"')
            thread = threading.Thread(target=run_commands, args=[listener])
            thread.start()
            try:
                yield
            finally:
                listener.shutdown(socket.SHUT_RDWR)
                thread.join()

    def run(self, script: str, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
        path = f"{self.bin}:{Path(sys.executable).parent}:{os.environ['PATH']}"
        environment = {"PATH": path, "HOME": str(self.bin), **given}
        command = ["bash", "-eo", "pipefail", "-c", script]
        return subprocess.run(command, cwd=self.folder, env=environment, capture_output=True, text=True, check=False)

    def calls(self, word: str) -> list[str]:
        return [line for line in self._log.read_text("utf-8").splitlines() if word in line]


class GitHub:
    """The comments of a pull request, and the variables with which scripts reach them."""

    def __init__(self, runner: Runner, *comments: dict[str, Any]) -> None:
        self._state = runner.bin / "comments.json"
        self._state.write_text(json.dumps(comments), "utf-8")
        (runner.bin / "gh.py").write_text(GH, "utf-8")
        runner.add_command("gh", f'exec "{sys.executable}" "{runner.bin / "gh.py"}" "$@"')
        self.variables = {
            "GH_TOKEN": "t", "GH_STATE": str(self._state), "COMMENTS": "repos/o/r/issues/7/comments",
            "COMMENT": "repos/o/r/issues/comments",
        }  # fmt: skip

    @property
    def comments(self) -> list[dict[str, Any]]:
        return list(json.loads(self._state.read_text("utf-8")))


@dataclass
class GitLab:
    """A server for the notes of merge request 7 of project 3, as https://docs.gitlab.com/api/notes/ describes it."""

    notes: list[dict[str, Any]] = field(default_factory=list)
    url: str = ""
    requests: list[str] = field(default_factory=list)

    @property
    def variables(self) -> dict[str, str]:
        return {
            "CI_API_V4_URL": self.url, "CI_PROJECT_ID": "3", "CI_MERGE_REQUEST_IID": "7", "GITLAB_TOKEN": "t",
        }  # fmt: skip


USER = 5
"""The id of the user of the token."""


class _Handler(BaseHTTPRequestHandler):
    gitlab: GitLab

    def answer(self, status: int, content: Any, **headers: str) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        for name, value in {"content-length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def read_body(self) -> str:
        text = self.rfile.read(int(self.headers["content-length"])).decode()
        return parse_qs(text, keep_blank_values=True)["body"][0]

    def handle_request(self) -> None:
        self.gitlab.requests.append(f"{self.command} {self.path}")
        address = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(address.query).items()}
        base = "/api/v4/projects/3/merge_requests/7/notes"
        if self.headers["PRIVATE-TOKEN"] != "t":
            self.answer(401, {"message": "401 Unauthorized"})
        elif (self.command, address.path) == ("GET", "/api/v4/user"):
            self.answer(200, {"id": USER})
        elif (self.command, address.path) == ("GET", base):
            page, size = int(query.get("page", 1)), int(query.get("per_page", 20))
            assert query["sort"] == "asc"
            rest = self.gitlab.notes[page * size :]
            self.answer(
                200, self.gitlab.notes[(page - 1) * size : page * size], X_Next_Page=str(page + 1) if rest else ""
            )
        elif (self.command, address.path) == ("POST", base):
            self.gitlab.notes.append(
                {"id": 100 + len(self.gitlab.notes), "author": {"id": USER}, "body": self.read_body()}
            )
            self.answer(201, self.gitlab.notes[-1])
        elif self.command == "PUT" and address.path.startswith(f"{base}/"):
            (note,) = (one for one in self.gitlab.notes if str(one["id"]) == address.path.rpartition("/")[2])
            if note["author"]["id"] != USER:
                self.answer(403, {"message": "403 Forbidden"})
                return
            note["body"] = self.read_body()
            self.answer(200, note)
        else:
            self.answer(404, {"message": "404 Not Found"})

    do_GET = do_POST = do_PUT = handle_request  # noqa: N815 - the names that the server calls

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of the base class
        pass


@contextmanager
def serve_gitlab(*notes: dict[str, Any]) -> Iterator[GitLab]:
    gitlab = GitLab(list(notes))
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"gitlab": gitlab}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    gitlab.url = f"http://127.0.0.1:{server.server_port}/api/v4"
    try:
        yield gitlab
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
