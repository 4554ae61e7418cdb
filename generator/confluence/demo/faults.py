"""Faults that a demo server injects, and its log of requests."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from generator.errors import UserError


class FaultKind(StrEnum):
    """The kinds of faults; docs/confluence.md has a table of their effects."""

    RATE_LIMITED = "rate-limited"
    NEAR_LIMIT = "near-limit"
    SERVER_ERROR = "server-error"
    ERROR_AFTER = "error-after"
    RESET_BEFORE = "reset-before"
    RESET_AFTER = "reset-after"
    TRUNCATED = "truncated"
    SLOW = "slow"
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a name, not a secret
    UNINDEXED = "unindexed"
    UNSETTLED = "unsettled"
    LOGIN_PAGE = "login-page"

    @property
    def executes(self) -> bool:
        """Whether the request is executed all the same."""
        return self in (self.NEAR_LIMIT, self.ERROR_AFTER, self.RESET_AFTER, self.TRUNCATED, self.SLOW)


_Count = Annotated[int, Field(strict=True, ge=0)]
_Ordinal = Annotated[int, Field(strict=True, ge=1)]


@dataclass(frozen=True)
class Fault:
    """A fault and the requests that it strikes.

    Of the requests that match `method` and `path` (`*` for anything) and whose body contains a text, it strikes
    `count`, starting with number `first`, every `every`-th; a count of 0 has no limit. `seconds` is the delay of a slow
    response, and the Retry-After of a rate limit.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    kind: FaultKind
    method: str = "*"
    path: str = "*"
    first: _Ordinal = 1
    count: _Count = 1
    every: _Ordinal = 1
    seconds: Annotated[float, Field(ge=0)] = 1.0
    status: _Count = 0
    contains: str = ""

    def matches(self, method: str, path: str, body: bytes) -> bool:
        """Return whether a request is one that the fault counts."""
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path) and self.contains.encode() in body

    def strikes(self, number: int) -> bool:
        """Return whether it strikes the number-th matching request, counted from 1."""
        past = number - self.first
        return past >= 0 and past % self.every == 0 and (self.count == 0 or past // self.every < self.count)


def parse_fault(data: Mapping[str, Any]) -> Fault:
    """Parse a fault, as in `{"kind": "rate-limited", "first": 10, "count": 5}`; `mishap` is the old name of `kind`.

    Raises:
        UserError: A name or a value is invalid.

    """
    try:
        return TypeAdapter(Fault).validate_python({"kind" if key == "mishap" else key: data[key] for key in data})
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"invalid fault: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None


class Faults:
    """The faults of a running server, with the number of matching requests of each."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self.replace(faults)

    def replace(self, faults: Iterable[Fault]) -> None:
        """Replace the faults, and count from zero."""
        with self._lock:
            self._seen = [(fault, 0) for fault in faults]

    def strike(self, method: str, path: str, body: bytes = b"") -> Fault | None:
        """Return the fault that strikes a request, if any; all of them count it, and the first wins."""
        with self._lock:
            self._seen = [(fault, seen + fault.matches(method, path, body)) for fault, seen in self._seen]
            struck = (f for f, seen in self._seen if f.matches(method, path, body) and f.strikes(seen))
            return next(struck, None)


@dataclass(frozen=True)
class LoggedRequest:
    """A request that the server answered; the status is None without a whole response."""

    method: str
    path: str
    status: int | None
    fault: FaultKind | None = None


class RequestLog:
    """The requests in the order of their responses."""

    def __init__(self) -> None:
        self.entries: list[LoggedRequest] = []

    def count(self, method: str = "*", path: str = "*") -> int:
        """Return the number of requests that match; `*` for anything."""
        return sum(fnmatchcase(one.method, method) and fnmatchcase(one.path, path) for one in self.entries)

    def clear(self) -> None:
        """Remove all requests."""
        self.entries.clear()
