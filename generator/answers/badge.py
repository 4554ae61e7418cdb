"""Badges with the number of overdue items, as small SVGs that need no font file, script or request."""

import unicodedata
from collections.abc import Iterator
from html import escape

from generator.answers.debt import Ledger
from generator.names import Ref

_HEIGHT = 20
_PADDING = 6
# White text on each has a contrast of at least 4.5 to 1: https://www.w3.org/TR/WCAG22/#contrast-minimum
_GREEN, _AMBER, _RED, _LABEL = "#1a7f37", "#9a6700", "#b42318", "#3f4650"
_RED_FROM = 10


def render_badges(ledger: Ledger) -> Iterator[tuple[str, str]]:
    """Render the badge of the book, then that of each team by its id; each with its path."""
    yield get_badge_path(None), render_badge("model debt", len(ledger.entries))
    debts = {one.team: one for one in ledger.teams if one.team is not None and one.team.kind == "team"}
    for team in sorted(debts):
        yield get_badge_path(team), render_badge(f"{debts[team].name} debt", len(debts[team].entries))


def get_badge_path(team: Ref | None) -> str:
    """Return `debt.svg` for the book, `badges/TEAM.svg` for a team: the two never clash."""
    return "debt.svg" if team is None else f"badges/{team.id}.svg"


def render_badge(label: str, count: int) -> str:
    """Render a badge: green if the count is zero, then amber, red from ten on."""
    name, value = "".join(character for character in label if character.isprintable()), str(count)
    left, right = (_estimate_width(text) + 2 * _PADDING for text in (name, value))
    width, title = left + right, escape(f"{name}: {value}")
    colour = _RED if count >= _RED_FROM else _AMBER if count > 0 else _GREEN
    texts = "".join(
        # The width is an estimate: `textLength` fits any font into it.
        f'<text x="{start}" y="14" textLength="{space}" lengthAdjust="spacingAndGlyphs">{escape(text)}</text>\n'
        for text, start, space in (
            (name, _PADDING, left - 2 * _PADDING),
            (value, left + _PADDING, right - 2 * _PADDING),
        )
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT}" '
        f'viewBox="0 0 {width} {_HEIGHT}" role="img" aria-label="{title}">\n'
        f"<title>{title}</title>\n"
        f'<path d="M3 0H{left}V{_HEIGHT}H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3z" fill="{_LABEL}"/>\n'
        f'<path d="M{left} 0H{width - 3}a3 3 0 0 1 3 3V17a3 3 0 0 1-3 3H{left}z" fill="{colour}"/>\n'
        '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">\n'
        f"{texts}</g>\n</svg>\n"
    )


def _estimate_width(text: str) -> int:
    """Estimate the width of a text at 11 pixels: Verdana's averages, 11 for wide scripts, none for marks."""
    width = 0
    for character in text:
        if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me", "Cf"}:
            continue
        if unicodedata.east_asian_width(character) in {"W", "F"}:
            width += 11
        elif character in "iljtfI.,:;|!' ":
            width += 4
        else:
            width += 9 if character in "mwMW@%&" else 7
    return max(7, width)
