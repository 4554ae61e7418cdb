"""What a reader finds on the page of the site."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.confluence.parity.by_design import reason
from tests.confluence.parity.foreseen import HEADINGS, LISTS, Foreseen, foresee, in_order
from tests.confluence.parity.items import Item, Side, cell_form, collapsed
from tests.confluence.parity.markup import Tag, article_tree

_MARKS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark output q s samp small span "
    "strike strong sub sup time tt u var input label ruby rb rt rp wbr picture source noscript"
)
_IN_LINE = frozenset(_MARKS.split())
_EMOJI = frozenset({"twemoji", "emojione", "gemoji"})
_FENCES = ((r"\(", r"\)"), (r"\[", r"\]"))
_BOXES = {True: "\N{BALLOT BOX WITH CHECK}", False: "\N{BALLOT BOX}"}


@dataclass(frozen=True, slots=True)
class _SitePosition:
    """Where an element stands, as far as its items tell it."""

    depth: int = 0
    marker: str = ""
    """The bullet or number of a list's item."""
    cell: str = ""
    """The form of a table's cell."""
    language: str = ""
    """The language of the box of code around it."""
    rows_left: int = 1
    """How many rows the part of a table has from here on."""
    is_typed: bool = False
    """Whether it is part of a block of code."""


def read_site(html: str, title: str) -> Side:
    """Return the items of the article with the page's title above it, and what it holds for the site alone, by name."""
    article = article_tree(html)
    known = foresee(article, title)
    items = (Item("heading", title, form="h1"), *_items(article, known, _SitePosition()))
    return Side(items, f"{title}\n{_text(article, known)}", frozenset(), tuple(_dropped(article)))


def _dropped(tag: Tag) -> Iterator[str]:
    for child in tag.tags:
        named = reason(child)
        yield from [named] if named else _dropped(child)


def _items(tag: Tag, known: Foreseen, at: _SitePosition) -> Iterator[Item]:
    """Yield the items within, children after what they are in."""
    if reason(tag) or "linenos" in tag.classes:
        return
    yield from _own(tag, known, at)
    if tag.name == "svg":
        yield from _of_drawing(tag, known)
    elif not _is_source(tag):
        for child, place in _within(tag, known, at):
            yield from _items(child, known, place)


def _within(tag: Tag, known: Foreseen, at: _SitePosition) -> Iterator[tuple[Tag, _SitePosition]]:
    """Yield the elements within, each with its place."""
    children = [child for child in in_order(tag) if isinstance(child, Tag)]
    inner = replace(at, marker="", cell="", language=_language(tag) or at.language)
    inner = replace(inner, is_typed=at.is_typed or tag.name == "pre")
    if tag.name in LISTS or tag.name == "dl":
        for child, marker in _marked(tag, children, known):
            yield child, replace(inner, marker=marker, depth=at.depth + bool(marker))
    elif tag.name == "tr":
        cells = [child for child in children if child.name in {"td", "th"}]
        for child in children:
            form = _cell(child, at, opens_row=child is cells[0]) if child.name in {"td", "th"} else ""
            yield child, replace(inner, cell=form)
    elif tag.name in {"table", "thead", "tbody", "tfoot"}:
        rows = [child for child in children if child.name == "tr"]
        below = {id(row): len(rows) - place for place, row in enumerate(rows)}
        yield from ((child, replace(inner, rows_left=below.get(id(child), 1))) for child in children)
    else:
        yield from ((child, inner) for child in children)


def _marked(tag: Tag, children: list[Tag], known: Foreseen) -> Iterator[tuple[Tag, str]]:
    """Yield the children of a list with the bullet, number or state that a reader sees before them; "" for no item."""
    if tag.name == "dl":
        entries = [entry for child in children for entry in (child.tags if child.name == "div" else [child])]
        yield from ((child, "•" if child.name == "dd" else "") for child in entries)
        return
    numbers = _numbers([child for child in children if child.name == "li"], tag)
    for child in children:
        if child.name != "li":
            yield child, ""
        else:
            number = next(numbers)
            yield child, known.boxes.get(id(child), f"{number}." if tag.name == "ol" else "•")


