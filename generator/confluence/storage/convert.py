"""The conversion of a built page to storage format, with the converter of each element."""

from collections.abc import Callable, Mapping

from msgspec.structs import replace

from generator.confluence.storage import blocks, code, flow, inline, macros, media, rules
from generator.confluence.storage.links import PageLink, resolve_link
from generator.confluence.storage.nodes import (
    HEADINGS,
    ConversionLoss,
    Element,
    Node,
    Nodes,
    PageTarget,
    list_nodes,
    shorten_text,
    to_plain_text,
)
from generator.confluence.storage.page import (
    TOOLTIP,
    ConversionContext,
    Handler,
    Html,
    SourcePage,
    SourceSite,
    build_loss,
    find_article,
    get_classes,
    get_identifier,
    get_tag,
    is_diagram,
    is_dropped,
    list_published,
    prepare_article,
)
from generator.confluence.storage.write import ConvertedPage, collect_result, list_anchors

_PROPERTIES_ID = "modelbook"
"""The id with which a Page Properties Report selects the fact panels."""
_LONG_PAGE = (5, 600)
"""The sections and the words from which a page has a table of contents."""


def convert_page(html: bytes, page: SourcePage, site: SourceSite) -> ConvertedPage:
    """Convert the article of a page to storage format; `site.read_file` reads its files for their digests."""
    article = find_article(html)
    if article is None:
        return collect_result((ConversionLoss(rules.NO_ARTICLE, "the page has no article", "", page.path),))
    losses = prepare_article(article)
    ids = frozenset(map(get_identifier, list_published(article))) - {""}
    context = ConversionContext(page, site, ids, frozenset(), convert_element)
    addresses = ((element, element.get("href") or element.get("xlink:href") or "") for element in article.iter("a"))
    own_links = (
        resolve_link(address, context)
        for element, address in addresses
        if "#" in address and not any(map(is_dropped, (element, *element.iterancestors())))
    )
    own_ids = {link.identifier for link in own_links if isinstance(link, PageLink) and not link.ref}
    anchored = ids & {*page.linked_ids, *own_ids}
    context = replace(context, anchored=anchored)
    nodes = context.convert_blocks(article)
    # The title of a macro is a parameter: an id in it has no anchor, and a link to it is a loss.
    names = frozenset(list_anchors(nodes))
    if any(macros.to_anchor_name(identifier) not in names for identifier in anchored):
        carried = frozenset(identifier for identifier in anchored if macros.to_anchor_name(identifier) in names)
        nodes = replace(context, ids=carried, anchored=carried).convert_blocks(article)
    return collect_result((*losses, *_add_navigation(nodes, page, site)))


def _add_navigation(nodes: Nodes, page: SourcePage, site: SourceSite) -> Nodes:
    """Add what only the wiki needs: the mention of a person, a table of contents, a list of child pages.

    The table of contents of a long page has its sections, and is above the first. It is a line, not a list: the answer
    below it stays on the first screen. A page lists its child pages if it
    does not link to each of them.
    """
    made: list[Node] = list(nodes)
    sections = [index for index, node in enumerate(made) if isinstance(node, Element) and node.name == "h2"]
    enough, words = _LONG_PAGE
    if len(sections) >= enough and len(to_plain_text(nodes).split()) >= words:
        made.insert(sections[0], macros.build_macro("toc", {"maxLevel": "2", "separator": "pipe", "type": "flat"}))
    if page.account and made:
        # Cloud identifies users by account id, Data Center by user key.
        user = Element("ri:user", (("ri:account-id" if site.is_cloud else "ri:userkey", page.account),))
        place = 1 if isinstance(made[0], Element) and made[0].is_macro("excerpt") else 0
        made.insert(place, Element("p", (), (Element("ac:link", (), (user,)),)))
    linked = {node.ref for node in list_nodes(nodes) if isinstance(node, PageTarget)}
    if not page.children <= linked:
        made.append(macros.build_macro("children", {}))
    return tuple(made)


