"""What a conversion gives: the body, and all that was found on the way, read off the finished tree."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from generator.confluence.storage.nodes import (
    Attachment,
    Element,
    Fact,
    Loss,
    Node,
    Nodes,
    Target,
    all_nodes,
    digest,
    plain,
)
from generator.confluence.storage.rules import FILE_NAME_TAKEN, LANGUAGE_NOT_KNOWN
from generator.confluence.storage.text import shorten
from generator.confluence.storage.write import Storage, storage_of


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the page's outline."""

    level: int
    text: str


@dataclass(frozen=True, slots=True)
class Converted:
    """A page as Confluence takes it, with what goes beside its body; the same HTML gives the same bytes."""

    storage: Storage
    attachments: tuple[Attachment, ...]
    links: tuple[Target, ...]
    """The other pages that it leads to, with the anchors there, each once."""
    anchors: tuple[str, ...]
    """The names that links can lead to."""
    facts: tuple[Fact, ...]
    outline: tuple[Heading, ...]
    losses: tuple[Loss, ...]

    @property
    def digest(self) -> str:
        """The same as long as body and attachments are, whatever ids the wiki gave to the pages it links to."""
        attached = sorted((attachment.name, attachment.digest) for attachment in self.attachments)
        return digest(json.dumps([self.storage.digest, attached]).encode())


def collected(nodes: Nodes) -> Converted:
    """The tree written out, with its attachments, links, facts, headings and losses in the order of the text."""
    found = tuple(all_nodes(nodes))
    attachments = tuple(dict.fromkeys(node for node in found if isinstance(node, Attachment)))
    return Converted(
        storage_of(nodes),
        attachments,
        tuple(dict.fromkeys(node for node in found if isinstance(node, Target))),
        tuple(dict.fromkeys(anchor_names(nodes))),
        tuple(node for node in found if isinstance(node, Fact)),
        tuple(heading for node in found for heading in _headings(node)),
        (*_losses(found), *_clashes(attachments)),
    )


def _losses(found: tuple[Node, ...]) -> Iterator[Loss]:
    """The losses, each with the heading that was last seen before it; a language is told once for the whole page."""
    section, languages = "", set[str]()
    for node in found:
        if isinstance(node, Loss) and node.what not in languages:
            languages |= {node.what} if node.rule is LANGUAGE_NOT_KNOWN else set()
            yield node if node.section else replace(node, section=section)
        section = next((shorten(heading.text) for heading in _headings(node)), section)


def anchor_names(nodes: Nodes) -> Iterator[str]:
    """The names of the anchors among the nodes, in order."""
    for node in all_nodes(nodes):
        if isinstance(node, Element) and node.get("ac:name") == "anchor":
            yield from (child for child in all_nodes(node.children) if isinstance(child, str))


def linked_anchors(nodes: Nodes) -> frozenset[str]:
    """The anchors that links lead to on the same page."""
    links = (node for node in all_nodes(nodes) if isinstance(node, Element) and node.name == "ac:link")
    own = (link for link in links if not any(isinstance(child, Target) for child in link.children))
    return frozenset(link.get("ac:anchor") for link in own) - {""}


def _headings(node: Node) -> tuple[Heading, ...]:
    if not isinstance(node, Element) or len(node.name) != 2 or node.name[0] != "h" or node.name == "hr":
        return ()
    return (Heading(int(node.name[1]), plain(node.children)),)


def _clashes(attachments: tuple[Attachment, ...]) -> tuple[Loss, ...]:
    """One loss for each further file under a name that is taken by another content."""
    first: dict[str, str] = {}
    taken = [each for each in attachments if first.setdefault(each.name, each.digest) != each.digest]
    return tuple(Loss(FILE_NAME_TAKEN, f"a second file named {each.name}", "", each.name) for each in taken)
