"""A curl command as a value: read from what a person wrote, and written so that it can be pasted into a shell."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from urllib.parse import quote_plus

from generator.contracts.curl_arguments import CurlError, CurlOption, parse_options
from generator.contracts.curl_calls import first_curl
from generator.contracts.globs import VARIABLE
from generator.contracts.shell import Command, Script, ShellError, Word, parse_script

_FILE = re.compile(r"[^=@]*@(.*)", re.DOTALL)
WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})
"""The methods whose fields stand in the query."""


__all__ = ["WITHOUT_BODY", "Curl", "CurlCall", "CurlError", "build_request", "parse", "read_call", "until_next"]


@dataclass(frozen=True, slots=True)
class Curl:
    """One request, as curl would send it; variables such as `$TOKEN` stand as they were written."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    """Names and values in their order; those that -A, -b, -e, --json and --oauth2-bearer imply are among them."""
    body: str | None = None
    body_file: str | None = None
    """The file whose content is sent (`-d @file`, `-T file`); `-` is the standard input."""
    form: tuple[tuple[str, str], ...] = ()
    """The parts of a multipart form, as `name=content` was written."""
    user: str | None = None
    options_unknown: tuple[str, ...] = ()
    """What curl would refuse or ignore, as it was written."""

    @property
    def content_type(self) -> str | None:
        """The media type that reaches the server, without parameters: written, or what curl sends on its own."""
        for name, value in reversed(self.headers):
            if name.lower() == "content-type":
                return value.partition(";")[0].strip().lower()
        if self.form:
            return "multipart/form-data"
        return "application/x-www-form-urlencoded" if self.body is not None or self.body_file else None


@dataclass(frozen=True, slots=True)
class CurlCall:
    """The first curl of a text, with its surroundings."""

    script: Script
    command: Command
    name: Word
    """The word that is the program: `curl`, `/usr/bin/curl`."""
    options: tuple[CurlOption, ...]
    """All of its options and addresses, those behind `--next` included."""
    unknown: tuple[str, ...]
    """The words that curl would refuse."""


@dataclass(slots=True)
class _Request:
    """What the options read so far amount to."""

    standard_input: str | None
    method: str | None = None
    urls: list[str] = field(default_factory=list)
    headers: list[tuple[str, str]] = field(default_factory=list)
    defaults: dict[str, str] = field(default_factory=dict)
    """Headers that an option implies and a written header overrides."""
    body: str | None = None
    body_file: str | None = None
    upload: bool = False
    query: list[str] = field(default_factory=list)
    form: list[tuple[str, str]] = field(default_factory=list)
    user: str | None = None
    scheme: str | None = None
    """What an address without a scheme is called with; None leaves it to curl."""
    flags: set[str] = field(default_factory=set)
    unknown: list[str] = field(default_factory=list)


def parse(text: str) -> Curl:
    """Return the request of the first curl command in a text, as a shell and curl would read it.

    Raises CurlError, and nothing else, if there is none.
    """
    return build_request(read_call(text))


def read_call(text: str) -> CurlCall:
    """Return the first curl command of a text, read as a shell and curl would read it.

    Raises CurlError, and nothing else, if there is none.
    """
    try:
        script = parse_script(text)
    except ShellError as error:
        raise CurlError(str(error), error.offset) from error
    called = first_curl(script.commands)
    if called is None:
        message = "no curl command here"
        raise CurlError(message, 0)
    command, arguments = called
    options, unknown = parse_options(arguments)
    if not any(option.name in {"", "url"} for option in until_next(options)):
        message = "curl is given no URL"
        raise CurlError(message, command.words[0].offset)
    return CurlCall(script, command, command.words[len(command.words) - len(arguments) - 1], options, unknown)


def until_next(options: Iterable[CurlOption]) -> Iterator[CurlOption]:
    """Return the options of the first request."""
    return takewhile(lambda option: option.name != "next", options)


def build_request(call: CurlCall) -> Curl:
    """Return the request that a call sends; with `--next` or several addresses the first one."""
    request = _Request(call.command.standard_input)
    request.unknown.extend(call.unknown)
    for option in until_next(call.options):
        _apply(request, option)
    written = {name.lower() for name, _ in request.headers}
    implied = [header for header in request.defaults.items() if header[0].lower() not in written]
    return Curl(
        _method(request),
        _with_query(request),
        (*implied, *request.headers),
        None if "get" in request.flags else request.body,
        request.body_file,
        tuple(request.form),
        request.user,
        tuple(request.unknown),
    )


def _apply(request: _Request, option: CurlOption) -> None:
    """Let one option have its effect; those that change nothing about the request only set their flag."""
    name, value = option.name, option.value
    if name in {"", "url"}:
        request.urls.append(value)
    elif name == "request":
        request.method = value
    elif name == "user":
        request.user = value
    elif name == "proto-default":
        request.scheme = value
    elif name in {"form", "form-string"}:
        request.form.append((value.partition("=")[0], value.partition("=")[2]))
    elif name == "upload-file":
        request.body_file, request.upload = value, True
    elif name == "url-query":
        request.query.append(_urlencoded(value))
    elif name == "json" or name.startswith("data"):
        _add_data(request, name, value)
    elif not _add_header(request, name, value):
        request.flags.add(name)


def _add_header(request: _Request, name: str, value: str) -> bool:
    """Take an option that adds a header; False for any other."""
    if name == "header":
        header, colon, content = value.partition(":")
        if colon and content.strip():
            request.headers.append((header.strip(), content.strip()))
        elif value.endswith(";") and not colon:
            request.headers.append((value[:-1].strip(), ""))
        elif not colon:
            request.unknown.append(f"header {value}")
    elif name == "cookie" and "=" in value:
        request.headers.append(("Cookie", value))
    elif name == "user-agent":
        request.defaults["User-Agent"] = value
    elif name == "referer":
        request.defaults["Referer"] = value
    elif name == "oauth2-bearer":
        request.defaults["Authorization"] = f"Bearer {value}"
    else:
        return False
    return True


def _add_data(request: _Request, name: str, value: str) -> None:
    """Join a piece of the body to the pieces before it, as curl does: by `&`, pieces of --json by nothing."""
    if name == "json":
        request.defaults.update({"Content-Type": "application/json", "Accept": "application/json"})
    text: str | None = value
    file = _FILE.match(value) if name == "data-urlencode" else re.match("@(.*)", value, re.DOTALL)
    if file is not None and name != "data-raw":
        text = _standard_input(request, name) if file[1] == "-" else None
        request.body_file = file[1] if text is None else request.body_file
    elif name == "data-urlencode":
        text = _urlencoded(value)
    if text is not None:
        joint = "" if request.body in {None, ""} or name == "json" else "&"
        request.body = f"{request.body or ''}{joint}{text}"


def _standard_input(request: _Request, name: str) -> str | None:
    """What a here-document feeds; --data and --data-ascii drop its line ends."""
    text = request.standard_input
    return re.sub(r"[\r\n\0]", "", text) if text is not None and name in {"data", "data-ascii"} else text


def _urlencoded(value: str) -> str:
    """`content`, `=content` and `name=content` with the content encoded; variables stay what they are."""
    name, equals, content = value.partition("=")
    if not equals:
        return _encoded(value)
    return f"{name}={_encoded(content)}" if name else _encoded(content)


def _encoded(content: str) -> str:
    return quote_plus(content, safe="$(){}", errors="replace")


def _method(request: _Request) -> str:
    """As curl decides: what -X says, to the letter, else what the data imply."""
    if request.method:
        return request.method
    if "head" in request.flags:
        return "HEAD"
    if "get" in request.flags:
        return "GET"
    if request.upload:
        return "PUT"
    return "POST" if request.body is not None or request.body_file or request.form else "GET"


def _with_query(request: _Request) -> str:
    """The first address with the data of -G and --url-query in its query."""
    added = [*request.query]
    if "get" in request.flags and request.body:
        added.append(request.body)
    url, hash_sign, fragment = request.urls[0].partition("#")
    if request.scheme and "://" not in url and not VARIABLE.match(url):
        url = f"{request.scheme}://{url}"
    for part in added:
        joint = "" if url.endswith(("?", "&")) else "&" if "?" in url else "?"
        url = f"{url}{joint}{part}"
    return f"{url}{hash_sign}{fragment}"
