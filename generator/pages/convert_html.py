"""Blocks of HTML in Markdown, as Python-Markdown and its extension md_in_html read them."""

import html
import re
from collections.abc import Collection
from dataclasses import dataclass, field

from generator.pages.convert_inline import CODE_TAGS, ENTITY

_REFUSED_TAGS = CODE_TAGS | {"noscript", "hr"}
_WITHOUT_BLOCKS = frozenset(
    "address dd dt h1 h2 h3 h4 h5 h6 legend li p summary td th canvas math option pre script style textarea".split()  # noqa: SIM905
)
"""Elements in which md_in_html reads lines only, or nothing."""
_ATTRIBUTE = r' +([a-zA-Z_:][\w:.-]*)(?:="([^"<>\x00-\x1f]*)")?'
_ATTRIBUTES = r'(?: +[a-zA-Z_:][\w:.-]*(?:="[^"<>\x00-\x1f]*")?)*+'
_TAG = rf"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:-]*)(?P<attributes>{_ATTRIBUTES}) ?(?P<empty>/?)>"
_TAG_PATTERN = re.compile(_TAG)
_ATTRIBUTE_PATTERN = re.compile(_ATTRIBUTE)
_TOKEN = re.compile(rf"{_TAG}|(?P<text>(?:[^<>&{{}}\x00-\x09\x0b-\x1f\x7f]++|{ENTITY})++)")
_STYLE = re.compile(r"<style>[^<&\x00-\x08\x0b-\x1f]*+</style>")
_RAW = re.compile(
    rf"(?:[^<>&\x00-\x09\x0b-\x1f\x7f]++|{ENTITY}|{_STYLE.pattern}|</?[a-zA-Z][a-zA-Z0-9:-]*{_ATTRIBUTES} ?/?>)*+"
)
_CODE_TAG = re.compile(rf"<(?:{'|'.join(sorted(CODE_TAGS))})(?![\w:-])")
_TITLE_WITH_TAGS = re.compile(r"<title[^<>]*>[^<]*<(?!/title>)")
_BARE_AMPERSAND = re.compile(r"&(?!(?:#[0-9]+|#x[0-9a-f]+|[0-9a-z]+);)", re.IGNORECASE)
_HEADING_NAME = re.compile("h[1-6]")


class RefusedError(Exception):
    """Markdown outside of the grammar."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag at the start of a line."""

    name: str
    attributes: str
    end: int
    """The position after it."""
    is_end: bool

    @property
    def has_markdown(self) -> bool:
        """Whether the content of its element is Markdown."""
        if " markdown" not in self.attributes:
            return False
        if ' markdown="1"' not in self.attributes or self.name in _WITHOUT_BLOCKS:
            raise RefusedError
        return True


def read_tag(text: str, position: int) -> Tag:
    """Read the tag of a block at a position."""
    found = _TAG_PATTERN.match(text, position)
    if found is None or found["empty"] or found["name"] in _REFUSED_TAGS or not found["name"].islower():
        raise RefusedError
    return Tag(found["name"], found["attributes"], found.end(), bool(found["end"]))


def find_raw_end(text: str, position: int, name: str) -> int:
    """Find the end of a block of HTML outside of elements with Markdown, which stays as it is (HTMLExtractor)."""
    depth = 0
    for found in re.compile(rf"<(/?){name}(?![\w:-])[^<>]*>", re.IGNORECASE).finditer(text, position):
        depth += -1 if found[1] else 0 if found[0].endswith("/>") else 1
        if depth == 0:
            raw = text[position : found.end()]
            if not _RAW.fullmatch(raw) or _has_text_without_tags(raw):
                break
            return found.end()
    raise RefusedError


def _has_text_without_tags(raw: str) -> bool:
    """Return whether HTML has what is not HTML to a parser, apart from styles without markup."""
    small = raw.lower()  # a pattern that ignores case is slow
    if _TITLE_WITH_TAGS.search(small):
        return True
    is_found = any(f"<{tag}" in small for tag in CODE_TAGS)
    return is_found and _CODE_TAG.search(_STYLE.sub("", raw).lower()) is not None


@dataclass(slots=True)
class _Element:
    """An element inside of HTML with `markdown="1"` that is not Markdown itself."""

    tag: str
    start: str
    texts: list[list[str]] = field(default_factory=lambda: [[]])
    """What is before the first child, and after each child."""
    children: list[str] = field(default_factory=list)
    is_new: bool = True
    """Whether nothing but blocks was read in it."""

    def add_text(self, text: str) -> None:
        self.texts[-1].append(text)
        self.is_new = False

    def add_child(self, html: str) -> None:
        self.children.append(html)
        self.texts.append([])

    def render(self) -> str:
        """Render it with the line breaks of PrettifyTreeprocessor."""
        texts = ["".join(pieces) for pieces in self.texts]
        if self.children and self.tag != "pre":
            texts = [text if text.strip() else "\n" for text in texts]
        pieces = [piece for pair in zip(self.children, texts[1:], strict=True) for piece in pair]
        return "".join([self.start, texts[0], *pieces, f"</{self.tag}>"])


def read_embedded(text: str, position: int, block_tags: Collection[str]) -> tuple[str, int, set[str]]:
    """Read a block of HTML in an element with Markdown (HTMLExtractorExtra, state `off`).

    Its blocks become elements, whose attributes are sorted; all else is kept as it is. Return its HTML, the position
    after it, and the ids of these elements.
    """
    opened: list[_Element] = []
    ids: set[str] = set()
    while found := _TOKEN.match(text, position):
        name = found["name"]
        if name is None or name.lower() not in block_tags:
            if not opened or name in _REFUSED_TAGS:
                break
            opened[-1].add_text(found[0])
        elif found["end"]:
            if not opened or opened[-1].tag != name:
                break
            element = opened.pop().render()
            if not opened:
                return element, found.end(), ids
            opened[-1].add_child(element)
        else:
            # In a line, md_in_html reads the tag of a block only right after another one.
            starts = not opened or opened[-1].is_new or text[position - 1] == "\n"
            if not starts or found["empty"] or any(one.tag == "p" for one in opened):
                break
            if name in _REFUSED_TAGS or not name.islower() or _HEADING_NAME.fullmatch(name):
                break
            start, own_ids = render_start_tag(name, found["attributes"])
            ids |= own_ids
            opened.append(_Element(name, start))
        position = found.end()
    raise RefusedError


def render_start_tag(name: str, attributes: str) -> tuple[str, set[str]]:
    """Render the start tag of an element that Python-Markdown makes: its attributes are sorted. Return its id too."""
    values: dict[str, str] = {}
    for found in _ATTRIBUTE_PATTERN.finditer(attributes):
        values[found[1].lower()] = found[1].lower() if found[2] is None else html.unescape(found[2])
    values.pop("markdown", None)
    rendered = [f' {key}="{escape_attribute(values[key])}"' for key in sorted(values)]
    return f"<{name}{''.join(rendered)}>", {values["id"]} if "id" in values else set()


def escape_attribute(value: str) -> str:
    """Escape the value of an attribute as Python-Markdown does: references stay as they are."""
    value = _BARE_AMPERSAND.sub("&amp;", value) if "&" in value else value
    return value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
