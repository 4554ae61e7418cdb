"""A fast converter for the Markdown that the templates print, with the same HTML as Python-Markdown.

The grammar is narrow: headings, tables, fences, tight lists, paragraphs, raw HTML and HTML with `markdown="1"`.
Anything else is refused, and Python-Markdown converts that page. Names in brackets are those of Python-Markdown.
"""

import html
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from markdown.extensions.toc import nest_toc_tokens

from generator.pages.convert_html import escape_attribute, find_raw_end, read_embedded, read_tag, render_start_tag
from generator.pages.convert_inline import LINK_MARK, InlineConverter, RefusedError
from generator.pages.packed_text import pack_text, unpack_text
from generator.values import FrozenValue

_LONG_TABLE, _MOST_TABLES = 40, 64
_TAG_OR_TARGET = re.compile(rf"<[^<>{LINK_MARK}]*(?:{LINK_MARK}[^{LINK_MARK}]*{LINK_MARK}[^<>]*)?>")
_FENCE = re.compile(r"\n(```+)([A-Za-z][\w+-]*)?\n(.*?)^\1$", re.MULTILINE | re.DOTALL)
_FENCE_MARK = "\1"
_OPEN_FENCE = re.compile(r"^[> ]*(?:```|~~~)", re.MULTILINE)
_METADATA = re.compile(r" {0,3}[\w-]+:")
"""The start of a page with a template of the author that the extension `meta` would read, and remove."""
_TAG_NAME = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]*)")
_HEADING = re.compile(r"(#{1,6}) +((?:[^#|\n{}]|#(?=[^#\n]))+?)(?: +\{: *#([A-Za-z-][\w.-]*) *\})?")
_BULLET = re.compile(r"- +(\S.*)")
_NUMBER = re.compile(r"\d+\. +(\S.*)")
_SEPARATOR = re.compile(r"\|(?: *:?-+:? *\|)+")
_BLOCK_START = re.compile(r"[-+>:=#!?%~@$^|\s\1/]|\d+[.)](?:\s|$)|\*(?!\*[^\s*])|\[[^\]]*\]:")
"""The start of a line that is no paragraph, with any known extension."""


class PageHeading(FrozenValue):
    """An entry of the table of contents."""

    level: int
    anchor: str
    name: str
    """Its text as HTML without tags."""


class PageHtml(FrozenValue):
    """The HTML of a page before its links are resolved."""

    packed: bytes
    """The HTML with marks around the targets of links, packed."""
    headings: tuple[PageHeading, ...]
    """Those in the table of contents."""
    anchors: frozenset[str]
    title: str | None
    """The text of the first heading if the page begins with it."""

    def list_contents(self) -> list[Any]:
        """List the headings of the table of contents as Python-Markdown does, each with those below it."""
        return list(
            nest_toc_tokens([{"level": one.level, "id": one.anchor, "name": one.name} for one in self.headings])
        )

    def resolve_links(self, resolve: Callable[[str], str]) -> str:
        """Return the HTML in which the result of `resolve` replaces the target of each link, in order."""
        pieces = unpack_text(self.packed).split(LINK_MARK)
        pieces[1::2] = [escape_attribute(resolve(target)) for target in pieces[1::2]]
        return "".join(pieces)


class HeadingOptions(FrozenValue):
    """The options of the `toc` extension."""

    slugify: Callable[[str, str], str]
    make_unique: Callable[[str, set[str], dict[str, int]], str]
    separator: str
    top: int
    bottom: int
    permalink: str
    """The text of the link at the end of a heading, as HTML; empty without one."""
    permalink_class: str
    permalink_title: str


@dataclass(frozen=True, slots=True)
class MarkdownConverter:
    """Converter for one set of extensions."""

    block_tags: Collection[str]
    headings: HeadingOptions
    inline: InlineConverter
    render_fence: Callable[[str, int], str]
    """Render a fence, the page's nth, with the configured Python-Markdown."""
    long_tables: dict[str, str] = field(default_factory=dict, compare=False)
    """The HTML of long tables by their Markdown: models that share a contract have the same."""
    slugs: dict[str, str] = field(default_factory=dict, compare=False)
    """The anchors of the headings so far: most pages have the same ones."""

    def build_slug(self, name: str) -> str:
        """Return the anchor for a heading, which is not yet unique in its page."""
        if name not in self.slugs:
            self.slugs[name] = self.headings.slugify(html.unescape(name), self.headings.separator)
        return self.slugs[name]

    def convert(self, markdown: str) -> PageHtml | None:
        """Convert a page; None if it is refused."""
        try:
            return _PageParser(self, markdown).parse()
        except RefusedError:
            return None


