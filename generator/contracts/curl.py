"""The request of a hand-written curl command: behind prompts and keywords, or within another command."""

import re
from collections.abc import Iterable, Iterator
from itertools import takewhile
from urllib.parse import quote_plus

from generator.contracts.addresses import VARIABLE
from generator.contracts.curl_options import URL_LIKE, CurlError, CurlOption, parse_options
from generator.contracts.shell import Command, Script, ShellError, Word, parse_script
from generator.values import FrozenValue

_FILE = re.compile("@(.*)", re.DOTALL)
_FILE_OF_FIELD = re.compile(r"[^=@]*@(.*)", re.DOTALL)
_DATA = frozenset({"json", "data", "data-ascii", "data-binary", "data-raw", "data-urlencode"})
_IMPLIED_HEADERS = {
    "user-agent": (("User-Agent", "{}"),),
    "referer": (("Referer", "{}"),),
    "oauth2-bearer": (("Authorization", "Bearer {}"),),
    "json": (("Content-Type", "application/json"), ("Accept", "application/json")),
}
"""The headers that an option implies, with `{}` for its value; a written header overrides them."""
WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE"})
"""The methods whose fields are in the query."""
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")
_BEFORE_CURL = frozenset(
    {"$", "%", "sudo", "time", "exec", "command", "env", "if", "then", "elif", "else", "while", "until", "do", "!", "{"}
)
_RUNNERS = frozenset(
    {"bash", "docker", "kubectl", "nerdctl", "nice", "nohup", "oc", "podman", "sh", "ssh", "stdbuf", "timeout",
     "watch", "xargs", "zsh"}
)  # fmt: skip
"""What runs the command that its arguments name, after its own options."""
_DEEPEST = 3
"""How deep commands may be nested: `ssh host "bash -c 'curl …'"`."""


class Curl(FrozenValue):
    """One request, as curl would send it; variables such as `$TOKEN` are unchanged."""

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
    """The words that curl would refuse or ignore."""

    @property
    def content_type(self) -> str | None:
        """The media type that reaches the server, without parameters: written, or what curl sends on its own."""
        for name, value in reversed(self.headers):
            if name.lower() == "content-type":
                return value.partition(";")[0].strip().lower()
        if self.form:
            return "multipart/form-data"
        return "application/x-www-form-urlencoded" if self.body is not None or self.body_file else None


class CurlCall(FrozenValue):
    """The first curl of a text, with its surroundings."""

    script: Script
    command: Command
    name: Word
    """The word that is the program: `curl`, `/usr/bin/curl`."""
    options: tuple[CurlOption, ...]
    """All of its options and addresses, those behind `--next` included."""
    unknown: tuple[str, ...]
    """The words that curl would refuse."""


def read_call(text: str) -> CurlCall:
    """Return the first curl command of a text, read as a shell and curl would read it; raise CurlError if none."""
    try:
        script = parse_script(text)
    except ShellError as error:
        raise CurlError(str(error), error.offset) from error
    found = _find_curl(script.commands)
    if found is None:
        raise CurlError("no curl command found", 0)
    command, arguments = found
    options, unknown = parse_options(arguments)
    if not any(option.name in {"", "url"} for option in _take_first(options)):
        raise CurlError("curl has no URL", command.words[0].offset)
    return CurlCall(script, command, command.words[len(command.words) - len(arguments) - 1], options, unknown)


def _find_curl(commands: list[Command], depth: int = _DEEPEST) -> tuple[Command, list[Word]] | None:
    """Return the first curl and its arguments; one within another command only if there is no other.

    In this order because `TOKEN=$(curl …)` often fetches a value for the curl below it.
    """
    for command in commands:
        arguments = _find_arguments(command)
        if arguments is not None:
            return command, arguments
    if depth == 0:
        return None
    nested = (_find_curl(_parse_nested(script), depth - 1) for each in commands for script in _list_scripts(each))
    return next((found for found in nested if found is not None), None)


def _find_arguments(command: Command) -> list[Word] | None:
    """Return the words after `curl` if the command is one or runs one."""
    words = _skip_prefix(command)
    if words and _is_curl(words[0]):
        return words[1:]
    if words and _get_program(words[0]) in _RUNNERS:
        candidates: Iterable[int] = range(1, len(words))
    else:
        candidates = [index + 1 for index, word in enumerate(words[:-1]) if word.text == "--"]
    # an option or an address shows that `curl` is more than a package, as in `apk add curl`
    is_argument = [word.text.startswith("-") or URL_LIKE.match(word.text) is not None for word in words]
    last_argument = max((index for index, found in enumerate(is_argument) if found), default=0)
    index = next((index for index in candidates if index < last_argument and _is_curl(words[index])), None)
    return None if index is None else words[index + 1 :]


def _skip_prefix(command: Command) -> list[Word]:
    """Return the words from the command's name on, without prompts, keywords and assignments."""
    for index, word in enumerate(command.words):
        if word.text not in _BEFORE_CURL and not _ASSIGNMENT.match(word.text):
            return command.words[index:]
    return []


