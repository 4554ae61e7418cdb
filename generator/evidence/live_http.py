"""A request to a live endpoint within limits of time and size, with redirects on its own host only."""

import os
import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies
from urllib3 import HTTPConnectionPool, HTTPResponse, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

from generator.errors import UserError
from generator.evidence.live_requests import WITHOUT_EFFECTS, get_origin
from generator.preview import is_loopback
from generator.values import FrozenValue

_CERTIFICATE_FILES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_CHUNK = 65_536
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_KEEPS_METHOD = frozenset({307, 308})
_CERTIFICATE_PROBLEMS = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "no trusted authority has signed it",
    19: "no trusted authority has signed it",
    20: "no trusted authority has signed it",
    21: "no trusted authority has signed it",
    62: "it is for another host",
    64: "it is for another host",
}
"""The codes of OpenSSL: https://docs.openssl.org/3.0/man3/X509_STORE_CTX_get_error/#error-codes."""
_FAILURES: tuple[tuple[tuple[type[BaseException], ...], str], ...] = (
    ((requests.exceptions.ProxyError,), "the proxy cannot be reached, or refuses the connection"),
    ((ssl.SSLError,), "no encrypted connection"),
    ((NameResolutionError,), "the host is unknown"),
    ((ConnectionRefusedError,), "the connection is refused"),
    ((ConnectTimeoutError,), "no connection within {0.connect_seconds:g} seconds"),
    ((TimeoutError, requests.exceptions.ReadTimeout), "no complete answer within {0.total_seconds:g} seconds"),
    ((NewConnectionError,), "no connection"),
    (
        (requests.exceptions.ConnectionError, ConnectionError, HTTPError, HTTPException),
        "the connection was closed before the answer was complete",
    ),
)
"""What an error means, by the first of its causes in this order: an error of a library quotes what was sent."""


class RequestLimits(FrozenValue):
    """The limits of one request with its redirects."""

    total_seconds: float = 10
    connect_seconds: float = 5
    answer_bytes: int = 5_000_000
    """The size of the answer, on the wire and unpacked."""
    redirects: int = 3


class HttpRequest(Protocol):
    """A request without headers."""

    @property
    def method(self) -> str: ...  # noqa: D102 - as its name says

    @property
    def url(self) -> str: ...  # noqa: D102 - as its name says

    @property
    def body(self) -> str | None: ...  # noqa: D102 - as its name says


class NoAnswerError(Exception):
    """An endpoint that did not answer completely; its text is the reason, without anything that was sent."""


class Answer(FrozenValue):
    """An answer within the limits."""

    status: int
    media_type: str
    content: bytes
    problem: str = ""
    """Why the content is not complete, or the redirect not followed; empty if it is."""


def load_certificates(environ: Mapping[str, str]) -> ssl.SSLContext:
    """Return the settings of TLS, with the trusted certificates that the environment names, else the usual ones.

    All variables count, because a machine may set one for its proxy and its user another one. Raises UserError if a
    file cannot be read, or has no certificates.
    """
    context = create_urllib3_context()
    named = {name: environ[name] for name in _CERTIFICATE_FILES if environ.get(name)}
    # Several folders, as OpenSSL reads them; those that do not exist are ignored.
    folders = [path for path in environ.get("SSL_CERT_DIR", "").split(os.pathsep) if path and Path(path).is_dir()]
    for folder in folders:
        context.load_verify_locations(capath=folder)
    for name, path in named.items():
        try:
            is_folder = Path(path).is_dir()
            context.load_verify_locations(capath=path if is_folder else None, cafile=None if is_folder else path)
        except OSError:  # also of a file without certificates
            raise UserError(f"{name} names no readable file of certificates in PEM format; nothing was sent") from None
    if not named and not folders:
        context.load_verify_locations(cafile=DEFAULT_CA_BUNDLE_PATH)
    return context


