"""Blocks of HTML in Markdown, as Python-Markdown and its extension md_in_html read them."""

import html
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import lru_cache

from generator.pages.convert_inline import CODE_TAGS, ENTITY, RefusedError
from generator.values import FrozenValue

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
_RAW_TEXT = rf"[^<>&\x00-\x09\x0b-\x1f\x7f]++|{ENTITY}"
_NO_HTML = "|".join(sorted(CODE_TAGS | {"title"}))
_RAW = re.compile(
    rf"(?:{_RAW_TEXT}|</?(?!(?i:{_NO_HTML})(?![\w:-]))[a-zA-Z][a-zA-Z0-9:-]*{_ATTRIBUTES} ?/?>"
    rf"|<title{_ATTRIBUTES}>(?:{_RAW_TEXT})*+</title>|<style>[^<&\x00-\x08\x0b-\x1f]*+</style>)*+"
)
"""HTML without elements whose content is no HTML to a parser, apart from titles and styles without markup."""
_BARE_AMPERSAND = re.compile(r"&(?!(?:#[0-9]+|#x[0-9a-f]+|[0-9a-z]+);)", re.IGNORECASE)
_CACHED = 4096
_HEADING_NAME = re.compile("h[1-6]")


class Tag(FrozenValue):
    """A tag at the start of a line."""

    name: str
    attributes: str
    length: int
    is_end: bool

    @property
    def has_markdown(self) -> bool:
        """Whether the content of its element is Markdown."""
        if " markdown" not in self.attributes:
            return False
        if ' markdown="1"' not in self.attributes or self.name in _WITHOUT_BLOCKS:
            raise RefusedError
        return True


@lru_cache(maxsize=_CACHED)
def read_tag(text: str) -> Tag:
    """Read the tag of a block."""
    found = _TAG_PATTERN.fullmatch(text)
    if found is None or found["empty"] or found["name"] in _REFUSED_TAGS or not found["name"].islower():
        raise RefusedError
    return Tag(found["name"], found["attributes"], len(text), bool(found["end"]))


def find_raw_end(text: str, position: int, name: str) -> int:
    """Find the end of a block of HTML outside of elements with Markdown, which stays as it is (HTMLExtractor)."""
    depth = 0
    for found in _build_tag_pattern(name).finditer(text, position):
        depth += -1 if found[1] else 0 if found[0].endswith("/>") else 1
        if depth == 0:
            if not _RAW.fullmatch(text, position, found.end()):
                break
            return found.end()
    raise RefusedError


@lru_cache(maxsize=_CACHED)
def _build_tag_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf"<(/?){name}(?![\w:-])[^<>]*>", re.IGNORECASE)


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


@lru_cache(maxsize=_CACHED)
def render_start_tag(name: str, attributes: str) -> tuple[str, frozenset[str]]:
    """Render the start tag of an element that Python-Markdown makes: its attributes are sorted. Return its id too."""
    values: dict[str, str] = {}
    for found in _ATTRIBUTE_PATTERN.finditer(attributes):
        values[found[1].lower()] = found[1].lower() if found[2] is None else html.unescape(found[2])
    values.pop("markdown", None)
    rendered = [f' {key}="{escape_attribute(values[key])}"' for key in sorted(values)]
    return f"<{name}{''.join(rendered)}>", frozenset({values["id"]} if "id" in values else ())


def escape_attribute(value: str) -> str:
    """Escape the value of an attribute as Python-Markdown does: references stay as they are."""
    value = _BARE_AMPERSAND.sub("&amp;", value) if "&" in value else value
    return value.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
