"""A page of the site as Markdown for agents: the text, tables, code and links of its article, without drawings."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote, unquote

from generator.article_lines import CALLS, begins_line
from generator.exports.article_html import (
    ROOT,
    StartTag,
    UntidyError,
    decode_text,
    find_elements,
    parse_tag,
    read_text,
    split_children,
    tidy_html,
)
from generator.exports.markdown import escape_inline, escape_start, render_code, render_code_block, render_table

ResolveLink = Callable[[str], str]
"""A function that returns the target of a link in Markdown for its target in HTML."""

_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption",
     "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "nav", "ol", "p", "pre",
     "section", "summary", "table", "ul"}
)  # fmt: skip
_SKIPPED = frozenset(
    {"button", "form", "input", "noscript", "output", "script", "select", "style", "svg", "template", "textarea"}
)
_SKIPPED_CLASSES = frozenset({"headerlink", "mb-site-only", "md-tags"})
_CODE = frozenset({"code", "kbd", "pre", "samp"})
_MARKS = {"strong": "**", "b": "**", "em": "*", "i": "*", "del": "~~", "s": "~~"}
_BREAK = "\\\n"
"""A line break within a paragraph. Text has no other line breaks, so it is unambiguous."""
_BREAKS = re.compile(rf"(?:\s*{re.escape(_BREAK)}\s*)+")
_LANGUAGE = re.compile(r"(?:language|lang)-([\w+.-]+)")
_FIRST, _NEXT_CELL, _NEXT_ROW, _LAST = "\n<tr>\n<td>", "</td>\n<td>", "</td>\n</tr>\n<tr>\n<td>", "</td>\n</tr>\n"
_ALIGNED = re.compile(r'<td style="text-align: [a-z]+;">')
_CELL = parse_tag("<td>")
_DESCRIPTION = re.compile(r"\s*<(title|desc)(?: [^<>]*)?>([^<]*)</\1>")
_LINK_IN_DIAGRAM = re.compile(r'<a class="[^"<>]*" xlink:href="([^"<>&]+)" data-label="(\w[^"<>&]*)">')
"""A link as `diagrams/` writes it, without character references."""
_TARGET = "\0"
"""Before and after the target of a link that is not resolved yet."""
_SAFE = "/:#?=&;,@!$'*+()"
"""The characters that need no quotes in such a target."""
_CACHED = 8_192
"""The most pieces of pages that are kept: pages have most of their blocks, rows and links in common."""
_CACHED_LINES = 16_384
"""The most cells, lines and headings."""


def render_front_matter(values: Mapping[str, object]) -> str:
    """Render the front matter of a page as YAML, without empty values."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if value]
    return "\n".join(["---", *lines, "---", "", ""])


def convert_article(content: str, resolve_link: ResolveLink) -> str:
    """Convert the HTML of an article to Markdown. A diagram becomes its description and the list of its links."""
    if not content.strip():
        return ""
    content = tidy_html(content) if _TARGET in content else content
    try:
        blocks = _convert_blocks(content, ROOT, in_calls=False)
    except (UntidyError, RecursionError):
        blocks = _convert_blocks(tidy_html(content), ROOT, in_calls=False)
    pieces = "\n\n".join(blocks).split(_TARGET)
    targets = {target: _quote_address(resolve_link(unquote(target))) for target in {*pieces[1::2]}}
    pieces[1::2] = [targets[target] for target in pieces[1::2]]
    return "".join(pieces) + "\n"


def _convert_blocks(markup: str, parent: StartTag, in_calls: bool) -> tuple[str, ...]:
    """Convert the content of an element; text and inline elements between two blocks form a paragraph."""
    in_calls = in_calls or (parent.name == "div" and CALLS in parent.classes)
    blocks: list[str] = []
    inline = ""
    for text, tag, content in split_children(markup):
        if inline or not text.isspace():
            inline += escape_inline(text)
        if tag is not None and (tag.name not in _BLOCKS or _is_skipped(tag)):
            inline += _convert_inline(tag, content, parent, in_calls)
            continue
        if inline and (paragraph := _tidy_breaks(inline, _BREAK)):
            blocks.append(escape_start(paragraph))
        inline = ""
        if tag is not None:
            blocks += _convert_block(tag, content, parent, in_calls)
    return tuple(blocks)


_convert_known_blocks = lru_cache(maxsize=_CACHED)(_convert_blocks)


def _tidy_breaks(inline: str, separator: str) -> str:
    if "\\" not in inline:  # most texts have no break
        return inline.strip()
    return separator.join(filter(None, (part.strip() for part in _BREAKS.split(inline))))