def _numbers(items: list[Tag], tag: Tag) -> Iterator[int]:
    """Yield the numbers of a list's items, as browsers count."""
    step = -1 if "reversed" in tag.attributes else 1
    number = _whole(tag.attributes.get("start"), len(items) if step < 0 else 1)
    for item in items:
        number = _whole(item.attributes.get("value"), number)
        yield number
        number += step


def _whole(text: str | None, otherwise: int) -> int:
    try:
        return int(text or "")
    except ValueError:
        return otherwise


def _cell(tag: Tag, at: _SitePosition, *, opens_row: bool) -> str:
    rows = tag.attributes.get("rowspan", "")
    spans = tag.attributes.get("colspan", ""), str(at.rows_left) if rows == "0" else rows
    return cell_form(tag.name, spans, opens_row=opens_row)


def _language(tag: Tag) -> str:
    """Return the language that an element of a block of code names."""
    named = (name for each in (tag, *_code_in(tag)) for name in sorted(each.classes) if name.startswith("language-"))
    return next(named, "").removeprefix("language-").lower()


def _code_in(tag: Tag) -> list[Tag]:
    return [child for child in tag.tags if child.name == "code"] if tag.name == "pre" else []


def _own(tag: Tag, known: Foreseen, at: _SitePosition) -> Iterator[Item]:
    if tag.name in HEADINGS and id(tag) != known.title and _text(tag, known).strip():
        yield Item("heading", _text(tag, known), form=tag.name)
    elif at.cell and not tag.classes & {"code", "filename"}:
        yield Item("cell", _text(tag, known), form=at.cell)
    elif at.marker:
        yield Item("list item", _text(tag, known), form=f"{at.marker} at depth {at.depth}")
    elif (tag.name == "pre" or _is_source(tag)) and not at.is_typed:
        source = _formula(tag) if "arithmatex" in tag.classes else _typed(tag)
        yield Item("code", source, form="" if _is_source(tag) else _language(tag) or at.language)
    elif tag.name == "a" and "href" in tag.attributes and _is_seen(tag, known):
        yield Item("link", _text(tag, known), tag.attributes["href"])
    elif tag.name == "img" and not tag.classes & _EMOJI:
        yield Item("image", tag.attributes.get("alt", ""), tag.attributes.get("src", ""))
    elif tag.name == "table" and "mb-facts" in tag.classes:
        yield from _facts(tag, known)


def _is_source(tag: Tag) -> bool:
    """Return whether the wiki shows the element as its source: a drawing or a formula of its own."""
    return "mermaid" in tag.classes or ("arithmatex" in tag.classes and tag.name != "span")


def _is_seen(link: Tag, known: Foreseen) -> bool:
    """Return whether there is anything to click on."""
    return bool(_text(link, known).strip()) or any(tag.name == "img" or id(tag) in known.drawings for tag in link.all())


def _facts(table: Tag, known: Foreseen) -> Iterator[Item]:
    for row in (tag for tag in table.all() if tag.name == "tr"):
        cells = [_text(cell, known) for cell in row.tags if cell.name in {"td", "th"}]
        if len(cells) > 1:
            yield Item("fact", ": ".join(cells))


def _of_drawing(svg: Tag, known: Foreseen) -> Iterator[Item]:
    """A diagram's picture and what it leads to; of another drawing the links, which only a reader of the site has."""
    number = known.drawings.get(id(svg))
    if number is not None:
        yield Item("image", _described(svg), f"diagram:{number}")
    for link in (tag for tag in svg.all() if tag.name == "a"):
        address = link.attributes.get("href") or link.attributes.get("xlink:href")
        if address:
            yield Item("link" if number is None else "diagram link", "", address)


def _described(svg: Tag) -> str:
    texts = (_all_text(tag) for name in ("desc", "title") for tag in svg.tags if tag.name == name)
    return next(filter(str.strip, texts), svg.attributes.get("aria-label", ""))


def _text(tag: Tag, known: Foreseen) -> str:
    return "".join(_visible(tag, known))


