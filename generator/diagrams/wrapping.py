"""Long labels on a few short lines: broken where a reader would, shortened with an ellipsis at the end."""

import re
from collections.abc import Iterator

from generator.diagrams.metrics import Font, is_mark, width

_ELLIPSIS = "…"
_MOST_CHARACTERS = 2_000
"""Looked at: what comes after them could only be seen if they had no width."""
_PIECE = re.compile(r"\s?(?:[^\s\-_/.:,]+[\-_/.:,]*|[\-_/.:,]+)")
"""A word, or the part of an identifier up to its next joint, with the one space before it."""


def wrapped(text: str, limit: float, most: int, font: Font) -> tuple[str, ...]:
    """At most `most` lines no wider than `limit`; the last ends in an ellipsis where text was left out."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split())[:_MOST_CHARACTERS], limit, font):
        if not line or width(line + piece, font) <= limit:
            line = line + piece if line else piece.lstrip()
            continue
        lines.append(line)
        line = piece.lstrip()
        if len(lines) == most:
            return (*lines[:-1], _shortened(lines[-1], limit, font))
    return (*lines, line) if line else tuple(lines)


def _pieces(text: str, limit: float, font: Font) -> Iterator[str]:
    """Parts of the text between which a line may break, none wider than the limit."""
    for match in _PIECE.finditer(text):
        piece = match[0]
        while width(piece, font) > limit:
            head = _fitting(piece, limit, font)
            yield head
            piece = piece[len(head) :]
        yield piece


def _shortened(line: str, limit: float, font: Font) -> str:
    return _fitting(line, limit - width(_ELLIPSIS, font), font).rstrip() + _ELLIPSIS


def _fitting(text: str, limit: float, font: Font) -> str:
    """The longest beginning that fits, never less than one character with its marks."""
    end, used = 0, 0.0
    for index, char in enumerate(text):
        used += width(char, font)
        if used > limit and index and not is_mark(char):
            break
        end = index + 1
    return text[:end]
