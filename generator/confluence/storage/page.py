"""The input of a conversion: the page, its site, and the context that converts the content of elements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lxml.etree import _Element

from generator.confluence.storage.flow import as_blocks, join_texts
from generator.confluence.storage.nodes import ConversionLoss, Node, Nodes
from generator.confluence.storage.text import collapse_spaces, shorten_text
from generator.findings import Rule

Html: TypeAlias = _Element
"""An element of the built page; lxml has no public name for its type."""
TASK_STATE = "data-task"
"""Set on a list item whose box was taken off: `complete` or `incomplete`."""
FIRST = "data-first"
"""Set on the page's first heading, and on the first abbreviation of its kind: the one that is spelled out."""
NUMBER = "data-number"
"""Set on a diagram: which one of the page it is, from 1."""
TOOLTIP = "data-tooltip"
"""Set on an element whose title has words that stand nowhere else on the page."""
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of the built site."""

    path: str
    """Relative to the site, with forward slashes: `models/ryl.html`."""
    title: str
    """Its title in the wiki; a first heading with the same words is not repeated in the body."""


@dataclass(frozen=True, slots=True)
class SourceSite:
    """What a page's links and images can lead to; the disk is behind `read_file`."""

    refs: Mapping[str, str]
    """The reference of every published page, by its path."""
    read_file: Callable[[str], bytes | None]
    """A file of the site by its path, or None where there is none."""
    links_of_svg: Callable[[str], tuple[tuple[str, str], ...]]
    """The (label, address) pairs of a drawing of ours."""
    url: str | None = None
    """Where the site is served, for links to what is not published."""
    drawing_key: str = ""
    """Changes when the renderer of drawings does, so that their pictures are uploaded again."""


@dataclass(frozen=True, slots=True)
class ConversionContext:
    """The conversion seen from one element: handlers get it to convert what they contain."""

    page: SourcePage
    site: SourceSite
    ids: frozenset[str]
    """The ids that a link on this page can lead to."""
    convert: Callable[[Html, "ConversionContext"], Nodes]

    def convert_children(self, element: Html) -> Nodes:
        """The element's content, text and elements mixed as they stand."""
        made: list[Node] = [collapse_spaces(element.text)] if element.text else []
        for child in element:
            made.extend(self.convert(child, self))
            if child.tail:
                made.append(collapse_spaces(child.tail))
        return join_texts(made)

    def convert_stray_children(self, element: Html, known: frozenset[str]) -> Nodes:
        """What an element holds beside the children that belong there: HTML forbids it and browsers show it."""
        made: list[Node] = [collapse_spaces(element.text)] if element.text else []
        for child in element:
            made.extend(() if get_tag(child) in known else self.convert(child, self))
            made.append(collapse_spaces(child.tail or ""))
        return as_blocks(join_texts(made))

    def convert_blocks(self, element: Html) -> Nodes:
        """The element's content as paragraphs and other blocks."""
        return as_blocks(self.convert_children(element))


def get_classes(element: Html) -> frozenset[str]:
    """The element's classes."""
    return frozenset((element.get("class") or "").split())


def get_tag(element: Html) -> str:
    """The element's name, or "" for a comment or another node that is not an element."""
    name: object = element.tag
    return name if isinstance(name, str) else ""


def get_text(element: Html) -> str:
    """All text within, whitespace collapsed."""
    return " ".join("".join(str(part) for part in element.itertext()).split())


def build_loss(rule: Rule, what: str, element: Html, section: str = "") -> ConversionLoss:
    """A loss at the element, with the nearest text; the section is filled in when the result is collected."""
    return ConversionLoss(rule, what, section, shorten_text(_find_nearest_text(element)))


def _find_nearest_text(element: Html) -> str:
    """Its own text or alternative, else what stands before it, else before what it lies in."""
    node: Html | None = element
    found = get_text(element) or (element.get("alt") or "").strip()
    while node is not None and not found:
        parent = node.getparent()
        before = (get_text(sibling) or (sibling.tail or "").strip() for sibling in node.itersiblings(preceding=True))
        above = "" if parent is None else (parent.text or "").strip()
        found = next(filter(None, before), above)
        node = parent
    return found
