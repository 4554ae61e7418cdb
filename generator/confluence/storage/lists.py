"""Lists: bullets, numbers, tasks, and terms with their definitions."""

from itertools import groupby

from generator.confluence.storage import macros
from generator.confluence.storage.flow import tight
from generator.confluence.storage.nodes import Element, Node, Nodes
from generator.confluence.storage.page import TASK_STATE, Html, Walk, tag


def bullets(element: Html, walk: Walk) -> Nodes:
    """An unordered list; where some of its items are tasks, task lists and bullets follow each other."""
    made: list[Node] = list(_loose(element, walk))
    for is_task, items in groupby(_items(element), key=_is_task):
        nodes = tuple(node for item in items for node in walk.convert(item, walk))
        made.append(macros.task_list(nodes) if is_task else Element("ul", (), nodes))
    return tuple(made)


def numbers(element: Html, walk: Walk) -> Nodes:
    """An ordered list, from its own first number; tasks in it keep their numbers and get a drawn box."""
    items = tuple(node for item in _items(element) for node in walk.convert(item, walk))
    start = element.get("start") or "1"
    attributes = (("start", start),) if start.lstrip("-").isdecimal() and start != "1" else ()
    return (*_loose(element, walk), Element("ol", attributes, items)) if items else _loose(element, walk)


def _items(element: Html) -> list[Html]:
    return [child for child in element if tag(child) == "li"]


def _loose(element: Html, walk: Walk) -> Nodes:
    """What stands in a list beside its items, which HTML forbids and browsers show."""
    return tuple(node for child in element if tag(child) != "li" for node in walk.convert(child, walk))


def _is_task(item: Html) -> bool:
    return item.get(TASK_STATE) is not None


def list_item(item: Html, walk: Walk) -> Nodes:
    """An item with its text as it stands: a list that is tight on the site stays tight."""
    content = tight(walk.children(item))
    state = item.get(TASK_STATE)
    return (Element("li", (), content) if state is None else macros.task(state, content),)


def definitions(element: Html, walk: Walk) -> Nodes:
    """Terms in bold, their definitions as a list below: storage format has no list of definitions."""
    made: list[Node] = []
    for name, group in groupby(_entries(element), key=tag):
        for_each = tuple(group)
        if name == "dd":
            items = tuple(Element("li", (), tight(walk.children(entry))) for entry in for_each)
            made.append(Element("ul", (), items))
        elif name == "dt":
            made.extend(Element("p", (), (Element("strong", (), walk.inline(entry)),)) for entry in for_each)
        else:
            made.extend(node for entry in for_each for node in walk.convert(entry, walk))
    return tuple(made)


def _entries(element: Html) -> list[Html]:
    """Terms and definitions, also those that a div groups."""
    return [entry for child in element for entry in (child if tag(child) == "div" else (child,)) if tag(entry)]
