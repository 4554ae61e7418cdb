"""Storage format as text, in which links to pages are resolved later."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from generator.confluence.storage.nodes import (
    CData,
    ConversionLoss,
    Element,
    Node,
    Nodes,
    PageFile,
    PageProperty,
    PageTarget,
    compute_digest,
)
from generator.confluence.storage.text import remove_illegal


@dataclass(frozen=True, slots=True)
class WikiLocation:
    """The location of a page in the wiki. Links contain its id if that is known, else its title."""

    title: str
    space_key: str = ""
    content_id: str = ""

    @property
    def identifier(self) -> str:
        """The `ri:` element of the page. A title works before the page exists, an id after it is renamed."""
        if self.content_id:
            return f"<ri:content-entity ri:content-id={quoteattr(self.content_id)}/>"
        space = f" ri:space-key={quoteattr(self.space_key)}" if self.space_key else ""
        return f"<ri:page{space} ri:content-title={quoteattr(remove_illegal(self.title))}/>"


@dataclass(frozen=True, slots=True)
class StorageBody:
    """The body of a page: text, and a target for each link to another page of the book."""

    parts: tuple[str | PageTarget, ...]

    @property
    def refs(self) -> frozenset[str]:
        """The pages to which it links; their locations are needed to resolve it."""
        return frozenset(part.ref for part in self.parts if isinstance(part, PageTarget))

    @property
    def digest(self) -> str:
        """The digest of the content, without the ids and titles of targets in the wiki."""
        parts = [part if isinstance(part, str) else {"ref": part.ref, "anchor": part.anchor} for part in self.parts]
        return compute_digest(json.dumps(parts, ensure_ascii=True).encode())

    def resolve(self, places: Mapping[str, WikiLocation]) -> str:
        """Return the body as Confluence stores it.

        Raises:
            KeyError: The location of a page is missing.

        """
        return "".join(part if isinstance(part, str) else places[part.ref].identifier for part in self.parts)


def render_nodes(nodes: Nodes) -> StorageBody:
    """Return the nodes as text; adjacent texts are joined, so that equal content has equal parts."""
    parts: list[str | PageTarget] = []
    for kind, group in groupby(_render_parts(nodes), key=type):
        run = tuple(group)
        parts.extend(run if kind is PageTarget else ("".join(map(str, run)),))
    return StorageBody(tuple(parts))


def _render_parts(nodes: Iterable[Node]) -> Iterator[str | PageTarget]:
    for node in nodes:
        match node:
            case str():
                yield escape(remove_illegal(node))
            case CData(text):
                # A CDATA section cannot contain its own end, so it is split in two: https://www.w3.org/TR/xml/#sec-cdata-sect
                yield f"<![CDATA[{remove_illegal(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
            case PageTarget():
                yield node
            case PageFile(name=name):
                yield f"<ri:attachment ri:filename={quoteattr(remove_illegal(name))}/>"
            case Element():
                yield from _render_element(node)
            case ConversionLoss() | PageProperty():
                pass


def _render_element(element: Element) -> Iterator[str | PageTarget]:
    attributes = "".join(f" {name}={quoteattr(remove_illegal(value))}" for name, value in element.attributes)
    if not element.children:
        yield f"<{element.name}{attributes}/>"
        return
    yield f"<{element.name}{attributes}>"
    yield from _render_parts(element.children)
    yield f"</{element.name}>"
