"""HTML of a built page to storage format, element by element: the table of who converts what."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from generator.confluence.storage import boxes, code, inline, lists, macros, media, tables
from generator.confluence.storage.dropped import is_dropped
from generator.confluence.storage.flow import as_blocks, is_structured, trimmed, with_anchors
from generator.confluence.storage.flow import inline as inlined
from generator.confluence.storage.nodes import Element, Loss, Nodes, plain
from generator.confluence.storage.page import FIRST, HEADINGS, TOOLTIP, Html, Page, Site, Walk, classes, loss, tag
from generator.confluence.storage.prepare import article_of, identifier_of, linkable_ids, prepared
from generator.confluence.storage.result import Converted, anchor_names, collected, linked_anchors
from generator.confluence.storage.rules import NO_ARTICLE, NOT_CARRIED, TOOLTIP_NOT_CARRIED
from generator.confluence.storage.text import shorten

Handler = Callable[[Html, Walk], Nodes]


def convert(html: bytes, page: Page, site: Site) -> Converted:
    """The page's article in storage format. Pure but for `site.read_file`, which it asks for the digests of files."""
    article = article_of(html)
    if article is None:
        return collected((Loss(NO_ARTICLE, "the page has no article", "", page.path),))
    losses = prepared(article)
    return collected((*losses, *_body(article, Walk(page, site, linkable_ids(article), convert_element))))


def _body(article: Html, at: Walk) -> Nodes:
    """The blocks of the article; converted again where a link leads to an id that its element could not carry.

    A macro's title, for one, is a mere parameter: an id in it has no place, and a link to it is a loss.
    """
    nodes = at.blocks(article)
    names = frozenset(anchor_names(nodes))
    if linked_anchors(nodes) <= names:
        return nodes
    carried = frozenset(identifier for identifier in at.ids if macros.anchor_name(identifier) in names)
    return replace(at, ids=carried).blocks(article)


def convert_element(element: Html, at: Walk) -> Nodes:
    """One element with all that it contains; what has no counterpart gives its content and a loss."""
    if is_dropped(element) or boxes.is_title(element):
        return ()
    identifier = identifier_of(element)
    made = (*(_handler(element)(element, at) or _gap(element)), *_tooltip(element))
    return with_anchors((macros.anchor(identifier),), made) if identifier else made


def _gap(element: Html) -> Nodes:
    """What an empty block leaves: the words on both sides of it stay apart."""
    return () if tag(element) in {*inline.HANDLERS, "picture"} else (" ",)


def _tooltip(element: Html) -> Nodes:
    if element.get(TOOLTIP) is None:
        return ()
    return (loss(TOOLTIP_NOT_CARRIED, f"the tooltip {shorten(element.get('title') or '')!r}", element),)


def _handler(element: Html) -> Handler:
    if _is_astray(element):
        return blocks
    special = next((handler for matches, handler in _SPECIAL if matches(element)), None)
    return special or inline.by_class(element) or _BY_TAG.get(tag(element), not_carried)


def _is_astray(element: Html) -> bool:
    """Whether an item, a cell or a term stands outside what makes it one."""
    if tag(element) not in _HOMES:
        return False
    parents = [tag(parent) for parent in element.iterancestors()][:2]
    if tag(element) in {"dd", "dt"} and parents[:1] == ["div"]:
        parents = parents[1:]
    return not parents or parents[0] not in _HOMES[tag(element)]


def not_carried(element: Html, at: Walk) -> Nodes:
    """An element that storage format does not have: its content stays, the rest is reported."""
    sources = (node.get(name) for node in (element, *element.iter("source")) for name in ("src", "data", "href"))
    address = next(filter(None, sources), "")
    what = f"<{tag(element)}>{' of ' + address if address else ''}"
    return (loss(NOT_CARRIED, what, element), " ", *at.children(element), " ")


def heading(element: Html, at: Walk) -> Nodes:
    """A heading; the first one is left to Confluence where it only repeats the page's title."""
    children = at.children(element)
    content = trimmed(inlined(children))
    is_title = tag(element) == "h1" and plain(content) == " ".join(at.page.title.split())
    if is_title and element.get(FIRST) is not None:
        return ()
    if not plain(content):
        return (*_cut_off(element), *as_blocks(children))
    noted = (loss(NOT_CARRIED, "a block in a heading", element),) if is_structured(children) else ()
    return (*noted, Element(tag(element), (), content))


def _cut_off(element: Html) -> Nodes:
    """A loss where the parser ended a heading before the block that stood in it."""
    is_empty = not (element.text or "").strip() and not (element.tail or "").strip() and not len(element)
    behind = element.getnext()
    return (loss(NOT_CARRIED, "a block in a heading", behind),) if is_empty and behind is not None else ()


def blocks(element: Html, at: Walk) -> Nodes:
    """An element that only groups blocks."""
    return at.blocks(element)


def quote(element: Html, at: Walk) -> Nodes:
    """A quotation that stands by itself."""
    content = at.blocks(element)
    return (Element("blockquote", (), content),) if content else ()


def rule(_element: Html, _at: Walk) -> Nodes:
    """A line across the page."""
    return (Element("hr"),)


_SPECIAL: tuple[tuple[Callable[[Html], bool], Handler], ...] = (
    (media.is_diagram, media.diagram),
    (code.is_highlighted, code.highlighted),
    (tables.is_facts, tables.facts),
    (lambda element: "mermaid" in classes(element), code.mermaid),
    (lambda element: "admonition" in classes(element), boxes.admonition),
    (lambda element: "tabbed-set" in classes(element), boxes.tabs),
)
"""What a class tells apart; asked first, in this order."""

_HOMES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("td", "th"), frozenset({"tr"})),
    **dict.fromkeys(("dt", "dd"), frozenset({"dl"})),
    "li": frozenset({"ul", "ol", "menu"}),
}
_BLOCKS = "p div section article main header footer aside nav center address hgroup fieldset form summary"
_BY_TAG: Mapping[str, Handler] = {
    **inline.HANDLERS,
    **dict.fromkeys(HEADINGS, heading),
    **dict.fromkeys(_BLOCKS.split(), blocks),
    **dict.fromkeys(("ul", "menu"), lists.bullets),
    **dict.fromkeys(("td", "th"), tables.cell),
    "blockquote": quote,
    "details": boxes.details,
    "dd": lists.definition,
    "dl": lists.definitions,
    "dt": lists.term,
    "figcaption": media.caption,
    "figure": media.figure,
    "hr": rule,
    "img": media.image,
    "li": lists.list_item,
    "ol": lists.numbers,
    "picture": inline.transparent,
    "pre": code.preformatted,
    "svg": media.drawing,
    "table": tables.table,
}
