"""What both sides are read into: items of a few kinds, and the texts that they are compared by."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "cell", "code", "list item", "link", "diagram link", "image", "fact"]
KINDS: tuple[Kind, ...] = ("heading", "cell", "code", "list item", "link", "diagram link", "image", "fact")

_TOKEN = re.compile(r"\w+|[^\w\s]")
_ILLEGAL = dict.fromkeys([*(set(range(0x20)) - {9, 10, 12, 13}), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF])
"""The characters that no XML holds, and so no wiki."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a reader finds on a page."""

    kind: Kind
    text: str
    target: str = ""
    """Where a link leads and what an image shows: as the page writes it on the site; `page:…`, `file:…` or an address
    in the wiki; `diagram:…` for a drawing of ours."""
    anchor: str = ""
    """The anchor of a wiki link, on the page it leads to or, without a target, on its own."""
    form: str = ""
    """What else has to be the same: a heading's level, a cell's spans and place, a task's state, a code's language."""

    def __str__(self) -> str:
        shown = collapsed(self.text)[:80]
        form = f" ({self.form})" if self.form else ""
        return f"{self.kind} {shown!r}{form}" + (f" to {self.target}" if self.target else "")


@dataclass(frozen=True, slots=True)
class Side:
    """All that was found on one side."""

    items: tuple[Item, ...]
    text: str
    """All visible text, blocks apart."""
    anchors: frozenset[str] = frozenset()
    dropped: tuple[str, ...] = ()
    """Why an element was left out by design, once for each element."""


def tokens(text: str) -> list[str]:
    """Return the words, numbers and signs of a text, each sign by itself."""
    return _TOKEN.findall(visible(text))


def collapsed(text: str) -> str:
    """Return the text as one line: what two texts have to have in common to be the same to a reader."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """Return the text without the characters that XML cannot hold."""
    return text.translate(_ILLEGAL)


def cell_form(name: str, spans: tuple[str, str], *, opens_row: bool) -> str:
    """Return a cell's kind, its columns and rows, and whether a row begins with it."""
    columns, rows = (value if value.isdecimal() and value != "0" else "1" for value in spans)
    return f"{name} {columns}x{rows}{' opens a row' if opens_row else ''}"


def letters(text: str) -> str:
    """Letters and digits only: how names are compared where each side replaces what it cannot hold."""
    return "".join(filter(str.isalnum, text)).lower()
