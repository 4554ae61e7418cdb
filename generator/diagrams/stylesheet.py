"""The stylesheets of diagrams, from `stylesheet.css`: with CSS variables for the site, with light colours for PNG."""

import re
from pathlib import Path

_CSS = re.sub(r"\n +|\n(?=\})", "", Path(__file__).with_name("stylesheet.css").read_text("utf-8"))  # a rule a line
_LIGHT, _DARK, _SITE, _SHARED = re.split(r"^/\*.*\*/\n", _CSS, flags=re.MULTILINE)[1:]

LIGHT, DARK = (dict(re.findall(r"--mb-([a-z-]+):(#[0-9a-f]{6})", scheme)) for scheme in (_LIGHT, _DARK))
"""The colours by the names of their CSS variables, without the prefix."""

STYLESHEET = _LIGHT + _DARK + _SITE + _SHARED
"""For the site: follows Material's palette toggle through CSS variables, and loads no font and no file."""

PNG_STYLESHEET = re.sub(r"var\(--mb-([a-z-]+)\)", lambda match: LIGHT[match[1]], _SHARED.rstrip())
"""For PNG: the renderer does not support variables, so the rules have the light colours."""
PNG_BACKGROUND = LIGHT["paper"]

FILE_STYLESHEET = f"{_LIGHT}@media (prefers-color-scheme:dark){{{_DARK.split(']', 1)[1].strip()}}}\n{_SHARED}"
"""For an SVG file that a browser opens alone: it follows the browser's colour scheme."""
