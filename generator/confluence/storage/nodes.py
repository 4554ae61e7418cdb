"""The tree of a converted page, and its text.

The tree also contains the other parts of a page (files, losses), at their original positions.
"""

import hashlib
from collections.abc import Iterator

import msgspec

from generator.findings import Rule
from generator.printable import NOT_XML
from generator.values import FrozenValue

_SPACES = str.maketrans("\t\n\r\f", "    ")
"""The whitespace that HTML collapses, without the no-break space."""


class CData(FrozenValue):
    """Verbatim text with its line ends: the body of a code macro."""

    text: str


class PageTarget(FrozenValue):
    """A page of the book as the target of a link. Its title is known only when the page is published."""

    ref: str
    anchor: str = ""


class SiteFile(msgspec.Struct, frozen=True, tag=True):
    """The content of a file of the built site."""

    path: str


class Embedded(msgspec.Struct, frozen=True, tag=True):
    """The content of a `data:` address."""

    content: bytes


class Drawing(msgspec.Struct, frozen=True, tag=True):
    """A diagram of Modelbook. It is rendered only for the upload, since that takes a fifth of a second."""

    svg: str


class PageFile(FrozenValue):
    """A file of a page; as a node, its `ri:attachment` element."""

    name: str
    media_type: str
    source: SiteFile | Embedded | Drawing
    digest: str
    """SHA-256 of the content, or of the SVG of a drawing, so that the same picture is not uploaded again."""


class ConversionLoss(FrozenValue):
    """Content of a page that storage format cannot express, or not completely."""

    rule: Rule
    what: str
    section: str
    """The heading above it; "" above the first heading."""
    near: str
    """The nearest text, so that the author can find it."""


class Element(FrozenValue):
    """An element of storage format with a prefixed name, such as `ac:link`."""

    name: str
    attributes: tuple[tuple[str, str], ...] = ()
    children: tuple["Node", ...] = ()

    def get(self, name: str) -> str:
        """Return the value of an attribute; "" if it is missing."""
        return dict(self.attributes).get(name, "")

    def is_macro(self, *names: str) -> bool:
        """Return whether the element is a macro with one of the names."""
        return self.name == "ac:structured-macro" and self.get("ac:name") in names


Node = str | CData | PageTarget | PageFile | ConversionLoss | Element
Nodes = tuple[Node, ...]
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_IN_LINE = frozenset(
    {"a", "code", "del", "em", "small", "span", "strong", "sub", "sup", "u", "ac:link", "ac:link-body"}
)


def list_nodes(nodes: Nodes) -> Iterator[Node]:
    """List all nodes in the order of the text."""
    stack = list(reversed(nodes))
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, Element):
            stack.extend(reversed(node.children))


def list_elements(nodes: Nodes) -> Iterator[Element]:
    """List all elements in the order of the text."""
    return (node for node in list_nodes(nodes) if isinstance(node, Element))


def to_plain_text(nodes: Nodes) -> str:
    """Return the visible text, with collapsed whitespace. It includes the text of a status macro."""
    return " ".join("".join(_list_visible_texts(nodes)).split())


def _list_visible_texts(nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        match node:
            case str() | CData(text=str()):
                yield node if isinstance(node, str) else node.text
            case Element(name="ac:parameter"):
                yield to_plain_text(node.children) if node.get("ac:name") == "title" else ""
            case Element():
                apart = "" if node.name in _IN_LINE or node.is_macro("anchor") else " "
                yield from (apart, *_list_visible_texts(node.children), apart)
            case _:
                pass


def compute_digest(content: bytes) -> str:
    """Return the SHA-256 of some bytes in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def remove_illegal(text: str) -> str:
    """Return a text without the characters that XML 1.0 does not allow: https://www.w3.org/TR/xml/#charsets."""
    return text if text.isprintable() else NOT_XML.sub("", text)


def collapse_spaces(text: str) -> str:
    """Return a text with collapsed whitespace, also at the ends, as a browser shows it."""
    spaced = text.translate(_SPACES)
    words = [word for word in spaced.split(" ") if word]
    if not words:
        return " " if spaced else ""
    return f"{' ' * spaced.startswith(' ')}{' '.join(words)}{' ' * spaced.endswith(' ')}"


def shorten_text(text: str, limit: int = 60) -> str:
    """Return a text as one line of at most `limit` characters, for a message."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"
