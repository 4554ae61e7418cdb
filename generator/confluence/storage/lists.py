"""Unordered, ordered, task and definition lists."""

from collections.abc import Iterator
from itertools import groupby

from generator.confluence.storage import macros
from generator.confluence.storage.flow import as_blocks, to_item_content, trim_spaces, wrap_inline
from generator.confluence.storage.nodes import Element, Node, Nodes
from generator.confluence.storage.page import TASK_STATE, ConversionContext, Html, build_loss, get_tag
from generator.confluence.storage.rules import NOT_CARRIED

_ITEMS = frozenset({"li"})
_ENTRIES = frozenset({"dt", "dd"})


def convert_unordered_list(element: Html, context: ConversionContext) -> Nodes:
    """Return an unordered list; if some of its items are tasks, task lists and lists alternate."""
    made: list[Node] = list(context.convert_stray_children(element, _ITEMS))
    for is_task, items in groupby(_list_items(element), key=_is_task):
        nodes = tuple(node for item in items for node in context.convert(item, context))
        made.append(macros.build_task_list(nodes) if is_task else Element("ul", (), nodes))
    return tuple(made)


def convert_ordered_list(element: Html, context: ConversionContext) -> Nodes:
    """Return an ordered list with the numbers of the site; tasks in it become characters.

    Storage format has only the number of the first item: if the numbers are not consecutive, a new list begins.
    """
    made: list[Node] = [*_check_numbering(element), *context.convert_stray_children(element, _ITEMS)]
    numbered = enumerate(_number_items(element))
    for _, group in groupby(numbered, key=lambda each: each[1][0] - each[0]):
        run = [entry for _, entry in group]
        start = run[0][0]
        items = tuple(node for _, item in run for node in context.convert(item, context))
        made.append(Element("ol", (("start", str(start)),) if start != 1 else (), items))
    return tuple(made)


def _number_items(element: Html) -> Iterator[tuple[int, Html]]:
    """Yield the items with their numbers, as browsers count them."""
    items, step = _list_items(element), -1 if element.get("reversed") is not None else 1
    start = _parse_integer(element.get("start"))
    number = start if start is not None else len(items) if step < 0 else 1
    for item in items:
        own = _parse_integer(item.get("value"))
        number = number if own is None else own
        yield number, item
        number += step


def _parse_integer(value: str | None) -> int | None:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.removeprefix("-").isdecimal() else None


def _check_numbering(element: Html) -> Nodes:
    kind = element.get("type") or "1"
    return () if kind == "1" else (build_loss(NOT_CARRIED, f"the numbering {kind!r} of a list", element),)


def _list_items(element: Html) -> list[Html]:
    return [child for child in element if get_tag(child) == "li"]


def _is_task(item: Html) -> bool:
    return item.get(TASK_STATE) is not None


def convert_list_item(item: Html, context: ConversionContext) -> Nodes:
    """Return an item without paragraphs around its text, so that a tight list stays tight."""
    content = to_item_content(context.convert_children(item))
    state = item.get(TASK_STATE)
    return (Element("li", (), content) if state is None else macros.build_task(state, content),)


def convert_definition_list(element: Html, context: ConversionContext) -> Nodes:
    """Return terms in bold, each followed by its definitions as a list.

    Storage format has no definition lists.
    """
    groups = [child for child in element if get_tag(child) == "div"]
    made: list[Node] = [*context.convert_stray_children(element, _ENTRIES | {"div"})]
    made += [node for group in groups for node in context.convert_stray_children(group, _ENTRIES)]
    for name, entries in groupby(_list_entries(element), key=get_tag):
        nodes = tuple(node for entry in entries for node in context.convert(entry, context))
        made.extend((Element("ul", (), nodes),) if name == "dd" else nodes)
    return tuple(made)


def convert_term(element: Html, context: ConversionContext) -> Nodes:
    """Return a term as a paragraph."""
    return as_blocks(wrap_inline("strong", trim_spaces(context.convert_children(element))))


def convert_definition(element: Html, context: ConversionContext) -> Nodes:
    """Return a definition as a list item."""
    return (Element("li", (), to_item_content(context.convert_children(element))),)


def _list_entries(element: Html) -> list[Html]:
    """List the terms and definitions, including those in a `div`."""
    entries = [entry for child in element for entry in (child if get_tag(child) == "div" else (child,))]
    return [entry for entry in entries if get_tag(entry) in _ENTRIES]