def _is_skipped(tag: StartTag) -> bool:
    return tag.name in _SKIPPED or not _SKIPPED_CLASSES.isdisjoint(tag.classes)


def _convert_block(tag: StartTag, content: str, parent: StartTag, in_calls: bool) -> tuple[str, ...]:
    match tag.name:
        case "p" | "dd":
            return _convert_known_blocks(content, tag, in_calls)
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            text = _convert_line(content, tag, " ", in_calls)
            return (f"{'#' * int(tag.name[1])} {text}",) if text else ()
        case "summary" | "dt":
            text = _convert_line(content, tag, " ", in_calls)
            return (f"**{text}**",) if text else ()
        case "pre":
            return (render_code_block(read_text(content), _find_language(tag, parent, content)),)
        case "table":
            return tuple(_convert_table(tag, content, in_calls))
        case "ul" | "ol":
            return tuple(_convert_list(tag, content, in_calls))
        case "figure":
            return tuple(_convert_figure(tag, content, in_calls))
        case "blockquote":
            lines = "\n\n".join(_convert_blocks(content, tag, in_calls)).split("\n")
            return ("\n".join(f"> {line}".rstrip() for line in lines),)
        case "hr":
            return ("---",)
        case _:
            return _convert_blocks(content, tag, in_calls)


def _find_language(tag: StartTag, parent: StartTag, content: str) -> str:
    children = (child for _, child, _ in split_children(content) if child)
    classes = " ".join(one.attributes.get("class", "") for one in (tag, parent, *children))
    found = _LANGUAGE.search(classes)
    return found[1] if found and found[1] != "text" else ""


def _convert_list(parent: StartTag, markup: str, in_calls: bool) -> Iterator[str]:
    items: list[str] = []
    for _, tag, content in split_children(markup):
        if tag is not None and tag.name == "li":
            mark = f"{len(items) + 1}. " if parent.name == "ol" else "- "
            lines = "\n".join(_convert_known_blocks(content, tag, in_calls))
            items.append(mark + lines.replace("\n", f"\n{' ' * len(mark)}"))
    if items:
        yield "\n".join(items)


def _convert_table(table: StartTag, markup: str, in_calls: bool) -> Iterator[str]:
    """Yield a table; one without a header, such as the facts of a card, becomes a list."""
    if "highlighttable" in table.classes:  # code with line numbers
        code = next((found for found in find_elements(markup, "td") if "code" in found[0].classes), None)
        if code is not None:
            yield from _convert_blocks(code[1], code[0], in_calls)
            return
    header: list[str] | None = None
    body: list[list[str]] = []
    for section, row in _list_rows(markup):
        cells = [_convert_line(cell, _CELL, "<br>", in_calls) for cell in row]
        if section != "thead":
            body.append(cells)
        elif header is None:
            header = cells
    if header is not None:
        yield render_table(header, ([*row, *[""] * (len(header) - len(row))] for row in body))
    elif body:
        yield "\n".join(
            f"- **{first}**: {'; '.join(rest)}" if rest else f"- {first}" for first, *rest in filter(None, body)
        )


def _list_rows(markup: str, section: str = "") -> Iterator[tuple[str, Iterable[str]]]:
    """Yield the contents of the cells of each row of a table, after the name of its section."""
    if section == "tbody" and (rows := _split_plain_rows(markup)):
        yield from ((section, row) for row in rows)
        return
    for _, tag, content in split_children(markup):
        if tag is not None and tag.name == "tr":
            yield section, _list_cells(content)
        elif tag is not None and tag.name in {"thead", "tbody", "tfoot"}:
            yield from _list_rows(content, tag.name)


@lru_cache(maxsize=_CACHED)
def _list_cells(row: str) -> tuple[str, ...]:
    return tuple(content for _, cell, content in split_children(row) if cell and cell.name in {"td", "th"})


def _split_plain_rows(markup: str) -> list[list[str]]:
    """Split the rows of a table into the contents of their cells; empty if it is not printed as converters do."""
    plain = _ALIGNED.sub("<td>", markup)
    if not plain.startswith(_FIRST) or not plain.endswith(_LAST):
        return []
    rows = [row.split(_NEXT_CELL) for row in plain[len(_FIRST) : -len(_LAST)].split(_NEXT_ROW)]
    is_plain = sum(map(len, rows)) == plain.count("<td") and len(rows) == plain.count("<tr") and "<th" not in plain
    return rows if is_plain else []


