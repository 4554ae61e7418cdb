"""The storage format that the demo server accepts, and the changes that Confluence makes to it on save."""

from html.entities import codepoint2name
from itertools import count
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from lxml import etree

from generator.confluence.storage.parse import AC, ENTITIES, RI, get_name, to_prefixed_name
from generator.confluence.wiki import Flavour

_HTML_NAMES = """
a abbr acronym b big blockquote br caption cite code col colgroup dd del dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd
li ol p pre q s samp small span strike strong sub sup table tbody td tfoot th thead time tr tt u ul var
"""
_NAMED = {code: f"&{name};" for code, name in codepoint2name.items() if code > 127}
_QUOTES = {'"': "&quot;", "\n": "&#10;", "\t": "&#9;"}
_HEAD = f'<!DOCTYPE r [{ENTITIES}]>\n<r xmlns:ac="{AC}" xmlns:ri="{RI}">\n'
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
        name = get_name(element)
        if name not in _HTML and not name.startswith(("ac:", "ri:")):
            raise _invalid(f"Unknown element <{name}>", int(str(element.sourceline)) - 2, 1)
    return root


def _invalid(text: str, row: int, column: int) -> Refusal:
    return Refusal(400, f"Error parsing xhtml: {text.strip()}\n at [row,col {{unknown-source}}]: [{row},{column}]")


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
        elif name == "ac:task" and element.find(f"{{{AC}}}task-id") is None:
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
