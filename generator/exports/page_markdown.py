"""A page of the site as Markdown for agents: the text, tables, code and links of its article, without drawings."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from urllib.parse import quote

from lxml import etree
from lxml.etree import _Element as Element

from generator.article_lines import begins_line
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


def render_front_matter(values: Mapping[str, object]) -> str:
    """Render the front matter of a page as YAML, without empty values."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items() if value]
    return "\n".join(["---", *lines, "---", "", ""])


def convert_article(content: str, resolve_link: ResolveLink) -> str:
    """Convert the HTML of an article to Markdown. A diagram becomes its description and the list of its links."""
    if not content.strip():
        return ""
    # The elements of lxml.html are slower: they are made in Python whenever one is read.
    parser = etree.HTMLParser(remove_comments=True, remove_pis=True)
    body = etree.fromstring(f"<html><body>{content}</body></html>", parser).find("body")
    assert body is not None
    return "\n\n".join(_convert_blocks(body, resolve_link)) + "\n"


def _convert_blocks(parent: Element, resolve: ResolveLink) -> Iterator[str]:
    """Yield the blocks of an element; text and inline elements between two blocks form a paragraph."""
    inline = escape_inline(parent.text) if parent.text else ""
    for child in parent:
        if child.tag in _BLOCKS and not _is_skipped(child):
            if inline and (text := _tidy_breaks(inline, _BREAK)):
                yield escape_start(text)
            inline = ""
            yield from _convert_block(child, resolve)
        else:
            inline += _convert_inline(child, resolve)
        if tail := child.tail:
            inline += escape_inline(tail)
    if inline and (text := _tidy_breaks(inline, _BREAK)):
        yield escape_start(text)


def _tidy_breaks(inline: str, separator: str) -> str:
    if "\\" not in inline:  # most texts have no break
        return inline.strip()
    return separator.join(part for part in _BREAKS.split(inline.strip()) if part.strip(" \\\n"))


def _is_skipped(element: Element) -> bool:
    classes = element.get("class")
    return element.tag in _SKIPPED or (classes is not None and not _SKIPPED_CLASSES.isdisjoint(classes.split()))


def _convert_block(element: Element, resolve: ResolveLink) -> Iterator[str]:
    match element.tag:
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
            text = _tidy_breaks(_convert_children(element, resolve), " ")
            yield from [f"{'#' * int(element.tag[1])} {text}"] if text else []
        case "pre":
            yield render_code_block("".join(map(str, element.itertext())), _find_language(element))
        case "table":
            yield from _convert_table(element, resolve)
        case "ul" | "ol":
            yield from _convert_list(element, resolve)
        case "figure":
            yield from _convert_figure(element, resolve)
        case "blockquote":
            lines = "\n\n".join(_convert_blocks(element, resolve)).split("\n")
            yield "\n".join(f"> {line}".rstrip() for line in lines)
        case "summary" | "dt":
            text = _tidy_breaks(_convert_children(element, resolve), " ")
            yield from [f"**{text}**"] if text else []
        case "hr":
            yield "---"
        case _:
            yield from _convert_blocks(element, resolve)


def _find_language(element: Element) -> str:
    classes = " ".join(str(one.get("class") or "") for one in (element, element.getparent(), *element))
    found = _LANGUAGE.search(classes)
    return found[1] if found and found[1] != "text" else ""


def _convert_list(element: Element, resolve: ResolveLink) -> Iterator[str]:
    items = []
    for number, item in enumerate(element.iterchildren("li"), 1):
        mark = f"{number}. " if element.tag == "ol" else "- "
        lines = "\n".join(_convert_blocks(item, resolve)).split("\n")
        items.append(mark + f"\n{' ' * len(mark)}".join(lines))
    if items:
        yield "\n".join(items)


