"""A curl command as a value: read from what a person wrote, and written so that it can be pasted into a shell."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote_plus

from generator.contracts import curl_options
from generator.contracts.curl_calls import URL_LIKE, first_curl
from generator.contracts.globs import VARIABLE
from generator.contracts.shell import Command, ShellError, Word, commands

_FILE = re.compile(r"[^=@]*@(.*)", re.DOTALL)
WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})
"""The methods whose fields stand in the query."""


class CurlError(ShellError):
    """The text holds no curl command that a shell could run; `offset` is the character that shows it."""


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
class _Option:
    """An option by its long name ("" for an address) and its value."""

    name: str
    value: str
    offset: int


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
    """The request of the first curl command in a text, read as a shell and curl would read it.

    Raises CurlError, and nothing else, where there is none. Several `--next` requests: the first counts.
    """
    try:
        found = commands(text)
    except ShellError as error:
        raise CurlError(str(error), error.offset) from error
    called = first_curl(found)
    if called is None:
        message = "no curl command here"
        raise CurlError(message, 0)
    return _built(*called)


def _built(command: Command, arguments: tuple[Word, ...]) -> Curl:
    request = _Request(command.standard_input)
    for option in _options(arguments, request.unknown):
        if option.name == "next":
            break
        _apply(request, option)
    if not request.urls:
        message = "curl is given no URL"
        raise CurlError(message, command.words[0].offset)
    request.unknown.extend(f"second URL {url}" for url in request.urls[1:])
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


def _options(words: tuple[Word, ...], unknown: list[str]) -> Iterator[_Option]:
    """The words as options; those that curl does not know land in `unknown`."""
    rest = iter(words)
    after_unknown = False
    for word in rest:
        text = word.text
        if text == "--":
            yield from (_Option("", address.text, address.offset) for address in rest)
        elif not text.startswith("-") or text == "-":
            if after_unknown and not URL_LIKE.match(text):
                unknown.append(text)  # more likely the unknown option's value than an address
            else:
                yield _Option("", text, word.offset)
            after_unknown = False
        elif text.startswith("--"):
            option = _long(word, rest, unknown)
            after_unknown = option is None
            if option is not None:
                yield option
        else:
            yield from _letters(word, rest, unknown)


def _long(word: Word, rest: Iterator[Word], unknown: list[str]) -> _Option | None:
    """`--request POST`; and `--request=POST`, which people write and curl refuses, so it is noted as well."""
    written, equals, value = word.text[2:].partition("=")
    name = curl_options.long_name(written)
    if name is None or equals:
        unknown.append(word.text)
    if name is None or (equals and name not in curl_options.WITH_VALUE):
        return None
    if name in curl_options.WITH_VALUE and not equals:
        value = _next_word(word, rest)
    return _Option(name, value, word.offset)


def _letters(word: Word, rest: Iterator[Word], unknown: list[str]) -> Iterator[_Option]:
    """`-sSL`, `-XPOST`, `-X POST` and any mixture: the first letter with a value takes what is left."""
    for index, letter in enumerate(word.text[1:], start=1):
        name = curl_options.LETTERS.get(letter)
        if name is None:
            unknown.append("-" + letter)
        elif name in curl_options.WITH_VALUE:
            yield _Option(name, word.text[index + 1 :] or _next_word(word, rest), word.offset)
            return
        else:
            yield _Option(name, "", word.offset)


def _next_word(word: Word, rest: Iterator[Word]) -> str:
    following = next(rest, None)
    if following is None:
        message = f"{word.text} needs a value"
        raise CurlError(message, word.offset)
    return following.text


def _apply(request: _Request, option: _Option) -> None:
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
