"""What both sides are read into: items of a few kinds, and the words that they are compared by."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["heading", "cell", "code", "link", "diagram link", "image", "fact"]
KINDS: tuple[Kind, ...] = ("heading", "cell", "code", "link", "diagram link", "image", "fact")

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that a reader finds on a page."""

    kind: Kind
    text: str
    target: str = ""
    """Where a link leads: as the page writes it on the site; `page:…`, `file:…` or an address in the wiki."""
    anchor: str = ""
    """The anchor of a wiki link, on the page it leads to or, without a target, on its own."""

    def __str__(self) -> str:
        shown = " ".join(self.text.split())[:80]
        return f"{self.kind} {shown!r}" + (f" to {self.target}" if self.target else "")


@dataclass(frozen=True, slots=True)
class Side:
    """All that was found on one side."""

    items: tuple[Item, ...]
    text: str
    """All visible text, blocks apart."""
    anchors: frozenset[str] = frozenset()
    dropped: tuple[str, ...] = ()
    """Why an element was left out by design, once for each element."""


def words(text: str) -> list[str]:
    """The words and numbers of a text; punctuation and brackets may differ between the sides."""
    return _WORD.findall(visible(text))


def visible(text: str) -> str:
    """The text without control and format characters, which no reader sees and XML partly cannot hold."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\t\n\r\f" or _is_space(letter))


def _is_space(letter: str) -> bool:
    return letter.isspace() and letter > "\x7f"


def letters(text: str) -> str:
    """Letters and digits only: how names are compared where each side replaces what it cannot hold."""
    return "".join(filter(str.isalnum, text)).lower()
