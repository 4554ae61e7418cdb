"""What depends on something, as a picture: a column for each step, and a box that counts what is left out of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from generator.answers.impact import Affected, Impact
from generator.diagrams import DiagramEdge, DiagramNode, TieredDiagram
from generator.names import Ref
from generator.pages.book import Book
from generator.pages.contexts.pictures import css_class_of, node
from generator.schema import KINDS

_STEPS, _IN_COLUMN = 3, 6
"""How many steps away from its start the picture reaches, and how many boxes stand in a column, counting the last."""
_FIRST = ("model", "system", "resource", "flow")


def prominence(ref: Ref) -> tuple[int, Ref]:
    """Models and systems first, as the book is about them; then resources, flows, and what only looks at them."""
    kind = ref.kind if ref.kind in KINDS else "resource"
    return (_FIRST.index(kind) if kind in _FIRST else len(_FIRST), ref)


@dataclass(frozen=True, slots=True)
class _Column:
    """What stands so many steps from the start: the drawn, and in place of the others a box that is no link."""

    distance: int
    shown: tuple[Affected, ...]
    left_out: tuple[Affected, ...]
    is_whole: bool
    """Always so for the direct ones; further away where all were looked for."""

    @property
    def count(self) -> str:
        """How many stand there, or at least how many."""
        number = len(self.shown) + len(self.left_out)
        return f"{number}" if self.is_whole else f"at least {number}"

    @property
    def box(self) -> str:
        """The id of the box; no reference, so that it never leads to a page."""
        return f"+{self.distance}"


def impact_picture(book: Book, found: Impact) -> TieredDiagram:
    """What depends on something, step by step; nothing is drawn without what leads to it."""
    columns = _columns(found)
    places = {found.ref: str(found.ref)}
    for column in columns:
        places |= {one.ref: str(one.ref) for one in column.shown} | {one.ref: column.box for one in column.left_out}
    boxes = tuple(_boxes(book, column) for column in columns)
    return TieredDiagram(
        title=f"What depends on {found.name}",
        description=f"Depending on {found.name}: {', '.join(map(_told, columns))}.{_rest(found, columns)}",
        columns=((node(book, found.ref, focus=True),), *boxes),
        edges=tuple(_arrows(columns, places)),
    )


def _columns(found: Impact) -> list[_Column]:
    drawn = {found.ref}
    columns: list[_Column] = []
    for distance in range(1, _STEPS + 1):
        all_there = [one for one in found.affected if one.distance == distance]
        if all_there:
            columns.append(_column(distance, all_there, drawn, is_whole=found.is_whole or distance == 1))
            drawn |= {one.ref for one in columns[-1].shown}
    return columns


def _column(distance: int, affected: Sequence[Affected], drawn: set[Ref], *, is_whole: bool) -> _Column:
    """The most prominent of those that something drawn leads to; a box never stands for one that would fit there."""
    led_to = [one for one in affected if any(edge.target in drawn for edge in one.edges)]
    led_to.sort(key=lambda one: prominence(one.ref))
    fits = len(affected) <= _IN_COLUMN and len(led_to) == len(affected)
    shown = led_to if fits else led_to[: _IN_COLUMN - 1]
    refs = {one.ref for one in shown}
    return _Column(distance, tuple(shown), tuple(one for one in affected if one.ref not in refs), is_whole)


def _boxes(book: Book, column: _Column) -> tuple[DiagramNode, ...]:
    shown = tuple(node(book, one.ref) for one in column.shown)
    if not column.left_out:
        return shown
    number = len(column.left_out)
    return (
        *shown,
        DiagramNode(column.box, f"and {number} more" if column.is_whole else f"and at least {number} more", ""),
    )


def _arrows(columns: Iterable[_Column], places: Mapping[Ref, str]) -> Iterable[DiagramEdge]:
    """One from each box to each that depends on something in it, in the look of the first reason."""
    arrows: dict[tuple[str, str], DiagramEdge] = {}
    for column in columns:
        for one in (*column.shown, *column.left_out):
            for edge in one.edges:
                ends = (places[edge.target], places[one.ref])
                arrows.setdefault(ends, DiagramEdge(*ends, "", css_class_of(edge.relation)))
    return arrows.values()


def _told(column: _Column) -> str:
    told = f"{column.count} {'directly' if column.distance == 1 else f'in {column.distance} steps'}"
    return f"{told} ({len(column.shown)} shown)" if column.left_out else told


def _rest(found: Impact, columns: Sequence[_Column]) -> str:
    """What is further away than the picture reaches."""
    further = len(found.affected) - sum(len(column.shown) + len(column.left_out) for column in columns)
    if not found.is_whole:
        return " There may be more further away."
    if not further:
        return ""
    return f" {further} more {'is' if further == 1 else 'are'} further away."
