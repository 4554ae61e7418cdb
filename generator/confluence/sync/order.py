"""The order of siblings: the fewest moves that bring the pages below one parent into the order of the site."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from generator.confluence.wiki import Place


@dataclass(frozen=True, slots=True)
class Move:
    """A page to move beside another one."""

    page_id: str
    place: Place
    target_id: str


def plan_moves(present: Sequence[str], wanted: Sequence[str]) -> tuple[Move, ...]:
    """Return the moves that bring pages into an order; other pages among them stay where they are.

    `present` are the ids of all children in their order now, `wanted` those that are to be in order.
    """
    rank = {page_id: number for number, page_id in enumerate(wanted)}
    known = [page_id for page_id in present if page_id in rank]
    staying = {known[index] for index in _find_longest_rise([rank[page_id] for page_id in known])}
    ordered = [page_id for page_id in wanted if page_id in set(known)]
    moves: list[Move] = []
    for number, page_id in enumerate(ordered):
        if page_id in staying:
            continue
        if number:
            moves.append(Move(page_id, Place.AFTER, ordered[number - 1]))
        else:  # nothing before it is in order yet: it goes before the first page that stays
            first = next(other for other in ordered if other in staying)
            moves.append(Move(page_id, Place.BEFORE, first))
    return tuple(moves)


def _find_longest_rise(numbers: Sequence[int]) -> list[int]:
    """Return the indexes of a longest increasing subsequence."""
    ends: list[int] = []  # the smallest last number of a rise of each length, and its index
    indexes: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(indexes[length - 1] if length else -1)
        ends[length:] = [number, *ends[length + 1 :]]
        indexes[length:] = [index, *indexes[length + 1 :]]
    found: list[int] = []
    last = indexes[-1] if indexes else -1
    while last >= 0:
        found.append(last)
        last = before[last]
    return found[::-1]
