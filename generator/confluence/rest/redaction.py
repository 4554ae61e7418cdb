"""Redaction of credentials in texts that a server or a proxy quotes.

A token in JSON, in an address or in a web page is escaped (as `u003d` after a backslash, `%3D`, `&#61;`, or one in
another), and may be cut off. So the text is decoded in all these ways, with the position of each character, and
each part of a secret in one of the decoded texts is removed.
"""

import base64
import html
import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from generator.confluence.rest.credentials import WikiCredentials

PIECE = 8
"""Characters of a secret that must not be shown together."""
MARK = "•••"
"""Replaces the redacted text. No token contains this character, so that no secret can arise around it."""
_DEPTH = 2
"""The depth of nested escapes that are decoded, such as an address in JSON."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Lower case for ASCII only, since host names and headers lose their case. Others could change their length."""


@dataclass(frozen=True, slots=True)
class _DecodedText:
    """A decoded text with the position of each character in the original text."""

    text: str
    places: Sequence[tuple[int, int]]


def list_secrets(access: WikiCredentials) -> tuple[str, ...]:
    """List the texts to redact: the token, and the forms of it in basic authentication."""
    pair = f"{access.user}:{access.token}".encode()
    return (access.token, base64.b64encode(pair).decode(), base64.urlsafe_b64encode(pair).decode())


def redact_text(words: str, secrets: tuple[str, ...]) -> str:
    """Return a text without any part of a secret; a secret shorter than a part is removed as a whole."""
    hidden = bytearray(len(words))
    asis = _DecodedText(words, [(at, at + 1) for at in range(len(words))])
    for reading in _list_decodings(asis, _DEPTH):
        for start, end in _find_pieces(reading.text, secrets):
            first, last = reading.places[start][0], reading.places[end - 1][1]
            hidden[first:last] = b"x" * (last - first)
    return _replace_hidden(words, hidden)


def _find_pieces(text: str, secrets: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Yield the positions of parts of secrets in a text, in any case."""
    text = text.translate(_LOWER)
    for secret in (each.translate(_LOWER) for each in secrets):
        size = min(PIECE, len(secret))
        known = {secret[at : at + size] for at in range(len(secret) - size + 1)}
        for at in range(len(text) - size + 1):
            if text[at : at + size] in known:
                yield at, at + size


def _list_decodings(reading: _DecodedText, depth: int) -> Iterator[_DecodedText]:
    """Yield a text as it is, and decoded to the given depth."""
    yield reading
    for escape, meaning in _ESCAPES if depth else ():
        if escape.search(reading.text):
            yield from _list_decodings(_decode_text(reading, escape, meaning), depth - 1)


def _decode_text(reading: _DecodedText, escape: re.Pattern[str], meaning: Callable[[str], str]) -> _DecodedText:
    text: list[str] = []
    places: list[tuple[int, int]] = []
    past = 0
    for found in escape.finditer(reading.text):
        character = meaning(found[0])
        if len(character) == 1:  # else it names nothing, or more than a token could hold
            start, end = found.span()
            text += (reading.text[past:start], character)
            places += (*reading.places[past:start], (reading.places[start][0], reading.places[end - 1][1]))
            past = end
    return _DecodedText("".join([*text, reading.text[past:]]), [*places, *reading.places[past:]])


def _decode_backslash(escape: str) -> str:
    return escape[1] if len(escape) == 2 else chr(int(escape[2:], 16))


def _decode_percent(escape: str) -> str:
    return chr(int(escape[1:], 16))


_ESCAPES: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(r"\\(?:u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[^\w\s])"), _decode_backslash),
    (re.compile(r"%[0-9A-Fa-f]{2}"), _decode_percent),
    (re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"), html.unescape),
)


def _replace_hidden(words: str, hidden: bytearray) -> str:
    """Return a text with a mark for each redacted part."""
    parts: list[str] = []
    past = 0
    for stretch in re.finditer(rb"x+", hidden):
        parts += (words[past : stretch.start()], MARK)
        past = stretch.end()
    return "".join([*parts, words[past:]])
