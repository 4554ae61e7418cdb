"""Headings, admonitions, collapsible blocks, content tabs, lists and tables."""

from itertools import groupby

from generator.confluence.storage import flow, macros
from generator.confluence.storage.nodes import (
    ConversionLoss,
    Element,
    Node,
    Nodes,
    list_nodes,
    to_plain_text,
)
from generator.confluence.storage.page import (
    FIRST,
    TASK_STATE,
    ConversionContext,
    Html,
    build_loss,
    get_classes,
    get_tag,
)
from generator.confluence.storage.rules import NOT_CARRIED

_PANELS = {
    **dict.fromkeys(("important", "warning", "caution", "attention"), "note"),
    **dict.fromkeys(("tip", "hint", "success", "check", "done"), "tip"),
    **dict.fromkeys(("danger", "error", "failure", "fail", "missing", "bug"), "warning"),
}
"""The panels of Confluence by the types of admonitions; other types become an info panel.

In Confluence, `info` is blue, `tip` is green, `note` is yellow and `warning` is red. In Material, `note` is blue,
`warning` is orange and `danger` is red.
"""
_SECTIONS = ("thead", "tbody", "tfoot")
_CELLS = frozenset({"td", "th"})
_ALIGNMENTS = frozenset({"center", "right", "justify"})


def convert_heading(element: Html, context: ConversionContext) -> Nodes:
    """Return a heading; omit the first one if it repeats the title of the page."""
    children = context.convert_children(element)
    content = flow.trim_spaces(flow.to_inline(children))
    text = to_plain_text(content)
    if get_tag(element) == "h1" and text == " ".join(context.page.title.split()) and element.get(FIRST) is not None:
        return ()
    if text:
        noted = (build_loss(NOT_CARRIED, "a block in a heading", element),) if flow.is_structured(children) else ()
        return (*noted, Element(get_tag(element), (), content))
    # The parser ends a heading before a block in it.
    behind = element.getnext()
    is_cut = not (element.text or "").strip() and not (element.tail or "").strip() and not len(element)
    noted = (build_loss(NOT_CARRIED, "a block in a heading", behind),) if is_cut and behind is not None else ()
    return (*noted, *flow.as_blocks(children))


def convert_line(element: Html, context: ConversionContext) -> Nodes:
    """Return a caption as a paragraph in italics, and a term as one in bold."""
    mark = "strong" if get_tag(element) == "dt" else "em"
    return flow.as_blocks(flow.wrap_inline(mark, flow.trim_spaces(context.convert_children(element))))


def convert_box(element: Html, context: ConversionContext) -> Nodes:
    """Return an admonition as a panel, whose kind depends on its type, and a collapsible block as an expand macro."""
    kinds = sorted(name for name in get_classes(element) if name in _PANELS)
    panel = _PANELS[kinds[0]] if kinds else "info"
    name = panel if "admonition" in get_classes(element) else "expand"
    words, losses = _convert_title(_find_title(element), context)
    return (*losses, macros.build_box(name, {"title": words}, context.convert_blocks(element)))


def convert_tabs(element: Html, context: ConversionContext) -> Nodes:
    """Return content tabs as expand macros, with the labels as their titles."""
    rows = [child for child in element if "tabbed-labels" in get_classes(child)]
    # The labels are in a row or between the contents.
    labels = [child for parent in rows or [element] for child in parent if get_tag(child) == "label"]
    contents = [child for child in element if "tabbed-content" in get_classes(child)]
    blocks = [block for content in contents for block in content if "tabbed-block" in get_classes(block)] or contents
    made: list[Node] = []
    for label, block in zip(labels, blocks, strict=False):
        words, losses = _convert_title(label, context)
        made.extend((*losses, macros.build_box("expand", {"title": words}, context.convert_blocks(block))))
    for unpaired in (*labels[len(blocks) :], *blocks[len(labels) :]):
        made.extend(context.convert_blocks(unpaired))
    # Content next to the labels and blocks is invalid HTML that browsers show.
    known = {*rows, *contents, *labels, *blocks}
    places = (element, *rows, *(content for content in contents if content not in blocks))
    return (*(node for place in places for node in context.convert_blocks(place, known)), *made)


