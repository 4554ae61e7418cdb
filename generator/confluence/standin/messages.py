"""A request and a reply as data, whichever door they came through, and how a path finds its handler."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias
from urllib.parse import parse_qs, quote, unquote

from generator.confluence.standin.refusals import Reason, Refusal

Wire: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    """What a client sent; header names are in lower case, the path is decoded."""

    method: str
    path: str
    query: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @classmethod
    def of(cls, method: str, target: str, headers: Mapping[str, str], body: bytes) -> "Request":
        """From a request line's target, as it came."""
        path, _, query = target.partition("?")
        found = {name: tuple(values) for name, values in parse_qs(query, keep_blank_values=True).items()}
        lowered = {name.lower(): value for name, value in headers.items()}
        return cls(method, unquote(path), found, lowered, body)

    def one(self, name: str, default: str = "") -> str:
        """Return a parameter's only value."""
        return self.query.get(name, (default,))[0]

    def many(self, name: str) -> tuple[str, ...]:
        """Return a parameter's values, repeated or separated by commas."""
        values = (part for value in self.query.get(name, ()) for part in value.split(","))
        return tuple(value for value in values if value)

    def number(self, name: str, default: int) -> int:
        """Return a whole number that is not negative."""
        text = self.one(name) or str(default)
        if not (text.isascii() and text.isdigit()):
            raise Refusal(Reason.BAD_REQUEST, f"{name} must be a number, not {text!r}")
        return int(text)

    def json(self) -> Wire:
        """Return the body as a JSON object."""
        data = self.any_json()
        if not isinstance(data, dict):
            raise Refusal(Reason.BAD_REQUEST, "the body must be a JSON object")
        return data

    def any_json(self) -> Any:  # noqa: ANN401 - JSON from outside: whoever asks checks its shape
        """Return the body as whatever JSON it holds."""
        if "json" not in self.headers.get("content-type", ""):
            raise Refusal(Reason.MEDIA_TYPE, "Content-Type must be application/json")
        try:
            return json.loads(self.body)
        except ValueError:
            raise Refusal(Reason.BAD_REQUEST, "the body is not JSON") from None


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


def json_reply(
    data: Mapping[str, Any] | Sequence[Any], status: int = 200, headers: Mapping[str, str] | None = None
) -> Reply:
    """Return a reply in JSON."""
    body = json.dumps(data, ensure_ascii=False).encode()
    return Reply(status, body, {"Content-Type": "application/json;charset=UTF-8", **(headers or {})})


NOTHING = Reply(204)


@dataclass(frozen=True, slots=True)
class Form:
    """A multipart form: one file and the fields beside it."""

    fields: Mapping[str, str]
    file_name: str
    media_type: str
    content: bytes


def form_of(request: Request) -> Form:
    """Takes a multipart/form-data body apart by its boundary, byte for byte."""
    kind, _, rest = request.headers.get("content-type", "").partition(";")
    boundary = rest.partition("boundary=")[2].strip().strip('"')
    if kind.strip() != "multipart/form-data" or not boundary:
        raise Refusal(Reason.MEDIA_TYPE, "Content-Type must be multipart/form-data")
    fields: dict[str, str] = {}
    file: tuple[str, str, bytes] | None = None
    for piece in (b"\r\n" + request.body).split(b"\r\n--" + boundary.encode())[1:-1]:
        head, _, content = piece.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name, file_name, media_type = _disposition(head.decode(errors="replace"))
        if file_name is None:
            fields[name] = content.decode(errors="replace")
        elif name == "file":
            file = (file_name, media_type, content)
    if file is None:
        raise Refusal(Reason.BAD_REQUEST, "the form holds no part named file")
    return Form(fields, *file)


def _disposition(head: str) -> tuple[str, str | None, str]:
    """Return a part's name, its file's name if it is a file, and its media type."""
    name, file_name, media_type = "", None, "application/octet-stream"
    for line in head.split("\r\n"):
        header, _, value = line.partition(":")
        if header.lower() == "content-type":
            media_type = value.strip()
        for piece in value.split(";"):
            key, _, quoted = piece.strip().partition("=")
            if key == "name":
                name = quoted.strip('"')
            elif key == "filename":
                file_name = quoted.strip('"').replace("%22", '"')
            elif key == "filename*":
                file_name = unquote(quoted.partition("''")[2])
    return name, file_name, media_type


Handler: TypeAlias = Callable[..., Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path whose segments in braces are handed to the handler by name."""

    method: str
    template: str
    handler: Handler

    def match(self, path: str) -> dict[str, str] | None:
        """Return the named segments of a path that fits, else None."""
        wanted, given = self.template.split("/"), path.split("/")
        if len(wanted) != len(given):
            return None
        named: dict[str, str] = {}
        for pattern, segment in zip(wanted, given, strict=True):
            if pattern.startswith("{"):
                named[pattern[1:-1]] = segment
            elif pattern != segment:
                return None
        return named


def route_for(routes: Sequence[Route], request: Request) -> tuple[Route, dict[str, str]]:
    """Return the handler for a request; a path without one is not found, a method without one is not allowed.

    A slash at the end makes no difference, as in Confluence: clients that write `POST /pages/` rely on it.
    """
    path = request.path.rstrip("/") or "/"
    fitting = [
        (route, named)
        for route in routes
        if (named := route.match(path)) is not None or (named := route.match(request.path)) is not None
    ]
    for route, named in fitting:
        if route.method == request.method:
            return route, named
    if fitting:
        raise Refusal(Reason.METHOD, f"{request.method} is not allowed here")
    raise Refusal(Reason.NO_SUCH_PATH, f"null for uri: {quote(request.path)}")
