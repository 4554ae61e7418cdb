"""The storage format that the demo server accepts, and the changes that Confluence makes to it on save.

Confluence publishes no schema. The table has what its editors write and its documentation names. Real sites drop
unknown elements without an error, so the demo server is stricter.
"""

from collections.abc import Iterator
from html.entities import codepoint2name, name2codepoint
from itertools import count
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from lxml import etree

from generator.confluence.demo.content import Refusal
from generator.confluence.storage.parse import AC, RI, get_attribute, get_name, to_prefixed_name
from generator.confluence.wiki import Flavour

_HTML_NAMES = """
a abbr acronym b big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd
li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var
"""
_TABLE = """
ac:structured-macro | *                                       | ac:parameter ac:rich-text-body ac:plain-text-body | ac:name
ac:parameter        | ac:structured-macro                     | text ri:page ri:attachment ri:url ri:user ri:space ri:content-entity ri:blog-post ac:link | ac:name
ac:rich-text-body   | ac:structured-macro                     | *                                                 |
ac:plain-text-body  | ac:structured-macro                     | text                                              |
ac:link             | *                                       | ri:page ri:attachment ri:url ri:user ri:space ri:content-entity ri:blog-post ri:shortcut ac:link-body ac:plain-text-link-body |
ac:link-body        | ac:link                                 | *                                                 |
ac:plain-text-link-body | ac:link                             | text                                              |
ac:image            | *                                       | ri:attachment ri:url ac:caption                   |
ac:caption          | ac:image                                | *                                                 |
ac:task-list        | *                                       | ac:task                                           |
ac:task             | ac:task-list                            | ac:task-id ac:task-uuid ac:task-status ac:task-body |
ac:task-id          | ac:task                                 | text                                              |
ac:task-uuid        | ac:task                                 | text                                              |
ac:task-status      | ac:task                                 | text                                              |
ac:task-body        | ac:task                                 | *                                                 |
ac:layout           | *                                       | ac:layout-section                                 |
ac:layout-section   | ac:layout                               | ac:layout-cell                                    | ac:type
ac:layout-cell      | ac:layout-section                       | *                                                 |
ac:emoticon         | *                                       |                                                   | ac:name
ac:inline-comment-marker | *                                  | *                                                 | ac:ref
ac:placeholder      | *                                       | text                                              |
ri:page             | ac:link ac:image ac:parameter ri:attachment |                                               | ri:content-title
ri:blog-post        | ac:link ac:image ac:parameter ri:attachment |                                               | ri:content-title
ri:content-entity   | ac:link ac:image ac:parameter ri:attachment |                                               | ri:content-id
ri:attachment       | ac:link ac:image ac:parameter           | ri:page ri:content-entity ri:blog-post            | ri:filename
ri:url              | ac:link ac:image ac:parameter           |                                                   | ri:value
ri:user             | ac:link ac:image ac:parameter           |                                                   |
ri:space            | ac:link ac:image ac:parameter           |                                                   | ri:space-key
ri:shortcut         | ac:link ac:image ac:parameter           |                                                   | ri:key
"""  # noqa: E501 - a table
"""Element, parents, children (`*` for anything, `text` for text) and required attributes."""
_SHAPES = {
    name.strip(): (parents.split(), children.split(), attributes.split())
    for name, parents, children, attributes in (line.split("|") for line in _TABLE.strip().splitlines())
}
_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})
_ENTITIES = "".join(f'<!ENTITY {name} "&#{code};">' for name, code in name2codepoint.items() if name not in _XML)
_NAMED = {code: f"&{name};" for code, name in codepoint2name.items() if code > 127}
_QUOTES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
_HEAD = f'<!DOCTYPE r [{_ENTITIES}]>\n<r xmlns:ac="{AC}" xmlns:ri="{RI}">\n'
_HTML = frozenset(_HTML_NAMES.split())
_WITH_LOCAL_ID = _HTML & {"blockquote", "li", "ol", "p", "table", "td", "th", "tr", "ul", "h1", "h2", "h3", "h4"}
_CDATA = frozenset({"ac:plain-text-body", "ac:plain-text-link-body"})
_UNMARKED = _CDATA | {"ac:parameter", "ac:task-id", "ac:task-uuid", "ac:task-status", "ac:placeholder"}


