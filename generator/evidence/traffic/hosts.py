"""Hosts and paths of calls in one form: without default ports, queries, escapes and trailing slashes."""

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

_LONGEST_PATH = 2_000
"""In characters; the paths of a book are shorter, and each step of a path is examined."""
_DEFAULT_PORTS = {"80", "443"}


class Host(NamedTuple):
    """A host with the port that is written with it; empty if that is the default of HTTP or HTTPS."""

    name: str
    port: str = ""

    @classmethod
    def parse(cls, text: str) -> "Host":
        """Parse a host, or that of an address."""
        authority = text.rpartition("://")[2].partition("/")[0].rpartition("@")[2].casefold()
        name, colon, port = authority.rpartition(":")
        if not colon or not port.isdecimal() or (":" in name and not name.endswith("]")):
            return cls(authority.rstrip("."))  # no port, or an IPv6 address without brackets
        return cls(name.rstrip("."), "" if port in _DEFAULT_PORTS else port)

    def __str__(self) -> str:
        return f"{self.name}:{self.port}" if self.port else self.name


def normalize_path(path: str) -> str:
    """Return a path without query, escapes and trailing slashes. Clients of a proxy send a whole address."""
    if not path.startswith("/"):
        path = "/" + path.partition("://")[2].partition("/")[2] if "://" in path else f"/{path}"
    path = path[:_LONGEST_PATH].partition("?")[0].partition("#")[0]
    return (unquote(path) if "%" in path else path).rstrip("/")


def list_prefixes(path: str) -> Iterator[str]:
    """List a path, and the paths above it: `/models/ryl:predict`, `/models/ryl`, `/models`."""
    while path:
        yield path
        path = path[: max(path.rfind("/"), path.rfind(":"))] if path.count("/") > 1 or ":" in path else ""
