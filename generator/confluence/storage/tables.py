"""Tables, and fact panels for Page Properties Reports."""

from generator.confluence.storage import macros
from generator.confluence.storage.flow import add_anchors, as_blocks, trim_spaces, wrap_inline
from generator.confluence.storage.nodes import Element, Nodes, PageProperty, to_plain_text
from generator.confluence.storage.page import ConversionContext, Html, get_classes, get_tag

_SECTIONS = ("thead", "tbody", "tfoot")
_PARTS = frozenset({*_SECTIONS, "tr", "td", "th", "caption"})
_ALIGNMENTS = frozenset({"center", "right", "justify"})


def convert_table(element: Html, context: ConversionContext) -> Nodes:
    """Return a table with its spans, header cells and alignment; the caption is above it in italics.

    All rows are in one body, as in the editors of Confluence. The cells determine which rows are headers.
    """
    caption = next((child for child in element if get_tag(child) == "caption"), None)
    rows = tuple(node for row in list_rows(element) for node in _convert_row(row, context))
    above: Nodes = ()
    if caption is not None:
        above = as_blocks(wrap_inline("em", trim_spaces(context.convert_children(caption))))
    made: Nodes = (macros.build_element("table", Element("tbody", (), rows)),) if rows else ()
    return (*above, *made, *_convert_stray(element, context))


def convert_property_table(element: Html, context: ConversionContext) -> Nodes:
    """Return a fact panel as Page Properties, and each row as a PageProperty."""
    found = tuple(fact for row in list_rows(element) for fact in _list_properties(row, context))
    return (macros.build_page_properties(convert_table(element, context)), *found)


def list_rows(element: Html) -> list[Html]:
    """List the rows of this table without those of nested tables; those of the footer are last."""
    ordered = [child for section in _SECTIONS[:2] for child in _list_sections(element, section)]
    return [row for part in (*ordered, *_list_sections(element, "tfoot")) for row in part]


def _list_sections(element: Html, name: str) -> list[list[Html]]:
    found: list[list[Html]] = []
    for child in element:
        if get_tag(child) == name:
            found.append([row for row in child if get_tag(row) == "tr"])
        elif name == "tbody" and get_tag(child) == "tr":
            found.append([child])
    return found


def _convert_stray(element: Html, context: ConversionContext) -> Nodes:
    """Convert content in a table outside of its cells."""
    sections = [element, *(child for child in element if get_tag(child) in _SECTIONS)]
    places = [*sections, *list_rows(element)]
    return tuple(node for place in places for node in context.convert_stray_children(place, _PARTS))


def _convert_row(row: Html, context: ConversionContext) -> Nodes:
    cells = tuple(node for child in row if get_tag(child) in {"td", "th"} for node in context.convert(child, context))
    identifier = row.get("id")
    if identifier and cells and isinstance(cells[0], Element):
        first = cells[0]
        content = add_anchors((macros.build_anchor(identifier),), first.children)
        cells = (Element(first.name, first.attributes, content), *cells[1:])
    return (Element("tr", (), cells),) if cells else ()


def convert_cell(element: Html, context: ConversionContext) -> Nodes:
    """Return a cell; its content is paragraphs, which keep the alignment in the editor of Cloud."""
    spans = tuple((name, _get_span(element, name)) for name in ("colspan", "rowspan"))
    alignment = get_alignment(element)
    style = f"text-align: {alignment};" if alignment else ""
    content = as_blocks(trim_spaces(context.convert_children(element)), style) or (Element("p"),)
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


def get_alignment(element: Html) -> str:
    """Return the alignment of the text of a cell; "" for the left side, which is the default."""
    declarations = (part.partition(":") for part in (element.get("style") or "").split(";"))
    styled = {name.strip().lower(): value.strip().lower() for name, _, value in declarations}
    wanted = styled.get("text-align") or (element.get("align") or "").lower()
    return wanted if wanted in _ALIGNMENTS else ""


def _list_properties(row: Html, context: ConversionContext) -> list[PageProperty]:
    cells = [child for child in row if get_tag(child) in {"td", "th"}]
    if len(cells) < 2:
        return []
    name, *values = (to_plain_text(context.convert_children(child)) for child in cells)
    return [PageProperty(name, " ".join(values))]


def is_property_table(element: Html) -> bool:
    """Return whether a table is a fact panel."""
    return get_tag(element) == "table" and "mb-facts" in get_classes(element)
