"""The pages that a change of cards affects: those that have read something that has changed."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Set
from functools import cache
from typing import TypeVar

from generator.findings import Finding
from generator.graph.changes import Read, list_graph_changes
from generator.graph.people import OWNING_TEAMS, find_owning_team
from generator.grouping import group_pairs
from generator.names import Ref
from generator.pages.book import (
    BEGINNINGS,
    DEBTS,
    DRAFTS,
    DUTIES,
    FINDING_KINDS,
    FINDINGS,
    HISTORY,
    HISTORY_NOTES,
    KNOWN,
    MAP_TEAMS,
    PART_OWNERS,
    SUPPRESSED,
    TEAM_NODES,
    TRAILS,
    VERDICT_KINDS,
    WORST_FINDINGS,
    Book,
)
from generator.pages.contexts.maps import get_map_teams, get_team_nodes
from generator.pages.contexts.page_parts import get_part_owners
from generator.reads import ALL, hash_key, hash_read, hash_table, unpack_reads

Key = TypeVar("Key", bound=Hashable)


COMPARED: Mapping[str, Callable[[Book, Ref], object]] = {
    DUTIES: lambda book, ref: book.duties.get(ref),
    DEBTS: lambda book, ref: book.debts.get(ref),
    VERDICT_KINDS: Book.judge_removal_kind,
    OWNING_TEAMS: lambda book, ref: find_owning_team(book.graph, ref),
    TEAM_NODES: get_team_nodes,
}
"""The derived values of cards that often stay the same although something that they are computed from has changed.

What has read one is affected only if it differs. They are quick to compute in two books.
"""
COMPARED_WHOLE: Mapping[str, Callable[[Book], object]] = {
    MAP_TEAMS: get_map_teams,
    PART_OWNERS: get_part_owners,
    DRAFTS: lambda book: [*book.drafts.items()],
}
"""The same for values of the whole book."""


def list_changed_reads(old: Book, new: Book, changed: Collection[Ref]) -> frozenset[int]:
    """Return the hashes of the reads that can have another result in a book with other values in some cards.

    The cards that both books have are in the same order. Both have the same day, settings and evidence.

    Args:
        old: The book before the change.
        new: The book after it.
        changed: The cards of the files that have changed, with those that were added or removed.

    """
    return frozenset(hash_read(table, key) for table, key in list_changes(old, new, changed))


def list_changes(old: Book, new: Book, changed: Collection[Ref]) -> Iterator[Read]:
    """List the changed reads as pairs of a table and a key; some may be there twice."""
    yield from list_graph_changes(old.graph, new.graph, changed, with_positions=False)
    yield from _compare_findings(old, new)
    if old.history != new.history:
        yield from _compare_history(old, new)


def _compare_findings(old: Book, new: Book) -> Iterator[Read]:
    former, present = _group_findings(old), _group_findings(new)
    changed = _list_differing(former, present)
    yield from ((FINDINGS, ref) for ref in changed if ref is not None)
    if changed or old.findings != new.findings:
        yield FINDINGS, ALL
    if old.list_finding_kinds() != new.list_finding_kinds():
        yield FINDING_KINDS, ALL
    if old.list_worst_findings() != new.list_worst_findings():
        yield WORST_FINDINGS, ALL
    if old.suppressed != new.suppressed:
        yield SUPPRESSED, ALL
    if old.known != new.known:
        yield KNOWN, ALL


def _compare_history(old: Book, new: Book) -> Iterator[Read]:
    yield HISTORY, ALL
    if old.history_notes != new.history_notes:
        yield HISTORY_NOTES, ALL
    yield from ((TRAILS, ref) for ref in _list_differing(old.trails, new.trails))
    former, present = (group_pairs((key[0], row) for key, row in book.beginnings.items()) for book in (old, new))
    yield from ((BEGINNINGS, ref) for ref in _list_differing(former, present))


def _list_differing(old: Mapping[Key, object], new: Mapping[Key, object]) -> list[Key]:
    return [key for key in old.keys() | new.keys() if old.get(key) != new.get(key)]


def _group_findings(book: Book) -> Mapping[Ref | None, tuple[tuple[Finding, bool], ...]]:
    known = book.known
    return group_pairs((finding.subject, (finding, finding in known)) for finding in book.findings)


def find_affected(changes: Set[int], reads: Mapping[Key, bytes]) -> frozenset[Key]:
    """Find the values that can differ after a change, such as pages by their keys, by the packed reads of each."""
    return frozenset(key for key, packed in reads.items() if not changes.isdisjoint(unpack_reads(packed)))


def compare_derived(old: Book, new: Book) -> Callable[[int], bool]:
    """Return a function that compares a derived value in two books, by the hash of its read; unknown ones differ."""

    @cache
    def index_cards() -> Mapping[int, Ref]:
        return {hash_key(ref): ref for ref in new.graph.cards if ref in old.graph.cards}

    def is_different(value: int) -> bool:
        for table, compute_whole in COMPARED_WHOLE.items():
            if value == hash_read(table, ALL):
                return compute_whole(old) != compute_whole(new)
        for table, compute in COMPARED.items():
            ref = index_cards().get(value ^ hash_table(table))
            if ref is not None:
                return compute(old, ref) != compute(new, ref)
        return True

    return is_different


def add_derived(
    changes: Collection[int],
    find: Callable[[Set[int]], Set[int]],
    is_different: Callable[[int], bool] = lambda _: True,
    stale: Collection[int] = (),
) -> tuple[frozenset[int], frozenset[int]]:
    """Return the changed reads with those of derived values, and the derived values that can have other reads now.

    Derived values are computed from each other.

    Args:
        changes: The hashes of the changed reads.
        find: Finds the derived values, each by the hash of its read, that have read something.
        is_different: Returns whether a derived value of which a read has changed differs: see `compare_derived`.
        stale: The derived values whose reads are not known.

    """
    fresh = every = frozenset(changes).union(key for key in stale if is_different(key))
    suspects = frozenset(stale)
    while fresh:
        found = find(fresh) - suspects
        fresh = frozenset(key for key in found if is_different(key))
        every, suspects = every | fresh, suspects | found
    return every, suspects
