"""Credentials taken out of words that a server or a proxy quotes back at us, however they are written there.

A token that is quoted in JSON, in an address or in a web page stands there in escapes (as `u003d` behind a backslash,
`%3D`, `&#61;`, or one inside the other), whole or cut off by whoever quotes it. So the words are read in every way that
they may be meant, each character keeping its place, and whatever reads as a piece of a secret in any of them goes.
"""

import base64
import html
import re
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from generator.confluence.rest.credentials import WikiCredentials

PIECE = 8
"""Characters of a secret that must not be seen together."""
MARK = "•••"
"""Stands for what was taken out; no token holds such a sign, so that none can arise around it."""
_DEPTH = 2
"""Escapes inside of escapes, as of an address in JSON."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Names of hosts and headers lose their case on the way; other letters keep theirs, as some would change in number."""


@dataclass(frozen=True, slots=True)
class _DecodedText:
    """Words as they may be meant, with the place of each character in the words as they stand."""

    text: str
    places: Sequence[tuple[int, int]]


def list_secrets(access: WikiCredentials) -> tuple[str, ...]:
    """What must not be repeated: the token, and what basic authentication makes of it and the user."""
    pair = f"{access.user}:{access.token}".encode()
    return (access.token, base64.b64encode(pair).decode(), base64.urlsafe_b64encode(pair).decode())


def redact_text(words: str, secrets: tuple[str, ...]) -> str:
    """The words without any piece of a secret; a secret shorter than a piece goes where it stands whole."""
    hidden = bytearray(len(words))
    asis = _DecodedText(words, [(at, at + 1) for at in range(len(words))])
    for reading in _list_decodings(asis, _DEPTH):
        for start, end in _find_pieces(reading.text, secrets):
            first, last = reading.places[start][0], reading.places[end - 1][1]
            hidden[first:last] = b"x" * (last - first)
    return _replace_hidden(words, hidden)


def _find_pieces(text: str, secrets: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    """Where pieces of secrets stand in a text, in whatever case."""
    text = text.translate(_LOWER)
    for secret in (each.translate(_LOWER) for each in secrets):
        size = min(PIECE, len(secret))
        known = {secret[at : at + size] for at in range(len(secret) - size + 1)}
        for at in range(len(text) - size + 1):
            if text[at : at + size] in known:
                yield at, at + size


def _list_decodings(reading: _DecodedText, depth: int) -> Iterator[_DecodedText]:
    """The words as they stand, and as they are meant if they are escaped, so many times over."""
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
    """The words with a mark in the place of each stretch that is hidden."""
    parts: list[str] = []
    past = 0
    for stretch in re.finditer(rb"x+", hidden):
        parts += (words[past : stretch.start()], MARK)
        past = stretch.end()
    return "".join([*parts, words[past:]])
