"""The width of texts, and lines wrapped to a width, without access to the machine's fonts.

`fonts/widths.json` has the advance widths of Liberation Sans, which equal those of Arial and Helvetica. A browser
that uses another font squeezes each line into the same width by `textLength`.
"""

import functools
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from importlib import resources

from generator.values import FrozenValue

_DEFAULT_ADVANCE = 0.7
"""Em per character of scripts outside the table: wider than most, since a box that is too large does no harm."""
_CACHE_SIZE = 4_096
"""Texts whose widths and lines are cached: the same names occur in many diagrams of a book."""
_MAX_WIDTH = 176
_MAX_CHARACTERS = 2_000
"""Characters that are wrapped; later ones would be visible only if these had no width."""
_ELLIPSIS = "…"
_PIECE = re.compile(r"\s?(?:[^\s\-_/.:,]+[\-_/.:,]*|[\-_/.:,]+)")
"""A word, or the part of an identifier up to its next separator, with the space before it."""


class Font(FrozenValue, eq=False):
    """A text style: `name` is its CSS class without the prefix; sizes are in SVG user units.

    A font is equal only to itself, which makes it a fast cache key.
    """

    name: str
    size: float
    leading: float
    bold: bool = False


CAPTION = Font("caption", 10, 14, bold=True)
LABEL = Font("label", 13, 16, bold=True)
NOTE = Font("note", 11, 14)
HEADING = Font("heading", 12, 16, bold=True)


class TextLine(FrozenValue):
    """A line of text in one font."""

    text: str
    font: Font

    @property
    def width(self) -> float:
        """The width in user units."""
        return measure_width(self.text, self.font)


@functools.lru_cache(maxsize=_CACHE_SIZE)
def measure_width(text: str, font: Font) -> float:
    """Return the width of one line in user units."""
    advances = _read_advances()["bold" if font.bold else "regular"]
    return font.size * sum([advances[char] if char in advances else _estimate_advance(char) for char in text])


@functools.lru_cache(maxsize=_CACHE_SIZE)
def is_covered(text: str) -> bool:
    """Return whether the shipped fonts have every character, so that the width is exact."""
    return all(char in _read_advances()["regular"] for char in text)


def is_combining(char: str) -> bool:
    """Return whether a line must not break before the character, because it combines with the one before it."""
    return unicodedata.category(char)[0] == "M" or char in "\u200d\ufe0e\ufe0f"


@functools.lru_cache(maxsize=_CACHE_SIZE)
def wrap_text(text: str, font: Font, max_lines: int, max_width: float = _MAX_WIDTH) -> tuple[TextLine, ...]:
    """Wrap a text into lines of one font; the last line ends in an ellipsis if the rest does not fit."""
    lines: list[str] = []
    line = ""
    for piece in _split_text(" ".join(text.split())[:_MAX_CHARACTERS], max_width, font):
        if not line or measure_width(line + piece, font) <= max_width:
            line = line + piece if line else piece.lstrip()
            continue
        lines.append(line)
        line = piece.lstrip()
        if len(lines) == max_lines:
            room = max_width - measure_width(_ELLIPSIS, font)
            lines[-1] = _truncate_text(lines[-1], room, font).rstrip() + _ELLIPSIS
            line = ""
            break
    if line:
        lines.append(line)
    return tuple(TextLine(line, font) for line in lines)


def _split_text(text: str, max_width: float, font: Font) -> Iterator[str]:
    """Yield the parts of a text between which a line may break; none is wider than the limit."""
    for match in _PIECE.finditer(text):
        piece = match[0]
        while measure_width(piece, font) > max_width:
            start = _truncate_text(piece, max_width, font)
            yield start
            piece = piece[len(start) :]
        yield piece


def _truncate_text(text: str, max_width: float, font: Font) -> str:
    """Return the longest beginning that fits, with at least one character and the marks that combine with it."""
    end, width = 0, 0.0
    for index, char in enumerate(text):
        width += measure_width(char, font)
        if width > max_width and index and not is_combining(char):
            break
        end = index + 1
    return text[:end]


def _estimate_advance(char: str) -> float:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in "WF" else _DEFAULT_ADVANCE


@functools.cache
def _read_advances() -> Mapping[str, Mapping[str, float]]:
    """Read em per character by weight; the file has runs of adjacent code points, [first, [width, ...]]."""
    table = json.loads(resources.files("generator.diagrams").joinpath("fonts/widths.json").read_text("utf-8"))
    return {
        weight: {
            chr(first + offset): units / table["units_per_em"]
            for first, run in table[weight]
            for offset, units in enumerate(run)
        }
        for weight in ("regular", "bold")
    }
