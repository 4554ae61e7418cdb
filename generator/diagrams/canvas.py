"""What every drawing shares: the accessible frame around it, lines of text, links."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from generator.diagrams.boxes import Line
from generator.diagrams.markup import address, element, number, text
from generator.diagrams.metrics import NOTE, Font, is_covered, width

Size = tuple[float, float]
"""Width and height in user units."""

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_READABLE = 0.75
"""How far a picture may shrink to fit the page before it scrolls instead: 13 units are then 10 pixels."""


def canvas(prefix: str, title: str, description: str, size: Size, parts: Iterable[str]) -> str:
    """The parts as inline SVG, named and described, in a box that scrolls where the page is too narrow.

    The role is not `img`, which would hide the links inside from screen readers. Ids start with the prefix,
    so that a page can hold several pictures; ValueError where it could not start an id.
    """
    if _PREFIX.match(prefix) is None:
        message = f"{prefix!r} cannot start an element's id"
        raise ValueError(message)
    width, height = (number(length) for length in size)
    described = f"{prefix}-desc" if description.strip() else None
    svg = element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "xmlns:xlink": "http://www.w3.org/1999/xlink",
            "class": "mb-picture",
            "role": "group",
            "aria-labelledby": f"{prefix}-title",
            "aria-describedby": described,
            "viewBox": f"0 0 {width} {height}",
            "width": width,
            "height": height,
            "style": f"min-width:{number(size[0] * _READABLE)}px",
        },
        *(f"\n{part}" for part in (*_names(prefix, title, description), *parts)),
        "\n",
    )
    name = f"{prefix}-title"
    wrapper = {"class": "mb-diagram", "role": "region", "aria-labelledby": name, "tabindex": "0"}
    return element("div", wrapper, svg)


def _names(prefix: str, title: str, description: str) -> Sequence[str]:
    names = [element("title", {"id": f"{prefix}-title"}, text(title))]
    if description.strip():
        names.append(element("desc", {"id": f"{prefix}-desc"}, text(description)))
    return names


def part(classes: Iterable[str], label: str, name: str, href: str | None, *content: str) -> str:
    """A part of the picture: a link where the address is sound, else one graphic to a screen reader.

    `name` is what it is called in full, `label` what it links to is called elsewhere. `xlink:href` rather than
    `href`: Material's instant navigation fails on the latter.
    """
    target = address(href)
    kind = " ".join(word for word in classes if word)
    inner = f"<title>{text(name)}</title>{''.join(content)}"
    if target is None:
        return f'<g class="{text(kind)}" role="img">{inner}</g>'
    return f'<a class="{text(kind)}" xlink:href="{text(target)}" data-label="{text(label)}">{inner}</a>'


def nothing() -> tuple[Size, Iterator[str]]:
    """What an empty picture shows, so that nobody takes it for a picture that failed to load."""
    return (220, 48), iter([lines([Line("Nothing to show", NOTE)], 110, 17)])


def lines(block: Sequence[Line], x: float, top: float) -> str:
    """Lines of text from a top downwards, at an x that their class anchors: middle or start."""
    drawn: list[str] = []
    for line in block:
        font = line.font
        baseline = number(top + font.leading / 2 + font.size * 0.36)
        drawn.append(f'<text class="mb-{font.name}" x="{number(x)}" y="{baseline}"{_end(line.text, font)}')
        top += font.leading
    return "".join(drawn)


@lru_cache(maxsize=16_384)
def _end(line: str, font: Font) -> str:
    """What is left of a line's element behind its place; kept, since the same names stand in many pictures of a book.

    Its width keeps the line in its box in a font of other widths; left out where it is a guess.
    """
    stretched = ""
    if is_covered(line):
        stretched = f' textLength="{number(width(line, font))}" lengthAdjust="spacingAndGlyphs"'
    return f"{stretched}>{text(line)}</text>"
