"""A badge: a label and a count as a small SVG that needs no font file, no script and no request."""

import unicodedata
from html import escape

_HEIGHT = 20
_PADDING = 6
_CLEAR, _SOME, _MANY = "#1a7f37", "#9a6700", "#b42318"
"""White text on each has a contrast of at least 4.5 to 1, as WCAG 2.2 asks for text of this size."""
_LABEL = "#3f4650"
_MANY_FROM = 10


def badge(label: str, count: int) -> str:
    """The badge of a team or of the book: green if nothing is overdue, then amber, then red from ten on.

    The widths are estimates, and `textLength` makes any font keep to them.
    """
    name, value = "".join(character for character in label if character.isprintable()), str(count)
    left, right = _width(name) + 2 * _PADDING, _width(value) + 2 * _PADDING
    width = left + right
    title = escape(f"{name}: {value}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" '
        f'viewBox="0 0 {width} {_HEIGHT}" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n"
        f'<path d="M3 0H{left}V{_HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="{_LABEL}"/>\n'
        f'<path d="M{left} 0H{width - 3}a3 3 0 0 1 3 3V17a3 3 0 0 1-3 3H{left}z" fill="{_colour(count)}"/>\n'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\n'
        f"{_words(name, _PADDING, left - 2 * _PADDING)}"
        f"{_words(value, left + _PADDING, right - 2 * _PADDING)}"
        "</g>\n</svg>\n"
    )


def _words(text: str, start: int, width: int) -> str:
    return f'<text x="{start}" y="14" textLength="{width}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>\n'


def _colour(count: int) -> str:
    if count <= 0:
        return _CLEAR
    return _SOME if count < _MANY_FROM else _MANY


def _width(text: str) -> int:
    """About how wide a text is at 11 pixels: Verdana's averages, a full em for wide scripts, none for marks."""
    return max(7, round(sum(_advance(character) for character in text)))


def _advance(character: str) -> float:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 11
    if character in "iljtfI.,:;|!' ":
        return 4
    return 9 if character in "mwMW@%&" else 7
