"""Writes the sample curl of an endpoint: one option a line, quoted so that a shell hands over exactly these bytes."""

import json
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode

from generator.contracts.curl import WITHOUT_BODY, Curl
from generator.contracts.data import Data

_PLACEHOLDER = re.compile(r"\$[A-Za-z_]\w*|\$\{[A-Za-z_]\w*\}")
_PATH_PARAMETER = re.compile(r"\{(\w+)\}")
_BARE = re.compile(r"[A-Za-z0-9_@%+=:,./-]+")
_CONTROL = re.compile(r"[\x01-\x09\x0b-\x1f\x7f]")
_NEEDS_ESCAPE = re.compile(r"[\x01-\x1f\x7f'\\]")
_GLOB = re.compile(r"[\[\]{}]")


def build_sample(url: str, payload: Data, method: str = "POST", headers: tuple[tuple[str, str], ...] = ()) -> Curl:
    """The request that carries an example payload to an endpoint.

    `{name}` in the path takes the payload's value of that name. Methods without a body carry what is left in the
    query; the others send the whole payload as JSON.
    """
    fields = payload if isinstance(payload, dict) else {}
    target = _PATH_PARAMETER.sub(lambda match: _path_value(match, fields), url)
    if payload is None:
        return Curl(method, target, headers)
    if method in WITHOUT_BODY:
        in_path = set(_PATH_PARAMETER.findall(url))
        return Curl(
            method, _with_query(target, {name: fields[name] for name in fields if name not in in_path}), headers
        )
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = (("Content-Type", "application/json"), *headers)
    return Curl(method, target, headers, format_json(payload))


def format_json(payload: Data) -> str:
    """Readable JSON with its own letters; escapes only where UTF-8 has no form for one (a lone surrogate)."""
    text = json.dumps(payload, ensure_ascii=False, indent=2)
    return json.dumps(payload, indent=2) if re.search("[\ud800-\udfff]", text) else text


def render_curl(curl: Curl) -> str:
    """The command as bash reads it, several lines, no line end at the end; `parse` gives the same request back.

    Placeholders such as `$TOKEN` in the URL, the headers and the user are expanded by the shell; the body is sent as
    it stands. What curl would refuse (`options_unknown`) is left out, and NUL, which no command line can carry, is
    shown as U+FFFD.
    """
    return " \\\n  ".join([f"curl --request {_quoted(curl.method)} {quote_expanding(curl.url)}", *_options(curl)])


def _options(curl: Curl) -> list[str]:
    lines = ["--globoff"] if _GLOB.search(_PLACEHOLDER.sub("", curl.url)) else []
    lines += [
        f"--header {quote_expanding(f'{name}: {value}' if value else f'{name};')}" for name, value in curl.headers
    ]
    lines += [f"--user {quote_expanding(curl.user)}"] if curl.user is not None else []
    lines += [f"--form {quote_expanding(f'{name}={content}')}" for name, content in curl.form]
    if curl.body is not None:
        lines.append(f"{'--data-raw' if curl.body.startswith('@') else '--data'} {_quoted(curl.body)}")
    if curl.body_file is not None:
        lines.append(f"--data-binary {quote_expanding('@' + curl.body_file)}")
    return lines


def quote_expanding(text: str) -> str:
    """A word of a command, quoted such that the shell expands the placeholders in it and nothing else."""
    if not _PLACEHOLDER.search(text):
        return _quoted(text)
    if not re.search(r"[\"`\\!\x00-\x1f\x7f]", text) and "$" not in _PLACEHOLDER.sub("", text):
        return f'"{text}"'
    pieces: list[str] = []
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        pieces += [_quoted(text[position : match.start()]) if position < match.start() else "", f'"{match.group()}"']
        position = match.end()
    return "".join([*pieces, _quoted(text[position:]) if position < len(text) else ""])


def _quoted(text: str) -> str:
    """A word that the shell takes literally, whatever is in it."""
    text = text.replace("\0", "\ufffd")
    if _BARE.fullmatch(text):
        return text
    if _CONTROL.search(text):  # a terminal would act on a pasted control character
        return "$'" + _NEEDS_ESCAPE.sub(lambda match: _escaped(match.group()), text) + "'"
    return "'" + text.replace("'", "'\\''") + "'"


def _escaped(character: str) -> str:
    """In octal, because a hexadecimal escape swallows the digits that follow it."""
    return "\\" + character if character in "'\\" else f"\\{ord(character):03o}"


def _path_value(match: re.Match[str], fields: Mapping[str, Data]) -> str:
    value = fields.get(match[1])
    return quote(_plain(value), safe="", errors="replace") if isinstance(value, str | int | float) else match.group()


def _with_query(url: str, fields: Mapping[str, Data]) -> str:
    """The address with fields in its query; lists repeat the name, and what is nested is written as JSON."""
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        pairs += [(str(name), _plain(item)) for item in values if item is not None]
    if not pairs:
        return url
    address, hash_sign, fragment = url.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode(pairs, errors='replace')}{hash_sign}{fragment}"


def _plain(value: Data) -> str:
    """A scalar as a query writes it: true, 1, text."""
    return value if isinstance(value, str) else json.dumps(value)
