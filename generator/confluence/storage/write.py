"""Storage format as text, with the places of other pages left open until the wiki has named them."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from generator.confluence.storage.nodes import Attachment, CData, Element, Fact, Loss, Node, Nodes, Target, digest
from generator.confluence.storage.text import legal


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page of the book stands in the wiki; linked by `content_id` where given, else by title."""

    title: str
    space_key: str = ""
    content_id: str = ""

    @property
    def identifier(self) -> str:
        """The `ri:` element for it. A title works before the page exists, an id outlives a rename."""
        if self.content_id:
            return f"<ri:content-entity ri:content-id={quoteattr(self.content_id)}/>"
        space = f" ri:space-key={quoteattr(self.space_key)}" if self.space_key else ""
        return f"<ri:page{space} ri:content-title={quoteattr(legal(self.title))}/>"


@dataclass(frozen=True, slots=True)
class Storage:
    """A page's body: text, and a Target wherever it links to another page of the book."""

    parts: tuple[str | Target, ...]

    @property
    def refs(self) -> frozenset[str]:
        """The pages that it links to: those need a place before it can be resolved."""
        return frozenset(part.ref for part in self.parts if isinstance(part, Target))

    @property
    def digest(self) -> str:
        """The same for the same content, whatever ids and titles the targets have in the wiki."""
        return digest(json.dumps([_abstract(part) for part in self.parts], ensure_ascii=True).encode())

    def resolved(self, places: Mapping[str, Place]) -> str:
        """The body as Confluence takes it; KeyError with the reference of a page that has no place."""
        return "".join(part if isinstance(part, str) else places[part.ref].identifier for part in self.parts)


def _abstract(part: str | Target) -> object:
    return part if isinstance(part, str) else {"ref": part.ref, "anchor": part.anchor}


def storage_of(nodes: Nodes) -> Storage:
    """The nodes written out, neighbouring text joined so that equal content has equal parts."""
    parts: list[str | Target] = []
    for kind, group in groupby(_written(nodes), key=type):
        run = tuple(group)
        parts.extend(run if kind is Target else ("".join(map(str, run)),))
    return Storage(tuple(parts))


def _written(nodes: Iterable[Node]) -> Iterator[str | Target]:
    for node in nodes:
        match node:
            case str():
                yield escape(legal(node))
            case CData(text):
                yield _cdata(legal(text))
            case Target():
                yield node
            case Attachment(name=name):
                yield f"<ri:attachment ri:filename={quoteattr(legal(name))}/>"
            case Element():
                yield from _element(node)
            case Loss() | Fact():
                pass


def _element(element: Element) -> Iterator[str | Target]:
    attributes = "".join(f" {name}={quoteattr(legal(value))}" for name, value in element.attributes)
    if not element.children:
        yield f"<{element.name}{attributes}/>"
        return
    yield f"<{element.name}{attributes}>"
    yield from _written(element.children)
    yield f"</{element.name}>"


def _cdata(text: str) -> str:
    """A section cannot hold its own end, so one is closed between the brackets and the next begins."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
