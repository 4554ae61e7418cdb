"""Matches texts with gaps in them, in linear time: `/v1/$CITY/rank` has one gap."""

import re
from typing import TypeAlias

Pieces: TypeAlias = list[str]
"""The literal pieces of a text around its gaps; one piece where there is no gap."""

VARIABLE = re.compile(r"\$(?:\w+|\{[^}\n]{0,200}\}|\([^)\n]{0,200}\))|<[\w. -]{1,200}>|`[^`\n]{0,200}`")
"""What stands for a value that only the caller knows; of bounded length, so that no text makes the search slow."""


def pieces(text: str, gap: re.Pattern[str]) -> Pieces:
    """The literal pieces of a text around its gaps; the pattern of a gap has no groups."""
    return gap.split(text)


def fits(literal: Pieces, text: str) -> bool:
    """Whether something in place of the gaps makes the text; each piece is searched once, from left to right."""
    if len(literal) == 1:
        return literal[0] == text
    first, *middle, last = literal
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last):
        return False
    position = len(first)
    for piece in middle:
        found = text.find(piece, position, len(text) - len(last))
        if found < 0:
            return False
        position = found + len(piece)
    return True


def may_be_same(one: Pieces, other: Pieces) -> bool:
    """Whether something in place of the gaps of both makes the same text.

    Where both have gaps, each takes in the middle of the other, so that only their ends can contradict each other.
    """
    if len(one) == 1:
        return fits(other, one[0])
    if len(other) == 1:
        return fits(one, other[0])
    starts = one[0].startswith(other[0]) or other[0].startswith(one[0])
    return starts and (one[-1].endswith(other[-1]) or other[-1].endswith(one[-1]))