def is_title(element: Html) -> bool:
    """Return whether an element is the title of a box."""
    parent = element.getparent()
    return parent is not None and _find_title(parent) is element


def _find_title(box: Html) -> Html | None:
    """Find the first title of a box; a second one is content."""
    if "admonition" in get_classes(box):
        return next((child for child in box if "admonition-title" in get_classes(child)), None)
    return next((child for child in box if get_tag(child) == "summary"), None) if get_tag(box) == "details" else None


def _convert_title(title: Html | None, context: ConversionContext) -> tuple[str, Nodes]:
    """Return the text of a title, and the losses for content that a macro parameter cannot contain."""
    if title is None:
        return "", ()
    content = context.convert_children(title)
    found = tuple(node for node in list_nodes(content) if isinstance(node, ConversionLoss))
    lost = ["<a>" for node in title.iter("a") if node.get("href") is not None]
    lost += ["an image"] if flow.has_image(content) else []
    lost += ["a block"] if flow.is_structured(content) else []
    return to_plain_text(content), (*found, *(build_loss(NOT_CARRIED, f"{what} in a title", title) for what in lost))


def convert_unordered_list(element: Html, context: ConversionContext) -> Nodes:
    """Return an unordered list; if some of its items are tasks, task lists and lists alternate."""
    listed = [child for child in element if get_tag(child) == "li"]
    made: list[Node] = list(context.convert_blocks(element, listed))
    for is_task, items in groupby(listed, key=lambda item: item.get(TASK_STATE) is not None):
        nodes = tuple(node for item in items for node in context.convert(item, context))
        made.append(Element("ac:task-list" if is_task else "ul", (), nodes))
    return tuple(made)


def convert_ordered_list(element: Html, context: ConversionContext) -> Nodes:
    """Return an ordered list with the numbers of the site; tasks in it become characters.

    Storage format has only the number of the first item: if the numbers are not consecutive, a new list begins.
    """
    kind = element.get("type") or "1"
    made: list[Node] = [build_loss(NOT_CARRIED, f"the numbering {kind!r} of a list", element)] if kind != "1" else []
    items = [child for child in element if get_tag(child) == "li"]
    step = -1 if element.get("reversed") is not None else 1
    number = _parse_integer(element.get("start"), len(items) if step < 0 else 1)
    numbered: list[tuple[int, Html]] = []
    for item in items:  # as browsers count them
        numbered.append((_parse_integer(item.get("value"), number), item))
        number = numbered[-1][0] + step
    made.extend(context.convert_blocks(element, items))
    for _, group in groupby(enumerate(numbered), key=lambda each: each[1][0] - each[0]):
        run = [entry for _, entry in group]
        start = run[0][0]
        nodes = tuple(node for _, item in run for node in context.convert(item, context))
        made.append(Element("ol", (("start", str(start)),) if start != 1 else (), nodes))
    return tuple(made)


def _parse_integer(value: str | None, default: int) -> int:
    text = (value or "").strip()
    return int(text) if text.isascii() and text.removeprefix("-").isdecimal() else default


def convert_list_item(item: Html, context: ConversionContext) -> Nodes:
    """Return an item without paragraphs around its text, so that a tight list stays tight."""
    mixed = groupby(context.convert_children(item), key=flow.is_block)
    runs = ((tuple(group) if block else flow.trim_spaces(tuple(group))) for block, group in mixed)
    content = tuple(node for run in runs for node in run)
    state = item.get(TASK_STATE)
    if state is None:
        return (Element("li", (), content),)
    # Confluence assigns the number of a task when the page is saved.
    return (Element("ac:task", (), (Element("ac:task-status", (), (state,)), Element("ac:task-body", (), content))),)


