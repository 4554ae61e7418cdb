"""Reads the arguments of a curl command as options with their values."""

from collections.abc import Iterator
from dataclasses import dataclass

from generator.contracts import curl_options
from generator.contracts.curl_calls import URL_LIKE
from generator.contracts.shell import ShellError, Word


class CurlError(ShellError):
    """The text holds no curl command that a shell could run; `offset` is the character that shows it."""


@dataclass(frozen=True, slots=True)
class CurlOption:
    """An option by its long name, "" for an address, with its value and the position of its word."""

    name: str
    value: str
    offset: int


def parse_options(words: tuple[Word, ...]) -> tuple[tuple[CurlOption, ...], tuple[str, ...]]:
    """Return the options and addresses of a curl command, and the words that curl would refuse.

    Raises CurlError if an option lacks its value.
    """
    unknown: list[str] = []
    return tuple(_options(words, unknown)), tuple(unknown)


def _options(words: tuple[Word, ...], unknown: list[str]) -> Iterator[CurlOption]:
    rest = iter(words)
    after_unknown = False
    for word in rest:
        text = word.text
        if text == "--":
            yield from (CurlOption("", address.text, address.offset) for address in rest)
        elif not text.startswith("-") or text == "-":
            if after_unknown and not URL_LIKE.match(text):
                unknown.append(text)  # more likely the unknown option's value than an address
            else:
                yield CurlOption("", text, word.offset)
            after_unknown = False
        elif text.startswith("--"):
            option = _long(word, rest, unknown)
            after_unknown = option is None
            if option is not None:
                yield option
        else:
            yield from _letters(word, rest, unknown)


def _long(word: Word, rest: Iterator[Word], unknown: list[str]) -> CurlOption | None:
    """Read `--request POST`; and `--request=POST`, which people write and curl refuses, so it is noted as well."""
    written, equals, value = word.text[2:].partition("=")
    name = curl_options.find_option(written)
    if name is None or equals:
        unknown.append(word.text)
    if name is None or (equals and name not in curl_options.WITH_VALUE):
        return None
    if name in curl_options.WITH_VALUE and not equals:
        value = _next_word(word, rest)
    return CurlOption(name, value, word.offset)


def _letters(word: Word, rest: Iterator[Word], unknown: list[str]) -> Iterator[CurlOption]:
    """Read `-sSL`, `-XPOST`, `-X POST` and any mixture: the first letter with a value takes what is left."""
    for index, letter in enumerate(word.text[1:], start=1):
        name = curl_options.LETTERS.get(letter)
        if name is None:
            unknown.append("-" + letter)
        elif name in curl_options.WITH_VALUE:
            yield CurlOption(name, word.text[index + 1 :] or _next_word(word, rest), word.offset)
            return
        else:
            yield CurlOption(name, "", word.offset)


def _next_word(word: Word, rest: Iterator[Word]) -> str:
    following = next(rest, None)
    if following is None:
        message = f"{word.text} needs a value"
        raise CurlError(message, word.offset)
    return following.text
