"""HTML of a built page to storage format, element by element: the table of who converts what."""

from collections.abc import Callable, Mapping

from generator.confluence.storage import boxes, code, inline, lists, macros, media, tables
from generator.confluence.storage.dropped import is_dropped
from generator.confluence.storage.flow import as_blocks, with_anchors
from generator.confluence.storage.nodes import Element, Loss, Nodes, plain
from generator.confluence.storage.page import FIRST, HEADINGS, Html, Page, Site, Walk, classes, loss, tag
from generator.confluence.storage.prepare import article_of, identifier_of, linkable_ids, prepared
from generator.confluence.storage.result import Converted, collected
from generator.confluence.storage.rules import NO_ARTICLE, NOT_CARRIED

Handler = Callable[[Html, Walk], Nodes]


def convert(html: bytes, page: Page, site: Site) -> Converted:
    """The page's article in storage format. Pure but for `site.read_file`, which it asks for the digests of files."""
    article = article_of(html)
    if article is None:
        return collected((Loss(NO_ARTICLE, "the page has no article", "", page.path),))
    losses = prepared(article)
    at = Walk(page, site, linkable_ids(article), convert_element)
    return collected((*losses, *at.blocks(article)))


def convert_element(element: Html, at: Walk) -> Nodes:
    """One element with all that it contains; what has no counterpart gives its content and a loss."""
    if is_dropped(element) or boxes.is_title(element):
        return ()
    identifier = identifier_of(element)
    made = _handler(element)(element, at)
    return with_anchors((macros.anchor(identifier),), made) if identifier else made


def _handler(element: Html) -> Handler:
    special = next((handler for matches, handler in _SPECIAL if matches(element)), None)
    return special or inline.by_class(element) or _BY_TAG.get(tag(element), not_carried)


def not_carried(element: Html, at: Walk) -> Nodes:
    """An element that storage format does not have: its content stays, the rest is reported."""
    address = element.get("src") or element.get("data") or ""
    what = f"<{tag(element)}>{' of ' + address if address else ''}"
    return (loss(NOT_CARRIED, what, element), *at.children(element))


def heading(element: Html, at: Walk) -> Nodes:
    """A heading; the first one is left to Confluence where it only repeats the page's title."""
    content = at.inline(element)
    is_title = tag(element) == "h1" and plain(content) == " ".join(at.page.title.split())
    if is_title and element.get(FIRST) is not None:
        return ()
    return (Element(tag(element), (), content),) if plain(content) else as_blocks(content)


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

_BLOCKS = "p div section article main header footer aside nav center address hgroup fieldset form dd dt li summary"
_BY_TAG: Mapping[str, Handler] = {
    **inline.HANDLERS,
    **dict.fromkeys(HEADINGS, heading),
    **dict.fromkeys(_BLOCKS.split(), blocks),
    **dict.fromkeys(("ul", "menu"), lists.bullets),
    **dict.fromkeys(("td", "th"), tables.cell),
    "blockquote": quote,
    "details": boxes.details,
    "dl": lists.definitions,
    "figcaption": media.caption,
    "figure": media.figure,
    "hr": rule,
    "img": media.image,
    "li": lists.list_item,
    "ol": lists.numbers,
    "picture": media.figure,
    "pre": code.preformatted,
    "svg": media.drawing,
    "table": tables.table,
}