def _convert_table(table: Element, resolve: ResolveLink) -> Iterator[str]:
    """Yield a table; one without a header, such as the facts of a card, becomes a list."""
    if "highlighttable" in (table.get("class") or ""):  # code with line numbers
        code = next((one for one in table.iter() if "code" in (one.get("class") or "").split()), None)
        if code is not None:
            yield from _convert_blocks(code, resolve)
            return
    header: list[str] | None = None
    body: list[list[str]] = []
    for row in table.iter("tr"):
        cells = [_tidy_breaks(_convert_children(cell, resolve), "<br>") for cell in row if cell.tag in {"th", "td"}]
        section = row.getparent()
        if section is None or section.tag != "thead":
            body.append(cells)
        elif header is None:
            header = cells
    if header is not None:
        yield render_table(header, ([*row, *[""] * (len(header) - len(row))] for row in body))
    elif body:
        yield "\n".join(
            f"- **{first}**: {'; '.join(rest)}" if rest else f"- {first}" for first, *rest in filter(None, body)
        )


def _convert_figure(figure: Element, resolve: ResolveLink) -> Iterator[str]:
    drawing = next(figure.iter("svg"), None)
    if drawing is None:
        yield from _convert_blocks(figure, resolve)
        return
    described = next((text for name in ("desc", "title") for text in _list_texts(drawing.iterchildren(name))), "")
    if described:
        yield f"Diagram: {escape_inline(described)}"
    links: dict[str, None] = {}
    for link in drawing.iter("a"):
        label = link.get("data-label") or next(_list_texts(link.iter("title")), "") or " ".join(_list_texts([link]))
        target = link.get("href") or link.get("xlink:href")
        if target and label.strip():
            links[_render_link(escape_inline(label), target, resolve)] = None
    if links:
        yield "\n".join(["Links in the diagram:", "", *(f"- {link}" for link in links)])
    for caption in figure.iter("figcaption"):
        yield from _convert_blocks(caption, resolve)


def _list_texts(elements: Iterable[Element]) -> Iterator[str]:
    """Yield the text of each element that has one, on one line."""
    yield from filter(None, (" ".join("".join(map(str, element.itertext())).split()) for element in elements))


def _convert_children(element: Element, resolve: ResolveLink) -> str:
    inline = escape_inline(element.text) if element.text else ""
    for child in element:
        inline += _convert_inline(child, resolve)
        if tail := child.tail:
            inline += escape_inline(tail)
    return inline


def _convert_inline(element: Element, resolve: ResolveLink) -> str:
    tag = element.tag
    if tag == "input" and element.get("type") == "checkbox":
        return "[x] " if element.get("checked") is not None else "[ ] "
    if _is_skipped(element):
        return ""
    if tag == "a":
        label = _tidy_breaks(_convert_children(element, resolve), " ")
        return _render_link(label, element.get("href") or "", resolve)
    if tag in _CODE:
        return render_code("".join(map(str, element.itertext())))
    if tag == "br":
        return _BREAK
    if tag == "img":
        return _convert_image(element, resolve)
    text = _convert_children(element, resolve)
    if mark := _MARKS.get(tag):
        inner = text.strip()
        return text.replace(inner, f"{mark}{inner}{mark}", 1) if inner else text
    if tag in _BLOCKS:  # a block in a cell of a table
        return f"{_BREAK}{'- ' if tag == 'li' else ''}{text.strip()}{_BREAK}"
    return _place_text(element, text)


def _place_text(element: Element, text: str) -> str:
    """Put the text of an element where the style of the site shows it."""
    if not text.strip():
        return text
    parent = element.getparent()
    if element.tag == "small" and parent is not None and parent.tag == "summary":
        return f"({text.strip()})"
    return f"{_BREAK}{text.strip()}" if begins_line(element) else text


def _convert_image(image: Element, resolve: ResolveLink) -> str:
    alternative, source = " ".join((image.get("alt") or "").split()), image.get("src") or ""
    if "emoji" in (image.get("class") or "") or source.startswith("data:"):
        return escape_inline(alternative)
    return _render_link(escape_inline(f"Image: {alternative}"), source, resolve)


def _render_link(label: str, target: str, resolve: ResolveLink) -> str:
    """Render a link, with its target in angle brackets only if that needs them."""
    if not target or not label:
        return label
    return f"[{label}]({_quote_address(resolve(target))})"


@lru_cache(maxsize=16_384)
def _quote_address(target: str) -> str:
    address = quote(target, safe=":/?#[]@!$&'*+,;=%-._~()")
    return f"<{address}>" if re.search(r"[()]", address) else address
