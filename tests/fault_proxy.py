"""A proxy in front of the demo server that gives answers of real servers which a client must expect."""

import http.client
import http.server
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit


@dataclass(frozen=True)
class ProxiedRequest:
    """A request of the client."""

    method: str
    path: str
    headers: Message
    body: bytes

    @property
    def uploads(self) -> bool:
        """Whether it uploads a file."""
        return "multipart/form-data" in (self.headers.get("Content-Type") or "")


Refusal = tuple[int, str]
"""The status and the message of an answer."""
Fault = Callable[[ProxiedRequest, int | None], Refusal | None]
"""A function that may refuse a request, given the status of the answer, or None before the request is sent."""


def check_xsrf_token(request: ProxiedRequest, status: int | None) -> Refusal | None:
    """Refuse uploads as Data Center does: https://confluence.atlassian.com/kb/rest-api-calls-with-a-browser-user-agent."""
    if status is None and request.uploads and request.headers.get("X-Atlassian-Token") != "no-check":
        return 403, "XSRF check failed"
    return None


def answer_400_for_a_known_property(request: ProxiedRequest, status: int | None) -> Refusal | None:
    """Answer as Data Center does if the key of a property exists."""
    if status == http.HTTPStatus.CONFLICT and request.method == "POST" and "/propert" in request.path:
        return 400, "The content already has a value with the given key"
    return None


def fail_upload(number: int) -> Fault:
    """Refuse one upload."""
    count = iter(range(1, 1_000_000))
    lock = threading.Lock()

    def fault(request: ProxiedRequest, status: int | None) -> Refusal | None:
        if status is not None or not request.uploads:
            return None
        with lock:
            return (403, "You do not have permission to attach files") if next(count) == number else None

    return fault


def forbid_edits(word: str, answer: int = 403) -> Fault:
    """Refuse to save pages with a word, as for a page with an edit restriction."""

    def fault(request: ProxiedRequest, status: int | None) -> Refusal | None:
        saves = request.method == "PUT" and b'"title"' in request.body
        return (
            (answer, "No permission to edit this page")
            if status is None and saves and word.encode() in request.body
            else None
        )

    return fault


@contextmanager
def run_fault_proxy(url: str, faults: Sequence[Fault]) -> Iterator[str]:
    """Run the proxy on a free port, and yield the URL of the wiki behind it."""
    parts = urlsplit(url)

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
            """Print nothing."""

        def answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            request = ProxiedRequest(self.command, self.path, self.headers, self.rfile.read(length))
            refusal = find_refusal(request, None)
            if refusal is None:
                status, kind, body = self.forward(request)
                refusal = find_refusal(request, status)
            if refusal is not None:
                status, kind = refusal[0], "application/json"
                body = json.dumps({"statusCode": status, "message": refusal[1]}).encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def forward(self, request: ProxiedRequest) -> tuple[int, str, bytes]:
            """Send the request to the demo server, and replace its address in the answer by that of the proxy."""
            connection = http.client.HTTPConnection(parts.netloc, timeout=60)
            passed = {
                name: value for name, value in request.headers.items() if name.lower() not in ("host", "connection")
            }
            try:
                connection.request(request.method, request.path, request.body, {**passed, "Host": parts.netloc})
                answer = connection.getresponse()
                body = answer.read().replace(parts.netloc.encode(), own.encode())
                return answer.status, answer.headers.get("Content-Type", "application/json"), body
            finally:
                connection.close()

        do_GET = do_POST = do_PUT = do_DELETE = answer  # noqa: N815 - the base class calls them so

    def find_refusal(request: ProxiedRequest, status: int | None) -> Refusal | None:
        return next(filter(None, (fault(request, status) for fault in faults)), None)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    own = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://{own}{parts.path}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
