"""The elements of storage format that we write, and no others: one function each."""

from generator.confluence.storage.nodes import CData, Element, Node, Nodes, PageFile, PageTarget, compute_digest

INLINE_MACROS = frozenset({"anchor", "status"})
STATUS_COLOURS = frozenset({"green", "blue", "yellow", "red", "grey"})


def build_element(name: str, *children: Node, **attributes: str) -> Element:
    """An element of the XHTML part: `element("p", "text", style="…")`."""
    return Element(name, tuple(sorted(attributes.items())), children)


def to_anchor_name(identifier: str) -> str:
    """A page's id as the name of an anchor: letters, digits, dots, hyphens and underscores.

    Footnotes have colons in theirs, which Confluence reads as a separator in places. An id that is changed gets a few
    digits of its digest, so that `a:b` and `a-b` stay two; links from other pages come to the same name without a look.
    """
    name = "".join(letter if letter.isalnum() or letter in "._-" else "-" for letter in identifier)
    return name if name == identifier else f"{name}-{compute_digest(identifier.encode())[:6]}"


def build_anchor(identifier: str) -> Element:
    """The invisible target of links to an id."""
    return _build_macro("anchor", (("", to_anchor_name(identifier)),))


def build_status(title: str, colour: str) -> Element:
    """A lozenge; a colour that Confluence does not know becomes grey."""
    known = colour if colour in STATUS_COLOURS else "grey"
    return _build_macro("status", (("colour", known.capitalize()), ("title", title)))


def build_panel(kind: str, title: str, body: Nodes) -> Element:
    """An info, note, tip or warning box."""
    return _build_macro(kind, (("title", title),), rich=body)


def build_expand(title: str, body: Nodes) -> Element:
    """A part that opens on a click."""
    return _build_macro("expand", (("title", title),), rich=body)


def build_page_properties(table: Nodes) -> Element:
    """Facts that a Page Properties Report can list."""
    return _build_macro("details", (), rich=table)


def build_code(text: str, language: str = "", title: str = "", first_line: str = "") -> Element:
    """A code block; with the number of its first line where lines are numbered."""
    numbers = (("firstline", first_line), ("linenumbers", "true")) if first_line else ()
    parameters = (*numbers, ("language", language), ("title", title))
    return _build_macro("code", parameters, extra=(Element("ac:plain-text-body", (), (CData(text),)),))


def build_task_list(tasks: Nodes) -> Element:
    """A list of tasks, of which `task` makes one."""
    return Element("ac:task-list", (), tasks)


def build_task(state: str, body: Nodes) -> Element:
    """One task, `complete` or `incomplete`; Confluence numbers it on save."""
    return Element("ac:task", (), (Element("ac:task-status", (), (state,)), Element("ac:task-body", (), body)))


def build_image(source: PageFile | str, attributes: dict[str, str]) -> Element:
    """An image from an attachment or from an address on another host; empty attributes are left out."""
    shown = source if isinstance(source, PageFile) else Element("ri:url", (("ri:value", source),))
    given = tuple((f"ac:{name}", value) for name, value in sorted(attributes.items()) if value)
    return Element("ac:image", given, (shown,))


def build_link(target: PageTarget | PageFile | None, body: Nodes, anchor: str = "") -> Element:
    """A link to a page, to an attachment, or (without target) to an anchor of the same page."""
    attributes = (("ac:anchor", anchor),) if anchor else ()
    shown: Nodes = () if target is None else (target,)
    return Element("ac:link", attributes, (*shown, Element("ac:link-body", (), body)))


def _build_macro(
    name: str, parameters: tuple[tuple[str, str], ...], rich: Nodes | None = None, extra: Nodes = ()
) -> Element:
    written = tuple(Element("ac:parameter", (("ac:name", key),), (value,)) for key, value in parameters if value)
    body = () if rich is None else (Element("ac:rich-text-body", (), rich),)
    return Element("ac:structured-macro", (("ac:name", name),), (*written, *body, *extra))