class _Heading(FrozenValue):
    place: int
    """Its place in the HTML."""
    level: int
    content: str
    anchor: str
    """Its anchor in the Markdown; empty if it has none."""


class _PageParser:
    def __init__(self, converter: MarkdownConverter, markdown: str) -> None:
        self._converter = converter
        self._fences: list[str] = []
        text = (markdown.replace("\r\n", "\n") if "\r" in markdown else markdown) + "\n\n"  # NormalizeWhitespace
        if _METADATA.match(text):
            raise RefusedError
        if LINK_MARK in text or _FENCE_MARK in text or "\2" in text or "\3" in text or "\r" in text:
            raise RefusedError
        # Plain searches are faster than patterns.
        text = text.expandtabs(4) if "\t" in text else text
        text = re.sub(r"(?<=\n) +\n", "\n", text) if " \n" in text else text
        self._text = _FENCE.sub(self._take_fence, f"\n{text}")[1:] if "```" in text else text
        if ("```" in self._text or "~~~" in self._text) and _OPEN_FENCE.search(self._text):
            raise RefusedError
        self._position = 0
        self._open: list[tuple[str, int]] = []
        """The open elements with Markdown in them, and the places of their start tags in the HTML."""
        self._html: list[str] = []
        self._headings: list[_Heading] = []
        self._ids: set[str] = set()
        """The ids of elements that Python-Markdown sees before it names headings."""

    def _take_fence(self, found: re.Match[str]) -> str:
        self._fences.append(found[0][1:])
        return f"\n{_FENCE_MARK}{len(self._fences) - 1}"

    def parse(self) -> PageHtml:
        self._parse_blocks()
        if self._open:
            raise RefusedError
        is_title = bool(self._headings) and self._headings[0].place == 0 and self._headings[0].level == 1
        headings, anchors = self._name_headings()
        title = headings[0].name if is_title else None
        options = self._converter.headings
        listed = tuple(heading for heading in headings if options.top <= heading.level <= options.bottom)
        packed = pack_text("".join(self._html).strip())
        # The ids in tags are found as MkDocs finds them to check links.
        if "name=" in self._text and re.search(r"<a [^<>]*\bname=", self._text):
            raise RefusedError
        anchors |= {html.unescape(value) for value in re.findall(r' id="([^"<>]*)"', self._text)}
        return PageHtml(packed, listed, frozenset(anchors), title)

    def _parse_blocks(self) -> None:
        text, end = self._text, len(self._text)
        is_after_list = False
        parsers = {"#": self._parse_heading, "|": self._parse_table, _FENCE_MARK: self._parse_fence}
        while self._position < end:
            line = text[self._position : text.index("\n", self._position)]
            if not line:
                self._position += 1
                continue
            marker = _BULLET if line[0] == "-" else _NUMBER if line[0].isdigit() else None
            marker = marker if marker and marker.match(line) else None
            if marker is not None and is_after_list:
                raise RefusedError
            is_after_list = marker is not None
            if marker is not None:
                self._parse_list("ul" if marker is _BULLET else "ol", marker)
            elif self._is_block_tag(line):
                self._parse_element()
            else:
                parsers.get(line[0], self._parse_paragraph)()

    def _is_block_tag(self, line: str) -> bool:
        found = _TAG_NAME.match(line) if line[0] == "<" else None
        return found is not None and found[1].lower() in self._converter.block_tags

    def _take_lines(self) -> list[str]:
        """Return the lines of a block: up to an empty line, or the start or end of a block of HTML."""
        lines: list[str] = []
        while True:
            stop = self._text.index("\n", self._position)
            line = self._text[self._position : stop]
            if not line or self._is_block_tag(line):
                return lines
            lines.append(line)
            self._position = stop + 1

    def _parse_paragraph(self) -> None:
        lines = self._take_lines()
        if any(_BLOCK_START.match(line) for line in lines):
            raise RefusedError
        text = self._converter.inline.convert("\n".join(lines))
        self._html.append(f"<p>{text}</p>\n")

    def _parse_fence(self) -> None:
        lines = self._take_lines()
        if len(lines) > 1:
            raise RefusedError
        number = int(lines[0][1:])
        self._html.append(self._converter.render_fence(self._fences[number], number) + "\n")

    def _parse_heading(self) -> None:
        line = self._text[self._position : self._text.index("\n", self._position)]
        found = _HEADING.fullmatch(line)
        if found is None:
            raise RefusedError
        if found[3]:
            self._ids.add(found[3])
        content = self._converter.inline.convert(found[2].strip())
        self._headings.append(_Heading(len(self._html), len(found[1]), content, found[3] or ""))
        self._html.append("")
        self._position += len(line) + 1

    def _name_headings(self) -> tuple[list[PageHeading], set[str]]:
        """Write the headings, and return them with all anchors that Python-Markdown knows."""
        options = self._converter.headings
        used, counters = set(self._ids), dict[str, int]()
        named: list[PageHeading] = []
        for heading in self._headings:
            name = " ".join(_TAG_OR_TARGET.sub("", heading.content).split())
            anchor = heading.anchor or options.make_unique(self._converter.build_slug(name), used, counters)
            link = ""
            if options.permalink:
                title = f' title="{escape_attribute(options.permalink_title)}"' if options.permalink_title else ""
                css = f'class="{escape_attribute(options.permalink_class)}"'
                link = f'<a {css} href="{LINK_MARK}#{anchor}{LINK_MARK}"{title}>{options.permalink}</a>'
            start = f'<h{heading.level} id="{escape_attribute(anchor)}">'
            self._html[heading.place] = f"{start}{heading.content}{link}</h{heading.level}>\n"
            named.append(PageHeading(heading.level, anchor, name))
        return named, used

    def _parse_table(self) -> None:
        lines = self._take_lines()
        if len(lines) < _LONG_TABLE:
            self._html.append(self._render_table(lines))
            return
        text, tables = "\n".join(lines), self._converter.long_tables
        if text not in tables:
            if len(tables) >= _MOST_TABLES:
                tables.clear()
            tables[text] = self._render_table(lines)
        self._html.append(tables[text])

    def _render_table(self, lines: list[str]) -> str:
        if len(lines) < 2 or not _SEPARATOR.fullmatch(lines[1]):
            raise RefusedError
        alignments: list[str] = []
        for cell in lines[1][1:-1].split("|"):
            sides = (cell.strip().startswith(":"), cell.strip().endswith(":"))
            side = {(True, True): "center", (True, False): "left", (False, True): "right"}.get(sides)
            alignments.append(f' style="text-align: {side};">' if side else ">")
        head = _split_row(lines[0])
        if len(head) != len(alignments):
            raise RefusedError
        rows = ["<table>\n<thead>\n<tr>\n", self._render_cells("th", head, alignments), "</tr>\n</thead>\n<tbody>\n"]
        if len(lines) == 2:
            rows += ["<tr>\n", *["<td></td>\n"] * len(head), "</tr>\n"]
        for line in lines[2:]:
            rows += ["<tr>\n", self._render_cells("td", _split_row(line), alignments), "</tr>\n"]
        return "".join([*rows, "</tbody>\n</table>\n"])

    def _render_cells(self, tag: str, cells: list[str], alignments: list[str]) -> str:
        cells += [""] * (len(alignments) - len(cells))
        convert = self._converter.inline.convert
        pairs = zip(cells, alignments, strict=False)
        return "".join([f"<{tag}{align}{convert(cell.strip(' '))}</{tag}>\n" for cell, align in pairs])

    def _parse_list(self, tag: str, item: re.Pattern[str]) -> None:
        items = [item.fullmatch(line) for line in self._take_lines()]
        texts = [found[1] if found else "#" for found in items]
        if any(_BLOCK_START.match(text) for text in texts):
            raise RefusedError
        convert = self._converter.inline.convert
        lines = [f"<li>{convert(text)}</li>\n" for text in texts]
        self._html.append("".join([f"<{tag}>\n", *lines, f"</{tag}>\n"]))

    def _parse_element(self) -> None:
        """Parse a block of HTML, or the start or end of one with Markdown in it."""
        text, start = self._text, self._position
        tag = read_tag(text[start : text.find(">", start) + 1])
        if tag.is_end:
            opened, place = self._open.pop() if self._open else ("", 0)
            if opened != tag.name:
                raise RefusedError
            if place < len(self._html) - 1:
                self._html[place] += "\n"
            self._html.append(f"</{tag.name}>\n")
            self._end_line(start + tag.length)
        elif tag.has_markdown:
            rendered, own_ids = render_start_tag(tag.name, tag.attributes)
            self._open.append((tag.name, len(self._html)))
            self._html.append(rendered)
            self._ids |= own_ids
            self._end_line(start + tag.length)
        elif self._open:
            element, end, ids = read_embedded(text, start, self._converter.block_tags)
            self._html.append(element + "\n")
            self._ids |= ids
            self._end_line(end)
        else:
            self._end_line(find_raw_end(text, start, tag.name))
            self._html.append(text[start : self._position] + ("\n" if text.startswith("\n", self._position) else ""))

    def _end_line(self, position: int) -> None:
        if self._text[position] != "\n":
            raise RefusedError
        self._position = position + 1


def _split_row(line: str) -> list[str]:
    if len(line) < 2 or line[-1] != "|" or line[0] != "|":
        raise RefusedError
    return line[1:-1].split("|")
