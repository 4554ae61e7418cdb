"""The storage format that the demo server accepts, and the changes that Confluence makes to it on save.

Confluence publishes no schema. The table has what its editors write and its documentation names. Real sites drop
unknown elements without an error, so the demo server is stricter.
"""

from collections.abc import Iterator
from html.entities import codepoint2name, name2codepoint
from itertools import count
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from lxml import etree

from generator.confluence.storage.parse import AC, RI, get_attribute, get_name, to_prefixed_name
from generator.confluence.wiki import Flavour

_HTML_NAMES = """
a abbr acronym b big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd
li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var
"""
_TABLE = """
ac:structured-macro | * | ac:parameter ac:rich-text-body ac:plain-text-body | ac:name
ac:parameter | ac:structured-macro | text ri:page ri:attachment ri:url ri:user ri:space ri:content-entity ri:blog-post ac:link | ac:name
ac:rich-text-body | ac:structured-macro | * |
ac:plain-text-body | ac:structured-macro | text |
ac:link | * | ri:page ri:attachment ri:url ri:user ri:space ri:content-entity ri:blog-post ri:shortcut ac:link-body ac:plain-text-link-body |
ac:link-body | ac:link | * |
ac:plain-text-link-body | ac:link | text |
ac:image | * | ri:attachment ri:url ac:caption |
ac:caption | ac:image | * |
ac:task-list | * | ac:task |
ac:task | ac:task-list | ac:task-id ac:task-uuid ac:task-status ac:task-body |
ac:task-id ac:task-uuid ac:task-status | ac:task | text |
ac:task-body | ac:task | * |
ac:layout | * | ac:layout-section |
ac:layout-section | ac:layout | ac:layout-cell | ac:type
ac:layout-cell | ac:layout-section | * |
ac:emoticon | * | | ac:name
ac:inline-comment-marker | * | * | ac:ref
ac:placeholder | * | text |
ri:page ri:blog-post | ac:link ac:image ac:parameter ri:attachment | | ri:content-title
ri:content-entity | ac:link ac:image ac:parameter ri:attachment | | ri:content-id
ri:attachment | ac:link ac:image ac:parameter | ri:page ri:content-entity ri:blog-post | ri:filename
ri:url | ac:link ac:image ac:parameter | | ri:value
ri:user | ac:link ac:image ac:parameter | |
ri:space | ac:link ac:image ac:parameter | | ri:space-key
ri:shortcut | ac:link ac:image ac:parameter | | ri:key
"""  # noqa: E501 - a table
"""Elements, parents, children (`*` for anything, `text` for text) and required attributes."""
_SHAPES = {
    name: (parents.split(), children.split(), attributes.split())
    for names, parents, children, attributes in (line.split("|") for line in _TABLE.strip().splitlines())
    for name in names.split()
}
_XML = frozenset({"lt", "gt", "amp", "quot", "apos"})
_ENTITIES = "".join(f'<!ENTITY {name} "&#{code};">' for name, code in name2codepoint.items() if name not in _XML)
_NAMED = {code: f"&{name};" for code, name in codepoint2name.items() if code > 127}
_QUOTES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
_HEAD = f'<!DOCTYPE r [{_ENTITIES}]>\n<r xmlns:ac="{AC}" xmlns:ri="{RI}">\n'
_HTML = frozenset(_HTML_NAMES.split())
_WITH_LOCAL_ID = _HTML & {"blockquote", "li", "ol", "p", "table", "td", "th", "tr", "ul", "h1", "h2", "h3", "h4"}
_CDATA = frozenset({"ac:plain-text-body", "ac:plain-text-link-body"})


class Refusal(Exception):  # noqa: N818 - an answer of the server, not an error
    """A request that is not executed; `v2` is the text of Cloud's API v2, if it differs from v1."""

    def __init__(self, status: int, text: str, v2: str = "") -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.v2 = v2 or text


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
        for text in _list_errors(element, get_name(element)):
            raise _invalid(text, int(str(element.sourceline)) - 2, 1)
    return root


def _invalid(text: str, row: int, column: int) -> Refusal:
    return Refusal(400, f"Error parsing xhtml: {text.strip()}\n at [row,col {{unknown-source}}]: [{row},{column}]")


def _list_errors(element: etree._Element, name: str) -> Iterator[str]:
    if name in _HTML:
        return
    if name not in _SHAPES:
        yield f"Unknown element <{name}>"
        return
    parents, children, attributes = _SHAPES[name]
    parent, inside = element.getparent(), [get_name(child) for child in element]
    if parents != ["*"] and (parent is None or get_name(parent) not in parents):
        yield f"Unexpected element <{name}>: it belongs into {' or '.join(f'<{each}>' for each in sorted(parents))}"
    given = {to_prefixed_name(str(key)) for key in element.attrib}
    yield from (f"Element <{name}> lacks the attribute {each}" for each in attributes if each not in given)
    if children != ["*"]:
        yield from (f"Unexpected element <{each}> in <{name}>" for each in inside if each not in children)
        texts = (element.text, *(child.tail for child in element))
        if "text" not in children and any((text or "").strip() for text in texts):
            yield f"Unexpected text in <{name}>"
    if name == "ac:task-status" and (element.text or "").strip() not in ("complete", "incomplete"):
        yield f"The status of a task is complete or incomplete, not {element.text!r}"
    if name == "ri:content-entity" and not get_attribute(element, "ri:content-id").isdigit():
        yield "ri:content-id must be the number of a page"
    if name == "ac:image" and sum(each.startswith("ri:") for each in inside) != 1:
        yield "Element <ac:image> needs one ri:attachment or ri:url"


def rewrite_body(body: str, flavour: Flavour, seed: str) -> str:
    """Return the body as Confluence stores it, so that a publisher that compares bodies is found out.

    Macros, tasks and, on Cloud, blocks get ids; links get the version at save; entities and empty elements get the form
    that Confluence prefers. The seed makes the ids reproducible.
    """
    root = parse_body(body)
    ids = (str(uuid5(NAMESPACE_URL, f"{seed}/{number}")) for number in count())
    for element in list(root.iterdescendants()):
        name, defaults = get_name(element), dict[str, str]()
        if name == "ac:structured-macro":
            defaults = {f"{{{AC}}}schema-version": "1", f"{{{AC}}}macro-id": next(ids)}
        elif name == "ac:task" and get_name(element[0]) != "ac:task-id":
            number = 1 + sum(1 for _ in element.itersiblings(preceding=True))
            for place, (tag, text) in enumerate((("task-id", str(number)), ("task-uuid", next(ids)))):
                added = etree.Element(f"{{{AC}}}{tag}")
                added.text = text
                element.insert(place, added)
        elif name in ("ri:page", "ri:attachment"):
            defaults = {f"{{{RI}}}version-at-save": "1"}
        elif flavour is Flavour.CLOUD and name in _WITH_LOCAL_ID:
            defaults = {"local-id": next(ids)}
        for key, value in defaults.items():
            if element.get(key) is None:
                element.set(key, value)
    return write_body(root)


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
