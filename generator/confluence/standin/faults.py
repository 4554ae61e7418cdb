"""What goes wrong on purpose: a list of faults, each with the requests that it strikes."""

import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from generator.confluence.standin.messages import Request
from generator.errors import UserError
from generator.names import suggest_name


class Mishap(StrEnum):
    """The kinds of trouble."""

    RATE_LIMITED = "rate-limited"
    """429 with the flavour's headers; nothing is done."""
    NEAR_LIMIT = "near-limit"
    """A good answer that warns: the limit is near."""
    SERVER_ERROR = "server-error"
    """`status` (500 unless told) and nothing is done."""
    ERROR_AFTER = "error-after"
    """`status` (502 unless told), but it is done all the same."""
    RESET_BEFORE = "reset-before"
    """The connection ends and nothing is done."""
    RESET_AFTER = "reset-after"
    """It is done, and the connection ends without an answer."""
    TRUNCATED = "truncated"
    """It is done, and the answer's JSON ends in the middle."""
    SLOW = "slow"
    """The answer comes after `seconds`."""
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - a name, no secret
    """401, whatever the credentials."""
    UNINDEXED = "unindexed"
    """The search finds nothing, as it does for a while after a write."""
    UNSETTLED = "unsettled"
    """409 and nothing is done, as for a property of a page that was made a moment ago."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A kind of trouble and which requests it strikes.

    Of the requests that fit `method` and `path` (`*` stands for anything), it strikes `count` of them
    from the `first` on, every `every`-th; a count of 0 means for ever.
    """

    mishap: Mishap
    method: str = "*"
    path: str = "*"
    first: int = 1
    count: int = 1
    every: int = 1
    seconds: float = 1.0
    """How long a slow answer takes, and what `Retry-After` asks for."""
    status: int = 0

    def fits(self, request: Request) -> bool:
        """Return whether a request is of the kind that counts."""
        return fnmatchcase(request.method, self.method) and fnmatchcase(request.path, self.path)

    def strikes(self, number: int) -> bool:
        """Return whether it strikes the number-th fitting request, counted from 1."""
        past = number - self.first
        if past < 0 or past % self.every:
            return False
        return self.count == 0 or past // self.every < self.count


_LEAST: Mapping[str, int] = MappingProxyType({"first": 1, "every": 1, "count": 0, "status": 0})


def fault_from(data: Mapping[str, Any]) -> Fault:
    """A fault from JSON, as `{"mishap": "rate-limited", "first": 10, "count": 5}`; UserError says what is wrong."""
    known = {field.name: field for field in fields(Fault)}
    for name in data:
        if name not in known:
            raise UserError(f"a fault has no {name!r}; {suggest_name(name, known)}")
    kinds = [str(kind) for kind in Mishap]
    mishap = data.get("mishap")
    if mishap not in kinds:
        raise UserError(f"{mishap!r} is no mishap; {suggest_name(str(mishap), kinds)}")
    for name, value in data.items():
        _check(name, value)
    return Fault(**{**data, "mishap": Mishap(mishap)})


def _check(name: str, value: object) -> None:
    """Refuses a value of the wrong kind for one of a fault's fields."""
    if name in ("method", "path") and not isinstance(value, str):
        raise UserError(f"a fault's {name} must be a text, with * for anything")
    if name == "seconds" and (not isinstance(value, int | float) or isinstance(value, bool) or value < 0):
        raise UserError("a fault's seconds must be a number that is not negative")
    if name in _LEAST and (not isinstance(value, int) or isinstance(value, bool) or value < _LEAST[name]):
        raise UserError(f"a fault's {name} must be a whole number from {_LEAST[name]} on")


class Faults:
    """The faults of a running stand-in, with how many requests each has seen."""

    def __init__(self, faults: Iterable[Fault] = ()) -> None:
        self._lock = threading.Lock()
        self._seen: list[tuple[Fault, int]] = []
        self.replace(faults)

    def replace(self, faults: Iterable[Fault]) -> None:
        """From here on these, counted from nothing."""
        with self._lock:
            self._seen = [(fault, 0) for fault in faults]

    def strike(self, request: Request) -> Fault | None:
        """Return the fault for this request, if any; all of them count it, the first in the list wins."""
        struck: Fault | None = None
        with self._lock:
            for index, (fault, seen) in enumerate(self._seen):
                if fault.fits(request):
                    self._seen[index] = (fault, seen + 1)
                    if struck is None and fault.strikes(seen + 1):
                        struck = fault
        return struck
