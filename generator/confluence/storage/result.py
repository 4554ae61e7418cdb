"""The result of a conversion: the body with the files, links, properties and losses in the tree."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator.confluence.storage.nodes import (
    ConversionLoss,
    Element,
    Node,
    Nodes,
    PageFile,
    PageProperty,
    PageTarget,
    compute_digest,
    list_nodes,
    to_plain_text,
)
from generator.confluence.storage.rules import FILE_NAME_TAKEN, LANGUAGE_NOT_KNOWN
from generator.confluence.storage.text import shorten_text
from generator.confluence.storage.write import StorageBody, render_nodes


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of a page."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class ConvertedPage:
    """A page in storage format, with its files, properties and losses. Equal HTML gives equal bytes."""

    storage: StorageBody
    attachments: tuple[PageFile, ...]
    links: tuple[PageTarget, ...]
    """The other pages to which it links, with their anchors, without duplicates."""
    anchors: tuple[str, ...]
    """The names of its anchors."""
    facts: tuple[PageProperty, ...]
    outline: tuple[Heading, ...]
    losses: tuple[ConversionLoss, ...]

    @property
    def digest(self) -> str:
        """The digest of the body and the attachments, without the ids that the wiki gave to linked pages."""
        attached = sorted((attachment.name, attachment.digest) for attachment in self.attachments)
        return compute_digest(json.dumps([self.storage.digest, attached]).encode())


def collect_result(nodes: Nodes) -> ConvertedPage:
    """Write the tree, and collect its attachments, links, properties, headings and losses in the order of the text."""
    found = tuple(list_nodes(nodes))
    attachments = tuple(dict.fromkeys(node for node in found if isinstance(node, PageFile)))
    return ConvertedPage(
        render_nodes(nodes),
        attachments,
        tuple(dict.fromkeys(node for node in found if isinstance(node, PageTarget))),
        tuple(dict.fromkeys(list_anchors(nodes))),
        tuple(node for node in found if isinstance(node, PageProperty)),
        tuple(heading for node in found for heading in _list_headings(node)),
        (*_list_losses(found), *_check_file_names(attachments)),
    )


def _list_losses(found: tuple[Node, ...]) -> Iterator[ConversionLoss]:
    """Yield the losses with the heading above each; a language is reported once for each page."""
    section, languages = "", set[str]()
    for node in found:
        if isinstance(node, ConversionLoss) and node.what not in languages:
            languages |= {node.what} if node.rule is LANGUAGE_NOT_KNOWN else set()
            yield node if node.section else replace(node, section=section)
        section = next((shorten_text(heading.text) for heading in _list_headings(node)), section)


def list_anchors(nodes: Nodes) -> Iterator[str]:
    """List the names of the anchors in order."""
    for node in list_nodes(nodes):
        if isinstance(node, Element) and node.get("ac:name") == "anchor":
            yield from (child for child in list_nodes(node.children) if isinstance(child, str))


def list_linked_anchors(nodes: Nodes) -> frozenset[str]:
    """List the anchors of the same page to which links point."""
    links = (node for node in list_nodes(nodes) if isinstance(node, Element) and node.name == "ac:link")
    own = (link for link in links if not any(isinstance(child, PageTarget) for child in link.children))
    return frozenset(link.get("ac:anchor") for link in own) - {""}


def _list_headings(node: Node) -> tuple[Heading, ...]:
    if not isinstance(node, Element) or len(node.name) != 2 or node.name[0] != "h" or node.name == "hr":
        return ()
    return (Heading(int(node.name[1]), to_plain_text(node.children)),)


def _check_file_names(attachments: tuple[PageFile, ...]) -> tuple[ConversionLoss, ...]:
    """Report each file whose name another file with other content has."""
    first: dict[str, str] = {}
    taken = [each for each in attachments if first.setdefault(each.name, each.digest) != each.digest]
    return tuple(ConversionLoss(FILE_NAME_TAKEN, f"a second file named {each.name}", "", each.name) for each in taken)
