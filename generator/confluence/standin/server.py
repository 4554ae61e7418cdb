"""The door over HTTP: real sockets on loopback."""

import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from generator.confluence.standin.messages import Reply, Request, json_reply
from generator.confluence.standin.site import Standin
from generator.confluence.wiki import Flavour
from generator.errors import UserError

HOST = "127.0.0.1"
REQUEST_LIMIT = 100 * 1024 * 1024
"""Bytes that a request may bring: more than any attachment of a book."""

_OWN_NAMES = ("127.0.0.1", "localhost", "::1")
_PATIENCE = 0.05


@dataclass(frozen=True, slots=True)
class Address:
    """Where a running stand-in is found."""

    site: str
    """What goes into CONFLUENCE_URL."""
    browser: str
    """Where people look at it."""


@contextmanager
def serve(standin: Standin, port: int = 0) -> Iterator[Address]:
    """Answers on loopback while the block lasts; port 0 takes a free one, UserError when it is in use."""
    try:
        server = _Server((HOST, port), standin)
    except OSError as error:
        message = f"port {port} cannot be used ({error.strerror}): choose another one"
        raise UserError(message) from None
    thread = threading.Thread(target=server.serve_forever, args=(_PATIENCE,), name="stand-in", daemon=True)
    thread.start()
    try:
        yield _address(standin.flavour, server.server_address[1])
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _address(flavour: Flavour, port: int) -> Address:
    context = "/wiki" if flavour is Flavour.CLOUD else ""
    site = f"http://{HOST}:{port}{context}"
    return Address(site, f"{site}/spaces" if flavour is Flavour.CLOUD else f"{site}/")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, address: tuple[str, int], standin: Standin) -> None:
        super().__init__(address, _Handler)
        self.standin = standin

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is its own business; anything else is a bug of ours and shows."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]  # the stubs name private types


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 60
    server: _Server

    def do_GET(self) -> None:
        self._handle()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - as above

    def version_string(self) -> str:
        """Names no software and no version."""
        return "Confluence stand-in"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Says nothing: the stand-in keeps its own log."""

    def _handle(self) -> None:
        body = self._body()
        if body is None:
            return
        if urlsplit(f"//{self.headers.get('Host', '')}").hostname not in _OWN_NAMES:
            # A page from elsewhere could reach this machine under a name of its own that points here.
            self._send(json_reply({"message": "this stand-in answers to its own name only"}, 421), cut=False)
            return
        request = Request.of(self.command, self.path, dict(self.headers.items()), body)
        exchange = self.server.standin.exchange(request)
        time.sleep(exchange.wait)
        if exchange.reply is None:
            self._hang_up()
        else:
            self._send(exchange.reply, cut=exchange.cut)

    def _body(self) -> bytes | None:
        """Return the request's body; None after an answer that it cannot be taken."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdigit() or "Transfer-Encoding" in self.headers:
            self._send(json_reply({"message": "Content-Length is required"}, 411), cut=True)
            return None
        if int(length) > REQUEST_LIMIT:
            self._send(json_reply({"message": "the request is too large"}, 413), cut=True)
            return None
        return self.rfile.read(int(length))

    def _send(self, reply: Reply, *, cut: bool) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.status != 204:
            self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if cut:
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(reply.body)

    def _hang_up(self) -> None:
        """Ends the connection as a broken one ends, without a word."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        self.close_connection = True
        self.connection.close()
