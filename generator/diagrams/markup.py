"""SVG as text: the only place where untrusted text and addresses become markup."""

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape

Attributes = Mapping[str, str | float | None]

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""
_PLAIN = re.compile(r"[!#-%(-;=?-~]+(?: [!#-%(-;=?-~]+)*")
"""Words of ASCII with nothing in them that XML gives a meaning: most of what is drawn."""
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*(?=:)")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")
"""Browsers drop some of these before they look for the scheme, as in `java<newline>script:`."""


def element(name: str, attributes: Attributes, *content: str) -> str:
    """An element around markup that is already escaped; attributes without a value are left out."""
    start = [name]
    for key, value in attributes.items():
        if value is not None:
            start.append(f'{key}="{text(value) if isinstance(value, str) else number(value)}"')
    opened = " ".join(start)
    return f"<{opened}>{''.join(content)}</{name}>" if content else f"<{opened}/>"


def path(css_classes: str, data: str) -> str:
    """A line of ours: neither its classes nor its numbers hold anything to escape."""
    return f'<path class="{css_classes}" d="{data}"/>'


@lru_cache(maxsize=16_384)
def text(value: str) -> str:
    """The text as typed, on one line: a blank line would end the HTML block in a Markdown page.

    Kept, since the same names stand in many pictures of a book.
    """
    if _PLAIN.fullmatch(value):
        return value
    return escape(" ".join(_FORBIDDEN.sub("\ufffd", value).split()))


def number(value: float) -> str:
    """At most one decimal, and no minus zero: a tenth of a unit cannot be seen."""
    tenths = round(value * 10)
    if not tenths % 10:
        return str(tenths // 10)
    sign = "-" if tenths < 0 else ""
    return f"{sign}{abs(tenths) // 10}.{abs(tenths) % 10}"


@lru_cache(maxsize=1024)
def css_class(prefix: str, word: str) -> str:
    """A class made of somebody's word, or nothing where no letter or digit is left of it."""
    slug = re.sub(r"[^a-z0-9]+", "-", word.lower()).strip("-")
    return f"{prefix}-{slug}" if slug else ""


@lru_cache(maxsize=16_384)
def address(href: str | None) -> str | None:
    """The address if it is http, https or relative, else None: nothing that a click could execute."""
    if not href or _CONTROL.search(href):
        return None
    scheme = _SCHEME.match(href)
    return href if scheme is None or scheme[0].lower() in {"http", "https"} else None
