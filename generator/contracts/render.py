"""The sample curl of an endpoint: one option a line, quoted for the shell."""

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
_UNPRINTABLE = re.compile(r"[\x01-\x1f\x7f]")
_GLOB = re.compile(r"[\[\]{}]")


def build_sample(
    url: str,
    payload: Data,
    method: str = "POST",
    headers: tuple[tuple[str, str], ...] = (),
    parameters: Mapping[str, Data] | None = None,
) -> Curl:
    """Return the request that sends an example payload to an endpoint.

    `{name}` in the path is replaced by the parameter or the field of that name; the other parameters are sent in the
    query. Methods without a body send the other fields in the query, too; other methods send the whole payload as JSON.
    """
    stated = parameters or {}
    fields = {**(payload if isinstance(payload, dict) else {}), **stated}
    target = _PATH_PARAMETER.sub(lambda match: _encode_path_value(match, fields), url)
    in_query = {name: value for name, value in stated.items() if f"{{{name}}}" not in url}
    if in_query and (payload is None or method not in WITHOUT_BODY):
        target = _add_query(target, in_query)
    if payload is None:
        return Curl(method, target, headers)
    if method in WITHOUT_BODY:
        in_path = set(_PATH_PARAMETER.findall(url))
        return Curl(method, _add_query(target, {name: fields[name] for name in fields if name not in in_path}), headers)
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers = (("Content-Type", "application/json"), *headers)
    return Curl(method, target, headers, render_payload(payload))


def render_payload(payload: Data) -> str:
    """Return indented JSON without escapes, except of lone surrogates, which UTF-8 cannot encode."""
    text = json.dumps(payload, ensure_ascii=False, indent=2)
    return json.dumps(payload, indent=2) if re.search("[\ud800-\udfff]", text) else text


def render_curl(curl: Curl) -> str:
    """Return the command for bash on several lines; reading it gives the same request.

    Placeholders such as `$TOKEN` in the URL, the headers and the user are expanded by the shell; the body is sent
    unchanged. Options that curl refuses (`options_unknown`) are omitted, and NUL, which a command line cannot contain,
    becomes U+FFFD.
    """
    lines = [f"curl --request {_quote(curl.method)} {quote_expanding(curl.url)}"]
    lines += ["--globoff"] if _GLOB.search(_PLACEHOLDER.sub("", curl.url)) else []
    lines += [
        f"--header {quote_expanding(f'{name}: {value}' if value else f'{name};')}" for name, value in curl.headers
    ]
    lines += [f"--user {quote_expanding(curl.user)}"] if curl.user is not None else []
    lines += [f"--form {quote_expanding(f'{name}={content}')}" for name, content in curl.form]
    if curl.body is not None:
        lines.append(f"{'--data-raw' if curl.body.startswith('@') else '--data'} {_quote(curl.body)}")
    if curl.body_file is not None:
        lines.append(f"--data-binary {quote_expanding('@' + curl.body_file)}")
    return " \\\n  ".join(lines)


def quote_expanding(text: str) -> str:
    """Quote a word so that the shell expands its placeholders and nothing else."""
    if not _PLACEHOLDER.search(text):
        return _quote(text)
    if not re.search(r"[\"`\\!\x00-\x1f\x7f]", text) and "$" not in _PLACEHOLDER.sub("", text):
        return f'"{text}"'
    pieces: list[str] = []
    position = 0
    for match in _PLACEHOLDER.finditer(text):
        pieces += [_quote(text[position : match.start()]) if position < match.start() else "", f'"{match.group()}"']
        position = match.end()
    return "".join([*pieces, _quote(text[position:]) if position < len(text) else ""])


def _quote(text: str) -> str:
    """Quote a word so that the shell takes it literally."""
    text = text.replace("\0", "\ufffd")
    if _BARE.fullmatch(text):
        return text
    if _CONTROL.search(text):  # a terminal would act on a pasted control character
        # In octal, because a hexadecimal escape includes the digits after it.
        escaped = re.sub(r"['\\]", r"\\\g<0>", text)
        return "$'" + _UNPRINTABLE.sub(lambda match: f"\\{ord(match[0]):03o}", escaped) + "'"
    return "'" + text.replace("'", "'\\''") + "'"


def _encode_path_value(match: re.Match[str], fields: Mapping[str, Data]) -> str:
    value = fields.get(match[1])
    return (
        quote(_format_scalar(value), safe="", errors="replace")
        if isinstance(value, str | int | float)
        else match.group()
    )


def _add_query(url: str, fields: Mapping[str, Data]) -> str:
    """Return an address with fields in its query; lists repeat the name, nested values are JSON."""
    pairs: list[tuple[str, str]] = []
    for name, value in fields.items():
        values = value if isinstance(value, list) else [value]
        pairs += [(str(name), _format_scalar(item)) for item in values if item is not None]
    if not pairs:
        return url
    address, hash_sign, fragment = url.partition("#")
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{urlencode(pairs, errors='replace')}{hash_sign}{fragment}"


def _format_scalar(value: Data) -> str:
    """Return a scalar as in a query: true, 1, text."""
    return value if isinstance(value, str) else json.dumps(value)
