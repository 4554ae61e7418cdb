"""SVG to PNG for Confluence: the light colours put in, the links taken out, our own fonts."""

import math
from pathlib import Path

import resvg_py

from generator.diagrams.draw import svg
from generator.diagrams.graphviz import Graphviz
from generator.diagrams.inline import drawing_of
from generator.diagrams.metrics import is_covered
from generator.diagrams.picture import Picture, Timeline
from generator.diagrams.stylesheet import PNG_BACKGROUND, PRINTED

_FONTS = tuple(str(Path(__file__).parent / "fonts" / f"LiberationSans-{weight}.ttf") for weight in ("Regular", "Bold"))
_FAMILY = "Liberation Sans"
_MOST_PIXELS = 40_000_000
_LONGEST_SIDE = 16_000
"""Beyond these a picture is drawn at a smaller scale: browsers and Confluence refuse larger ones."""


def png(picture: Picture | Timeline, scale: float = 2.0, supplier: Graphviz | None = None) -> bytes:
    """The picture as PNG in the light colours, `scale` pixels to a unit."""
    return png_of_svg(svg(picture, supplier=supplier), scale)


def png_of_svg(svg_text: str, scale: float = 2.0) -> bytes:
    """The PNG of an inline SVG of ours as found in a page, without its links.

    The same bytes on every machine as long as the shipped fonts hold every character (Latin, Greek, Cyrillic,
    Hebrew); else the machine's fonts fill in, since a readable name is worth more than equal bytes. Raises
    ValueError where the text holds no SVG.
    """
    drawing = drawing_of(svg_text)
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=drawing.markup,
            style_sheet=PRINTED,
            background=PNG_BACKGROUND,
            skip_system_fonts=is_covered(drawing.text),
            font_files=list(_FONTS),
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
            zoom=_bounded(scale, drawing.width, drawing.height),
        )
    )


def _bounded(scale: float, width: float, height: float) -> float:
    return min(scale, math.sqrt(_MOST_PIXELS / (width * height)), _LONGEST_SIDE / max(width, height))
