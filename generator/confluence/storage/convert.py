"""The conversion of a built page to storage format, with the converter of each element."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from generator.confluence.storage import boxes, code, inline, lists, macros, media, tables
from generator.confluence.storage.flow import add_anchors, as_blocks, is_structured, trim_spaces
from generator.confluence.storage.flow import to_inline as inlined
from generator.confluence.storage.nodes import ConversionLoss, Element, Nodes, to_plain_text
from generator.confluence.storage.page import (
    FIRST,
    HEADINGS,
    TOOLTIP,
    ConversionContext,
    Html,
    SourcePage,
    SourceSite,
    build_loss,
    get_classes,
    get_tag,
    is_dropped,
)
from generator.confluence.storage.prepare import find_article, get_identifier, list_linkable_ids, prepare_article
from generator.confluence.storage.result import ConvertedPage, collect_result, list_anchors, list_linked_anchors
from generator.confluence.storage.rules import NO_ARTICLE, NOT_CARRIED, TOOLTIP_NOT_CARRIED
from generator.confluence.storage.text import shorten_text

Handler = Callable[[Html, ConversionContext], Nodes]


def convert_page(html: bytes, page: SourcePage, site: SourceSite) -> ConvertedPage:
    """Convert the article of a page to storage format.

    The result depends only on the arguments; `site.read_file` reads the files for their digests.
    """
    article = find_article(html)
    if article is None:
        return collect_result((ConversionLoss(NO_ARTICLE, "the page has no article", "", page.path),))
    losses = prepare_article(article)
    context = ConversionContext(page, site, list_linkable_ids(article), convert_element)
    return collect_result((*losses, *_convert_body(article, context)))


def _convert_body(article: Html, context: ConversionContext) -> Nodes:
    """Convert the article; convert it again if links point to ids that became no anchor.

    The title of a macro is a parameter: an id in it has no anchor, and a link to it is a loss.
    """
    nodes = context.convert_blocks(article)
    names = frozenset(list_anchors(nodes))
    if list_linked_anchors(nodes) <= names:
        return nodes
    carried = frozenset(identifier for identifier in context.ids if macros.to_anchor_name(identifier) in names)
    return replace(context, ids=carried).convert_blocks(article)


def convert_element(element: Html, context: ConversionContext) -> Nodes:
    """Convert an element with its content; an unknown element gives its content and a loss."""
    if is_dropped(element) or boxes.is_title(element):
        return ()
    identifier = get_identifier(element)
    made = _find_handler(element)(element, context)
    if not made and get_tag(element) not in {*inline.HANDLERS, "picture"}:
        made = (" ",)  # an empty block separates the words around it
    if element.get(TOOLTIP) is not None:
        what = f"the tooltip {shorten_text(element.get('title') or '')!r}"
        made = (*made, build_loss(TOOLTIP_NOT_CARRIED, what, element))
    return add_anchors((macros.build_anchor(identifier),), made) if identifier else made


def _find_handler(element: Html) -> Handler:
    if _is_misplaced(element):
        return convert_group
    special = next((handler for matches, handler in _SPECIAL if matches(element)), None)
    return special or inline.find_class_handler(element) or _BY_TAG.get(get_tag(element), convert_unknown)


def _is_misplaced(element: Html) -> bool:
    """Return whether an item, a cell or a term is outside of its parent."""
    if get_tag(element) not in _HOMES:
        return False
    parents = [get_tag(parent) for parent in element.iterancestors()][:2]
    if get_tag(element) in {"dd", "dt"} and parents[:1] == ["div"]:
        parents = parents[1:]
    return not parents or parents[0] not in _HOMES[get_tag(element)]


def convert_unknown(element: Html, context: ConversionContext) -> Nodes:
    """Return the content of an element that storage format does not have, with a loss."""
    sources = (node.get(name) for node in (element, *element.iter("source")) for name in ("src", "data", "href"))
    address = next(filter(None, sources), "")
    what = f"<{get_tag(element)}>{' of ' + address if address else ''}"
    return (build_loss(NOT_CARRIED, what, element), " ", *context.convert_children(element), " ")


def convert_heading(element: Html, context: ConversionContext) -> Nodes:
    """Return a heading; omit the first one if it repeats the title of the page."""
    children = context.convert_children(element)
    content = trim_spaces(inlined(children))
    is_title = get_tag(element) == "h1" and to_plain_text(content) == " ".join(context.page.title.split())
    if is_title and element.get(FIRST) is not None:
        return ()
    if not to_plain_text(content):
        return (*_check_cut_off(element), *as_blocks(children))
    noted = (build_loss(NOT_CARRIED, "a block in a heading", element),) if is_structured(children) else ()
    return (*noted, Element(get_tag(element), (), content))


def _check_cut_off(element: Html) -> Nodes:
    """Report a block in a heading: the parser ended the heading before the block."""
    is_empty = not (element.text or "").strip() and not (element.tail or "").strip() and not len(element)
    behind = element.getnext()
    return (build_loss(NOT_CARRIED, "a block in a heading", behind),) if is_empty and behind is not None else ()


def convert_group(element: Html, context: ConversionContext) -> Nodes:
    """Return the blocks in an element that only groups them."""
    return context.convert_blocks(element)


def convert_quote(element: Html, context: ConversionContext) -> Nodes:
    """Return a block quotation."""
    content = context.convert_blocks(element)
    return (Element("blockquote", (), content),) if content else ()


def convert_rule(_element: Html, _context: ConversionContext) -> Nodes:
    """Return a horizontal rule."""
    return (Element("hr"),)


_SPECIAL: tuple[tuple[Callable[[Html], bool], Handler], ...] = (
    (media.is_diagram, media.convert_diagram),
    (code.is_highlighted, code.convert_highlighted),
    (tables.is_property_table, tables.convert_property_table),
    (lambda element: "mermaid" in get_classes(element), code.convert_mermaid),
    (lambda element: "admonition" in get_classes(element), boxes.convert_admonition),
    (lambda element: "tabbed-set" in get_classes(element), boxes.convert_tabs),
)
"""The converters of elements with a class, in the order in which they are tried."""

_HOMES: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("td", "th"), frozenset({"tr"})),
    **dict.fromkeys(("dt", "dd"), frozenset({"dl"})),
    "li": frozenset({"ul", "ol", "menu"}),
}
_BLOCKS = "p div section article main header footer aside nav center address hgroup fieldset form summary"
_BY_TAG: Mapping[str, Handler] = {
    **inline.HANDLERS,
    **dict.fromkeys(HEADINGS, convert_heading),
    **dict.fromkeys(_BLOCKS.split(), convert_group),
    **dict.fromkeys(("ul", "menu"), lists.convert_unordered_list),
    **dict.fromkeys(("td", "th"), tables.convert_cell),
    "blockquote": convert_quote,
    "details": boxes.convert_details,
    "dd": lists.convert_definition,
    "dl": lists.convert_definition_list,
    "dt": lists.convert_term,
    "figcaption": media.convert_caption,
    "figure": media.convert_figure,
    "hr": convert_rule,
    "img": media.convert_image,
    "li": lists.convert_list_item,
    "ol": lists.convert_ordered_list,
    "picture": inline.convert_transparent,
    "pre": code.convert_preformatted,
    "svg": media.convert_svg,
    "table": tables.convert_table,
}
