"""Matches texts with gaps in them, in linear time: `/v1/$CITY/rank` has one gap."""

import re


def pieces(text: str, gap: re.Pattern[str]) -> list[str]:
    """The literal pieces of a text between its gaps; one piece where there is no gap."""
    return gap.split(text)


def fits(literal: list[str], text: str) -> bool:
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
