"""Lists: bullets, numbers, tasks, and terms with their definitions."""

from collections.abc import Iterator
from itertools import groupby

from generator.confluence.storage import macros
from generator.confluence.storage.flow import as_blocks, tight, trimmed, wrapped
from generator.confluence.storage.nodes import Element, Node, Nodes
from generator.confluence.storage.page import TASK_STATE, Html, Walk, loss, tag
from generator.confluence.storage.rules import NOT_CARRIED

_ITEMS = frozenset({"li"})
_ENTRIES = frozenset({"dt", "dd"})


def bullets(element: Html, walk: Walk) -> Nodes:
    """An unordered list; where some of its items are tasks, task lists and bullets follow each other."""
    made: list[Node] = list(walk.beside(element, _ITEMS))
    for is_task, items in groupby(_items(element), key=_is_task):
        nodes = tuple(node for item in items for node in walk.convert(item, walk))
        made.append(macros.task_list(nodes) if is_task else Element("ul", (), nodes))
    return tuple(made)


def numbers(element: Html, walk: Walk) -> Nodes:
    """An ordered list with the numbers of the site; tasks in it keep their numbers and get a drawn box.

    Storage format only has a list's first number: where they jump or run backwards, the next list begins.
    """
    made: list[Node] = [*_lettered(element), *walk.beside(element, _ITEMS)]
    numbered = enumerate(_numbered(element))
    for _, group in groupby(numbered, key=lambda each: each[1][0] - each[0]):
        run = [entry for _, entry in group]
        start = run[0][0]
        items = tuple(node for _, item in run for node in walk.convert(item, walk))
        made.append(Element("ol", (("start", str(start)),) if start != 1 else (), items))
    return tuple(made)


def _numbered(element: Html) -> Iterator[tuple[int, Html]]:
    """The items with their numbers, as browsers count them."""
    items, step = _items(element), -1 if element.get("reversed") is not None else 1
    start = _whole(element.get("start"))
    number = start if start is not None else len(items) if step < 0 else 1
    for item in items:
        own = _whole(item.get("value"))
        number = number if own is None else own
        yield number, item
        number += step


def _whole(value: str | None) -> int | None:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.removeprefix("-").isdecimal() else None


def _lettered(element: Html) -> Nodes:
    kind = element.get("type") or "1"
    return () if kind == "1" else (loss(NOT_CARRIED, f"the numbering {kind!r} of a list", element),)


def _items(element: Html) -> list[Html]:
    return [child for child in element if tag(child) == "li"]


def _is_task(item: Html) -> bool:
    return item.get(TASK_STATE) is not None


def list_item(item: Html, walk: Walk) -> Nodes:
    """An item with its text as it stands: a list that is tight on the site stays tight."""
    content = tight(walk.children(item))
    state = item.get(TASK_STATE)
    return (Element("li", (), content) if state is None else macros.task(state, content),)


def definitions(element: Html, walk: Walk) -> Nodes:
    """Terms in bold, their definitions as a list below: storage format has no list of definitions."""
    groups = [child for child in element if tag(child) == "div"]
    made: list[Node] = [*walk.beside(element, _ENTRIES | {"div"})]
    made += [node for group in groups for node in walk.beside(group, _ENTRIES)]
    for name, entries in groupby(_entries(element), key=tag):
        nodes = tuple(node for entry in entries for node in walk.convert(entry, walk))
        made.extend((Element("ul", (), nodes),) if name == "dd" else nodes)
    return tuple(made)


def term(element: Html, walk: Walk) -> Nodes:
    """A term on a line of its own."""
    return as_blocks(wrapped("strong", trimmed(walk.children(element))))


def definition(element: Html, walk: Walk) -> Nodes:
    """One meaning of the terms above it."""
    return (Element("li", (), tight(walk.children(element))),)


def _entries(element: Html) -> list[Html]:
    """Terms and definitions, also those that a div groups."""
    entries = [entry for child in element for entry in (child if tag(child) == "div" else (child,))]
    return [entry for entry in entries if tag(entry) in _ENTRIES]