def convert_element(element: Html, context: ConversionContext) -> Nodes:
    """Convert an element with its content; an unknown element gives its content and a loss."""
    if is_dropped(element) or blocks.is_title(element):
        return ()
    identifier = get_identifier(element)
    made = _find_handler(element)(element, context)
    if not made and get_tag(element) not in inline.HANDLERS:
        made = (" ",)  # an empty block separates the words around it
    if element.get(TOOLTIP) is not None:
        what = f"the tooltip {shorten_text(element.get('title') or '')!r}"
        made = (*made, build_loss(rules.TOOLTIP_NOT_CARRIED, what, element))
    if identifier in context.anchored:
        return flow.add_anchors((macros.build_macro("anchor", {"": macros.to_anchor_name(identifier)}),), made)
    return made


def _find_handler(element: Html) -> Handler:
    """Find the converter of an element; an item, a cell or a term outside of its parent only groups its content."""
    name, own = get_tag(element), get_classes(element)
    if name in _PARENTS:
        parents = [get_tag(parent) for parent in element.iterancestors()][:2]
        if name in {"dd", "dt"} and parents[:1] == ["div"]:
            parents = parents[1:]
        if not parents or parents[0] not in _PARENTS[name]:
            return convert_group
    special = next((handler for matches, handler in _SPECIAL if matches(element)), None)
    of_class = (handler for names, handler in inline.CLASS_HANDLERS.items() if own.issuperset(names.split()))
    return special or next(of_class, None) or _BY_TAG.get(name, convert_unknown)


def convert_unknown(element: Html, context: ConversionContext) -> Nodes:
    """Return the content of an element that storage format does not have, with a loss."""
    sources = (node.get(name) for node in (element, *element.iter("source")) for name in ("src", "data", "href"))
    address = next(filter(None, sources), "")
    what = f"<{get_tag(element)}>{' of ' + address if address else ''}"
    return (build_loss(rules.NOT_CARRIED, what, element), " ", *context.convert_children(element), " ")


def convert_group(element: Html, context: ConversionContext) -> Nodes:
    """Return the blocks in an element that only groups them, or quotes them."""
    content = context.convert_blocks(element)
    return (Element("blockquote", (), content),) if content and get_tag(element) == "blockquote" else content


def convert_panel(element: Html, context: ConversionContext) -> Nodes:
    """Return the summary of a card as an excerpt, for search results, and its fact panel as Page Properties."""
    if get_tag(element) == "p":
        return (macros.build_box("excerpt", {}, context.convert_blocks(element)),)
    return (macros.build_box("details", {"id": _PROPERTIES_ID}, blocks.convert_table(element, context)),)


_SPECIAL: tuple[tuple[Callable[[Html], bool], Handler], ...] = (
    (is_diagram, media.convert_diagram),
    (code.is_highlighted, code.convert_highlighted),
    (lambda element: get_tag(element) == "table" and "mb-facts" in get_classes(element), convert_panel),
    (lambda element: "mermaid" in get_classes(element), code.convert_mermaid),
    (lambda element: "admonition" in get_classes(element), blocks.convert_box),
    (lambda element: "tabbed-set" in get_classes(element), blocks.convert_tabs),
    (lambda element: get_tag(element) == "p" and element.get("data-mb-excerpt") is not None, convert_panel),
)
"""The converters of elements with a class or a mark, in the order in which they are tried."""
_PARENTS: Mapping[str, frozenset[str]] = {
    **dict.fromkeys(("td", "th"), frozenset({"tr"})),
    **dict.fromkeys(("dt", "dd"), frozenset({"dl"})),
    "li": frozenset({"ul", "ol", "menu"}),
}
_BLOCKS = "p div section article main header footer aside nav center address hgroup fieldset form summary figure"
_BY_TAG: Mapping[str, Handler] = {
    **inline.HANDLERS,
    **dict.fromkeys(HEADINGS, blocks.convert_heading),
    **dict.fromkeys(_BLOCKS.split(), convert_group),
    **dict.fromkeys(("ul", "menu"), blocks.convert_unordered_list),
    **dict.fromkeys(("td", "th"), blocks.convert_cell),
    "blockquote": convert_group,
    "details": blocks.convert_box,
    # A definition is an item of a list.
    "dd": blocks.convert_list_item,
    "dl": blocks.convert_definition_list,
    "dt": blocks.convert_line,
    "figcaption": blocks.convert_line,
    "hr": lambda _element, _context: (Element("hr"),),
    "img": media.convert_image,
    "li": blocks.convert_list_item,
    "ol": blocks.convert_ordered_list,
    "pre": code.convert_preformatted,
    "svg": media.convert_svg,
    "table": blocks.convert_table,
}
