"""One request to the wiki as data, and what came of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

from generator.confluence.wiki import Upload

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object as it came: the border, behind which everything has a type."""

Payload: TypeAlias = Mapping[str, Any] | Sequence[Any]
"""A JSON object or list to send."""


class RetryPolicy(Enum):
    """What sending it twice would do, and so what may be done when an answer is lost."""

    FREELY = "freely"
    """Nothing more than once: reads, removals, a move."""
    VERSIONED = "versioned"
    """The second is turned away by the version it names; which of the two it was must then be looked up."""
    NEVER = "never"
    """It would happen twice."""


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request; `path` is relative to the wiki's base."""

    method: str
    path: str
    params: Mapping[str, str | int | Sequence[str]] = field(default_factory=dict)
    payload: Payload | None = None
    upload: Upload | None = None
    retry: RetryPolicy = RetryPolicy.NEVER
    settles: bool = False
    """Whether a conflict may only say that the page is too new for it, which passes by itself."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that a lost answer is no riddle."""
        return self.method == "GET"

    def __str__(self) -> str:
        return f"{self.method} /{self.path}"


def build_read(path: str, **params: str | int | Sequence[str]) -> ApiRequest:
    """A read."""
    return ApiRequest("GET", path, params, retry=RetryPolicy.FREELY)


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """What the server said; `data` is its JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    data: Any
    text: str

    @property
    def good(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300


class TransportFailure(Enum):
    """No usable answer."""

    NOT_SENT = "not sent"
    """No connection: the server knows nothing of it."""
    BROKEN = "broken"
    """The connection ended, or the answer was cut: the server may have done it."""
    SLOW = "slow"
    """No answer within the time limit: the server may be doing it."""


@dataclass(frozen=True, slots=True)
class RequestAttempt:
    """One attempt as an observer sees it: for progress, for counting requests."""

    method: str
    path: str
    status: int | None
    """None when no answer came."""
    attempt: int
    """Counts from 1."""


def split_batches(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    """The ids, each once and in their order, at most `size` at a time."""
    distinct = list(dict.fromkeys(ids))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]
