"""What storage format may hold: well-formed XML whose `ac:` and `ri:` elements have a shape that is known.

Confluence publishes no schema. The list below is what its editors write and its documentation names;
the stand-in is stricter than a real site on purpose, which drops what it does not know without a word.
"""

from dataclasses import dataclass
from html.entities import name2codepoint
from typing import Any

from lxml import etree

from generator.confluence.standin.refusals import Reason, Refusal

AC = "http://atlassian.com/content"
RI = "http://atlassian.com/resource/identifier"
_PREFIXES = {AC: "ac", RI: "ri"}
_XML_NAMES = ("quot", "amp", "lt", "gt")
_ENTITIES = "".join(
    f'<!ENTITY {name} "&#{code};">' for name, code in sorted(name2codepoint.items()) if name not in _XML_NAMES
)
_OPENING = f'<!DOCTYPE page [{_ENTITIES}]><page xmlns:ac="{AC}" xmlns:ri="{RI}">'
_CLOSING = "</page>"


def _first_column() -> int:
    """Return how many columns the parser counts before the body's first one: it is not the length of the opening."""
    try:
        etree.fromstring(_OPENING + "&unknown;" + _CLOSING)
    except etree.XMLSyntaxError as error:
        return error.position[1] - len("&unknown;") - 1
    return 0


_FIRST_COLUMN = _first_column()


@dataclass(frozen=True, slots=True)
class Shape:
    """Where an element may stand and what it must and may hold; None leaves it open."""

    parents: frozenset[str] | None = None
    required: tuple[str, ...] = ()
    children: frozenset[str] | None = None
    text: bool = True


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


HTML = _names(
    "a abbr acronym b big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i"
    " ins kbd li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var"
)
_RESOURCE = Shape(_names("ac:link ac:image ac:parameter"), children=frozenset(), text=False)
_IN_RESOURCE = _names("ac:link ac:image ac:parameter ri:attachment")

SHAPES: dict[str, Shape] = {
    "ac:structured-macro": Shape(
        required=("ac:name",), children=_names("ac:parameter ac:rich-text-body ac:plain-text-body"), text=False
    ),
    "ac:parameter": Shape(
        _names("ac:structured-macro"),
        required=("ac:name",),
        children=_names("ri:page ri:attachment ri:url ri:user ri:space ri:content-entity ri:blog-post ac:link"),
    ),
    "ac:rich-text-body": Shape(_names("ac:structured-macro")),
    "ac:plain-text-body": Shape(_names("ac:structured-macro"), children=frozenset()),
    "ac:link": Shape(
        children=_names(
            "ri:page ri:attachment ri:url ri:user ri:space ri:content-entity ri:blog-post ri:shortcut"
            " ac:link-body ac:plain-text-link-body"
        ),
        text=False,
    ),
    "ac:link-body": Shape(_names("ac:link")),
    "ac:plain-text-link-body": Shape(_names("ac:link"), children=frozenset()),
    "ac:image": Shape(children=_names("ri:attachment ri:url ac:caption"), text=False),
    "ac:caption": Shape(_names("ac:image")),
    "ac:task-list": Shape(children=_names("ac:task"), text=False),
    "ac:task": Shape(
        _names("ac:task-list"),
        children=_names("ac:task-id ac:task-uuid ac:task-status ac:task-body"),
        text=False,
    ),
    "ac:task-id": Shape(_names("ac:task"), children=frozenset()),
    "ac:task-uuid": Shape(_names("ac:task"), children=frozenset()),
    "ac:task-status": Shape(_names("ac:task"), children=frozenset()),
    "ac:task-body": Shape(_names("ac:task")),
    "ac:layout": Shape(children=_names("ac:layout-section"), text=False),
    "ac:layout-section": Shape(
        _names("ac:layout"), required=("ac:type",), children=_names("ac:layout-cell"), text=False
    ),
    "ac:layout-cell": Shape(_names("ac:layout-section")),
    "ac:emoticon": Shape(required=("ac:name",), children=frozenset(), text=False),
    "ac:inline-comment-marker": Shape(required=("ac:ref",)),
    "ac:placeholder": Shape(children=frozenset()),
    "ri:page": Shape(_IN_RESOURCE, ("ri:content-title",), frozenset(), text=False),
    "ri:blog-post": Shape(_IN_RESOURCE, ("ri:content-title",), frozenset(), text=False),
    "ri:attachment": Shape(
        _RESOURCE.parents, ("ri:filename",), _names("ri:page ri:content-entity ri:blog-post"), text=False
    ),
    "ri:url": Shape(_RESOURCE.parents, ("ri:value",), frozenset(), text=False),
    "ri:user": Shape(_RESOURCE.parents, children=frozenset(), text=False),
    "ri:space": Shape(_RESOURCE.parents, ("ri:space-key",), frozenset(), text=False),
    "ri:content-entity": Shape(_IN_RESOURCE, ("ri:content-id",), frozenset(), text=False),
    "ri:shortcut": Shape(_RESOURCE.parents, ("ri:key",), frozenset(), text=False),
}

