"""What a reader finds on the page of the site."""

from collections.abc import Iterator

from generator.confluence.parity.items import Item, Side
from generator.confluence.parity.markup import Tag, article_tree

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_MARKS = (
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark output q s samp small span "
    "strike strong sub sup time tt u var input ruby rb rt rp wbr picture source"
)
_IN_LINE = frozenset(_MARKS.split())
_NOT_SHOWN = frozenset({"button", "script", "style", "template", "datalist"})
_BY_DESIGN = ("mb-site-only", "headerlink", "md-content__button", "md-source-file", "md-feedback")
_EMOJI = frozenset({"twemoji", "emojione", "gemoji"})


def read_site(html: str) -> Side:
    """The items of the article, and what it holds for the site alone, by name."""
    article = article_tree(html)
    return Side(tuple(_items(article)), _text(article), frozenset(), tuple(_dropped(article)))


def _reason(tag: Tag) -> str:
    """Why the element is not meant for the wiki, "" where it is."""
    if tag.name in _NOT_SHOWN:
        return f"<{tag.name}>"
    named = next((name for name in _BY_DESIGN if name in tag.classes), "")
    if tag.name == "nav" and tag.classes & {"md-path", "md-tags"}:
        return "the theme's navigation"
    if tag.name == "input" and tag.attributes.get("type") != "checkbox":
        return "<input>"
    if tag.attributes.get("data-confluence") == "skip":
        return "data-confluence=skip"
    return named or ("hidden" if "hidden" in tag.attributes else "")


def _dropped(tag: Tag) -> Iterator[str]:
    for child in tag.tags:
        reason = _reason(child)
        yield from [reason] if reason else _dropped(child)


def _items(tag: Tag) -> Iterator[Item]:
    """The items within, children after what they are in."""
    if _reason(tag) or "linenos" in tag.classes:
        return
    yield from _own(tag)
    if "mb-diagram" in tag.classes:
        yield from _of_diagram(tag)
    elif tag.name != "svg":
        for child in tag.tags:
            yield from _items(child)


def _own(tag: Tag) -> Iterator[Item]:
    if tag.name in _HEADINGS and _text(tag).strip():
        yield Item("heading", _text(tag))
    elif tag.name in {"td", "th"} and not tag.classes & {"code", "filename"}:
        yield Item("cell", _text(tag))
    elif tag.name == "pre":
        yield Item("code", _typed(tag))
    elif tag.name == "a" and tag.attributes.get("href") and _is_seen(tag):
        yield Item("link", _text(tag), tag.attributes["href"])
    elif tag.name == "img" and not tag.classes & _EMOJI:
        yield Item("image", tag.attributes.get("alt", ""))
    elif tag.name == "table" and "mb-facts" in tag.classes:
        yield from _facts(tag)


def _is_seen(link: Tag) -> bool:
    """Whether there is anything to click on."""
    return bool(_text(link).strip()) or any(tag.name == "img" for tag in link.all())


def _facts(table: Tag) -> Iterator[Item]:
    for row in (tag for tag in table.all() if tag.name == "tr"):
        cells = [_text(cell) for cell in row.tags if cell.name in {"td", "th"}]
        if len(cells) > 1:
            yield Item("fact", ": ".join(cells))


def _of_diagram(figure: Tag) -> Iterator[Item]:
    """The picture with its description, what it leads to, and the items of its caption."""
    for svg in [tag for tag in figure.all() if tag.name == "svg"][:1]:
        described = (tag for name in ("desc", "title") for tag in svg.tags if tag.name == name)
        label = svg.attributes.get("aria-label", "")
        yield Item("image", next(("".join(map(str, tag.content)) for tag in described), label))
        for link in (tag for tag in svg.all() if tag.name == "a"):
            address = link.attributes.get("href") or link.attributes.get("xlink:href")
            if address:
                yield Item("diagram link", "", address)
    for caption in (tag for tag in figure.all() if tag.name == "figcaption"):
        yield from _items(caption)


def _text(tag: Tag) -> str:
    return "".join(_visible(tag))


def _visible(tag: Tag) -> Iterator[str]:
    """The text as it is seen; what stands on lines of its own is set apart."""
    if _reason(tag) or tag.name == "svg" or "linenos" in tag.classes:
        return
    if tag.name == "img" and tag.classes & _EMOJI:
        yield tag.attributes.get("alt", "")
    apart = "" if tag.name in _IN_LINE and not _is_set_apart(tag) else "\n"
    yield apart
    for child in tag.content if tag.name != "pre" else [_typed(tag)]:
        if isinstance(child, str):
            yield child
        else:
            yield from _visible(child)
    yield apart


def _is_set_apart(tag: Tag) -> bool:
    """Whether the mark has an edge of its own: a badge, a reviewer's remark."""
    return "mb-badge" in tag.classes or tag.classes >= {"critic", "comment"}


def _typed(tag: Tag) -> str:
    """All text within, line ends and all."""
    return "".join(_raw(tag))


def _raw(tag: Tag) -> Iterator[str]:
    for child in tag.content:
        if isinstance(child, str):
            yield child
        elif not _reason(child) and child.name != "svg":
            yield from _raw(child)
