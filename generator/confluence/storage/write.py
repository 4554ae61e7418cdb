"""A converted page: its body as text, in which links to pages are resolved later, its files, links and losses."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from xml.sax.saxutils import escape, quoteattr

from msgspec.structs import replace

from generator.confluence.storage import rules
from generator.confluence.storage.nodes import (
    HEADINGS,
    CData,
    ConversionLoss,
    Element,
    Node,
    Nodes,
    PageFile,
    PageTarget,
    list_elements,
    list_nodes,
    remove_illegal,
    shorten_text,
    to_plain_text,
)
from generator.values import FrozenValue


class StorageBody(FrozenValue):
    """The body of a page: text, and a target for each link to another page of the book."""

    parts: tuple[str | PageTarget, ...]

    @property
    def refs(self) -> frozenset[str]:
        """The pages to which it links; their titles are needed to resolve it."""
        return frozenset(part.ref for part in self.parts if isinstance(part, PageTarget))

    def resolve(self, titles: Mapping[str, str], space_key: str = "") -> str:
        """Return the body as Confluence stores it; KeyError if the title of a page is missing.

        Links contain titles, which work before the pages exist, and the space, because Confluence's newer editor
        otherwise refuses some of them (CONFCLOUD-69902).
        """
        space = f" ri:space-key={quoteattr(space_key)}" if space_key else ""
        return "".join(
            part
            if isinstance(part, str)
            else f"<ri:page{space} ri:content-title={quoteattr(remove_illegal(titles[part.ref]))}/>"
            for part in self.parts
        )


class ConvertedPage(FrozenValue):
    """A page in storage format, with its files and losses. Equal HTML gives equal bytes."""

    storage: StorageBody
    attachments: tuple[PageFile, ...]
    links: tuple[PageTarget, ...]
    """The other pages to which it links, with their anchors, without duplicates."""
    anchors: tuple[str, ...]
    """The names of its anchors."""
    losses: tuple[ConversionLoss, ...]


def collect_result(nodes: Nodes) -> ConvertedPage:
    """Write the tree, and collect its attachments, links, anchors and losses in the order of the text."""
    parts: list[str | PageTarget] = []
    for kind, group in groupby(_render_parts(nodes), key=type):
        run = tuple(group)
        # Adjacent texts are joined, so that equal content has equal parts.
        parts.extend(run if kind is PageTarget else ("".join(map(str, run)),))
    found = tuple(list_nodes(nodes))
    attachments = tuple(dict.fromkeys(node for node in found if isinstance(node, PageFile)))
    first: dict[str, str] = {}
    taken = [each for each in attachments if first.setdefault(each.name, each.digest) != each.digest]
    clashes = (
        ConversionLoss(rules.FILE_NAME_TAKEN, f"a second file named {each.name}", "", each.name) for each in taken
    )
    return ConvertedPage(
        StorageBody(tuple(parts)),
        attachments,
        tuple(dict.fromkeys(node for node in found if isinstance(node, PageTarget))),
        tuple(dict.fromkeys(list_anchors(nodes))),
        (*_list_losses(found), *clashes),
    )


def _list_losses(found: tuple[Node, ...]) -> Iterator[ConversionLoss]:
    """Yield the losses with the heading above each; a language is reported once for each page."""
    section, languages = "", set[str]()
    for node in found:
        if isinstance(node, ConversionLoss) and node.what not in languages:
            languages |= {node.what} if node.rule is rules.LANGUAGE_NOT_KNOWN else set()
            yield node if node.section else replace(node, section=section)
        if isinstance(node, Element) and node.name in HEADINGS:
            section = shorten_text(to_plain_text(node.children))


def list_anchors(nodes: Nodes) -> Iterator[str]:
    """List the names of the anchors in order."""
    for anchor in (node for node in list_elements(nodes) if node.is_macro("anchor")):
        yield from (child for child in list_nodes(anchor.children) if isinstance(child, str))


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
            case Element(name=name, children=children):
                attributes = "".join(f" {key}={quoteattr(remove_illegal(value))}" for key, value in node.attributes)
                yield f"<{name}{attributes}{'>' if children else '/>'}"
                yield from _render_parts(children)
                yield f"</{name}>" if children else ""
            case ConversionLoss():
                pass
