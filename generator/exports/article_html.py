"""The elements in the HTML of an article, as pieces of its text.

A parser makes objects of all elements of each page. Most elements are on many pages: as text, they are converted once.
"""

import html
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from generator.values import FrozenValue

_EMPTY = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "wbr"})
_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:.-]*")
_TAG = re.compile(rf'<({_NAME.pattern})((?: {_NAME.pattern}(?:="[^"<>]*")?)*+) ?/?>')
_ATTRIBUTE = re.compile(r' ([^ ="]+)(?:="([^"]*)")?')
_ANY_TAG = re.compile(r"<[^<>]*>")
_BREAK_OPPORTUNITY = re.compile(r"</?wbr[^<>]*>")
_BARE_AMPERSAND = re.compile(r"&(?!(?:[a-zA-Z][a-zA-Z0-9]*|#[0-9]+|#x[0-9a-fA-F]+);)")


class UntidyError(Exception):
    """HTML that only a parser can read, such as an element without an end."""


class StartTag(FrozenValue, eq=False):
    """The start tag of an element."""

    name: str
    attributes: Mapping[str, str]
    classes: frozenset[str]
    is_empty: bool
    """Whether the element has no content and no end tag."""


ROOT = StartTag("", {}, frozenset(), is_empty=False)
"""The article itself."""


@lru_cache(maxsize=16_384)
def parse_tag(text: str) -> StartTag:
    """Parse a start tag."""
    found = _TAG.fullmatch(text)
    if found is None or (text.endswith("/>") and found[1] not in _EMPTY):
        raise UntidyError
    attributes: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(found[2]):
        attributes.setdefault(name, decode_text(value))
    return StartTag(found[1], attributes, frozenset(attributes.get("class", "").split()), found[1] in _EMPTY)


def decode_text(text: str) -> str:
    """Replace the character references in a text."""
    if "&" not in text:
        return text
    if _BARE_AMPERSAND.search(text):
        raise UntidyError
    return html.unescape(text)


def read_text(markup: str) -> str:
    """Return the text in HTML."""
    return decode_text(_ANY_TAG.sub("", markup))


def split_children(markup: str) -> Iterator[tuple[str, StartTag | None, str]]:
    """Yield each child of an element: the text before it, its tag and its content.

    The last one has no tag: it is the text after the others.
    """
    position = 0
    while (start := markup.find("<", position)) >= 0:
        end = markup.find(">", start) + 1
        tag = parse_tag(markup[start:end])
        text = markup[position:start]
        if tag.is_empty:
            content, position = "", end
        else:
            stop = _find_end(markup, tag.name, end)
            content, position = markup[end:stop], stop + len(tag.name) + 3
        yield decode_text(text), tag, content
    yield decode_text(markup[position:]), None, ""


def find_elements(markup: str, name: str) -> Iterator[tuple[StartTag, str]]:
    """Yield the tag and the content of each element with a name."""
    for found in re.finditer(rf"<{name}(?: [^<>]*)?>", markup):
        yield parse_tag(found[0]), markup[found.end() : _find_end(markup, name, found.end())]


def _find_end(markup: str, name: str, position: int) -> int:
    """Find the end tag of an element whose content begins at a position."""
    start, end = f"<{name}", f"</{name}>"
    found = markup.find(end, position)
    if found >= 0 and markup.find(start, position, found) < 0:
        return found
    depth = 1
    while found >= 0:
        depth += markup.count(f"{start}>", position, found) + markup.count(f"{start} ", position, found) - 1
        if depth == 0:
            return found
        position = found + len(end)
        found = markup.find(end, position)
    raise UntidyError


def tidy_html(markup: str) -> str:
    """Return any HTML as a parser reads it, in a form that these functions can read."""
    from lxml import etree  # noqa: PLC0415 - our own converter writes tidy HTML

    parser = etree.HTMLParser(remove_comments=True, remove_pis=True)
    text = _BREAK_OPPORTUNITY.sub("", markup)  # the parser would look for its end
    body = etree.fromstring(f"<html><body>{text}</body></html>", parser).find("body")
    assert body is not None
    for element in body.iter():
        if not _NAME.fullmatch(element.tag):
            element.tag = "span"
        for name in element.attrib:
            if not _NAME.fullmatch(str(name)):
                del element.attrib[name]
        if element.tag not in _EMPTY:
            element.text = element.text or ""  # so that an end tag is written
    return etree.tostring(body, encoding="unicode").removeprefix("<body>").removesuffix("</body>")
