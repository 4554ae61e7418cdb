"""Diagrams as PNG for Confluence, in the light colours, with the shipped fonts and without links."""

import math
from pathlib import Path

import resvg_py

from generator.diagrams.stylesheet import PNG_BACKGROUND, PNG_STYLESHEET
from generator.diagrams.svg_reader import extract_graphics
from generator.diagrams.text import is_covered

_FONTS = [str(Path(__file__).parent / "fonts" / f"LiberationSans-{weight}.ttf") for weight in ("Regular", "Bold")]
_FAMILY = "Liberation Sans"
_MAX_PIXELS = 40_000_000
_MAX_SIDE = 16_000
"""Larger diagrams are rendered at a smaller scale, since browsers and Confluence reject larger images."""


def render_png(svg_text: str, scale: float = 2.0) -> bytes:
    """Render the inline SVG of a diagram, as found in a page, as PNG with `scale` pixels per unit.

    The bytes are equal on every machine if the shipped fonts have every character (Latin, Greek, Cyrillic, Hebrew).
    Otherwise the fonts of the machine provide the rest, since a readable name is worth more than equal bytes. Raises
    ValueError if the text has no SVG, or the SVG has no size.
    """
    graphics = extract_graphics(svg_text)
    width, height = graphics.width, graphics.height
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=graphics.markup,
            style_sheet=PNG_STYLESHEET,
            background=PNG_BACKGROUND,
            skip_system_fonts=is_covered(graphics.text),
            font_files=_FONTS,
            font_family=_FAMILY,
            sans_serif_family=_FAMILY,
            zoom=min(scale, math.sqrt(_MAX_PIXELS / (width * height)), _MAX_SIDE / max(width, height)),
        )
    )
