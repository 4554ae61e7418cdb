"""The options of curl, as `curl_options.txt` lists them, and their values in a command."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from importlib.resources import files

from generator.contracts.shell import ShellError, Word
from generator.values import FrozenValue

URL_LIKE = re.compile(r"[a-z][a-z0-9+.-]*://|[$'{<]|localhost|[\w-]+(?:\.[\w-]+)+|\[", re.IGNORECASE)
"""The beginning of an address, with or without a scheme."""


class Effect(StrEnum):
    """What an option does besides describing the request; some effects depend on the value."""

    NONE = "-"
    BODY = "body"
    """Reads a file if the value starts with `@`."""
    BODY_BY_NAME = "body-by-name"
    """Reads a file if `@` follows the name of a field."""
    FORM = "form"
    """Reads a file if `@` or `<` follows `=`."""
    HEADER = "header"
    """Reads a file if the value starts with `@`; `Host:` names another host."""
    COOKIE = "cookie"
    """Reads a file if the value has no `=`, or starts with `@`."""
    FORMAT = "format"
    """Reads a file if the value starts with `@`; `%output{file}` writes one."""
    ADDRESS = "address"
    """Reads addresses from a file if the value starts with `@`."""
    UPLOAD = "upload"
    """Reads a file, or the standard input."""
    READ = "read"
    READ_BY_NAME = "read-by-name"
    WRITE = "write"
    CACHE = "cache"
    """Reads and writes a file unless the value is empty."""
    ROUTE = "route"
    """Sends the request, or its credentials, over another host than the one of the address."""
    UNVERIFIED = "unverified"
    """Switches checks of TLS certificates off."""
    CERTIFICATE = "certificate"
    """Reads a file of certificates, keys or hashes that TLS needs."""
    CONFIG = "config"
    """Takes options or parts of them from elsewhere."""
    CODE = "code"
    """Loads code or runs a program."""
    NEXT = "next"
    """Begins a second request."""


class OptionType(FrozenValue):
    """An option of curl as its help describes it."""

    letter: str
    """`-` if it has none."""
    name: str
    takes_value: bool
    effect: Effect


def _read_table() -> dict[str, OptionType]:
    text = files("generator.contracts").joinpath("curl_options.txt").read_text(encoding="utf-8")
    rows = (line.split() for line in text.splitlines() if not line.startswith("##"))
    return {name: OptionType(letter, name, value == "value", Effect(effect)) for letter, name, value, effect in rows}


OPTIONS = _read_table()
"""Every option by its long name."""

LETTERS = {option.letter: option.name for option in OPTIONS.values() if option.letter != "-"}
"""The long name of each one-letter option: `X` is `request`."""

WITH_VALUE = frozenset(name for name, option in OPTIONS.items() if option.takes_value)
"""Long names of the options that take the next word as their value."""

WITHOUT_VALUE = frozenset(OPTIONS) - WITH_VALUE
"""Long names of the options without a value; each can be negated with `--no-`."""

_EXPANDED = "expand-"
"""`--expand-url '{{host}}'` fills curl's own variables into the value of `--url`."""


def find_option(written: str) -> str | None:
    """Return the option for the text after `--`: itself, its negation, or the only one that it abbreviates."""
    if written in OPTIONS or written.removeprefix("no-") in WITHOUT_VALUE:
        return written
    if written.startswith(_EXPANDED) and written.removeprefix(_EXPANDED) in WITH_VALUE:
        return "variable"
    if f"no-{written}" in OPTIONS:
        return f"no-{written}"  # `--buffer` undoes `--no-buffer`, and has no effect either
    matching = [name for name in OPTIONS if written and name.startswith(written)]
    return matching[0] if len(matching) == 1 else None


class CurlError(ShellError):
    """A text without a curl command that a shell could run; `offset` is the character that shows it."""


class CurlOption(FrozenValue):
    """An option by its long name, "" for an address, with its value and the position of its word."""

    name: str
    value: str
    offset: int


def parse_options(words: Iterable[Word]) -> tuple[tuple[CurlOption, ...], tuple[str, ...]]:
    """Return the options and addresses of a curl command, and the words that curl would refuse.

    Raises CurlError if an option has no value.
    """
    found: list[CurlOption] = []
    unknown: list[str] = []
    rest = iter(words)
    is_after_unknown = False
    for word in rest:
        text = word.text
        if text == "--":
            found += (CurlOption("", address.text, address.offset) for address in rest)
        elif not text.startswith("-") or text == "-":
            if is_after_unknown and not URL_LIKE.match(text):
                unknown.append(text)  # more likely the value of the unknown option than an address
            else:
                found.append(CurlOption("", text, word.offset))
            is_after_unknown = False
        elif text.startswith("--"):
            option = _read_long_option(word, rest, unknown)
            is_after_unknown = option is None
            found += [] if option is None else [option]
        else:
            found += _read_letters(word, rest, unknown)
    return tuple(found), tuple(unknown)


def _read_long_option(word: Word, rest: Iterator[Word], unknown: list[str]) -> CurlOption | None:
    """Read `--request POST`; also `--request=POST`, which users write and curl refuses, so it is noted as well."""
    written, equals, value = word.text[2:].partition("=")
    name = find_option(written)
    if name is None or equals:
        unknown.append(word.text)
    if name is None or (equals and name not in WITH_VALUE):
        return None
    return CurlOption(name, _read_value(word, rest) if name in WITH_VALUE and not equals else value, word.offset)


def _read_letters(word: Word, rest: Iterator[Word], unknown: list[str]) -> Iterator[CurlOption]:
    """Read `-sSL`, `-XPOST`, `-X POST` and any mixture: the first letter with a value takes the rest of the word."""
    for index, letter in enumerate(word.text[1:], start=1):
        name = LETTERS.get(letter)
        if name is None:
            unknown.append("-" + letter)
        elif name in WITH_VALUE:
            yield CurlOption(name, word.text[index + 1 :] or _read_value(word, rest), word.offset)
            return
        else:
            yield CurlOption(name, "", word.offset)


def _read_value(word: Word, rest: Iterator[Word]) -> str:
    following = next(rest, None)
    if following is None:
        raise CurlError(f"{word.text} needs a value", word.offset)
    return following.text
