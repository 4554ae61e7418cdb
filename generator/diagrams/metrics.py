"""How wide a text is, without asking the machine for a font.

The table holds the advance widths of Liberation Sans, which are those of Arial and Helvetica by design. What
a browser shows in another font is squeezed into the same width by `textLength`.
"""

import functools
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources

_UNKNOWN = 0.7
"""Em per character of scripts outside the table: wider than most, since a box too large does no harm."""
_KEPT = 16_384
"""Texts whose measures are kept: the same names stand in many pictures of a book."""


@dataclass(frozen=True, slots=True, eq=False)
class Font:
    """One of the few text styles; `name` is its CSS class without the prefix, sizes in SVG user units.

    Equal to itself alone, which makes it a quick key for what is kept by text and font.
    """

    name: str
    size: float
    leading: float
    bold: bool = False


CAPTION = Font("caption", 10, 14, bold=True)
LABEL = Font("label", 13, 16, bold=True)
NOTE = Font("note", 11, 14)
HEADING = Font("heading", 12, 16, bold=True)
FONTS = (CAPTION, LABEL, NOTE, HEADING)


@functools.lru_cache(maxsize=_KEPT)
def width(text: str, font: Font) -> float:
    """The width of one line in user units."""
    known = _advances()["bold" if font.bold else "regular"]
    return font.size * sum([known[char] if char in known else _guess(char) for char in text])


@functools.lru_cache(maxsize=_KEPT)
def is_covered(text: str) -> bool:
    """Whether the shipped fonts hold every character, so that the width is exact."""
    return all(char in _advances()["regular"] for char in text)


def is_mark(char: str) -> bool:
    """Whether the character belongs to the one before it: no line may break between them."""
    return unicodedata.category(char)[0] == "M" or char in "\u200d\ufe0e\ufe0f"


def _guess(char: str) -> float:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0.0
    return 1.0 if unicodedata.east_asian_width(char) in "WF" else _UNKNOWN


@functools.cache
def _advances() -> Mapping[str, Mapping[str, float]]:
    """Em per character by weight, from runs of neighbouring code points: [first, [width, ...]]."""
    table = json.loads(resources.files("generator.diagrams").joinpath("fonts/widths.json").read_text("utf-8"))
    return {
        weight: {
            chr(first + offset): units / table["units_per_em"]
            for first, run in table[weight]
            for offset, units in enumerate(run)
        }
        for weight in ("regular", "bold")
    }
