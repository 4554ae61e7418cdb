"""Storage format as lines of plain text for a readable diff, and the properties of a page."""

from collections.abc import Iterator

from generator.confluence.storage.macros import INLINE_MACROS
from generator.confluence.storage.page import Html
from generator.confluence.storage.parse import get_attribute, get_name, parse_storage

_PANELS = frozenset({"info", "note", "tip", "warning", "panel"})
_INDENT = "  "
_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr", "div", "pre"})
_BLOCK_ELEMENTS = _BLOCKS | {"ac:task-list", "ac:layout", "ac:layout-section", "ac:layout-cell"}


def to_readable_lines(storage: str) -> list[str]:
    """Return the body as lines: headings with `#`, rows as `name: value`, tasks with boxes, code in fences.

    It accepts any storage format, including pages that users wrote in the wiki. Unknown elements give their text.
    """
    return list(_list_blocks(parse_storage(storage)))


def get_page_properties(storage: str) -> dict[str, str]:
    """Return the rows of the Page Properties of a page by name, in order."""
    found: dict[str, str] = {}
    for macro in parse_storage(storage).iter():
        if get_name(macro) == "ac:structured-macro" and get_attribute(macro, "ac:name") == "details":
            for row in (node for node in macro.iter() if get_name(node) == "tr"):
                cells = [_render_line(cell) for cell in row]
                found.update({cells[0]: " ".join(cells[1:])} if len(cells) > 1 else {})
    return found


def _list_blocks(element: Html) -> Iterator[str]:
    """Yield the lines of the blocks in an element; text between them is on separate lines."""
    run = element.text or ""
    for child in element:
        name = get_name(child)
        is_macro = name == "ac:structured-macro" and get_attribute(child, "ac:name") not in INLINE_MACROS
        if is_macro or name in _BLOCK_ELEMENTS:
            yield from filter(None, [" ".join(run.split())])
            yield from _render_block(child)
            run = ""
        else:
            run += _render_inline(child)
        run += child.tail or ""
    yield from filter(None, [" ".join(run.split())])


def _render_block(element: Html) -> Iterator[str]:
    match get_name(element):
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6" as name:
            yield f"{'#' * int(name[1])} {_render_line(element)}"
        case "ul" | "ol" | "ac:task-list":
            yield from _render_list(element)
        case "table":
            yield from _render_rows(element)
        case "blockquote":
            yield from (f"> {line}" for line in _list_blocks(element))
        case "hr":
            yield "---"
        case "pre":
            yield from ("```", *"".join(map(str, element.itertext())).splitlines(), "```")
        case "ac:structured-macro":
            yield from _render_macro(element)
        case _:
            yield from _list_blocks(element)


def _render_list(element: Html) -> Iterator[str]:
    """Yield the lines of a list of items or tasks, each with its bullet, number or box."""
    start = get_attribute(element, "start")
    for number, item in enumerate(element, int(start) if start.lstrip("-").isdecimal() else 1):
        parts = {get_name(part): part for part in item}
        done = "ac:task-status" in parts and _render_line(parts["ac:task-status"]) == "complete"
        mark = {"ul": "- ", "ol": f"{number}. "}.get(get_name(element), "[x] " if done else "[ ] ")
        lines = _list_blocks(parts.get("ac:task-body", item))
        yield f"{mark}{next(lines, '')}".rstrip()
        yield from (f"{_INDENT}{line}" for line in lines)


def _render_rows(table: Html) -> Iterator[str]:
    """Yield a line for each row: `name: value` if it begins with a header cell, else the cells between bars."""
    for row in (node for part in table for node in ([part] if get_name(part) == "tr" else part)):
        cells = [" / ".join(_list_blocks(cell)) for cell in row]
        kinds = [get_name(cell) for cell in row]
        if len(cells) > 1 and kinds[0] == "th" and "th" not in kinds[1:]:
            yield f"{cells[0]}: {' | '.join(cells[1:])}"
        else:
            yield " | ".join(cells)


def _render_macro(macro: Html) -> Iterator[str]:
    name, title = get_attribute(macro, "ac:name"), _get_parameter(macro, "title")
    bodies = {get_name(part): part for part in macro}
    rich, plain = bodies.get("ac:rich-text-body"), bodies.get("ac:plain-text-body")
    lines = () if rich is None else _list_blocks(rich)
    if name == "code" or (rich is None and plain is not None):
        yield f"```{_get_parameter(macro, 'language')} {title}".rstrip()
        yield from ("" if plain is None else plain.text or "").split("\n")
        yield "```"
    elif name in {"details", "excerpt"}:
        yield from lines
    else:
        sign = "" if name == "expand" else name if name in _PANELS else f"{name} macro"
        yield (f"[{sign}] {title}" if sign else f"+ {title}").rstrip()
        yield from (f"{_INDENT}{line}" for line in lines)


def _get_parameter(macro: Html, name: str) -> str:
    found = (part for part in macro if get_name(part) == "ac:parameter" and get_attribute(part, "ac:name") == name)
    return next((part.text or "" for part in found), "")


def _render_line(element: Html) -> str:
    """Return the text of an element on one line."""
    return " / ".join(_list_blocks(element))


def _render_inline(element: Html) -> str:
    match get_name(element):
        case "br":
            return " "
        case "ac:structured-macro" if get_attribute(element, "ac:name") == "status":
            return f"({_get_parameter(element, 'title')})"
        case "ac:structured-macro" | "ac:parameter":
            return ""
        case "ac:image":
            return f"[image {get_attribute(element, 'ac:alt') or _get_resource(element)}]"
        case "ac:link":
            bodies = [child for child in element if get_name(child) in {"ac:link-body", "ac:plain-text-link-body"}]
            text, anchor = "".join(map(_render_run, bodies)), get_attribute(element, "ac:anchor")
            target = f"<{_get_resource(element)}{'#' + anchor if anchor else ''}>"
            return f"{text} {target}" if text else target
        case "a":
            return f"{_render_run(element)} <{get_attribute(element, 'href')}>"
        case "code":
            return f"`{_render_run(element)}`"
        case _:
            return _render_run(element)


def _render_run(element: Html) -> str:
    parts = [element.text or "", *(f"{_render_inline(child)}{child.tail or ''}" for child in element)]
    return "".join(parts)


def _get_resource(element: Html) -> str:
    """Return the value of an `ri:` element: a title, an id, a file, an address."""
    named = ("ri:content-title", "ri:content-id", "ri:filename", "ri:value", "ri:account-id", "ri:userkey")
    values = (get_attribute(child, name) for child in element for name in named)
    return next(filter(None, values), "")