def fetch_answer(
    request: HttpRequest, headers: Mapping[str, str], limits: RequestLimits, tls: ssl.SSLContext
) -> Answer:
    """Send a request in a thread, and give up and close its connections when the time is over.

    The timeouts of requests are for each read: a server that sends a byte a second would never end. They do not cover
    the search for the host either, which no timeout can interrupt.
    """
    exchange = _Exchange(request, headers, limits, tls)
    thread = threading.Thread(target=exchange.run, daemon=True)
    thread.start()
    thread.join(limits.total_seconds)
    if thread.is_alive():
        exchange.abort()
        raise NoAnswerError(f"no complete answer within {limits.total_seconds:g} seconds")
    if exchange.error is not None:
        raise exchange.error
    assert exchange.answer is not None
    return exchange.answer


@dataclass
class _Exchange:
    """A request with its redirects, run by a thread."""

    request: HttpRequest
    headers: Mapping[str, str]
    limits: RequestLimits
    tls: ssl.SSLContext
    answer: Answer | None = None
    error: BaseException | None = None
    _sockets: list[socket.socket] = field(default_factory=list)
    _is_aborted: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self) -> None:
        """Set the answer or the error; never raise, since a thread would print the traceback."""
        adapter = _WatchedAdapter(self._watch, self.tls)
        try:
            self.answer = self._follow_redirects(adapter)
        except (OSError, ValueError, HTTPError, HTTPException) as error:  # OSError is the base of those of requests
            self.error = NoAnswerError(_describe_failure(error, self.limits))
        except BaseException as error:  # noqa: BLE001 - the other thread raises it
            self.error = error
        finally:
            adapter.close()
            for connection in self._sockets:
                connection.close()

    def abort(self) -> None:
        """Close the connections: whoever waits for them gets an error."""
        with self._lock:
            self._is_aborted = True
            for connection in self._sockets:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)

    def _watch(self, connection: socket.socket) -> None:
        """Keep a second handle of a connection, since TLS takes the first one away."""
        with self._lock:
            if self._is_aborted:
                connection.close()
                raise TimeoutError
            self._sockets.append(connection.dup())

    def _follow_redirects(self, adapter: HTTPAdapter) -> Answer:
        url = self.request.url
        for remaining in range(self.limits.redirects, -1, -1):
            with closing(self._send(adapter, url)) as response:
                location = response.headers.get("Location")
                if response.status_code not in _REDIRECTS or not location:
                    return _read_answer(response, self.limits.answer_bytes)
                target, problem = _resolve_redirect(url, location, response.status_code, self.request.method)
                if target is None or not remaining:
                    return Answer(
                        response.status_code, "", b"", problem or f"more than {self.limits.redirects} redirects"
                    )
                url = target
        raise AssertionError

    def _send(self, adapter: HTTPAdapter, url: str) -> requests.Response:
        """Send one request without a session: no cookies, no password of ~/.netrc, no redirects."""
        body = None if self.request.body is None else self.request.body.encode("utf-8", "replace")
        headers = {name: value for name, value in self.headers.items() if name.lower() != "accept-encoding"}
        prepared = requests.Request(
            self.request.method, url, {**headers, "Accept-Encoding": "gzip"}, data=body
        ).prepare()
        timeout = (self.limits.connect_seconds, self.limits.total_seconds)
        proxies = {} if is_loopback(urlsplit(url).hostname or "") else get_environ_proxies(url)
        return adapter.send(prepared, stream=True, timeout=timeout, verify=True, proxies=proxies)


class _WatchedAdapter(HTTPAdapter):
    """An adapter that shows every connection as soon as it is open, before TLS begins."""

    def __init__(self, watch: Callable[[socket.socket], None], tls: ssl.SSLContext) -> None:
        class Plain(HTTPConnection):
            def _new_conn(self) -> socket.socket:
                connection = super()._new_conn()
                watch(connection)
                return connection

        class Encrypted(Plain, HTTPSConnection):
            pass

        class PlainPool(HTTPConnectionPool):
            ConnectionCls = Plain

        class EncryptedPool(HTTPSConnectionPool):
            ConnectionCls = Encrypted

        self._tls = tls
        self._pools = {"http": PlainPool, "https": EncryptedPool}
        super().__init__()

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - those of requests
        """Create the pools of connections to servers."""
        super().init_poolmanager(*arguments, ssl_context=self._tls, **options)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def cert_verify(self, conn: Any, url: str, verify: object, cert: object) -> None:  # noqa: ANN401, ARG002 - of requests
        """Require a certificate that the TLS settings trust; reading the files again takes 50 ms a connection."""
        conn.cert_reqs = "CERT_REQUIRED"

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:  # noqa: ANN401 - those of requests
        """Return the pools of connections through a proxy."""
        manager = super().proxy_manager_for(proxy, ssl_context=self._tls, **options)
        manager.pool_classes_by_scheme = self._pools
        return manager


