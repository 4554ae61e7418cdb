"""Requests to the wiki and their outcomes as values."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import field

from generator.confluence.wiki import Upload
from generator.values import FrozenValue

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object in a response, before it is parsed."""

_CONTENT = re.compile(r"/(?:pages|folders|attachments|content)/((?:att)?\d+)")


class ApiRequest(FrozenValue):
    """A request; `path` is relative to the base of the wiki."""

    method: str
    path: str
    params: Mapping[str, str | int | Sequence[str]] = field(default_factory=dict)
    payload: Mapping[str, Any] | Sequence[Any] | None = None
    upload: Upload | None = None
    repeatable: bool = False
    """Whether it can be repeated if its response is lost: a repetition changes nothing, or has a stale version."""
    settles: bool = False
    """Whether a conflict may be temporary, because the page is too new."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing, so that a lost response does not matter."""
        return self.method == "GET"

    @property
    def content_id(self) -> str | None:
        """The page, folder or attachment that it is about; None for other requests."""
        found = _CONTENT.search(self.path)
        return found[1] if found else None

    def __str__(self) -> str:
        return f"{self.method} /{self.path}"


class ApiResponse(FrozenValue):
    """A response; `data` is its JSON, None without a body."""

    status: int
    headers: Mapping[str, str]
    data: Any
    text: str

    @property
    def web_page(self) -> bool:
        """Whether it succeeded with a page for people, such as a login form."""
        return 200 <= self.status < 300 and bool(self.text) and "html" in self.headers.get("Content-Type", "")

    @property
    def good(self) -> bool:
        """Whether the request succeeded."""
        return 200 <= self.status < 300 and not self.web_page

    @property
    def postponed(self) -> bool:
        """Whether the server named a time to retry, and so has not started."""
        return self.status == 503 and "Retry-After" in self.headers

    @property
    def uncertain(self) -> bool:
        """Whether the server may have applied the request without success."""
        return self.web_page or (self.status >= 500 and not self.postponed)


class TransportFailure(FrozenValue):
    """A request without a usable response: what happened, and what the user can do."""

    message: str
    fix: str = ""
    uncertain: bool = False
    """Whether the server may have received and applied the request."""
    permanent: bool = False
    """Whether a repetition cannot help."""


class RequestAttempt(FrozenValue):
    """One attempt of a request, for progress and for counting requests."""

    method: str
    path: str
    status: int | None
    """The HTTP status; None without a response."""


def build_read(path: str, **params: str | int | Sequence[str]) -> ApiRequest:
    """Return a GET request."""
    return ApiRequest("GET", path, params, repeatable=True)


def build_put(path: str, payload: Mapping[str, Any], **params: str) -> ApiRequest:
    """Return a PUT request for a new version."""
    return ApiRequest("PUT", path, params, payload, repeatable=True)


def build_delete(path: str, **params: str) -> ApiRequest:
    """Return a DELETE request."""
    return ApiRequest("DELETE", path, params, repeatable=True)


def split_batches(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    """Yield the ids in batches of at most `size`, without duplicates and in order."""
    distinct = list(dict.fromkeys(ids))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]
