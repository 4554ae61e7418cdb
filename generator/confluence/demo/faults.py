"""Faults that a demo server injects into its responses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from http import HTTPStatus
from typing import Annotated, Any

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from werkzeug import Response

from generator.confluence.demo.api import Call, refuse, refuse_login, reply
from generator.confluence.demo.storage import Refusal
from generator.confluence.wiki import Flavour
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
        """Return whether the fault counts a request."""
        return fnmatchcase(method, self.method) and fnmatchcase(path, self.path) and self.contains.encode() in body

    def strikes(self, number: int) -> bool:
        """Return whether it strikes the number-th matching request, counted from 1."""
        past = number - self.first
        return past >= 0 and past % self.every == 0 and (self.count == 0 or past // self.every < self.count)

    def apply(self, call: Call, response: Response | None, now: datetime) -> Response | None:
        """Return what the client gets instead of a response; None closes the connection."""
        if self.kind is FaultKind.RATE_LIMITED:
            wait = str(round(self.seconds))
            headers = {"Retry-After": wait, "X-RateLimit-Limit": "100", "X-RateLimit-Remaining": "0"}
            if call.cloud:  # https://developer.atlassian.com/cloud/confluence/rate-limiting/
                reset = (now + timedelta(seconds=round(self.seconds))).isoformat()
                headers |= {"X-RateLimit-Reset": reset, "X-RateLimit-NearLimit": "true"}
                headers["RateLimit-Reason"] = "confluence-burst-based"
            else:  # https://confluence.atlassian.com/doc/improving-instance-stability-with-rate-limiting-992679004.html
                headers |= {"X-RateLimit-Interval-Seconds": wait, "X-RateLimit-FillRate": "10"}
            return reply({"statusCode": 429, "message": "Rate limit exceeded"}, 429, headers)
        if self.kind in (FaultKind.SERVER_ERROR, FaultKind.ERROR_AFTER):
            status = self.status or (502 if self.kind.executes else 500)
            return reply({"statusCode": status, "message": HTTPStatus(status).phrase}, status)
        if self.kind is FaultKind.NEAR_LIMIT and response is not None:
            response.headers["X-RateLimit-NearLimit"] = "true"
        if self.kind is FaultKind.TOKEN_EXPIRED:
            return refuse_login(Flavour.CLOUD if call.cloud else Flavour.DATACENTER)
        if self.kind is FaultKind.UNINDEXED:
            return reply({"results": [], "start": 0, "limit": 25, "size": 0, "_links": {}})
        if self.kind is FaultKind.UNSETTLED:
            return refuse(call, Refusal(409, "Conflict"))
        if self.kind is FaultKind.LOGIN_PAGE:
            return Response("<html><title>Log in</title></html>", content_type="text/html")
        return None if self.kind in (FaultKind.RESET_BEFORE, FaultKind.RESET_AFTER) else response


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