def _get_program(word: Word) -> str:
    return re.split(r"[/\\]", word.text)[-1]


def _is_curl(word: Word) -> bool:
    return _get_program(word) in {"curl", "curl.exe"}


def _list_scripts(command: Command) -> tuple[Word, ...]:
    """Return the texts in a command that are commands themselves: `$(…)`, and quoted arguments of a shell or ssh."""
    words = _skip_prefix(command)
    given = words[1:] if words and _get_program(words[0]) in _RUNNERS else []
    return (*command.substitutions, *(Word(word.text, word.offset + 1) for word in given if " " in word.text))


def _parse_nested(script: Word) -> list[Command]:
    """Return the commands of a script with their offsets in the whole text; none if a shell could not read it."""
    try:
        found = parse_script(script.text).commands
    except ShellError:
        return []
    return [
        Command(_shift(each.words, script.offset), each.standard_input, _shift(each.substitutions, script.offset))
        for each in found
    ]


def _shift(words: list[Word], offset: int) -> list[Word]:
    return [Word(word.text, word.offset + offset) for word in words]


def _take_first(options: Iterable[CurlOption]) -> Iterator[CurlOption]:
    """Return the options of the first request."""
    return takewhile(lambda option: option.name != "next", options)


def build_request(call: CurlCall) -> Curl:
    """Return the request that a call sends; with `--next` or several addresses the first one."""
    options = tuple(_take_first(call.options))
    last = {option.name: option.value for option in options}  # curl uses the last value of an option
    headers, refused = _build_headers(options)
    body, body_file = _build_body(options, call.command.standard_input)
    parts = (option.value.partition("=") for option in options if option.name in {"form", "form-string"})
    form = tuple((name, content) for name, _, content in parts)
    is_get = "get" in last
    method = "HEAD" if "head" in last else "GET" if is_get or (body is None and not body_file and not form) else "POST"
    if method == "POST" and "upload-file" in last:
        method = "PUT"
    query = [_encode_field(option.value) for option in options if option.name == "url-query"]
    return Curl(
        last.get("request") or method,
        _build_url(options, last.get("proto-default"), [*query, *([body] if is_get and body else [])]),
        headers,
        None if is_get else body,
        body_file,
        form,
        last.get("user"),
        (*call.unknown, *refused),
    )


def _build_headers(options: tuple[CurlOption, ...]) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """Return the headers that are implied and written, and the texts that curl does not send as headers."""
    implied: dict[str, str] = {}
    written: list[tuple[str, str]] = []
    refused: list[str] = []
    for option in options:
        value = option.value
        name, colon, content = value.partition(":")
        implied |= {header: text.replace("{}", value) for header, text in _IMPLIED_HEADERS.get(option.name, ())}
        if option.name == "cookie" and "=" in value:
            written.append(("Cookie", value))
        elif option.name == "header" and colon and content.strip():
            written.append((name.strip(), content.strip()))
        elif option.name == "header" and not colon and value.endswith(";"):
            written.append((value[:-1].strip(), ""))
        elif option.name == "header" and not colon:
            refused.append(f"header {value}")
    names = {name.lower() for name, _ in written}
    return (*(header for header in implied.items() if header[0].lower() not in names), *written), refused


def _build_body(options: tuple[CurlOption, ...], standard_input: str | None) -> tuple[str | None, str | None]:
    """Return the body and its file; pieces are separated by `&` as curl does, those of --json by nothing."""
    body: str | None = None
    body_file: str | None = None
    for option in options:
        name, value = option.name, option.value
        if name == "upload-file":
            body_file = value
        if name not in _DATA:
            continue
        text: str | None = _encode_field(value) if name == "data-urlencode" else value
        file = (_FILE_OF_FIELD if name == "data-urlencode" else _FILE).match(value) if name != "data-raw" else None
        if file is not None:
            text = standard_input if file[1] == "-" else None
            if text is None:
                body_file = file[1]
            elif name in {"data", "data-ascii"}:  # which drop the line ends of a file
                text = re.sub(r"[\r\n\0]", "", text)
        if text is not None:
            joint = "" if not body or name == "json" else "&"
            body = f"{body or ''}{joint}{text}"
    return body, body_file


def _encode_field(value: str) -> str:
    """Encode the content of `content`, `=content` or `name=content`; variables are kept."""
    name, equals, content = value.partition("=")
    encoded = quote_plus(content if equals else value, safe="$(){}", errors="replace")
    return f"{name}={encoded}" if equals and name else encoded


def _build_url(options: tuple[CurlOption, ...], scheme: str | None, query: list[str]) -> str:
    """Return the first address with its scheme, and with further fields in its query."""
    address = next(option.value for option in options if option.name in {"", "url"})
    url, hash_sign, fragment = address.partition("#")
    if scheme and "://" not in url and not VARIABLE.match(url):
        url = f"{scheme}://{url}"
    for part in query:
        joint = "" if url.endswith(("?", "&")) else "&" if "?" in url else "?"
        url = f"{url}{joint}{part}"
    return f"{url}{hash_sign}{fragment}"
