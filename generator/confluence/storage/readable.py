"""Storage format as lines of plain text, for a diff that a person reads; and a page's facts by name."""

from collections.abc import Iterator

from generator.confluence.storage.page import Html
from generator.confluence.storage.parse import attribute, body, name_of, parameters, parse, plain_body

_PANELS = frozenset({"info", "note", "tip", "warning", "panel"})
_INDENT = "  "
_BLOCKS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "blockquote", "hr", "div", "pre"})
_BLOCK_ELEMENTS = _BLOCKS | {"ac:task-list", "ac:layout", "ac:layout-section", "ac:layout-cell"}


def readable(storage: str) -> list[str]:
    """The body as lines: headings with `#`, rows as `name: value`, items, tasks with boxes, code between fences.

    Works on any storage format, also on what people wrote in the wiki; what has no line of its own gives its text.
    """
    return list(_blocks(parse(storage)))


def fields(storage: str) -> dict[str, str]:
    """The facts of a page by name: the rows of its Page Properties, in order."""
    found: dict[str, str] = {}
    for macro in parse(storage).iter():
        if name_of(macro) == "ac:structured-macro" and attribute(macro, "ac:name") == "details":
            for row in (node for node in macro.iter() if name_of(node) == "tr"):
                cells = [_words(cell) for cell in row]
                found.update({cells[0]: " ".join(cells[1:])} if len(cells) > 1 else {})
    return found


def _blocks(element: Html) -> Iterator[str]:
    """The lines of an element that holds blocks, loose text among them as lines of its own."""
    run = [element.text or ""]
    for child in element:
        if _is_block(child):
            yield from _line(run)
            yield from _block(child)
            run = []
        else:
            run.append(_inline(child))
        run.append(child.tail or "")
    yield from _line(run)


def _line(run: list[str]) -> Iterator[str]:
    text = " ".join("".join(run).split())
    if text:
        yield text


def _is_block(element: Html) -> bool:
    if name_of(element) == "ac:structured-macro":
        return attribute(element, "ac:name") not in {"status", "anchor"}
    return name_of(element) in _BLOCK_ELEMENTS


def _block(element: Html) -> Iterator[str]:
    match name_of(element):
        case "h1" | "h2" | "h3" | "h4" | "h5" | "h6" as name:
            yield f"{'#' * int(name[1])} {_words(element)}"
        case "ul" | "ol" as name:
            yield from _list(element, numbered=name == "ol")
        case "ac:task-list":
            yield from _tasks(element)
        case "table":
            yield from _rows(element)
        case "blockquote":
            yield from (f"> {line}" for line in _blocks(element))
        case "hr":
            yield "---"
        case "pre":
            yield from ("```", *"".join(map(str, element.itertext())).splitlines(), "```")
        case "ac:structured-macro":
            yield from _macro(element)
        case _:
            yield from _blocks(element)


def _list(element: Html, *, numbered: bool) -> Iterator[str]:
    start = attribute(element, "start")
    first = int(start) if start.lstrip("-").isdecimal() else 1
    for number, item in enumerate(element, first):
        yield from _item(f"{number}. " if numbered else "- ", _blocks(item))


def _tasks(element: Html) -> Iterator[str]:
    for task in element:
        parts = {name_of(part): part for part in task}
        done = "ac:task-status" in parts and _words(parts["ac:task-status"]) == "complete"
        content = parts.get("ac:task-body", task)
        yield from _item("[x] " if done else "[ ] ", _blocks(content))


def _item(mark: str, lines: Iterator[str]) -> Iterator[str]:
    yield f"{mark}{next(lines, '')}".rstrip()
    yield from (f"{_INDENT}{line}" for line in lines)


def _rows(table: Html) -> Iterator[str]:
    """One line a row: `name: value` where a header cell begins it, else the cells between bars."""
    for row in (node for part in table for node in ([part] if name_of(part) == "tr" else part)):
        cells = [" / ".join(_blocks(cell)) for cell in row]
        kinds = [name_of(cell) for cell in row]
        if len(cells) > 1 and kinds[0] == "th" and "th" not in kinds[1:]:
            yield f"{cells[0]}: {' | '.join(cells[1:])}"
        else:
            yield " | ".join(cells)


def _macro(macro: Html) -> Iterator[str]:
    name, given, rich = attribute(macro, "ac:name"), parameters(macro), body(macro)
    title = given.get("title", "")
    if name == "code" or (rich is None and plain_body(macro)):
        yield f"```{given.get('language', '')} {title}".rstrip()
        yield from plain_body(macro).split("\n")
        yield "```"
    elif name == "details":
        yield from (_blocks(rich) if rich is not None else ())
    else:
        sign = "" if name == "expand" else name if name in _PANELS else f"{name} macro"
        yield (f"[{sign}] {title}" if sign else f"+ {title}").rstrip()
        yield from (f"{_INDENT}{line}" for line in (_blocks(rich) if rich is not None else ()))


def _words(element: Html) -> str:
    """The text of an element on one line."""
    return " / ".join(_blocks(element))


def _inline(element: Html) -> str:
    match name_of(element):
        case "br":
            return " "
        case "ac:structured-macro" if attribute(element, "ac:name") == "status":
            return f"({parameters(element).get('title', '')})"
        case "ac:structured-macro" | "ac:parameter":
            return ""
        case "ac:image":
            return f"[image {attribute(element, 'ac:alt') or _resource(element)}]"
        case "ac:link":
            return _link(element)
        case "a":
            return f"{_run(element)} <{attribute(element, 'href')}>"
        case "code":
            return f"`{_run(element)}`"
        case _:
            return _run(element)


def _run(element: Html) -> str:
    parts = [element.text or "", *(f"{_inline(child)}{child.tail or ''}" for child in element)]
    return "".join(parts)


def _link(link: Html) -> str:
    bodies = [child for child in link if name_of(child) in {"ac:link-body", "ac:plain-text-link-body"}]
    text = "".join(map(_run, bodies))
    anchor = attribute(link, "ac:anchor")
    target = f"{_resource(link)}{'#' + anchor if anchor else ''}"
    return f"{text} <{target}>" if text else f"<{target}>"


def _resource(element: Html) -> str:
    """What an `ri:` element within names: a title, an id, a file, an address."""
    named = ("ri:content-title", "ri:content-id", "ri:filename", "ri:value", "ri:account-id", "ri:userkey")
    values = (attribute(child, name) for child in element for name in named)
    return next(filter(None, values), "")