def _convert_figure(figure: StartTag, markup: str, in_calls: bool) -> Iterator[str]:
    drawing = next(find_elements(markup, "svg"), None)
    if drawing is None:
        yield from _convert_blocks(markup, figure, in_calls)
        return
    descriptions = list(_list_descriptions(drawing[1]))
    texts = (text for wanted in ("desc", "title") for name, text in descriptions if name == wanted)
    if described := next(filter(None, texts), ""):
        yield f"Diagram: {escape_inline(described)}"
    links = {_render_link(escape_inline(label), target): None for target, label in _list_links(drawing[1])}
    if links:
        yield "\n".join(["Links in the diagram:", "", *(f"- {link}" for link in links)])
    for caption, content in find_elements(markup, "figcaption"):
        yield from _convert_blocks(content, caption, in_calls)


def _list_descriptions(drawing: str) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of the elements that describe a drawing: they are its first children."""
    position = 0
    while found := _DESCRIPTION.match(drawing, position):
        yield found[1], _read_line(found[2])
        position = found.end()


def _list_links(drawing: str) -> list[tuple[str, str]]:
    """List the targets and the labels of the links in a drawing."""
    usual = _LINK_IN_DIAGRAM.findall(drawing)
    if len(usual) == drawing.count("<a"):
        return usual
    links: list[tuple[str, str]] = []
    for link, content in find_elements(drawing, "a"):
        titles = (_read_line(title) for _, title in find_elements(content, "title"))
        label = link.attributes.get("data-label") or next(filter(None, titles), "") or _read_line(content)
        target = link.attributes.get("href") or link.attributes.get("xlink:href")
        if target and label.strip():
            links.append((target, label))
    return links


def _read_line(markup: str) -> str:
    return " ".join(read_text(markup).split())


@lru_cache(maxsize=_CACHED_LINES)
def _convert_line(markup: str, parent: StartTag, separator: str, in_calls: bool) -> str:
    return _tidy_breaks(_convert_children(markup, parent, in_calls), separator)


def _convert_children(markup: str, parent: StartTag, in_calls: bool) -> str:
    if "<" not in markup:
        return escape_inline(decode_text(markup))
    pieces: list[str] = []
    for text, tag, content in split_children(markup):
        if text:
            pieces.append(escape_inline(text))
        if tag is not None:
            pieces.append(_convert_inline(tag, content, parent, in_calls))
    return "".join(pieces)


def _convert_inline(tag: StartTag, content: str, parent: StartTag, in_calls: bool) -> str:
    name = tag.name
    if name == "input" and tag.attributes.get("type") == "checkbox":
        return "[x] " if "checked" in tag.attributes else "[ ] "
    if _is_skipped(tag):
        return ""
    if name == "a":
        label = _tidy_breaks(_convert_children(content, tag, in_calls), " ")
        return _render_link(label, tag.attributes.get("href", ""))
    if name in _CODE:
        return render_code(read_text(content))
    if name == "br":
        return _BREAK
    if name == "img":
        return _convert_image(tag)
    text = _convert_children(content, tag, in_calls)
    if mark := _MARKS.get(name):
        inner = text.strip()
        return text.replace(inner, f"{mark}{inner}{mark}", 1) if inner else text
    if name in _BLOCKS:  # a block in a cell of a table
        return f"{_BREAK}{'- ' if name == 'li' else ''}{text.strip()}{_BREAK}"
    return _place_text(tag, text, parent, in_calls)


def _place_text(tag: StartTag, text: str, parent: StartTag, in_calls: bool) -> str:
    """Put the text of an element where the style of the site shows it."""
    if not text.strip():
        return text
    if tag.name == "small" and parent.name == "summary":
        return f"({text.strip()})"
    is_line = begins_line(tag.name, tag.classes, parent.name, parent.classes, in_calls=in_calls)
    return f"{_BREAK}{text.strip()}" if is_line else text


def _convert_image(image: StartTag) -> str:
    alternative, source = " ".join(image.attributes.get("alt", "").split()), image.attributes.get("src", "")
    if "emoji" in image.attributes.get("class", "") or source.startswith("data:"):
        return escape_inline(alternative)
    return _render_link(escape_inline(f"Image: {alternative}"), source)


def _render_link(label: str, target: str) -> str:
    return f"[{label}]({_mark_target(target)})" if target and label else label


@lru_cache(maxsize=_CACHED)
def _mark_target(target: str) -> str:
    """Put the target of a link between marks."""
    return f"{_TARGET}{quote(target, safe=_SAFE)}{_TARGET}"


@lru_cache(maxsize=_CACHED)
def _quote_address(target: str) -> str:
    """Quote the target of a link, with angle brackets only if it needs them."""
    address = quote(target, safe=":/?#[]@!$&'*+,;=%-._~()")
    return f"<{address}>" if re.search(r"[()]", address) else address
