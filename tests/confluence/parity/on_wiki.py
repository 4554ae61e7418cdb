"""What a reader finds on the page of the wiki."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html.entities import name2codepoint
from xml.etree.ElementTree import Element, XMLParser

from tests.confluence.parity.items import Item, Kind, Side, cell_form

_AC, _RI = "{ac}", "{ri}"
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_IN_LINE = frozenset(
    {"a", "code", "del", "em", "small", "span", "strong", "sub", "sup", "u", f"{_AC}link", f"{_AC}link-body"}
)
_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})
_ENTITIES = "".join(f'<!ENTITY {name} "&#{code};">' for name, code in name2codepoint.items() if name not in _XML)
"""Declared, not handed to the parser: it would leave those in attributes out, and a wiki writes titles with them."""
_SILENT = frozenset({f"{_AC}task-status", f"{_AC}task-id", f"{_AC}task-uuid"})
_LINKS_OF_DIAGRAM = "Links in this diagram"
"""The title of the part that the wiki has beside a diagram, for its picture cannot be clicked."""


ADDED = frozenset({f"{_RI}user"})
"""What only the wiki has: the mention of a person. A table of contents and a list of child pages have no text."""


@dataclass(frozen=True, slots=True)
class _WikiPosition:
    """Where an element stands, as far as its items tell it."""

    depth: int = 0
    marker: str = ""
    """The bullet, number or state of a list's item."""
    opens_row: bool = False
    links: Kind = "link"
    """What a link is, by the part of the page it is in."""


def read_wiki(storage: str, title: str) -> Side:
    """Return the items of a body in storage format; the page's title stands above it as its first heading."""
    root = _tree(storage)
    anchors = frozenset(_parameter(macro, "") for macro in root.iter() if _macro(macro) == "anchor")
    items = (Item("heading", title, form="h1"), *_items(root, _WikiPosition()), *_all_facts(root))
    return Side(items, f"{title}\n{_text(root)}", anchors)


def _tree(storage: str) -> Element:
    parser = XMLParser()
    parser.feed(f'<!DOCTYPE r [{_ENTITIES}]><r xmlns:ac="ac" xmlns:ri="ri">')
    parser.feed(storage)
    parser.feed("</r>")
    return parser.close()


def _macro(element: Element) -> str:
    """Return the macro's name, "" for any other element."""
    return (element.get(f"{_AC}name") or "") if element.tag == f"{_AC}structured-macro" else ""


def _parameter(macro: Element, name: str) -> str:
    found = (child for child in macro if child.tag == f"{_AC}parameter" and child.get(f"{_AC}name") == name)
    return next((child.text or "" for child in found), "")


def _items(element: Element, at: _WikiPosition) -> Iterator[Item]:
    """Yield the items within, children after what they are in."""
    yield from _own(element, at)
    for child, place in _within(element, at):
        yield from _items(child, place)


def _within(element: Element, at: _WikiPosition) -> Iterator[tuple[Element, _WikiPosition]]:
    """Yield the elements within, each with its place."""
    inner = replace(at, marker="", opens_row=False)
    if _is_links_of_diagram(element):
        inner = replace(inner, links="diagram link")
    number = _whole(element.get("start"))
    for position, child in enumerate(element):
        marker = {"ul": "•", "ol": f"{number + position}.", f"{_AC}task-list": _state(child)}.get(element.tag, "")
        yield (
            child,
            replace(
                inner, marker=marker, depth=at.depth + bool(marker), opens_row=element.tag == "tr" and position == 0
            ),
        )


def _whole(text: str | None) -> int:
    try:
        return int(text or "1")
    except ValueError:
        return 1


def _state(task: Element) -> str:
    return next((child.text or "" for child in task if child.tag == f"{_AC}task-status"), "")


def _own(element: Element, at: _WikiPosition) -> Iterator[Item]:
    if element.tag in _HEADINGS:
        yield Item("heading", _text(element), form=element.tag)
    elif element.tag in {"td", "th"} and at.links == "link":
        spans = element.get("colspan") or "", element.get("rowspan") or ""
        yield Item("cell", _text(element), form=cell_form(element.tag, spans, opens_row=at.opens_row))
    elif at.marker:
        yield Item("list item", _text(element), form=f"{at.marker} at depth {at.depth}")
    elif _macro(element) == "code":
        yield Item("code", _code(element), form=_parameter(element, "language"))
    elif element.tag == "a":
        yield Item(at.links, _text(element), element.get("href") or "")
    elif element.tag == f"{_AC}link" and not any(child.tag in ADDED for child in element):
        yield Item(at.links, _text(element), _target(element), element.get(f"{_AC}anchor") or "")
    elif element.tag == f"{_AC}image":
        yield Item("image", element.get(f"{_AC}alt") or "", _target(element))


def _code(macro: Element) -> str:
    return next((child.text or "" for child in macro if child.tag == f"{_AC}plain-text-body"), "")


def _is_links_of_diagram(element: Element) -> bool:
    return _macro(element) == "expand" and _parameter(element, "title") == _LINKS_OF_DIAGRAM


def _all_facts(root: Element) -> Iterator[Item]:
    for panel in (element for element in root.iter() if _macro(element) == "details"):
        for row in panel.iter("tr"):
            cells = [_text(cell) for cell in row]
            if len(cells) > 1:
                yield Item("fact", ": ".join(cells))


_NAMED = (
    (f"{_RI}page", "page:", f"{_RI}content-title"),
    (f"{_RI}content-entity", "page:", f"{_RI}content-id"),
    (f"{_RI}attachment", "file:", f"{_RI}filename"),
    (f"{_RI}url", "", f"{_RI}value"),
)


def _target(element: Element) -> str:
    """What a link leads to or an image shows."""
    found = (f"{prefix}{child.get(name)}" for child in element for tag, prefix, name in _NAMED if child.tag == tag)
    return next(found, "")


def _text(element: Element) -> str:
    return "".join(_visible(element))


def _visible(element: Element) -> Iterator[str]:
    if element.tag in _SILENT or element.tag.startswith(_RI) or _is_links_of_diagram(element):
        return
    if element.tag == f"{_AC}parameter":
        yield (element.text or "") if element.get(f"{_AC}name") == "title" else ""
        return
    apart = "" if element.tag in _IN_LINE or _macro(element) == "anchor" else "\n"
    yield apart
    yield element.text or ""
    for child in element:
        yield from _visible(child)
        yield child.tail or ""
    yield apart
