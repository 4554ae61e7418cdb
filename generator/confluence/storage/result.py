"""What a conversion gives: the body, and all that was found on the way, read off the finished tree."""

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
    """A heading of the page's outline."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class ConvertedPage:
    """A page as Confluence takes it, with what goes beside its body; the same HTML gives the same bytes."""

    storage: StorageBody
    attachments: tuple[PageFile, ...]
    links: tuple[PageTarget, ...]
    """The other pages that it leads to, with the anchors there, each once."""
    anchors: tuple[str, ...]
    """The names that links can lead to."""
    facts: tuple[PageProperty, ...]
    outline: tuple[Heading, ...]
    losses: tuple[ConversionLoss, ...]

    @property
    def digest(self) -> str:
        """The same as long as body and attachments are, whatever ids the wiki gave to the pages it links to."""
        attached = sorted((attachment.name, attachment.digest) for attachment in self.attachments)
        return compute_digest(json.dumps([self.storage.digest, attached]).encode())


def collect_result(nodes: Nodes) -> ConvertedPage:
    """The tree written out, with its attachments, links, facts, headings and losses in the order of the text."""
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
    """The losses, each with the heading that was last seen before it; a language is told once for the whole page."""
    section, languages = "", set[str]()
    for node in found:
        if isinstance(node, ConversionLoss) and node.what not in languages:
            languages |= {node.what} if node.rule is LANGUAGE_NOT_KNOWN else set()
            yield node if node.section else replace(node, section=section)
        section = next((shorten_text(heading.text) for heading in _list_headings(node)), section)


def list_anchors(nodes: Nodes) -> Iterator[str]:
    """The names of the anchors among the nodes, in order."""
    for node in list_nodes(nodes):
        if isinstance(node, Element) and node.get("ac:name") == "anchor":
            yield from (child for child in list_nodes(node.children) if isinstance(child, str))


def list_linked_anchors(nodes: Nodes) -> frozenset[str]:
    """The anchors that links lead to on the same page."""
    links = (node for node in list_nodes(nodes) if isinstance(node, Element) and node.name == "ac:link")
    own = (link for link in links if not any(isinstance(child, PageTarget) for child in link.children))
    return frozenset(link.get("ac:anchor") for link in own) - {""}


def _list_headings(node: Node) -> tuple[Heading, ...]:
    if not isinstance(node, Element) or len(node.name) != 2 or node.name[0] != "h" or node.name == "hr":
        return ()
    return (Heading(int(node.name[1]), to_plain_text(node.children)),)


def _check_file_names(attachments: tuple[PageFile, ...]) -> tuple[ConversionLoss, ...]:
    """One loss for each further file under a name that is taken by another content."""
    first: dict[str, str] = {}
    taken = [each for each in attachments if first.setdefault(each.name, each.digest) != each.digest]
    return tuple(ConversionLoss(FILE_NAME_TAKEN, f"a second file named {each.name}", "", each.name) for each in taken)
