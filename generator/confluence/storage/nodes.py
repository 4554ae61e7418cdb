"""What storage format is made of while it is built: a frozen tree, written out once at the end.

Everything a page gives besides its text (files, facts, what could not be carried) stands in the tree where it was
found, so that a conversion is one pure fold and collecting is one context.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from generator.findings import Rule


@dataclass(frozen=True, slots=True)
class CData:
    """Text kept as it is typed, line ends included: the body of a code macro."""

    text: str


@dataclass(frozen=True, slots=True)
class PageTarget:
    """A page of the book, by its reference, in the place of the identifier that only the wiki knows."""

    ref: str
    anchor: str = ""


@dataclass(frozen=True, slots=True)
class SiteFile:
    """Bytes that lie in the built site at `path`."""

    path: str


@dataclass(frozen=True, slots=True)
class Embedded:
    """Bytes that the page itself held, in a `data:` address."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture of ours, to be rendered only when it has to be uploaded: that takes a fifth of a second each."""

    svg: str


@dataclass(frozen=True, slots=True)
class PageFile:
    """A file that belongs to the page; as a node it writes its `ri:attachment` identifier."""

    name: str
    media_type: str
    source: SiteFile | Embedded | Drawing
    digest: str
    """SHA-256 of what is shown (of the SVG for a drawing), so that equal pictures are not uploaded again."""


@dataclass(frozen=True, slots=True)
class ConversionLoss:
    """Something on the page that storage format does not carry, or not as it was."""

    rule: Rule
    what: str
    section: str
    """The heading it stands under, or "" above the first one."""
    near: str
    """The nearest text, so that the author finds it."""


@dataclass(frozen=True, slots=True)
class PageProperty:
    """A row of a fact panel: `Owner`, `Ranking data science`."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Element:
    """An element of storage format, with the prefix in its name as Confluence spells it (`ac:link`)."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple["Node", ...] = ()

    def get(self, name: str) -> str:
        """An attribute's value, or "" where it has none."""
        return dict(self.attributes).get(name, "")


Node = str | CData | PageTarget | PageFile | ConversionLoss | PageProperty | Element
Nodes = tuple[Node, ...]
SILENT = (ConversionLoss, PageProperty)
"""Nodes that write nothing."""


def list_nodes(nodes: Nodes) -> Iterator[Node]:
    """Every node, in the order of the text."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Element):
            stack.extend(reversed(node.children))


_IN_LINE = frozenset(
    {"a", "code", "del", "em", "small", "span", "strong", "sub", "sup", "u", "ac:link", "ac:link-body"}
)


def to_plain_text(nodes: Nodes) -> str:
    """The text that a reader sees of them, whitespace collapsed; a lozenge's words count, an anchor's name does not."""
    return " ".join("".join(_list_visible_texts(nodes)).split())


def _list_visible_texts(nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        match node:
            case str() | CData(text=str()):
                yield node if isinstance(node, str) else node.text
            case Element(name="ac:parameter"):
                yield to_plain_text(node.children) if node.get("ac:name") == "title" else ""
            case Element():
                apart = "" if node.name in _IN_LINE or node.get("ac:name") == "anchor" else " "
                yield from (apart, *_list_visible_texts(node.children), apart)
            case _:
                pass


def compute_digest(content: bytes) -> str:
    """The SHA-256 of some bytes, as hex: how attachments and pages are compared."""
    return hashlib.sha256(content).hexdigest()
