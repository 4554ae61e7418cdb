"""Tables, and the fact panel that a Page Properties Report reads."""

from generator.confluence.storage import macros
from generator.confluence.storage.flow import as_blocks, trimmed, with_anchors, wrapped
from generator.confluence.storage.nodes import Element, Fact, Nodes, plain
from generator.confluence.storage.page import Html, Walk, classes, tag

_SECTIONS = ("thead", "tbody", "tfoot")
_PARTS = frozenset({*_SECTIONS, "tr", "td", "th", "caption"})
_ALIGNMENTS = frozenset({"center", "right", "justify"})


def table(element: Html, walk: Walk) -> Nodes:
    """A table with its spans, header cells and alignment; the caption precedes it in italics.

    All rows go into one body, as Confluence's editors write them; the cells say which row is a header.
    """
    caption = next((child for child in element if tag(child) == "caption"), None)
    rows = tuple(node for row in rows_of(element) for node in _row(row, walk))
    above: Nodes = () if caption is None else _caption(caption, walk)
    made: Nodes = (macros.element("table", Element("tbody", (), rows)),) if rows else ()
    return (*above, *made, *_stray(element, walk))


def facts(element: Html, walk: Walk) -> Nodes:
    """A fact panel as Page Properties, each row also as a Fact."""
    found = tuple(fact for row in rows_of(element) for fact in _facts(row, walk))
    return (macros.page_properties(table(element, walk)), *found)


def rows_of(element: Html) -> list[Html]:
    """The rows of this table, not of one within it, the footer's last."""
    ordered = [child for section in _SECTIONS[:2] for child in _sections(element, section)]
    return [row for part in (*ordered, *_sections(element, "tfoot")) for row in part]


def _sections(element: Html, name: str) -> list[list[Html]]:
    found: list[list[Html]] = []
    for child in element:
        if tag(child) == name:
            found.append([row for row in child if tag(row) == "tr"])
        elif name == "tbody" and tag(child) == "tr":
            found.append([child])
    return found


def _stray(element: Html, walk: Walk) -> Nodes:
    """What stands in a table outside its cells."""
    sections = [element, *(child for child in element if tag(child) in _SECTIONS)]
    places = [*sections, *rows_of(element)]
    return tuple(node for place in places for node in walk.beside(place, _PARTS))


def _caption(caption: Html, walk: Walk) -> Nodes:
    return as_blocks(wrapped("em", trimmed(walk.children(caption))))


def _row(row: Html, walk: Walk) -> Nodes:
    cells = tuple(node for child in row if tag(child) in {"td", "th"} for node in walk.convert(child, walk))
    anchors = (macros.anchor(row.get("id", "")),) if row.get("id") else ()
    return (Element("tr", (), _into_first(anchors, cells)),) if cells else ()


def _into_first(anchors: Nodes, cells: Nodes) -> Nodes:
    first = cells[0]
    if not anchors or not isinstance(first, Element):
        return cells
    return (Element(first.name, first.attributes, with_anchors(anchors, first.children)), *cells[1:])


def cell(element: Html, walk: Walk) -> Nodes:
    """A cell; its content is paragraphs, which carry the alignment in Cloud's editor too."""
    spans = tuple((name, _span(element, name)) for name in ("colspan", "rowspan"))
    alignment = alignment_of(element)
    style = f"text-align: {alignment};" if alignment else ""
    content = as_blocks(trimmed(walk.children(element)), style) or (Element("p"),)
    return (Element(tag(element), tuple(pair for pair in spans if pair[1]), content),)


def _span(element: Html, name: str) -> str:
    value = element.get(name) or ""
    if not (value.isascii() and value.isdecimal()):
        return ""
    number = _rows_below(element) if name == "rowspan" and int(value) == 0 else int(value)
    return str(number) if number > 1 else ""


def _rows_below(cell: Html) -> int:
    """How many rows a cell spans that reaches to the end of its part of the table: the wiki has no 0 for it."""
    row = cell.getparent()
    return 1 if row is None else 1 + sum(1 for _ in row.itersiblings("tr"))


def alignment_of(element: Html) -> str:
    """How the cell's text is set, "" for the left side, which needs no saying."""
    declarations = (part.partition(":") for part in (element.get("style") or "").split(";"))
    styled = {name.strip().lower(): value.strip().lower() for name, _, value in declarations}
    wanted = styled.get("text-align") or (element.get("align") or "").lower()
    return wanted if wanted in _ALIGNMENTS else ""


def _facts(row: Html, walk: Walk) -> list[Fact]:
    cells = [child for child in row if tag(child) in {"td", "th"}]
    if len(cells) < 2:
        return []
    name, *values = (plain(walk.children(child)) for child in cells)
    return [Fact(name, " ".join(values))]


def is_facts(element: Html) -> bool:
    """Whether the table is a fact panel."""
    return tag(element) == "table" and "mb-facts" in classes(element)
