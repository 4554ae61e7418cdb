"""A card's text as Markdown: shown as typed, whatever is in it.

What Markdown or HTML could take for markup becomes a character reference, which both read as that character
and as nothing else. One escape serves paragraphs, table cells, link texts and raw HTML with quoted attributes.
"""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit

from markupsafe import Markup

_MARKUP = re.compile(
    r"""[&<>"`*|\[\]\\{}$^~#]"""  # always
    r"""|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])"""  # emphasis; inside a word an underscore is one
    r"""|(?<=[=+])[=+]|[=+](?=[=+])"""  # marks and keys
    r"""|:(?=[\w+-]+:)"""  # emoji
    r"""|(?<=\w):(?=//)|(?<=mailto):|@|(?<=www)\."""  # addresses that some engines link by themselves
    r"""|!(?=\[)"""
)
_BLOCK_START = re.compile(r"^(?:[-+#=>:!?%]|\d+[.)](?=\s|$))")
_SPACE = re.compile(r"[\s\x00-\x1f\x7f\x85\u2028\u2029]+")
_LINKABLE = frozenset({"http", "https", "mailto"})


def text(value: object) -> Markup:
    """Any value as one line of text, safe in Markdown and in HTML."""
    if isinstance(value, Markup):
        return value
    given = str(value)
    return _short_line(given) if len(given) <= _SHORT else _line(given)


def _line(given: str) -> Markup:
    if given.isalnum():
        return Markup(given)  # noqa: S704 - letters and digits alone
    line = _SPACE.sub(" ", given).strip()
    return Markup(_BLOCK_START.sub(_references, _MARKUP.sub(_references, line)))  # noqa: S704 - just escaped


_SHORT = 200
_short_line = lru_cache(maxsize=16_384)(_line)
"""The same names and words stand on many pages of a book."""


def lines(value: object) -> Markup:
    """Text of several lines, its line breaks kept."""
    return Markup("<br>").join(text(line) for line in str(value).strip().splitlines())


def code(value: object) -> Markup:
    """A short text in monospace, safe in a table cell."""
    shown = text(value)
    return Markup(f"<code>{shown}</code>") if shown else Markup("")  # noqa: S704 - just escaped


def ticks(value: object) -> Markup:
    """Our own documentation: what stands between backticks is code, the rest is text."""
    parts = str(value).split("`")
    return Markup("").join(code(part) if number % 2 else _inner(part) for number, part in enumerate(parts))


def _inner(part: str) -> Markup:
    """Text in the middle of a line, with the spaces around it."""
    before = " " if part[:1].isspace() else ""
    after = " " if part[-1:].isspace() and part.strip() else ""
    return Markup(f"{before}{text(part)}{after}")  # noqa: S704 - just escaped


def fence(value: object, language: str = "") -> Markup:
    """A block of code; the fence is longer than any in the text."""
    content = str(value).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`{3,}", content)), default=2)
    ticks = "`" * (longest + 1)
    return Markup(f"{ticks}{language}\n{content}\n{ticks}")  # noqa: S704 - a fence shows its content as typed


def is_linkable(address: str) -> bool:
    """Whether an address may stand in a link: http, https or mailto, and nothing that could end it."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme.lower() in _LINKABLE and not re.search(r"[\s<>\"'\x00-\x1f\\]", address)


def link(label: object, target: str) -> Markup:
    """A Markdown link to a relative path or an address; the label alone where the address may not be linked."""
    if "://" in target or target.startswith("mailto:") or ":" in target.partition("/")[0]:
        if not is_linkable(target):
            return text(label)
        safe = quote(target, safe=":/?#@!$&*+,;=%-._~")
    else:
        safe = quote(target, safe="/#.-_")
    return Markup(f"[{text(label)}]({_MARKUP.sub(_references, safe)})")  # noqa: S704 - label and target are escaped


def attribute(value: object) -> Markup:
    """A value for a double-quoted HTML attribute."""
    return Markup(re.sub(r"[&<>\"'`{}\[\]]", _references, _SPACE.sub(" ", str(value)).strip()))  # noqa: S704


def _references(match: re.Match[str]) -> str:
    return "".join(character if character.isalnum() else f"&#{ord(character)};" for character in match[0])
