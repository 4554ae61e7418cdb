"""The article of a built page, parsed and annotated for the conversion.

This is the only module that changes a tree.
"""

from collections.abc import Iterator

from lxml import etree

from generator.confluence.storage.media import is_diagram
from generator.confluence.storage.nodes import HEADINGS, ConversionLoss, remove_illegal, shorten_text
from generator.confluence.storage.page import (
    FIRST,
    NUMBER,
    TASK_STATE,
    TOOLTIP,
    Html,
    build_loss,
    get_classes,
    get_tag,
    get_text,
    is_dropped,
)
from generator.confluence.storage.rules import CHARACTER_NOT_CARRIED, NESTED_TOO_DEEPLY
from generator.findings import Rule

_VOID = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
"""Void elements of the HTML standard. The parser does not support all of them, and nests the following elements."""
_TOOLTIPS_SHOWN = frozenset({"img", "abbr", "acronym"})
DEEPEST = 100
"""The maximum depth of elements: more than any page needs, far less than the stack of Python allows."""


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
    losses = [_build_loss_in(article, node, CHARACTER_NOT_CARRIED, what.format(get_tag(node))) for node in dirty]
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
        yield _build_loss_in(article, node, NESTED_TOO_DEEPLY, f"elements in <{get_tag(node)}>")
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
