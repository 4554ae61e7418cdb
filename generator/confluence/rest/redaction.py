"""Redaction of credentials in texts that a server or a proxy quotes."""

import base64
import html
import re
import string
from collections.abc import Iterator

from generator.confluence.rest.credentials import WikiCredentials

PIECE = 8
"""Characters of a secret that must not be shown together."""
MARK = "•••"
"""Replaces the redacted text. No token contains this character, so that no secret can arise around it."""
_DEPTH = 2
"""The depth of nested escapes that are decoded, such as an address in JSON."""
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)
"""Lower case for ASCII only, since host names and headers lose their case. Others could change their length."""
_BACKSLASH = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|([^\w\s]))")
_PERCENT = re.compile(r"%([0-9A-Fa-f]{2})")


def list_secrets(access: WikiCredentials) -> tuple[str, ...]:
    """List the texts to redact: the token, and the forms of it in basic authentication."""
    pair = f"{access.user}:{access.token}".encode()
    return (access.token, base64.b64encode(pair).decode(), base64.urlsafe_b64encode(pair).decode())


def redact_text(words: str, secrets: tuple[str, ...]) -> str:
    """Return a text without any part of a secret; a secret shorter than a part is removed as a whole.

    A text that contains a secret in escapes of JSON, of addresses or of HTML is replaced completely.
    """
    pieces = {
        secret[at : at + PIECE]
        for secret in (each.translate(_LOWER) for each in secrets)
        for at in range(max(1, len(secret) - PIECE + 1))
    }
    hidden = bytearray(len(words))
    text = words.translate(_LOWER)
    for piece in pieces:
        at = text.find(piece)
        while at >= 0:
            hidden[at : at + len(piece)] = b"x" * len(piece)
            at = text.find(piece, at + 1)
    spans = [found.span() for found in re.finditer(rb"x+", hidden)]
    for start, end in reversed(spans):
        words = f"{words[:start]}{MARK}{words[end:]}"
    decoded = (each.translate(_LOWER) for each in _list_decodings(words, _DEPTH))
    return MARK if any(piece in each for each in decoded for piece in pieces) else words


def _list_decodings(text: str, depth: int) -> Iterator[str]:
    """Yield the texts that a text means if its escapes are decoded, to the given depth."""
    for decoded in (
        _BACKSLASH.sub(lambda found: found[3] or chr(int(found[1] or found[2], 16)), text),
        _PERCENT.sub(lambda found: chr(int(found[1], 16)), text),
        html.unescape(text),
    ):
        if decoded != text:
            yield decoded
            if depth > 1:
                yield from _list_decodings(decoded, depth - 1)
