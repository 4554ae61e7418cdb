"""The built page as the input of a conversion: its article, annotated, and the context that converts elements.

Only `prepare_article` changes a tree.
"""

from collections.abc import Callable, Container, Iterator, Mapping
from typing import TypeAlias

from lxml import etree
from lxml.etree import _Element

from generator.confluence.storage import rules
from generator.confluence.storage.flow import as_blocks, join_texts
from generator.confluence.storage.nodes import (
    HEADINGS,
    ConversionLoss,
    Node,
    Nodes,
    collapse_spaces,
    remove_illegal,
    shorten_text,
)
from generator.findings import Rule
from generator.values import FrozenValue

Html: TypeAlias = _Element
"""An element of the built page; lxml has no public name for its type."""
TASK_STATE, FIRST, NUMBER, TOOLTIP = "data-task", "data-first", "data-number", "data-tooltip"
"""Attributes that `prepare_article` sets: the state of an item whose checkbox was removed; the first heading and the
first occurrence of an abbreviation; the number of a diagram; an element whose title has text that appears only there.
"""
_DROPPED_TAGS = frozenset(
    {"button", "script", "style", "template", "link", "meta", "source", "wbr", "colgroup", "col", "datalist"}
)
_DROPPED_CLASSES = frozenset({"mb-site-only", "headerlink", "md-content__button", "md-source-file", "md-feedback"})
_DROPPED_NAVIGATION = frozenset({"md-path", "md-tags"})
"""Elements that are only for the site."""

_VOID = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
"""Void elements of the HTML standard. The parser does not support all of them, and nests the following elements."""
_TOOLTIPS_SHOWN = frozenset({"img", "abbr", "acronym"})
DEEPEST = 100
"""The maximum depth of elements: more than any page needs, far less than the stack of Python allows."""


class SourcePage(FrozenValue):
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


class SourceSite(FrozenValue):
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


class ConversionContext(FrozenValue):
    """The context of a conversion, with which the converters of elements convert their content."""

    page: SourcePage
    site: SourceSite
    ids: frozenset[str]
    """The ids to which links on this page can point."""
    anchored: frozenset[str]
    """The ids among them to which a link points: only these become anchors."""
    convert: "Handler"

    def convert_children(self, element: Html, skipped: Container[Html] = ()) -> Nodes:
        """Convert the content of an element, text and elements mixed, without some of its children."""
        made: list[Node] = [collapse_spaces(element.text or "")]
        for child in element:
            made.extend(() if child in skipped else self.convert(child, self))
            made.append(collapse_spaces(child.tail or ""))
        return join_texts(made)

    def convert_blocks(self, element: Html, skipped: Container[Html] = ()) -> Nodes:
        """Convert the content of an element to blocks, without some of its children."""
        return as_blocks(self.convert_children(element, skipped))


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


def is_diagram(element: Html) -> bool:
    """Return whether an element is the figure of a diagram of Modelbook."""
    return get_tag(element) == "figure" and "mb-diagram" in get_classes(element)