def _visible(tag: Tag, known: Foreseen) -> Iterator[str]:
    """Yield the text as it is seen; what stands on lines of its own is set apart."""
    if reason(tag) or "linenos" in tag.classes or id(tag) == known.title or id(tag) in known.taken:
        return
    apart = "" if tag.name in _IN_LINE and not _is_set_apart(tag) else "\n"
    yield apart
    yield from (_all_read(tag, known) if tag.classes & _EMOJI else _read(tag, known))
    yield apart


def _read(tag: Tag, known: Foreseen) -> Iterator[str]:
    """Yield the text between the element's edges, with the signs that stand for it in the wiki."""
    if tag.name == "svg":
        yield "" if id(tag) in known.drawings else _said(tag)
    elif "arithmatex" in tag.classes:
        yield _formula(tag) if tag.name == "span" else f"TeX\n{_formula(tag)}"
    elif tag.name == "pre" or _is_source(tag):
        yield f"Mermaid\n{_typed(tag)}" if _is_source(tag) else _typed(tag)
    elif "mb-sign" in tag.classes:
        yield f"{tag.attributes['aria-label']}:"
    elif tag.name == "input":
        yield _BOXES["checked" in tag.attributes]
    else:
        opening, closing = _signs(tag, known)
        yield opening
        yield from _content(tag, known)
        yield closing


def _signs(tag: Tag, known: Foreseen) -> tuple[str, str]:
    """What the wiki writes around the text, where the site shows it by its style or on a touch alone."""
    if tag.name == "q":
        return "\N{LEFT DOUBLE QUOTATION MARK}", "\N{RIGHT DOUBLE QUOTATION MARK}"
    if tag.classes >= {"critic", "comment"}:
        return "[", "]"
    return "", f" ({tag.attributes['title']})" if id(tag) in known.spelled else ""


def _content(tag: Tag, known: Foreseen) -> Iterator[str]:
    for child in in_order(tag):
        if isinstance(child, str):
            yield child
        else:
            # The style of the site puts small text of a cell, evidence and guesses on lines of their own.
            lines = {"mb-ev", "mb-guess"}
            is_in_cell = tag.name in {"td", "th", "dd"} or not lines.isdisjoint(tag.classes)
            is_line = (child.name == "small" and is_in_cell) or not lines.isdisjoint(child.classes)
            yield "\n" if is_line else ""
            yield from _visible(child, known)


def _all_read(icon: Tag, known: Foreseen) -> Iterator[str]:
    """Yield an icon's words: what it is called, else what it holds."""
    image = next((tag.attributes.get("alt") for tag in icon.all() if tag.name == "img"), None)
    named = image or icon.attributes.get("title")
    yield from [named] if named else _content(icon, known)


def _said(svg: Tag) -> str:
    """What a drawing says: its description, and its texts besides."""
    described = _described(svg)
    texts = [_all_text(tag) for tag in svg.all() if tag.name in {"text", "foreignobject"}]
    return "\n".join([described, *(text for text in texts if collapsed(text) not in collapsed(described))])


def _is_set_apart(tag: Tag) -> bool:
    """Return whether the mark has an edge of its own: a badge, a reviewer's remark."""
    return bool({"mb-badge", "mb-missing"} & tag.classes) or tag.classes >= {"critic", "comment"}


def _formula(tag: Tag) -> str:
    """TeX without its fences."""
    text = _all_text(tag).strip()
    fenced = any(text.startswith(opening) and text.endswith(closing) for opening, closing in _FENCES)
    return text[2:-2].strip() if fenced else text


def _all_text(tag: Tag) -> str:
    return "".join(child if isinstance(child, str) else _all_text(child) for child in tag.content)


def _typed(tag: Tag) -> str:
    """Return all text within, line ends and all."""
    return "".join(_raw(tag))


def _raw(tag: Tag) -> Iterator[str]:
    if tag.name == "br":
        yield "\n"
    for child in tag.content:
        if isinstance(child, str):
            yield child
        elif not reason(child) and child.name != "svg":
            # A block in `pre`, such as a cell of a table, is on a line of its own in a browser too.
            apart = "" if child.name in _IN_LINE or child.name == "br" else "\n"
            yield apart
            yield from _raw(child)
            yield apart
