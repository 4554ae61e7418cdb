"""The shell of the theme around a page: its HTML with slots for the values of one page.

The theme renders a shell from markers instead of values. Markers have characters that every escaping changes: a theme
that does more than insert a value leaves a part of a marker behind, and then there is no shell.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import groupby

from generator.values import FrozenValue

_WORD = "modelbookslot"
"""A word that is in every marker, and nowhere else."""
_MARKER = re.compile(f"(?:https://|#|<h1>)?\2{_WORD} ([a-z/]+)([0-9]?)<&\"' %\3")
_LISTS: Mapping[str, tuple[str, ...]] = {"headings": ("anchor", "heading"), "tags": ("href", "tag")}
"""The markers of the items of each list."""
UNUSED = f"\2{_WORD}"
"""The marker of a value that no theme shows: a page with it has no shell."""
_LIST_SIZE = 3
"""The number of items of marker lists: the text between the first two has to be the same as between the last two."""


class PageValues(FrozenValue):
    """What the theme inserts for one page, as HTML."""

    title: str
    description: str
    content: str
    edit_url: str
    canonical_url: str
    start: str
    """The link to its first heading."""
    headings: tuple[tuple[str, str], ...]
    """The links and the texts of the other headings in the table of contents."""
    tags: tuple[tuple[str, str], ...]
    """The links and the names of its tags; the link is empty if the tag has too many pages to be listed."""


class ShellKey(FrozenValue):
    """What the shell of a page depends on, apart from the configuration of the site."""

    place: str
    """The folder of its URL, or its Markdown file if no other page has its links."""
    title: str
    """Its title if the navigation shows it."""
    parent: str | None
    hidden: tuple[str, ...]
    edit: str
    parts: tuple[bool, ...]
    """Which of the other values it has."""
    linked: tuple[bool, ...]
    """Which of its tags have a link; empty if all have."""


def build_key(values: PageValues, place: str, title: str, parent: str | None, hidden: Sequence[str]) -> ShellKey:
    """Build the key of a page with some values."""
    texts = (values.description, values.canonical_url, values.start, values.headings, values.tags)
    edit = _get_edit_part(values.edit_url) if values.edit_url else ""
    parts = (*map(bool, texts), "<h1" in values.content)
    return ShellKey(place, title, parent, tuple(hidden), edit, parts, _list_linked_tags(values))


def _list_linked_tags(values: PageValues) -> tuple[bool, ...]:
    """Return whether each tag has a link; nothing if all have, so that pages with more or fewer tags share a shell."""
    linked = tuple(bool(link) for link, _ in values.tags)
    return () if all(linked) else linked


def build_markers(values: PageValues) -> PageValues:
    """Build the markers for the values of a page: those that it does not have stay empty."""
    # The theme replaces one part of the address where a card is edited by `raw`.
    edit = "/blob/" if _get_edit_part(values.edit_url) == "blob" else "edit"
    lists = {
        name: tuple(
            (_mark(f"{link}{number}", "#" if name == "headings" else "https://"), _mark(f"{text}{number}"))
            for number in range(1, _LIST_SIZE + 1)
        )
        for name, (link, text) in _LISTS.items()
    }
    linked = _list_linked_tags(values)
    if linked:  # each tag has its own place
        names = _name_tag_slots(len(linked))
        lists["tags"] = tuple(
            (_mark(link, "https://") if is_linked else "", _mark(name))
            for is_linked, (link, name) in zip(linked, names, strict=True)
        )
    return PageValues(
        title=_mark("title"),
        description=_mark("description") if values.description else "",
        content=_mark("content", "<h1>" if "<h1" in values.content else ""),
        edit_url=_mark(edit, "https://") if values.edit_url else "",
        canonical_url=_mark("canonical", "https://") if values.canonical_url else "",
        start=_mark("start", "#") if values.start else "",
        headings=lists["headings"] if values.headings else (),
        tags=lists["tags"] if values.tags else (),
    )


def _name_tag_slots(count: int) -> list[tuple[str, str]]:
    """Return the names of the slots for the link and the name of each tag, of letters only."""
    return [(f"href{'a' * number}", f"tag{'a' * number}") for number in range(1, count + 1)]


def _mark(name: str, before: str = "") -> str:
    # With the scheme of an address, or as an anchor, themes do not resolve it.
    return f"{before}\2{_WORD} {name}<&\"' %\3"


def _get_edit_part(edit_url: str) -> str:
    """Return the part of an address that Material replaces for the link to the source of a page."""
    return "blob" if "/blob/" in edit_url else "edit"


class _Slot(FrozenValue):
    name: str


class _ListSlot(FrozenValue):
    name: str
    pieces: tuple[str | _Slot, ...]
    """What is repeated for each item."""
    separator: str


class Shell(FrozenValue):
    """The HTML of a page in pieces: texts, and slots for values."""

    pieces: tuple[str | _Slot | _ListSlot, ...]

    def fill(self, values: PageValues) -> str:
        """Return the HTML of a page with some values."""
        part = _get_edit_part(values.edit_url)
        texts = {
            "title": values.title,
            "description": values.description,
            "content": values.content,
            part: values.edit_url,
            "raw": values.edit_url.replace(part, "raw"),
            "canonical": values.canonical_url,
            "start": values.start,
        }
        if _list_linked_tags(values):
            for slots, tag in zip(_name_tag_slots(len(values.tags)), values.tags, strict=True):
                texts |= dict(zip(slots, tag, strict=True))
        lists = {"headings": values.headings, "tags": values.tags}
        parts: list[str] = []
        for piece in self.pieces:
            if isinstance(piece, _ListSlot):
                items = [dict(zip(_LISTS[piece.name], item, strict=True)) for item in lists[piece.name]]
                filled = (
                    "".join(inner if isinstance(inner, str) else item[inner.name] for inner in piece.pieces)
                    for item in items
                )
                parts.append(piece.separator.join(filled))
            else:
                parts.append(piece if isinstance(piece, str) else texts[piece.name])
        return "".join(parts)


class _Marker(FrozenValue):
    name: str
    item: str
    """The number of its item in a list; empty outside of lists."""
    text: str
    """The text after it."""


def parse_shell(output: str) -> Shell | None:
    """Read the shell from a page that the theme has rendered with markers; None if it does not only insert them."""
    first, *found = _MARKER.split(output)
    parts = zip(found[::3], found[1::3], found[2::3], strict=True)
    markers = [_Marker(name.strip("/"), item, text) for name, item, text in parts]
    if any(_WORD in text for text in (first, *(one.text for one in markers))):
        return None
    pieces: list[str | _Slot | _ListSlot] = [first]
    while markers:
        size = 1
        if markers[0].item:
            while size < len(markers) and markers[size].item >= markers[size - 1].item:
                size += 1
        slot = _parse_list(markers[:size]) if markers[0].item else _Slot(markers[0].name)
        if slot is None:
            return None
        pieces += [slot, markers[size - 1].text]
        del markers[:size]
    return Shell(tuple(pieces))


def _parse_list(markers: Sequence[_Marker]) -> _ListSlot | None:
    """Read a list; None if its items differ by more than their markers."""
    name = next(name for name, parts in _LISTS.items() if markers[0].name in parts)
    items = [list(item) for _, item in groupby(markers, key=lambda one: one.item)]
    shapes = {(*((one.name, one.text) for one in item[:-1]), item[-1].name) for item in items}
    separators = {item[-1].text for item in items[:-1]}
    is_mixed = any(one.name not in _LISTS[name] for one in markers)
    if len(items) != _LIST_SIZE or len(shapes) != 1 or len(separators) != 1 or is_mixed:
        return None
    pieces: list[str | _Slot] = []
    for one in items[0]:
        pieces += [_Slot(one.name), one.text]
    return _ListSlot(name, tuple(pieces[:-1]), *separators)