def _resolve_redirect(url: str, location: str, status: int, method: str) -> tuple[str | None, str]:
    """Return the address of a redirect that may be followed, else the reason; neither names the target."""
    if status not in _KEEPS_METHOD and method not in WITHOUT_EFFECTS:
        return None, "a redirect that changes the method is not followed"
    try:
        target = urljoin(url, location).partition("#")[0]
        here, there = get_origin(url), get_origin(target)
    except ValueError:
        return None, "the redirect has no valid address"
    if here[0] != there[0]:
        return None, f"a redirect from {here[0]} to another scheme is not followed"
    if here != there:
        return None, "a redirect to another host is not followed"
    return target, ""


def _read_answer(response: requests.Response, limit: int) -> Answer:
    """Return an answer with its content; that of a refusal is not read, since it may repeat what was sent."""
    if not 200 <= response.status_code < 300:
        return Answer(response.status_code, "", b"")
    media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    chunks = _read_chunks(response.raw, limit)
    try:
        if encoding in {"gzip", "x-gzip"}:
            content = _unpack(chunks, limit)
        elif encoding in {"", "identity"}:
            content = b"".join(chunks)
        else:
            return Answer(response.status_code, media_type, b"", "Content-Encoding is not gzip")
    except _TooLargeError:
        return Answer(response.status_code, media_type, b"", f"the answer has more than {limit:,} bytes")
    except zlib.error:
        return Answer(response.status_code, media_type, b"", "the answer is not valid gzip")
    return Answer(response.status_code, media_type, content)


class _TooLargeError(Exception):
    """An answer above the limit."""


def _read_chunks(raw: HTTPResponse, limit: int) -> Iterator[bytes]:
    """Yield the content as it was sent, up to the limit."""
    size = 0
    while chunk := raw.read(min(_CHUNK, limit + 1), decode_content=False):
        size += len(chunk)
        if size > limit:
            raise _TooLargeError
        yield chunk


def _unpack(chunks: Iterable[bytes], limit: int) -> bytes:
    """Return the content of gzip, never more than the limit: 1 MB can contain 1 GB of zeros."""
    content = bytearray()
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    has_begun = False
    for chunk in chunks:
        has_begun, waiting = True, chunk
        while waiting:
            content += decoder.decompress(waiting, limit + 1 - len(content))
            if len(content) > limit:
                raise _TooLargeError
            waiting = decoder.unconsumed_tail
            if decoder.unused_data:  # of another member: https://www.rfc-editor.org/rfc/rfc1952#section-2.2
                waiting, decoder = decoder.unused_data, zlib.decompressobj(zlib.MAX_WBITS | 16)
    if has_begun and not decoder.eof:
        raise zlib.error
    return bytes(content)


def _describe_failure(error: BaseException, limits: RequestLimits) -> str:
    """Return why there is no answer, without anything that was sent or received."""
    causes = [error]  # and the errors during which it was raised, through requests and urllib3 to the socket
    while (earlier := causes[-1].__context__) is not None:
        causes.append(earlier)
    for cause in causes:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"its certificate is not trusted: {_CERTIFICATE_PROBLEMS.get(cause.verify_code, 'it is not valid')}"
    for kinds, text in _FAILURES:
        if any(isinstance(cause, kinds) for cause in causes):
            return text.format(limits)
    return "the request cannot be sent: the address, or that of the proxy, is not valid"