STATUSES = ("complete", "incomplete")


def parse(body: str) -> etree._Element:
    """Return the body's elements below a root of ours; Refusal with the server's kind of message when it is none."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, strip_cdata=True, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(_OPENING + body + _CLOSING, parser)
    except etree.XMLSyntaxError as error:
        row, column = error.position
        words = (error.msg or "not well-formed").partition(", line ")[0]
    except ValueError:  # a character that no XML may hold
        row, column, words = 1, _FIRST_COLUMN, "Illegal character"
    else:
        _check(root)
        return root
    raise _unreadable(words.strip(), row, column - _FIRST_COLUMN if row == 1 else column)


def name_of(element: etree._Element) -> str:
    """Return an element's or attribute's name with the prefix that everybody knows it by."""
    return prefixed(str(element.tag))


def prefixed(name: str) -> str:
    """`{http://atlassian.com/content}link` as `ac:link`."""
    if not name.startswith("{"):
        return name
    namespace, _, local = name[1:].partition("}")
    return f"{_PREFIXES.get(namespace, namespace)}:{local}"


def attribute(element: etree._Element, name: str) -> str | None:
    """Return an attribute by its prefixed name."""
    for key, value in element.attrib.items():
        if prefixed(str(key)) == name:
            return str(value)
    return None


def _check(root: etree._Element) -> None:
    for element in root.iterdescendants():
        complaint = _complaint(element)
        if complaint:
            row: Any = element.sourceline
            raise _unreadable(complaint, row, 1)


def _complaint(element: etree._Element) -> str:
    """What is wrong with one element, or an empty text."""
    name = name_of(element)
    if name in HTML:
        return ""
    shape = SHAPES.get(name)
    if shape is None:
        return f"Unknown element <{name}>"
    parent = element.getparent()
    if shape.parents is not None and (parent is None or name_of(parent) not in shape.parents):
        return f"Unexpected element <{name}>: it belongs into {_listed(shape.parents)}"
    for required in shape.required:
        if attribute(element, required) is None:
            return f"Element <{name}> lacks the attribute {required}"
    return _content_complaint(element, name, shape) or _value_complaint(element, name)


def _content_complaint(element: etree._Element, name: str, shape: Shape) -> str:
    if shape.children is not None:
        for child in element:
            if name_of(child) not in shape.children:
                return f"Unexpected element <{name_of(child)}> in <{name}>"
    loose = [element.text, *(child.tail for child in element)]
    if not shape.text and any(text and text.strip() for text in loose):
        return f"Unexpected text in <{name}>"
    return ""


def _value_complaint(element: etree._Element, name: str) -> str:
    if name == "ac:task-status" and (element.text or "").strip() not in STATUSES:
        return f"The status of a task is complete or incomplete, not {element.text!r}"
    if name == "ri:content-entity" and not (attribute(element, "ri:content-id") or "").isdigit():
        return "ri:content-id must be the number of a page"
    if name == "ac:image" and sum(name_of(child).startswith("ri:") for child in element) != 1:
        return "Element <ac:image> needs one ri:attachment or ri:url"
    return ""


def _listed(names: frozenset[str]) -> str:
    return " or ".join(f"<{name}>" for name in sorted(names))


def _unreadable(words: str, row: int, column: int) -> Refusal:
    message = f"Error parsing xhtml: {words}\n at [row,col {{unknown-source}}]: [{row},{column}]"
    return Refusal(Reason.BAD_STORAGE, message)