def find_article(html: bytes) -> Html | None:
    """Find the article of a built page without the theme around it; None if the page has no article."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(html, parser) if html.strip() else None
    if root is None:
        return None
    found = next((node for node in root.iter("article") if "md-content__inner" in get_classes(node)), None)
    parent = None if found is None else found.getparent()
    if found is not None and parent is not None:
        parent.remove(found)
    return found


def prepare_article(article: Html) -> tuple[ConversionLoss, ...]:
    """Annotate the article for the conversion, and return the losses."""
    dirty = [node for node in article.iter() if _clean_element(node)]
    what = "a control character in <{}>"
    losses = [_build_loss_in(article, node, rules.CHARACTER_NOT_CARRIED, what.format(get_tag(node))) for node in dirty]
    for node in list(article.iter(*_VOID)):
        _empty_void_element(node)
    losses = [*_flatten_deep_elements(article), *losses]
    for number, figure in enumerate(filter(is_diagram, article.iter("figure")), 1):
        figure.set(NUMBER, str(number))
    first = next(article.iter(*HEADINGS), None)
    if first is not None:
        first.set(FIRST, "")
    _mark_first_abbreviations(article)
    _mark_tooltips(article)
    for item in list(article.iter("li")):
        _move_task_state(item)
    return tuple(losses)


def get_identifier(element: Html) -> str:
    """Return the id of an element, or the name of an old-style anchor; "" for a generated one (`__…`)."""
    given = element.get("id") or (element.get("name") if get_tag(element) == "a" else "") or ""
    return "" if given.startswith("__") else given


def list_published(element: Html) -> Iterator[Html]:
    """Yield an element with its descendants that are published, without the parts of an SVG."""
    if is_dropped(element) or get_tag(element) == "svg":
        return
    yield element
    for child in element:
        yield from list_published(child)


def _build_loss_in(article: Html, element: Html, rule: Rule, what: str) -> ConversionLoss:
    """Return a loss with the heading above its element."""
    above = ""
    for node in article.iter(*HEADINGS, get_tag(element)):
        if node is element:
            break
        above = get_text(node) if get_tag(node) in HEADINGS else above
    return build_loss(rule, what, element, shorten_text(above.rstrip("¶").strip()))


def _flatten_deep_elements(article: Html) -> Iterator[ConversionLoss]:
    """Replace elements that are nested too deeply with their text."""
    level = [article]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node]
    for node in (node for node in level if len(node)):
        yield _build_loss_in(article, node, rules.NESTED_TOO_DEEPLY, f"elements in <{get_tag(node)}>")
        text = get_text(node)
        for child in list(node):
            node.remove(child)
        node.text = remove_illegal(text)


def _clean_element(node: Html) -> bool:
    """Remove the characters that XML does not allow; return whether there were any."""
    given = {str(key): str(value) for key, value in node.attrib.items()}
    texts = [node.text or "", node.tail or "", *given.values()]
    if all(remove_illegal(text) == text for text in texts):
        return False
    node.text, node.tail = remove_illegal(texts[0]), remove_illegal(texts[1])
    for key, value in given.items():
        node.set(key, remove_illegal(value))
    return True


def _mark_first_abbreviations(article: Html) -> None:
    """Mark the first occurrence of each abbreviation in the text, outside of the title and of code."""
    seen: set[tuple[str, str]] = set()
    for node in (node for node in list_published(article) if get_tag(node) in {"abbr", "acronym"}):
        key = (get_text(node), node.get("title") or "")
        is_elsewhere = any(above.get(FIRST) is not None or get_tag(above) == "pre" for above in node.iterancestors())
        if key[0] and key not in seen and not is_elsewhere:
            seen.add(key)
            node.set(FIRST, "")


def _mark_tooltips(article: Html) -> None:
    """Mark the first title with text that the page does not contain; images keep their titles."""
    known = " ".join("".join(map(str, article.itertext())).casefold().split())
    for node in list(list_published(article)):
        words = " ".join((node.get("title") or "").casefold().split())
        is_shown = get_tag(node) in _TOOLTIPS_SHOWN or get_classes(node) & {"twemoji", "footnote-backref"}
        if words and not is_shown and words not in known:
            node.set(TOOLTIP, "")
            known = f"{known} {words}"


def _empty_void_element(node: Html) -> None:
    """Move the content that the parser put into a void element after it."""
    parent, children = node.getparent(), list(node)
    assert parent is not None
    if children:
        children[-1].tail = (children[-1].tail or "") + (node.tail or "")
        node.tail = node.text
        place = parent.index(node) + 1
        parent[place:place] = children
    elif node.text:
        node.tail = node.text + (node.tail or "")
    node.text = None


def _move_task_state(item: Html) -> None:
    """Move the state of a task in an unordered list from its checkbox to the item."""
    parent = item.getparent()
    box = next((box for box in item.iter("input") if box.get("type") == "checkbox"), None)
    if box is None or parent is None or get_tag(parent) != "ul" or "task-list-item" not in get_classes(item):
        return
    item.set(TASK_STATE, "incomplete" if box.get("checked") is None else "complete")
    around = box.getparent()
    node = around if around is not None and "task-list-control" in get_classes(around) else box
    holder, before = node.getparent(), node.getprevious()
    assert holder is not None
    # lxml removes the text after an element with it.
    if before is None:
        holder.text = (holder.text or "") + (node.tail or "")
    else:
        before.tail = (before.tail or "") + (node.tail or "")
    holder.remove(node)
