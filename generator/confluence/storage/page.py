"""The input of a conversion: the page, its site, and the context that converts the content of elements."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from lxml.etree import _Element

from generator.confluence.storage.flow import as_blocks, join_texts
from generator.confluence.storage.nodes import ConversionLoss, Node, Nodes, collapse_spaces, shorten_text
from generator.findings import Rule

Html: TypeAlias = _Element
"""An element of the built page; lxml has no public name for its type."""
TASK_STATE = "data-task"
"""Set on a list item whose checkbox was removed: `complete` or `incomplete`."""
FIRST = "data-first"
"""Set on the first heading of a page, and on the first occurrence of each abbreviation."""
NUMBER = "data-number"
"""Set on a diagram: its number on the page, from 1."""
TOOLTIP = "data-tooltip"
"""Set on an element whose title has text that appears only there."""
_DROPPED_TAGS = frozenset(
    {"button", "script", "style", "template", "link", "meta", "source", "wbr", "colgroup", "col", "datalist"}
)
_DROPPED_CLASSES = frozenset({"mb-site-only", "headerlink", "md-content__button", "md-source-file", "md-feedback"})
_DROPPED_NAVIGATION = frozenset({"md-path", "md-tags"})
"""Elements that are only for the site."""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A page of the built site."""

    path: str
    """The path relative to the site, with forward slashes: `models/ryl.html`."""
    title: str
    """The title in the wiki. A first heading with the same text is not repeated in the body."""
    linked_ids: frozenset[str] = frozenset()
    """The ids on it to which other pages of the book link."""
    children: frozenset[str] = frozenset()
    """The references of the pages below it."""
    account: str = ""
    """The account in the wiki of the person whose page it is."""


@dataclass(frozen=True, slots=True)
class SourceSite:
    """The targets of the links and images of a page."""

    refs: Mapping[str, str]
    """The references of the published pages by their paths."""
    read_file: Callable[[str], bytes | None]
    """Returns the content of a file of the site; None if there is no such file."""
    links_of_svg: Callable[[str], tuple[tuple[str, str], ...]]
    """Returns the (label, address) pairs of a diagram of Modelbook."""
    url: str | None = None
    """The address of the site, for links to pages that are not published."""
    drawing_key: str = ""
    """The version of the renderer of diagrams: if it changes, their images are uploaded again."""
    unpublished: frozenset[str] = frozenset()
    """The paths of the site's pages that are not published."""
    is_cloud: bool = True
    """Whether the wiki is Confluence Cloud, which highlights more languages, and identifies users by other ids."""


@dataclass(frozen=True, slots=True)
class ConversionContext:
    """The context of a conversion, with which the converters of elements convert their content."""

    page: SourcePage
    site: SourceSite
    ids: frozenset[str]
    """The ids to which links on this page can point."""
    anchored: frozenset[str]
    """The ids among them to which a link points: only these become anchors."""
    convert: "Handler"

    def convert_children(self, element: Html) -> Nodes:
        """Convert the content of an element: text and elements mixed."""
        made: list[Node] = [collapse_spaces(element.text)] if element.text else []
        for child in element:
            made.extend(self.convert(child, self))
            if child.tail:
                made.append(collapse_spaces(child.tail))
        return join_texts(made)

    def convert_stray_children(self, element: Html, known: frozenset[str]) -> Nodes:
        """Convert the content next to the known children, which is invalid HTML that browsers show."""
        made: list[Node] = [collapse_spaces(element.text)] if element.text else []
        for child in element:
            made.extend(() if get_tag(child) in known else self.convert(child, self))
            made.append(collapse_spaces(child.tail or ""))
        return as_blocks(join_texts(made))

    def convert_blocks(self, element: Html) -> Nodes:
        """Convert the content of an element to blocks."""
        return as_blocks(self.convert_children(element))


Handler: TypeAlias = Callable[[Html, ConversionContext], Nodes]
"""A function that converts an element."""


def get_classes(element: Html) -> frozenset[str]:
    """Return the classes of an element."""
    return frozenset((element.get("class") or "").split())


def get_tag(element: Html) -> str:
    """Return the name of an element; "" for a comment or another node that is no element."""
    name: object = element.tag
    return name if isinstance(name, str) else ""


def is_dropped(element: Html) -> bool:
    """Return whether an element is only for the site: navigation, relative dates, or marked by its author."""
    name, own = get_tag(element), get_classes(element)
    return (
        name in _DROPPED_TAGS
        or bool(own & _DROPPED_CLASSES)
        or (name == "nav" and bool(own & _DROPPED_NAVIGATION))
        or (name == "input" and element.get("type") != "checkbox")
        or element.get("data-confluence") == "skip"
        or element.get("hidden") is not None
        # A date relative to the reader ("in 3 days") would change the page every day.
        or element.get("data-mb-relative") is not None
    )


def get_text(element: Html) -> str:
    """Return the text of an element, with collapsed whitespace."""
    return " ".join("".join(str(part) for part in element.itertext()).split())


def build_loss(rule: Rule, what: str, element: Html, section: str = "") -> ConversionLoss:
    """Return a loss at an element; its section is added when the result is collected.

    It names the text or alternative text of the element, else the text before it or before its parents.
    """
    node: Html | None = element
    found = get_text(element) or (element.get("alt") or "").strip()
    while node is not None and not found:
        parent = node.getparent()
        before = (get_text(sibling) or (sibling.tail or "").strip() for sibling in node.itersiblings(preceding=True))
        above = "" if parent is None else (parent.text or "").strip()
        found = next(filter(None, before), above)
        node = parent
    return ConversionLoss(rule, what, section, shorten_text(found))
