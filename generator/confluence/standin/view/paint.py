"""What painting needs from outside, so that painting itself looks nothing up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Protocol

from lxml import etree

from generator.confluence.standin.storage_rules import attribute, name_of


@dataclass(frozen=True, slots=True)
class Target:
    """Something that a link leads to."""

    href: str
    title: str


@dataclass(frozen=True, slots=True)
class ViewContext:
    """The wiki around a page, as questions."""

    page_titled: Callable[[str, str], Target | None]
    """Takes a title and a space's key, or an empty key for the page's own space."""
    page_with_id: Callable[[str], Target | None]
    file: Callable[[str, str], str | None]
    """Takes a file's name and a page's title, or an empty title for the page itself; gives an address."""
    children: Callable[[], Sequence[Target]]
    labelled: Callable[[Sequence[str]], Sequence[tuple[Target, str]]]
    """The pages that carry all of these labels, with their bodies."""


@dataclass(frozen=True, slots=True)
class Painter:
    """Passed down the tree: the surroundings, the page's own anchors, and how to paint what is inside."""

    around: ViewContext
    anchors: frozenset[str]
    root: etree._Element
    inside: Callable[[etree._Element], str]


class Painted(Protocol):
    """Paints one element as HTML."""

    def __call__(self, element: etree._Element, painter: Painter, /) -> str:
        """HTML, whole and safe."""
        ...


def text_of(element: etree._Element) -> str:
    """Return all text inside, with single blanks."""
    return " ".join("".join(str(part) for part in element.itertext()).split())


def anchor_of(text: str) -> str:
    """Return a heading's anchor, as the current editor makes it: the text with hyphens for blanks."""
    return "-".join(text.split())


def parameter(macro: etree._Element, name: str) -> str:
    """Return a macro's parameter as text."""
    for child in macro:
        if name_of(child) == "ac:parameter" and attribute(child, "ac:name") == name:
            return text_of(child)
    return ""


def broken(what: str) -> str:
    """Something that leads nowhere, for all to see."""
    return f'<span class="broken" title="leads nowhere">{escape(what)}</span>'


def link(href: str, inner: str) -> str:
    """Return a link; `inner` is HTML."""
    return f'<a href="{escape(href)}">{inner}</a>'
