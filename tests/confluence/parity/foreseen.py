"""What the wiki's page may say otherwise than the site's, foreseen from the site's page alone.

The title stands above the page and is not repeated, an abbreviation is spelled out once, a task's box becomes a state,
labels stand with what they name. Everything else has to be the same on both sides.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tests.confluence.parity.by_design import reason
from tests.confluence.parity.items import collapsed
from tests.confluence.parity.markup import Tag

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
LISTS = frozenset({"ul", "ol", "menu"})


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The elements of one page that are read in a way of their own, by identity: equal ones may differ in that."""

    title: int | None
    """The first heading, where it is the page's title."""
    spelled: frozenset[int]
    """The abbreviations that their long form follows."""
    boxes: Mapping[int, str]
    """The state of each task, by its item."""
    taken: frozenset[int]
    """The boxes that these states stand for."""
    drawings: Mapping[int, str]
    """The diagrams of ours by their SVG, numbered."""


def foresee(article: Tag, title: str) -> Foreseen:
    """Read off the whole page what depends on more than one element of it."""
    first = next((tag for tag in article.all() if tag.name in HEADINGS), None)
    repeats = first is not None and first.name == "h1" and collapsed(_plain(first)) == collapsed(title)
    tasks = dict(_tasks(article))
    return Foreseen(
        id(first) if repeats else None,
        frozenset(_first_ones(tag for tag in _shown(article, first) if tag.name in {"abbr", "acronym"})),
        {item: "incomplete" if box.attributes.get("checked") is None else "complete" for item, box in tasks.items()},
        frozenset(map(id, tasks.values())),
        {id(svg): str(number) for number, svg in enumerate(_drawings(article), 1) if svg is not None},
    )


def _plain(tag: Tag) -> str:
    """Return the text of a heading, whatever marks it has."""
    if reason(tag) or tag.name == "svg":
        return ""
    return "".join(child if isinstance(child, str) else _plain(child) for child in tag.content)


def _shown(tag: Tag, title: Tag | None) -> Iterator[Tag]:
    """Yield the elements that the wiki may have text of, without those in the first heading."""
    if reason(tag) or tag is title or tag.name in {"svg", "pre"}:
        return
    yield tag
    for child in tag.tags:
        yield from _shown(child, title)


def _first_ones(abbreviations: Iterable[Tag]) -> Iterator[int]:
    seen: set[tuple[str, str]] = set()
    for tag in abbreviations:
        key = collapsed(_plain(tag)), tag.attributes.get("title", "")
        if all(key) and key not in seen:
            seen.add(key)
            yield id(tag)


def _tasks(article: Tag) -> Iterator[tuple[int, Tag]]:
    taken: set[int] = set()
    for item in (child for tag in article.all() if tag.name == "ul" for child in tag.tags):
        boxes = (tag for tag in item.all() if tag.name == "input" and tag.attributes.get("type") == "checkbox")
        box = next((tag for tag in boxes if id(tag) not in taken), None)
        if item.name == "li" and "task-list-item" in item.classes and box is not None:
            taken.add(id(box))
            yield id(item), box


def _drawings(article: Tag) -> Iterator[Tag | None]:
    """Yield the SVG of each diagram of ours; one without still counts."""
    for figure in article.all():
        if figure.name == "figure" and "mb-diagram" in figure.classes:
            yield next((tag for tag in figure.all() if tag.name == "svg"), None)


def in_order(tag: Tag) -> list[Tag | str]:
    """Return the element's content in the order of the reader, where the source has another one."""
    if tag.name == "table":
        return sorted(tag.content, key=_place_in_table)
    return _paired(tag) if "tabbed-set" in tag.classes else tag.content


def _place_in_table(child: Tag | str) -> int:
    """Where browsers show the parts of a table, whatever their order."""
    order = {"caption": 0, "thead": 1, "tfoot": 3}
    return order.get(child.name, 2) if isinstance(child, Tag) else 2


def _paired(tabs: Tag) -> list[Tag | str]:
    """Return each label with its block, in lines of their own; before them what stands beside both."""
    rows = [tag for tag in tabs.tags if "tabbed-labels" in tag.classes]
    contents = [tag for tag in tabs.tags if "tabbed-content" in tag.classes]
    labels = [tag for parent in rows or [tabs] for tag in parent.tags if tag.name == "label"]
    blocks = [tag for tag in contents for tag in tag.tags if "tabbed-block" in tag.classes] or contents
    parts = [part for tag in tabs.content for part in _opened(tag, [*rows, *contents], blocks)]
    beside = [part for part in parts if not any(part is taken for taken in (*labels, *blocks))]
    pairs = [part for pair in zip(labels, blocks, strict=False) for part in pair]
    pairs += [*labels[len(blocks) :], *blocks[len(labels) :]]
    return [*beside, *(part for tag in pairs for part in ("\n", tag))]


def _opened(part: Tag | str, groups: list[Tag], blocks: list[Tag]) -> list[Tag | str]:
    """Return the content of what only groups labels or blocks."""
    is_group = any(part is group for group in groups) and not any(part is block for block in blocks)
    return part.content if isinstance(part, Tag) and is_group else [part]
