"""A built page's article, parsed and made ready: all that has to be known before the walk is written into its own copy.

The only place that changes a tree; nobody else ever holds this one.
"""

from collections.abc import Iterator

from lxml import etree

from generator.confluence.storage.dropped import is_dropped
from generator.confluence.storage.media import is_diagram
from generator.confluence.storage.nodes import Loss
from generator.confluence.storage.page import (
    FIRST,
    HEADINGS,
    NUMBER,
    TASK_STATE,
    TOOLTIP,
    Html,
    classes,
    loss,
    tag,
    text_of,
)
from generator.confluence.storage.rules import CHARACTER_NOT_CARRIED, NESTED_TOO_DEEPLY
from generator.confluence.storage.text import legal, shorten

_VOID = ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"]
"""Elements without content, by the HTML standard; the parser does not know all of them and nests what follows."""
_TOOLTIPS_SHOWN = frozenset({"img", "abbr", "acronym"})
DEEPEST = 100
"""How deep elements may be nested: some more than any page needs, far less than Python's stack allows."""


def article_of(html: bytes) -> Html | None:
    """The article of a built page, without the theme around it; None where there is none."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    root = etree.fromstring(html, parser) if html.strip() else None
    if root is None:
        return None
    found = next((node for node in root.iter("article") if "md-content__inner" in classes(node)), None)
    parent = None if found is None else found.getparent()
    if found is not None and parent is not None:
        parent.remove(found)
    return found


def prepared(article: Html) -> tuple[Loss, ...]:
    """Mark what the walk needs to know in the article; returns what was lost on the way."""
    dirty = _clean(article)
    for node in list(article.iter(*_VOID)):
        _empty(node)
    losses = (*_flatten(article), *dirty)
    for number, figure in enumerate(filter(is_diagram, article.iter("figure")), 1):
        figure.set(NUMBER, str(number))
    _mark_first_heading(article)
    _mark_first_abbreviations(article)
    _mark_tooltips(article)
    for item in list(article.iter("li")):
        _take_box(item)
    return losses


def linkable_ids(article: Html) -> frozenset[str]:
    """The ids that links can lead to: of what is published, without those that themes count up (`__…`)."""
    return frozenset(identifier_of(node) for node in _published(article)) - {""}


def identifier_of(element: Html) -> str:
    """The element's id, or its name where it is an old-fashioned anchor; "" for a counted one."""
    given = element.get("id") or (element.get("name") if tag(element) == "a" else "") or ""
    return "" if given.startswith("__") else given


def _published(element: Html) -> Iterator[Html]:
    if is_dropped(element) or tag(element) == "svg":
        return
    yield element
    for child in element:
        yield from _published(child)


def _flatten(article: Html) -> tuple[Loss, ...]:
    """Turn what lies too deep into text."""
    made: list[Loss] = []
    level = [article]
    for _ in range(DEEPEST):
        level = [child for node in level for child in node]
    for node in level:
        if len(node):
            made.append(loss(NESTED_TOO_DEEPLY, f"elements in <{tag(node)}>", node, _section(article, node)))
            text = text_of(node)
            for child in list(node):
                node.remove(child)
            node.text = legal(text)
    return tuple(made)


def _clean(article: Html) -> tuple[Loss, ...]:
    """Take out the characters that no XML can hold."""
    dirty = [node for node in article.iter() if _cleaned(node)]
    return tuple(
        loss(CHARACTER_NOT_CARRIED, f"a control character in <{tag(node)}>", node, _section(article, node))
        for node in dirty
    )


def _section(article: Html, element: Html) -> str:
    """The heading above the element; read before anything is converted, so at the cost of a search."""
    above = ""
    for node in article.iter(*HEADINGS, tag(element)):
        if node is element:
            break
        above = text_of(node) if tag(node) in HEADINGS else above
    return shorten(above.rstrip("¶").strip())


def _cleaned(node: Html) -> bool:
    text, tail = node.text or "", node.tail or ""
    changed = {str(key): legal(str(value)) for key, value in node.attrib.items() if legal(str(value)) != value}
    if legal(text) == text and legal(tail) == tail and not changed:
        return False
    node.text, node.tail = legal(text), legal(tail)
    for key, value in changed.items():
        node.set(key, value)
    return True


def _mark_first_heading(article: Html) -> None:
    first = next(article.iter(*HEADINGS), None)
    if first is not None:
        first.set(FIRST, "")


def _mark_first_abbreviations(article: Html) -> None:
    """Mark each abbreviation where running text first has it: not in the title, which may be left out, nor in code."""
    seen: set[tuple[str, str]] = set()
    for node in (node for node in _published(article) if tag(node) in {"abbr", "acronym"}):
        key = (text_of(node), node.get("title") or "")
        is_elsewhere = any(above.get(FIRST) is not None or tag(above) == "pre" for above in node.iterancestors())
        if key[0] and key not in seen and not is_elsewhere:
            seen.add(key)
            node.set(FIRST, "")


def _mark_tooltips(article: Html) -> None:
    """Mark each title that says what the page's text does not, the first of its words; images carry theirs."""
    published = list(_published(article))
    known = " ".join(_words("".join(map(str, article.itertext()))))
    for node in published:
        words = " ".join(_words(node.get("title") or ""))
        is_shown = tag(node) in _TOOLTIPS_SHOWN or classes(node) & {"twemoji", "footnote-backref"}
        if words and not is_shown and words not in known:
            node.set(TOOLTIP, "")
            known = f"{known} {words}"


def _words(text: str) -> list[str]:
    return text.casefold().split()


def _empty(node: Html) -> None:
    """Put what the parser took for a void element's content behind it, where it belongs."""
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


def _take_box(item: Html) -> None:
    """Move the state of a task in an unordered list from its box to the item."""
    parent = item.getparent()
    box = next((box for box in item.iter("input") if box.get("type") == "checkbox"), None)
    if box is None or parent is None or tag(parent) != "ul" or "task-list-item" not in classes(item):
        return
    item.set(TASK_STATE, "incomplete" if box.get("checked") is None else "complete")
    around = box.getparent()
    labelled = around is not None and "task-list-control" in classes(around)
    _remove(around if labelled and around is not None else box)


def _remove(node: Html) -> None:
    """Take the element out and leave the text behind it."""
    parent, before = node.getparent(), node.getprevious()
    assert parent is not None
    if before is None:
        parent.text = (parent.text or "") + (node.tail or "")
    else:
        before.tail = (before.tail or "") + (node.tail or "")
    parent.remove(node)
