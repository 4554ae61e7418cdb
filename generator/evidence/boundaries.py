"""The characters that join a name to a longer one, by its kind: `ryl-v3` is not `ryl`, `x.orders.v1` is `orders.v1`."""

import re
import unicodedata
from collections.abc import Iterable
from contextlib import suppress
from enum import Enum

from generator.evidence.literals import find_escape
from generator.evidence.names import SearchName
from generator.evidence.records import NameKind

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}(?::[0-9]{1,5})?(?:/\S*)?|[a-z0-9-]+:[0-9]{1,5}")
_DOTTED_TYPES = frozenset({"topic", "queue", "stream", "subject"})
"""The types of resources whose names have parts after dots: `orders.v1.retry` is another one than `orders.v1`."""
KSERVE_HOST = re.compile(rb"-(?:predictor|transformer|explainer)(?:-default)?\.[a-z0-9-]{1,63}\.svc(?![\w-])")
"""The rest of the host of a model in a cluster of KServe: `ryl-predictor.ml.svc.cluster.local` is that of `ryl`."""
_ENVIRONMENT = (
    rb"[^{}\n]{0,60}(?:(?<![A-Za-z])(?:env|stage)|Env|ENV|Stage|STAGE)(?:iron|ironment|IRONMENT)?(?![a-z])[^{}\n]{0,60}"
)
AFTER_ENVIRONMENT = re.compile(rb"[$#]?\{%b\}{1,2}[-_]\Z" % _ENVIRONMENT)
_BEFORE_ENVIRONMENT = re.compile(rb"[-_][$#]?\{{1,2}%b\}" % _ENVIRONMENT)
"""A placeholder beside a name: `f"{env}-ryl"` and `ryl_${var.environment}` are `ryl` in some environment."""
_ASCII_WORD = frozenset(range(128)) & {*b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"}


class Boundary(Enum):
    """What joins a name with the characters around it; letters, digits and `_` always do."""

    ID = "id"
    """`-` joins, and on the right `.` with a digit: `claude-2` is not part of `claude-2.1`."""
    DOTTED = "dotted"
    """As an id, but `.` joins on the right before every letter too."""
    HOST = "host"
    """`-` and `.` join on both sides: `ml.example.com` is no part of `x.ml.example.com`."""
    EMAIL = "email"
    """As a host, and `+` joins on the left."""
    PATH = "path"
    """As an id on the right; on the left anything may stand before its slash."""
    TEXT = "text"
    """Letters, digits and `_` join a text that begins or ends with one."""


_IDS = frozenset({Boundary.ID, Boundary.DOTTED})


def find_boundary(name: SearchName) -> Boundary:
    """Return the boundary of a name. A retired string has that of the kind that it looks like."""
    match name.kind:
        case NameKind.HOST | NameKind.URL:
            return Boundary.HOST
        case NameKind.EMAIL:
            return Boundary.EMAIL
        case NameKind.RETIRED if looks_like_host(name.text):
            return Boundary.HOST
        case NameKind.RETIRED if re.fullmatch(r"[\w.-]*\w", name.text) is None:
            return Boundary.TEXT
    return Boundary.DOTTED if name.ref.partition(":")[0] in _DOTTED_TYPES else Boundary.ID


def looks_like_host(text: str) -> bool:
    """Return whether a text is a host, with or without a port and a path."""
    return _HOST.fullmatch(text.lower()) is not None


def is_separate(text: bytes, start: int, end: int, boundary: Boundary, end_boundary: Boundary | None = None) -> bool:
    """Return whether a name at a position is not a part of a longer one."""
    return not _joins_left(text, start, boundary) and not _joins_right(text, end, end_boundary or boundary)


def _joins_left(text: bytes, start: int, boundary: Boundary) -> bool:
    if start == 0 or boundary is Boundary.PATH:
        return False
    if boundary is Boundary.TEXT and text[start] < 128 and text[start] not in _ASCII_WORD:
        return False
    before = _decode_before(text, start)
    if text[max(0, start - 2) : start] in {b"}-", b"}_"} and boundary in _IDS:
        return AFTER_ENVIRONMENT.search(text, max(0, start - 160), start) is None
    if before == "-":
        return boundary is not Boundary.TEXT
    if before == ".":
        return boundary in {Boundary.HOST, Boundary.EMAIL}
    if before == "+":
        return boundary is Boundary.EMAIL
    return _is_letter(before)


def _joins_right(text: bytes, end: int, boundary: Boundary) -> bool:
    if end >= len(text):
        return False
    if boundary is Boundary.TEXT and text[end - 1] < 128 and text[end - 1] not in _ASCII_WORD:
        return False
    if text[end] < 128:
        is_escape = re.match(rb"%[0-9a-fA-F]{2}", text[end : end + 3])
        after = chr(int(text[end + 1 : end + 3], 16)) if is_escape else chr(text[end])
    else:
        after = _decode_first((text[end : end + size] for size in (2, 3, 4)), text[end])
    if after in "-_" and boundary in _IDS and _BEFORE_ENVIRONMENT.match(text, end, end + 160):
        return False
    if after == "-":
        if boundary is Boundary.ID and KSERVE_HOST.match(text, end, end + 100):
            return False
        return boundary is not Boundary.TEXT and text[end : end + 2] != b"->"  # an arrow is no part of a name
    if after == ".":
        following = text[end + 1 : end + 2]
        if boundary in {Boundary.ID, Boundary.PATH}:
            return following.isdigit()
        return boundary is not Boundary.TEXT and following.isalnum()
    return _is_letter(after)


def _decode_before(text: bytes, position: int) -> str:
    """Return the character before a position, decoded if it is an escape such as `%2F`."""
    escape = find_escape(text, position)
    if escape is not None:
        return chr(int(escape.lstrip(b"%\\ux"), 16)) if escape[:1] == b"%" or escape[1:2] in b"ux" else "\n"
    last = text[position - 1]
    if last < 128:
        return chr(last)
    return _decode_first((text[max(0, position - size) : position] for size in (2, 3, 4)), last)


def _decode_first(pieces: Iterable[bytes], byte: int) -> str:
    """Decode the first piece that is UTF-8; else the byte, whose encoding is probably Latin 1."""
    for piece in pieces:
        with suppress(UnicodeDecodeError):
            return piece.decode()
    return chr(byte)


def _is_letter(character: str) -> bool:
    """Return whether a character belongs to words of names: `é` does; a Chinese one, written without spaces, not."""
    if character.isascii():
        return character.isalnum() or character == "_"
    return unicodedata.category(character) in {"Lu", "Ll", "Lt", "Lm", "Mn", "Mc", "Nd"}
