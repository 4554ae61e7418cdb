"""What Confluence makes of a body when it saves it: the same page in other bytes.

It gives macros, tasks and blocks ids of its own, notes the version that a link was saved at, and
writes entities and empty elements its own way. A publisher that compares bodies sees a change
in every page; the stand-in rewrites so that such a publisher is found out.
"""

from collections.abc import Iterator
from html.entities import codepoint2name
from itertools import count
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape

from lxml import etree

from generator.confluence.standin.storage_rules import AC, RI, attribute, name_of, parse, prefixed
from generator.confluence.wiki import Flavour

_BLOCKS = frozenset(
    ("blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ol", "p", "table", "td", "th", "tr", "ul")
)
_AS_CDATA = frozenset(("ac:plain-text-body", "ac:plain-text-link-body"))
_NO_MARKERS = frozenset((*_AS_CDATA, "ac:parameter", "ac:task-id", "ac:task-uuid", "ac:task-status", "ac:placeholder"))
_TO_ENTITIES = {code: f"&{name};" for code, name in codepoint2name.items() if code > 127}


def saved(body: str, flavour: Flavour, seed: str) -> str:
    """Return the body as it is stored; `seed` makes the new ids, so that the same save gives the same bytes."""
    root = parse(body)
    ids = (str(uuid5(NAMESPACE_URL, f"{seed}/{number}")) for number in count())
    for element in root.iterdescendants():
        _give_ids(element, flavour, ids)
    return written(root)


def _give_ids(element: etree._Element, flavour: Flavour, ids: Iterator[str]) -> None:
    name = name_of(element)
    if name == "ac:structured-macro":
        _default(element, f"{{{AC}}}schema-version", "1")
        _default(element, f"{{{AC}}}macro-id", next(ids))
    elif name == "ac:task":
        _identify_task(element, ids)
    elif name in ("ri:page", "ri:attachment"):
        _default(element, f"{{{RI}}}version-at-save", "1")
    if flavour is Flavour.CLOUD and name in _BLOCKS:
        _default(element, "local-id", next(ids))


def _default(element: etree._Element, key: str, value: str) -> None:
    if element.get(key) is None:
        element.set(key, value)


def _identify_task(task: etree._Element, ids: Iterator[str]) -> None:
    names = [name_of(child) for child in task]
    if "ac:task-id" not in names:
        number = etree.Element(f"{{{AC}}}task-id")
        number.text = str(1 + _tasks_before(task))
        task.insert(0, number)
    if "ac:task-uuid" not in names:
        unique = etree.Element(f"{{{AC}}}task-uuid")
        unique.text = next(ids)
        task.insert(1, unique)


def _tasks_before(task: etree._Element) -> int:
    return sum(1 for other in task.itersiblings(preceding=True) if name_of(other) == "ac:task")


def written(root: etree._Element) -> str:
    """Return the inside of the root in the bytes that Confluence prefers."""
    return "".join((_text(root.text), *(_element(child) + _text(child.tail) for child in root)))


def _element(element: etree._Element) -> str:
    name = name_of(element)
    attributes = "".join(f' {prefixed(str(key))}="{_attribute(str(value))}"' for key, value in element.attrib.items())
    inside = _cdata(element.text or "") if name in _AS_CDATA else written(element)
    return f"<{name}{attributes}>{inside}</{name}>" if inside else f"<{name}{attributes} />"


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _text(text: str | None) -> str:
    return escape(text or "").translate(_TO_ENTITIES)


def _attribute(value: str) -> str:
    return _text(value).replace('"', "&quot;").replace("\n", "&#10;").replace("\t", "&#9;")


def markers(body: str) -> frozenset[str]:
    """Return the refs of the inline comments that a body still carries."""
    found = (attribute(element, "ac:ref") for element in parse(body).iterdescendants(f"{{{AC}}}inline-comment-marker"))
    return frozenset(ref for ref in found if ref)


def marked(body: str, selection: str, index: int, ref: str) -> str | None:
    """Return the body with a marker around a stretch of text, the index-th from 0; None if it does not stand."""
    root = parse(body)
    left = index
    for element, holder in _holders(root):
        parts = (getattr(element, holder) or "").split(selection)
        if left < len(parts) - 1:
            before, after = selection.join(parts[: left + 1]), selection.join(parts[left + 1 :])
            _insert_marker(element, holder, (before, selection, after), ref)
            return written(root)
        left -= len(parts) - 1
    return None


def _holders(element: etree._Element) -> Iterator[tuple[etree._Element, str]]:
    """Where readers see text, in their order: an element with `text`, or `tail` for what follows it."""
    if name_of(element) not in _NO_MARKERS:
        yield element, "text"
        for child in element:
            yield from _holders(child)
            yield child, "tail"


def _insert_marker(element: etree._Element, holder: str, parts: tuple[str, str, str], ref: str) -> None:
    before, selection, after = parts
    marker = etree.Element(f"{{{AC}}}inline-comment-marker", {f"{{{AC}}}ref": ref})
    marker.text, marker.tail = selection, after
    if holder == "text":
        element.text = before
        element.insert(0, marker)
    else:
        element.tail = before
        parent = element.getparent()
        assert parent is not None, "only the root has no parent, and its tail is never taken"
        parent.insert(parent.index(element) + 1, marker)
