"""SVG as text: the only module that turns untrusted text and addresses into markup."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from html import escape

from generator.diagrams.text import NOTE, Font, TextLine, is_covered, measure_width
from generator.printable import NOT_XML

Point = tuple[float, float]
"""x and y in user units, from the upper left corner."""
Size = tuple[float, float]
"""Width and height in user units."""

_PLAIN = re.compile(r"[!#-%(-;=?-z|~]+(?: [!#-%(-;=?-z|~]+)*")
"""ASCII words without characters that need escaping: most of the text in diagrams."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*(?=:)")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
"""Browsers remove some of these before they parse the scheme, as in `java<newline>script:`."""
_ID_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9_-]*\Z")
_MIN_SCALE = 0.75
"""The smallest scale at which a diagram fits the page; below it the diagram scrolls. 13 units are then 10 pixels."""


def render_element(name: str, attributes: Mapping[str, str | float | None], *content: str) -> str:
    """Render an element around escaped markup; attributes that are None are omitted."""
    start = [name]
    for key, value in attributes.items():
        if value is not None:
            start.append(f'{key}="{escape_text(value) if isinstance(value, str) else format_number(value)}"')
    opened = " ".join(start)
    return f"<{opened}>{''.join(content)}</{name}>" if content else f"<{opened}/>"


def render_path(css_classes: str, data: str) -> str:
    """Render a path; neither its classes nor its data may need escaping."""
    return f'<path class="{css_classes}" d="{data}"/>'


@lru_cache(maxsize=4_096)
def escape_text(value: str) -> str:
    """Escape a text, on one line: a blank line would end the HTML block in a Markdown page."""
    if _PLAIN.fullmatch(value):
        return value
    # Braces are attributes in Markdown, and pages contain drawings.
    return escape(" ".join(NOT_XML.sub("\ufffd", value).split())).replace("{", "&#123;").replace("}", "&#125;")


def format_number(value: float) -> str:
    """Format a number with at most one decimal and without a negative zero; less than a tenth is not visible."""
    return _format_tenths(round(value * 10))


@lru_cache(maxsize=65_536)
def _format_tenths(tenths: int) -> str:
    if not tenths % 10:
        return str(tenths // 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


def format_points(points: Iterable[Point]) -> str:
    """Format the data of a path of straight lines through some points."""
    return "M" + "L".join(f"{format_number(x)} {format_number(y)}" for x, y in points)


@lru_cache(maxsize=1024)
def make_css_class(prefix: str, word: str) -> str:
    """Make a CSS class from a word of a card; empty if the word has no ASCII letter or digit."""
    slug = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
    return f"{prefix}-{slug}" if slug else ""


@lru_cache(maxsize=4_096)
def keep_safe_href(href: str | None) -> str | None:
    """Return the address if it is http, https or relative, so that a click cannot execute it; otherwise None."""
    if not href or _CONTROL.search(href):
        return None
    scheme = _SCHEME.match(href)
    return href if scheme is None or scheme[0].lower() in {"http", "https"} else None


def render_canvas(prefix: str, title: str, description: str, size: Size, parts: Iterable[str]) -> str:
    """Render the parts as inline SVG with a title and a description, in a box that scrolls on a narrow page.

    Ids start with the prefix, so that a page can have several diagrams; ValueError if no id may start with it.
    """
    if _ID_PREFIX.match(prefix) is None:
        raise ValueError(f"invalid id prefix {prefix!r}: expected a letter, then letters, digits, hyphens, underscores")
    title_id, description_id = f"{prefix}-title", f"{prefix}-desc" if description.strip() else None
    names = [render_element("title", {"id": title_id}, escape_text(title))]
    if description_id:
        names.append(render_element("desc", {"id": description_id}, escape_text(description)))
    width, height = (format_number(length) for length in size)
    attributes = {
        "xmlns": "http://www.w3.org/2000/svg",
        "xmlns:xlink": "http://www.w3.org/1999/xlink",
        "class": "mb-picture",
        # Not `img`, which would hide the links inside from screen readers: https://w3c.github.io/aria/#img
        "role": "group",
        "aria-labelledby": title_id,
        "aria-describedby": description_id,
        "viewBox": f"0 0 {width} {height}",
        "width": width,
        "height": height,
        "style": f"min-width:{format_number(size[0] * _MIN_SCALE)}px",
    }
    svg = render_element("svg", attributes, *(f"\n{part}" for part in (*names, *parts)), "\n")
    wrapper = {"class": "mb-diagram", "role": "region", "aria-labelledby": title_id, "tabindex": "0"}
    return render_element("div", wrapper, svg)


def render_part(classes: Iterable[str], label: str, description: str, href: str | None, *content: str) -> str:
    """Render a part of a diagram: a link if the address is safe, otherwise one graphic for screen readers.

    `label` is the name of the link's target, `description` the tooltip of the part.
    """
    target = keep_safe_href(href)
    css_classes = escape_text(" ".join(word for word in classes if word))
    inner = f"<title>{escape_text(description)}</title>{''.join(content)}"
    if target is None:
        return f'<g class="{css_classes}" role="img">{inner}</g>'
    # Not `href`: the instant navigation of Material for MkDocs fails on SVG links with it.
    return f'<a class="{css_classes}" xlink:href="{escape_text(target)}" data-label="{escape_text(label)}">{inner}</a>'


def render_empty() -> tuple[Size, list[str]]:
    """Return the size and the parts of an empty diagram, whose text distinguishes it from one that failed to load."""
    return (220, 48), [render_lines([TextLine("Nothing to show", NOTE)], 110, 17)]


def render_lines(lines: Sequence[TextLine], x: float, top: float) -> str:
    """Render lines of text downwards from `top`; their CSS class anchors them at `x` by the middle or an end."""
    rendered: list[str] = []
    for line in lines:
        font = line.font
        baseline = format_number(top + font.leading / 2 + font.size * 0.36)
        start = f'<text class="mb-{font.name}" x="{format_number(x)}" y="{baseline}"'
        rendered.append(start + _render_line_end(line.text, font))
        top += font.leading
    return "".join(rendered)


@lru_cache(maxsize=4_096)
def _render_line_end(line: str, font: Font) -> str:
    """Render the rest of a line's element after its position, which is the same in every diagram."""
    length = ""
    if is_covered(line):  # otherwise the width is an estimate, to which the text must not be stretched
        length = f' textLength="{format_number(measure_width(line, font))}" lengthAdjust="spacingAndGlyphs"'
    return f"{length}>{escape_text(line)}</text>"
