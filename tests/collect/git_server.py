"""An HTTPS server for git repositories on this machine: git's own `http-backend` behind Python's server."""

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from tests.evidence.live_server import PATIENCE, Authority


@dataclass
class GitServer:
    """A running server, and what it saw."""

    port: int
    requests: list[str] = field(default_factory=list)
    """The commands of git, as `ls-refs` and `fetch`."""
    redirect: str = ""
    """The beginning of the address that every request is sent to instead."""
    password: str = ""
    """The password that every request needs."""
    is_silent: bool = False
    """Whether no request is answered."""
    endless: bytes = b""
    """The line of git's protocol that every request gets without end."""
    stopped: threading.Event = field(default_factory=threading.Event)

    def get_address(self, name: str) -> str:
        """Return the address of a repository."""
        return f"https://localhost:{self.port}/{name}"


class _Handler(BaseHTTPRequestHandler):
    state: GitServer
    root: Path

    def log_message(self, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.headers.get("Transfer-Encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        self._answer(body)

    def _answer(self, body: bytes) -> None:
        self.state.requests += [name for name in ("ls-refs", "fetch") if f"command={name}".encode() in body]
        if self.state.is_silent:
            self.state.stopped.wait(PATIENCE)
            return
        if self.state.endless:
            self._send_without_end()
            return
        if self.state.redirect:
            self.send_response(302)
            self.send_header("Location", f"{self.state.redirect}{self.path}")
            self.end_headers()
            return
        expected = base64.b64encode(f"asha:{self.state.password}".encode()).decode()
        if self.state.password and self.headers.get("Authorization") != f"Basic {expected}":
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self._run_git(body)

    def _send_without_end(self) -> None:
        kind = "result" if self.command == "POST" else "advertisement"
        self.send_response(200)
        self.send_header("Content-Type", f"application/x-git-upload-pack-{kind}")
        self.end_headers()
        line = b"%04x%b" % (len(self.state.endless) + 4, self.state.endless)
        with suppress(OSError):
            self.wfile.write(b"001e# service=git-upload-pack\n0000")
            while not self.state.stopped.is_set():
                self.wfile.write(line * 1000)

    def _run_git(self, body: bytes) -> None:
        parts = urlsplit(self.path)
        variables = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.root), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": parts.path, "QUERY_STRING": parts.query, "REQUEST_METHOD": self.command,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""), "CONTENT_LENGTH": str(len(body)),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""), "GIT_CONFIG_GLOBAL": os.devnull,
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*",
        }  # fmt: skip
        done = subprocess.run(["git", "http-backend"], input=body, env=variables, capture_output=True, check=False)
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [line.partition(": ") for line in head.decode().split("\r\n") if line]
        status = next((int(value.split()[0]) for name, _, value in headers if name == "Status"), 200)
        self.send_response(status)
        for name, _, value in headers:
            if name not in {"Status", "Content-Length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def serve_repositories(root: Path, authority: Authority) -> Iterator[GitServer]:
    """Serve the bare repositories in a folder."""
    state = GitServer(0)
    handler = type("Handler", (_Handler,), {"state": state, "root": root})
    listener = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    listener.daemon_threads = True
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority.issue())
    listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
    state.port = listener.server_address[1]
    thread = threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.stopped.set()
        listener.shutdown()
        listener.server_close()
        thread.join(PATIENCE)
