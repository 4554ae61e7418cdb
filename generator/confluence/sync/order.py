"""The order of siblings: the fewest moves that sort the pages below one parent as on the site."""

from bisect import bisect_left
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from generator.confluence.rest.rate_limit import IN_FLIGHT
from generator.confluence.sync.manifest import short_digest
from generator.confluence.sync.page_writer import PageWriter
from generator.confluence.sync.values import Failure
from generator.confluence.wiki import Flavour, ParentKind, Place, WikiProblem


def plan_moves(present: Sequence[str], wanted: Sequence[str]) -> tuple[tuple[str, Place, str], ...]:
    """Return the moves that sort pages into an order, each next to a target; other pages keep their places.

    `present` are the ids of all children in their order now, `wanted` those that are to be in order.
    """
    rank = {page_id: number for number, page_id in enumerate(wanted)}
    known = [page_id for page_id in present if page_id in rank]
    staying = {known[index] for index in _find_longest_rise([rank[page_id] for page_id in known])}
    ordered = [page_id for page_id in wanted if page_id in set(known)]
    moves: list[tuple[str, Place, str]] = []
    for number, page_id in enumerate(ordered):
        if page_id in staying:
            continue
        if number:
            moves.append((page_id, Place.AFTER, ordered[number - 1]))
        else:  # nothing before it is in order yet: it goes before the first page that stays
            moves.append((page_id, Place.BEFORE, next(other for other in ordered if other in staying)))
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


def arrange_pages(writer: PageWriter, failed: Collection[str]) -> list[Failure]:
    """Sort the pages below each parent that may be out of the site's order, and record it.

    Return the parents below which that failed; `failed` are the references of pages that could not be written.
    """
    plan, wiki, manifest = writer.plan, writer.wiki, writer.manifest
    created = {change.ref for change in plan.changes if change.creates}.difference(failed)
    digests: dict[str, str] = {}

    def arrange(parent: str) -> Failure | None:
        parent_id, refs = writer.parent_id(parent or None), plan.orders[parent]
        if parent_id is None:
            return None
        entries = [manifest.entries[ref] for ref in refs if ref in manifest.entries]
        titles = [entry.title.lower() for entry in entries]
        # Cloud appends new pages; Data Center shows them by title until one of them is moved.
        is_sorted = plan.flavour is Flavour.CLOUD or titles == sorted(titles)
        try:
            if len(entries) > 1 and not (is_sorted and created.issuperset(refs)):
                kind = ParentKind.PAGE if parent else manifest.kind
                present = [child.id for child in wiki.children(parent_id, kind=kind)]
                for page_id, place, target_id in plan_moves(present, [entry.page_id for entry in entries]):
                    wiki.move_page(page_id, place, target_id)
        except WikiProblem as problem:
            title, url = plan.titles.get(parent, "the parent of the book"), ""
            with suppress(WikiProblem):
                url = wiki.parent(parent_id).url
            return Failure("", title, "", f"the order of its pages could not be restored: {problem}", url)
        digests[parent] = short_digest(refs)
        return None

    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        failures = [failure for failure in pool.map(arrange, plan.orders) if failure is not None]
    manifest.note_orders(digests)
    return failures
