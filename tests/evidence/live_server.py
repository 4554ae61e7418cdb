"""An HTTPS server of a model on this machine that answers byte by byte as a test says, with its own authority."""

import contextlib
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

PATIENCE = 120
"""Seconds; it only guards against hangs, on a loaded machine too."""


class Authority:
    """An authority that signs certificates; `certificate` is what clients must trust."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._number = 0
        signed = self._sign(self._name, self._key, x509.BasicConstraints(ca=True, path_length=0), None, 0)
        self.certificate = folder / f"{name}.pem"
        self.certificate.write_bytes(signed)

    def issue(self, host: str = "localhost", first_day: int = -1) -> Path:
        """Return a file with a key and a certificate for a host, valid for two days from a day on (today is 0)."""
        self._number += 1
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        secret = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file = self._folder / f"{self._number}-{self.certificate.name}"
        file.write_bytes(
            secret + self._sign(name, key, x509.BasicConstraints(ca=False, path_length=None), host, first_day)
        )
        return file

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        constraints: x509.BasicConstraints,
        host: str | None,
        first_day: int,
    ) -> bytes:
        start = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=first_day, minutes=-5)
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + datetime.timedelta(days=2))
            .add_extension(constraints, critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
        )
        if host is not None:
            try:
                names: list[x509.GeneralName] = [x509.IPAddress(ipaddress.ip_address(host))]
            except ValueError:
                names = [x509.DNSName(host)]
            builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        else:
            usage = x509.KeyUsage(
                digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
                key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
            )  # fmt: skip
            builder = builder.add_extension(usage, critical=True)
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


@dataclass(frozen=True)
class Received:
    """A request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    """By their names in lower case."""
    body: bytes


@dataclass
class ModelServer:
    """A running server, and what it saw."""

    port: int
    scheme: str
    received: list[Received] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    """Whether a client closed a connection before the answer was written."""

    @property
    def url(self) -> str:
        """The address of the endpoint."""
        return f"{self.scheme}://localhost:{self.port}/predict"


Script = Callable[[socket.socket, Received], None]
"""A function that writes the answer to a request."""


@contextmanager
def serve(script: Script, certificate: Path | None = None, *, greets: bool = True) -> Iterator[ModelServer]:
    """Run a server on a port of this machine; with a certificate it speaks TLS, unless it does not greet at all."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = ModelServer(listener.getsockname()[1], "http" if certificate is None else "https")
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
    opened: list[socket.socket] = []

    def answer(connection: socket.socket) -> None:
        opened.append(connection)
        connection.settimeout(PATIENCE)
        if not greets:
            _wait_for_end(connection, server)
            return
        try:
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
                opened.append(connection)
            request = read_request(connection)
        except (OSError, ValueError):
            server.closed.set()
            connection.close()
            return
        server.received.append(request)
        try:
            script(connection, request)
        except OSError:
            server.closed.set()
        connection.close()

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread on Linux; elsewhere `close` does
        listener.close()
        accepting.join(PATIENCE)
        for connection in opened:
            connection.close()


def _wait_for_end(connection: socket.socket, server: ModelServer) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(4096):
            pass
    server.closed.set()


def read_request(connection: socket.socket) -> Received:
    """Read one request with its body."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65_536)
        if not part:
            raise ValueError("closed")
        data += part
        if not data[:1].isalpha():  # TLS, or anything else
            raise ValueError("no HTTP")
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        body += connection.recv(65_536)
    return Received(method, path, headers, body)


def reply(
    body: bytes = b"{}", status: str = "200 OK", headers: dict[str, str] | None = None, length: int | None = None
) -> Script:
    """Answer with a body; `length` is another length than that of the body."""
    named = {"Content-Type": "application/json", "Content-Length": str(len(body) if length is None else length)}
    named |= headers or {}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    content = f"HTTP/1.1 {status}\r\n{head}\r\n".encode("latin-1") + body

    def script(connection: socket.socket, _: Received) -> None:
        connection.sendall(content)

    return script


def drip(start: bytes, repeated: bytes) -> Script:
    """Answer slowly and without end, until the client closes the connection."""

    def script(connection: socket.socket, _: Received) -> None:
        connection.sendall(start)
        while True:
            threading.Event().wait(0.01)
            connection.sendall(repeated)

    return script
