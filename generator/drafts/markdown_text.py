"""The text of Markdown documents: sections, paragraphs and plain text."""

import re
from itertools import pairwise
from textwrap import dedent

from markdown_it import MarkdownIt
from markdown_it.token import Token

from generator.drafts.text_cleaning import clean_text, extract_summary
from generator.values import FrozenValue

_TAG = re.compile(r"</?[A-Za-z][^<>]*>")


class MarkdownSection(FrozenValue):
    """A heading with the text up to the next heading of any level."""

    level: int
    """0 for the text before the first heading."""
    title: str
    text: str


def parse_sections(markdown: str) -> tuple[MarkdownSection, ...]:
    """Return the sections in order, without comments."""
    parts: list[str] = []
    end = 0
    while (start := markdown.find("<!--", end)) >= 0 and (after := markdown.find("-->", start)) >= 0:
        parts.append(markdown[end:start])
        end = after + len("-->")
    text = "".join([*parts, markdown[end:]])
    rows = text.split("\n")
    found: list[MarkdownSection] = []
    level, title, start = 0, "", 0
    for token, inline in pairwise([*_parse(text), Token("end", "", 0, map=[len(rows), len(rows)]), Token("", "", 0)]):
        if token.map is not None and (token.type == "end" or (token.type == "heading_open" and token.level == 0)):
            found.append(MarkdownSection(level, title, "\n".join(rows[start : token.map[0]]).strip("\n")))
            level, title, start = int(token.tag[1:] or 0), _render_inline(inline), token.map[1]
    return tuple(section for section in found if section.level or section.text.strip())


def find_first_paragraph(markdown: str) -> str:
    """Return the plain text of the first paragraph that is not only images; an empty text if it is missing."""
    for token, inline in pairwise(_parse(markdown)):
        if token.type == "paragraph_open" and token.level == 0:
            text = _render_inline(inline, images=False)
            if text:
                return text
    return ""


def split_section_text(markdown: str) -> tuple[str, str]:
    """Return paragraphs and lists as plain text, with the addresses of links in brackets, and the rest as Markdown."""
    rows = markdown.split("\n")
    text: list[str] = []
    rest: list[str] = []
    is_new_block, in_table, marker = True, False, ""
    for token in _parse(markdown):
        is_new_block = is_new_block or (token.level == 0 and token.nesting == 1)
        in_table = token.type == "table_open" or (in_table and token.type != "table_close")
        if token.type in {"fence", "code_block", "table_open"} and token.map:
            rest.append(dedent("\n".join(rows[slice(*token.map)])).strip("\n"))
        elif token.type == "list_item_open":
            marker = f"{token.info}{token.markup} "
        elif token.type in {"inline", "html_block"} and not in_table:
            line = _render_inline(token, addresses=True)
            if line and (is_new_block or not text):
                text.append(marker + line)
            elif line:
                text[-1] += f"\n{marker}{line}" if marker else f" {line}"
            if line:
                is_new_block, marker = False, ""
    return "\n\n".join(text), "\n\n".join(rest)


def _parse(markdown: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(markdown)


def _render_inline(token: Token, *, addresses: bool = False, images: bool = True) -> str:
    """Return the text that a reader sees on one line; with addresses, those of links follow in brackets."""
    if token.type == "html_block":
        return " ".join(_TAG.sub("", token.content).split())
    text: list[str] = []
    links: list[tuple[str, int]] = []
    """The open links: the address, and the number of texts before it."""
    for child in token.children or ():
        if child.type == "link_open":
            links.append((str(child.attrGet("href") or ""), len(text)))
        elif child.type == "link_close":
            address, start = links.pop()
            if addresses and address != "".join(text[start:]):
                text.append(f" ({address})")
        elif child.type in {"softbreak", "hardbreak"}:
            text.append(" ")
        elif child.type in {"text", "code_inline"} or (child.type == "image" and images):
            text.append(child.content)
    return " ".join("".join(text).split())


def split_description(value: object) -> tuple[str, str, str]:
    """Return the summary of a description in Markdown, and the rest: notes for plain text, else prose for the page.

    A description without markup that says no more than its summary has no rest.
    """
    text = clean_text(value)
    summary = extract_summary(find_first_paragraph(text) or " ".join(text.split()))
    if " ".join(text.split()) == summary:
        return summary, "", ""
    has_markup = any(
        token.type not in {"paragraph_open", "paragraph_close", "inline"}
        or any(child.type not in {"text", "softbreak", "hardbreak"} for child in token.children or ())
        for token in _parse(text)
    )
    return (summary, "", demote_headings(text)) if has_markup else (summary, text, "")


def demote_headings(markdown: str) -> str:
    """Return Markdown whose highest heading has level 3, because the page has levels 1 and 2 itself."""
    rows = markdown.split("\n")
    headings = [token for token in _parse(markdown) if token.type == "heading_open" and token.map]
    missing = 3 - min((int(token.tag[1:]) for token in headings), default=3)
    for token in headings if missing > 0 else ():
        start, end = token.map or (0, 0)
        level = min(int(token.tag[1:]) + missing, 6)
        if token.markup.startswith("#"):
            rows[start] = f"{'#' * level}{rows[start].strip().lstrip('#')}"
        else:  # underlined
            rows[end - 1] = ""
            rows[start] = f"{'#' * level} {rows[start].strip()}"
    return "\n".join(rows)