def parse_body(body: str) -> etree._Element:
    """Return the body as a tree; Refusal in the words of Confluence if it is invalid."""
    parser = etree.XMLParser(remove_comments=True, remove_pis=True, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(f"{_HEAD}{body}</r>", parser)
    except etree.XMLSyntaxError as error:
        row, column = error.position
        raise _invalid((error.msg or "not well-formed").partition(", line ")[0], (row or 2) - 2, column) from None
    except ValueError:  # a character that XML does not allow
        raise _invalid("Illegal character", 1, 1) from None
    root.text = (root.text or "")[1:]
    for element in root.iterdescendants():
        if error_text := _find_error(element):
            line: Any = element.sourceline
            raise _invalid(error_text, line - 2, 1)
    return root


def _invalid(text: str, row: int, column: int) -> Refusal:
    return Refusal(400, f"Error parsing xhtml: {text.strip()}\n at [row,col {{unknown-source}}]: [{row},{column}]")


def _find_error(element: etree._Element) -> str:
    name = get_name(element)
    if name in _HTML:
        return ""
    if name not in _SHAPES:
        return f"Unknown element <{name}>"
    parents, children, attributes = _SHAPES[name]
    parent = element.getparent()
    if parents != ["*"] and (parent is None or get_name(parent) not in parents):
        return f"Unexpected element <{name}>: it belongs into {' or '.join(f'<{each}>' for each in sorted(parents))}"
    missing = [each for each in attributes if each not in map(to_prefixed_name, map(str, element.attrib))]
    if missing:
        return f"Element <{name}> lacks the attribute {missing[0]}"
    if children != ["*"]:
        unexpected = [get_name(child) for child in element if get_name(child) not in children]
        if unexpected:
            return f"Unexpected element <{unexpected[0]}> in <{name}>"
        if "text" not in children and any((text or "").strip() for text in (element.text, *(c.tail for c in element))):
            return f"Unexpected text in <{name}>"
    return _find_value_error(element, name)


def _find_value_error(element: etree._Element, name: str) -> str:
    if name == "ac:task-status" and (element.text or "").strip() not in ("complete", "incomplete"):
        return f"The status of a task is complete or incomplete, not {element.text!r}"
    if name == "ri:content-entity" and not get_attribute(element, "ri:content-id").isdigit():
        return "ri:content-id must be the number of a page"
    if name == "ac:image" and sum(get_name(child).startswith("ri:") for child in element) != 1:
        return "Element <ac:image> needs one ri:attachment or ri:url"
    return ""


def rewrite_body(body: str, flavour: Flavour, seed: str) -> str:
    """Return the body as Confluence stores it, so that a publisher that compares bodies is found out.

    Macros, tasks and, on Cloud, blocks get ids; links get the version at save; entities and empty elements get the form
    that Confluence prefers. The seed makes the ids reproducible.
    """
    root = parse_body(body)
    ids = (str(uuid5(NAMESPACE_URL, f"{seed}/{number}")) for number in count())
    for element in list(root.iterdescendants()):
        name = get_name(element)
        if name == "ac:structured-macro":
            _set_default(element, f"{{{AC}}}schema-version", "1")
            _set_default(element, f"{{{AC}}}macro-id", next(ids))
        elif name == "ac:task" and get_name(element[0]) != "ac:task-id":
            number = 1 + sum(1 for _ in element.itersiblings(preceding=True))
            for place, (tag, text) in enumerate((("task-id", str(number)), ("task-uuid", next(ids)))):
                added = etree.Element(f"{{{AC}}}{tag}")
                added.text = text
                element.insert(place, added)
        elif name in ("ri:page", "ri:attachment"):
            _set_default(element, f"{{{RI}}}version-at-save", "1")
        if flavour is Flavour.CLOUD and name in _WITH_LOCAL_ID:
            _set_default(element, "local-id", next(ids))
    return write_body(root)


def _set_default(element: etree._Element, key: str, value: str) -> None:
    if element.get(key) is None:
        element.set(key, value)


def write_body(root: etree._Element) -> str:
    """Return the content of a tree in the form that Confluence prefers."""
    parts = [_escape(root.text)]
    for element in root:
        name = get_name(element)
        named = ((to_prefixed_name(str(key)), _escape(str(value), _QUOTES)) for key, value in element.attrib.items())
        attributes = "".join(f' {key}="{value}"' for key, value in named)
        inner = write_body(element)
        if name in _CDATA:
            inner = f"<![CDATA[{(element.text or '').replace(']]>', ']]]]><![CDATA[>')}]]>"
        parts.append(f"<{name}{attributes}>{inner}</{name}>" if inner else f"<{name}{attributes} />")
        parts.append(_escape(element.tail))
    return "".join(parts)


def _escape(text: str | None, entities: dict[str, str] | None = None) -> str:
    return escape(text or "", entities or {}).translate(_NAMED)


def find_markers(body: str) -> frozenset[str]:
    """Return the references of the inline comments that a body marks."""
    markers = parse_body(body).iterdescendants(f"{{{AC}}}inline-comment-marker")
    return frozenset(get_attribute(element, "ac:ref") for element in markers)


def mark_text(body: str, selection: str, index: int, ref: str) -> str | None:
    """Return the body with a marker around an occurrence of a text, counted from 0; None if there is none."""
    root = parse_body(body)
    for element, attribute in _list_texts(root):
        parts = (getattr(element, attribute) or "").split(selection)
        if index < len(parts) - 1:
            marker = etree.Element(f"{{{AC}}}inline-comment-marker", {f"{{{AC}}}ref": ref})
            marker.text, marker.tail = selection, selection.join(parts[index + 1 :])
            setattr(element, attribute, selection.join(parts[: index + 1]))
            parent = element if attribute == "text" else element.getparent()
            assert parent is not None, "only the root has no parent, and its tail is not listed"
            parent.insert(0 if attribute == "text" else parent.index(element) + 1, marker)
            return write_body(root)
        index -= len(parts) - 1
    return None


def _list_texts(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """List the texts that readers see, in their order: an element with `text`, or `tail` for the text after it."""
    if get_name(element) not in _UNMARKED:
        yield element, "text"
        for child in element:
            yield from _list_texts(child)
            yield child, "tail"
