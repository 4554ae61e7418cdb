"""What a reader finds on the page of the wiki."""

from collections.abc import Iterator
from html.entities import name2codepoint
from xml.etree.ElementTree import Element, XMLParser

from generator.confluence.parity.items import Item, Side

_AC, _RI = "{ac}", "{ri}"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_IN_LINE = frozenset(
    {"a", "code", "del", "em", "small", "span", "strong", "sub", "sup", "u", f"{_AC}link", f"{_AC}link-body"}
)
_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})
_ENTITIES = "".join(f'<!ENTITY {name} "&#{code};">' for name, code in name2codepoint.items() if name not in _XML)
"""Declared, not handed to the parser: it would leave those in attributes out, and a wiki writes titles with them."""
_SILENT = frozenset({f"{_AC}task-status", f"{_AC}task-id", f"{_AC}task-uuid"})


def read_wiki(storage: str, title: str) -> Side:
    """The items of a body in storage format; the page's title stands above it as its first heading."""
    root = _tree(storage)
    anchors = frozenset(_parameter(macro, "") for macro in _macros(root, "anchor"))
    return Side((Item("heading", title), *_items(root)), f"{title}\n{_text(root)}", anchors)


def _tree(storage: str) -> Element:
    parser = XMLParser()  # noqa: S314 - the body is our own, and expat refuses to blow up entities
    parser.feed(f'<!DOCTYPE r [{_ENTITIES}]><r xmlns:ac="ac" xmlns:ri="ri">')
    parser.feed(storage)
    parser.feed("</r>")
    return parser.close()


def _macros(root: Element, name: str) -> Iterator[Element]:
    return (macro for macro in root.iter(f"{_AC}structured-macro") if macro.get(f"{_AC}name") == name)


def _parameter(macro: Element, name: str) -> str:
    found = (child for child in macro.iter(f"{_AC}parameter") if child.get(f"{_AC}name") == name)
    return next((child.text or "" for child in found), "")


def _items(root: Element) -> Iterator[Item]:
    for element in root.iter():
        if element.tag in _HEADINGS:
            yield Item("heading", _text(element))
        elif element.tag in {"td", "th"}:
            yield Item("cell", _text(element))
        elif element.tag == f"{_AC}plain-text-body":
            yield Item("code", element.text or "")
        elif element.tag == "a":
            yield Item("link", _text(element), element.get("href") or "")
        elif element.tag == f"{_AC}link":
            yield _link(element)
        elif element.tag == f"{_AC}image":
            yield Item("image", element.get(f"{_AC}alt") or "")
    for panel in _macros(root, "details"):
        yield from _facts(panel)


def _facts(panel: Element) -> Iterator[Item]:
    for row in panel.iter("tr"):
        cells = [_text(cell) for cell in row]
        if len(cells) > 1:
            yield Item("fact", ": ".join(cells))


def _link(link: Element) -> Item:
    named = ((f"{_RI}page", "page:", "content-title"), (f"{_RI}content-entity", "page:", "content-id"))
    targets = (
        f"{prefix}{child.get(f'{_RI}{name}')}"
        for child in link
        for tag, prefix, name in (*named, (f"{_RI}attachment", "file:", "filename"))
        if child.tag == tag
    )
    return Item("link", _text(link), next(targets, ""), link.get(f"{_AC}anchor") or "")


def _text(element: Element) -> str:
    return "".join(_visible(element))


def _visible(element: Element) -> Iterator[str]:
    if element.tag in _SILENT or element.tag.startswith(_RI):
        return
    if element.tag == f"{_AC}parameter":
        yield (element.text or "") if element.get(f"{_AC}name") == "title" else ""
        return
    name = element.get(f"{_AC}name")
    apart = "" if element.tag in _IN_LINE or name == "anchor" else "\n"
    yield apart
    yield element.text or ""
    for child in element:
        yield from _visible(child)
        yield child.tail or ""
    yield apart