def convert_definition_list(element: Html, context: ConversionContext) -> Nodes:
    """Return terms in bold, each followed by its definitions as a list.

    Storage format has no definition lists.
    """
    # HTML allows a `div` around a term with its definitions; any other one is content.
    divisions = (child for child in element if get_tag(child) == "div")
    groups = [child for child in divisions if any(get_tag(entry) in {"dt", "dd"} for entry in child)]
    entries = (entry for child in element for entry in (child if child in groups else (child,)))
    listed = [entry for entry in entries if get_tag(entry) in {"dt", "dd"}]
    made = [node for place in (element, *groups) for node in context.convert_blocks(place, {*groups, *listed})]
    for name, run in groupby(listed, key=get_tag):
        nodes = tuple(node for entry in run for node in context.convert(entry, context))
        made.extend((Element("ul", (), nodes),) if name == "dd" else nodes)
    return tuple(made)


def convert_table(element: Html, context: ConversionContext) -> Nodes:
    """Return a table with its spans, header cells and alignment; the caption is above it in italics.

    All rows are in one body, as in the editors of Confluence; those of the footer are last. The cells determine which
    rows are headers.
    """
    sections = {name: [child for child in element if get_tag(child) == name] for name in (*_SECTIONS, "caption")}
    bodies = [[row] if get_tag(row) == "tr" else list(row) for row in element if get_tag(row) in {"tr", "tbody"}]
    parts = (*sections["thead"], *bodies, *sections["tfoot"])
    listed = [row for part in parts for row in part if get_tag(row) == "tr"]
    rows: list[Node] = []
    for row in listed:
        of_row = [node for child in row if get_tag(child) in _CELLS for node in context.convert(child, context)]
        identifier, first = row.get("id"), next(iter(of_row), None)
        if identifier in context.anchored and isinstance(first, Element):
            anchor = macros.build_macro("anchor", {"": macros.to_anchor_name(identifier)})
            content = flow.add_anchors((anchor,), first.children)
            of_row[0] = Element(first.name, first.attributes, content)
        rows.extend((Element("tr", (), tuple(of_row)),) if of_row else ())
    made = [node for caption in sections["caption"] for node in convert_line(caption, context)]
    made.extend((Element("table", (), (Element("tbody", (), tuple(rows)),)),) if rows else ())
    cells = [cell for place in (element, *element, *listed) for cell in place if get_tag(cell) in _CELLS]
    known = {*(part for section in sections.values() for part in section), *listed, *cells}
    for place in (element, *(part for name in _SECTIONS for part in sections[name]), *listed):
        made.extend(context.convert_blocks(place, known))
    return tuple(made)


def convert_cell(element: Html, context: ConversionContext) -> Nodes:
    """Return a cell; its content is paragraphs, which keep the alignment in the editor of Cloud."""
    spans = ((name, _get_span(element, name)) for name in ("colspan", "rowspan"))
    declarations = (part.partition(":") for part in (element.get("style") or "").split(";"))
    styled = {name.strip().lower(): value.strip().lower() for name, _, value in declarations}
    alignment = styled.get("text-align") or (element.get("align") or "").lower()
    style = f"text-align: {alignment};" if alignment in _ALIGNMENTS else ""
    content = flow.as_blocks(flow.trim_spaces(context.convert_children(element)), style) or (Element("p"),)
    return (Element(get_tag(element), tuple(pair for pair in spans if pair[1]), content),)


def _get_span(element: Html, name: str) -> str:
    value = element.get(name) or ""
    if not (value.isascii() and value.isdecimal()):
        return ""
    number, row = int(value), element.getparent()
    if name == "rowspan" and number == 0 and row is not None:
        # In HTML, 0 spans the rows to the end of the section. Confluence does not support it.
        number = 1 + sum(1 for _ in row.itersiblings("tr"))
    return str(number) if number > 1 else ""
