"""The article of a built page, parsed and annotated for the conversion.

This is the only module that changes a tree.
"""

from collections.abc import Iterator

from lxml import etree

from generator.confluence.storage.media import is_diagram
from generator.confluence.storage.nodes import ConversionLoss
from generator.confluence.storage.page import (
    FIRST,
    HEADINGS,
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
from generator.confluence.storage.text import remove_illegal, shorten_text

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
    dirty = _remove_illegal(article)
    for node in list(article.iter(*_VOID)):
        _empty_void_element(node)
    losses = (*_flatten_deep_elements(article), *dirty)
    for number, figure in enumerate(filter(is_diagram, article.iter("figure")), 1):
        figure.set(NUMBER, str(number))
    _mark_first_heading(article)
    _mark_first_abbreviations(article)
    _mark_tooltips(article)
    for item in list(article.iter("li")):
        _move_task_state(item)
    return losses


def list_linkable_ids(article: Html) -> frozenset[str]:
    """List the ids of published elements to which links can point, without generated ones (`__…`)."""
    return frozenset(get_identifier(node) for node in _list_published(article)) - {""}


def get_identifier(element: Html) -> str:
    """Return the id of an element, or the name of an old-style anchor; "" for a generated one."""
    given = element.get("id") or (element.get("name") if get_tag(element) == "a" else "") or ""
    return "" if given.startswith("__") else given


def _list_published(element: Html) -> Iterator[Html]:
    if is_dropped(element) or get_tag(element) == "svg":
        return
    yield element
    for child in element:
        yield from _list_published(child)


def _flatten_deep_elements(article: Html) -> tuple[ConversionLoss, ...]:
    """Replace elements that are nested too deeply with their text."""
    made: list[ConversionLoss] = []
    level = [article]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node]
    for node in level:
        if len(node):
            made.append(
                build_loss(NESTED_TOO_DEEPLY, f"elements in <{get_tag(node)}>", node, _find_section(article, node))
            )
            text = get_text(node)
            for child in list(node):
                node.remove(child)
            node.text = remove_illegal(text)
    return tuple(made)


def _remove_illegal(article: Html) -> tuple[ConversionLoss, ...]:
    """Remove the characters that XML does not allow."""
    dirty = [node for node in article.iter() if _clean_element(node)]
    return tuple(
        build_loss(
            CHARACTER_NOT_CARRIED, f"a control character in <{get_tag(node)}>", node, _find_section(article, node)
        )
        for node in dirty
    )


def _find_section(article: Html, element: Html) -> str:
    """Find the heading above an element."""
    above = ""
    for node in article.iter(*HEADINGS, get_tag(element)):
        if node is element:
            break
        above = get_text(node) if get_tag(node) in HEADINGS else above
    return shorten_text(above.rstrip("¶").strip())


def _clean_element(node: Html) -> bool:
    text, tail = node.text or "", node.tail or ""
    changed = {
        str(key): remove_illegal(str(value))
        for key, value in node.attrib.items()
        if remove_illegal(str(value)) != value
    }
    if remove_illegal(text) == text and remove_illegal(tail) == tail and not changed:
        return False
    node.text, node.tail = remove_illegal(text), remove_illegal(tail)
    for key, value in changed.items():
        node.set(key, value)
    return True


def _mark_first_heading(article: Html) -> None:
    first = next(article.iter(*HEADINGS), None)
    if first is not None:
        first.set(FIRST, "")


def _mark_first_abbreviations(article: Html) -> None:
    """Mark the first occurrence of each abbreviation in the text, outside of the title and of code."""
    seen: set[tuple[str, str]] = set()
    for node in (node for node in _list_published(article) if get_tag(node) in {"abbr", "acronym"}):
        key = (get_text(node), node.get("title") or "")
        is_elsewhere = any(above.get(FIRST) is not None or get_tag(above) == "pre" for above in node.iterancestors())
        if key[0] and key not in seen and not is_elsewhere:
            seen.add(key)
            node.set(FIRST, "")


def _mark_tooltips(article: Html) -> None:
    """Mark the first title with text that the page does not contain; images keep their titles."""
    published = list(_list_published(article))
    known = " ".join(_split_words("".join(map(str, article.itertext()))))
    for node in published:
        words = " ".join(_split_words(node.get("title") or ""))
        is_shown = get_tag(node) in _TOOLTIPS_SHOWN or get_classes(node) & {"twemoji", "footnote-backref"}
        if words and not is_shown and words not in known:
            node.set(TOOLTIP, "")
            known = f"{known} {words}"


def _split_words(text: str) -> list[str]:
    return text.casefold().split()


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
    labelled = around is not None and "task-list-control" in get_classes(around)
    _remove_element(around if labelled and around is not None else box)


def _remove_element(node: Html) -> None:
    """Remove an element and keep the text after it."""
    parent, before = node.getparent(), node.getprevious()
    assert parent is not None
    if before is None:
        parent.text = (parent.text or "") + (node.tail or "")
    else:
        before.tail = (before.tail or "") + (node.tail or "")
    parent.remove(node)
