"""The pages that a change of cards affects: those that have read something that has changed."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from pydantic import BaseModel

from generator.findings import Finding
from generator.graph.edges import BETWEEN, ENTRIES, INCOMING, OUTGOING, Edge, get_entries
from generator.grouping import group_pairs
from generator.load.bind import POSITIONS, LoadedCard
from generator.names import Ref
from generator.pages.book import FINDING_KINDS, FINDINGS, KNOWN, SUPPRESSED, WORST_FINDINGS, Book
from generator.reads import ALL, hash_read, unpack_reads
from generator.schema.card import WHOLE_CARD

Key = TypeVar("Key", bound=Hashable)
Read = tuple[str, object]
"""A table and a key in it."""


def list_changed_reads(old: Book, new: Book, changed: Collection[Ref]) -> frozenset[int]:
    """Return the hashes of the reads that can have another result in a book with other values in some cards.

    Both books have the same cards and nodes in the same order, and the same day, settings, history and evidence.

    Args:
        old: The book before the change.
        new: The book after it.
        changed: The cards of the files that have changed.

    """
    return frozenset(hash_read(table, key) for table, key in list_changes(old, new, changed))


def list_changes(old: Book, new: Book, changed: Collection[Ref]) -> Iterator[Read]:
    """List the changed reads as pairs of a table and a key; some may be there twice."""
    for ref in changed:
        yield from _compare_cards(old.graph.cards[ref], new.graph.cards[ref])
    yield from _compare_edges(_list_declared(old, changed), _list_declared(new, changed))
    yield from _compare_findings(old, new)


def _compare_cards(old: LoadedCard, new: LoadedCard) -> Iterator[Read]:
    ref = old.ref
    # Where the values were in the former text is not known any more.
    yield POSITIONS, ref
    fields = {name for name in type(old.card).model_fields if _describe(_get(old, name)) != _describe(_get(new, name))}
    yield from ((f"{WHOLE_CARD}.{name}", ref) for name in sorted(fields))
    if fields or old.body != new.body:
        yield WHOLE_CARD, ref
    former, present = (group_pairs(get_entries(loaded.card)) for loaded in (old, new))
    for other in former.keys() | present.keys():
        if _describe(former.get(other)) != _describe(present.get(other)):
            yield ENTRIES, f"{ref} {other}"


def _get(loaded: LoadedCard, name: str) -> object:
    return loaded.card.__dict__[name]


def _describe(value: object) -> object:
    """Return a value that differs if a page can show the difference: the order of keys, what is stated or a default."""
    match value:
        case BaseModel():
            return type(value), _describe(value.__dict__), sorted(value.model_fields_set)
        case Mapping():
            return [(key, _describe(item)) for key, item in value.items()]
        case list() | tuple():
            return [_describe(item) for item in value]
        case _:
            return type(value), value


def _list_declared(book: Book, changed: Collection[Ref]) -> list[Edge]:
    return [edge for ref in changed for edge in book.graph.declared.get(ref, ())]


def _compare_edges(old: Iterable[Edge], new: Iterable[Edge]) -> Iterator[Read]:
    """Compare the edges without their positions, which are another read."""
    former, present = _group_edges(old), _group_edges(new)
    yield from (read for read in former.keys() | present.keys() if former.get(read) != present.get(read))


def _group_edges(edges: Iterable[Edge]) -> Mapping[Read, tuple[object, ...]]:
    """Return the edges by the reads that return them."""
    pairs: list[tuple[Read, object]] = []
    for edge in edges:
        value = _without_position(edge)
        pairs += (
            ((OUTGOING, edge.source), value),
            ((INCOMING, edge.target), value),
            ((BETWEEN, f"{edge.source} {edge.target}"), value),
        )
    return group_pairs(pairs)


def _without_position(edge: Edge) -> tuple[Ref, Ref, str, Ref, str, str, int]:
    return edge.source, edge.target, edge.relation, edge.declared_by, edge.why, edge.role, edge.step


def _compare_findings(old: Book, new: Book) -> Iterator[Read]:
    former, present = _group_findings(old), _group_findings(new)
    changed = [ref for ref in former.keys() | present.keys() if former.get(ref) != present.get(ref)]
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


def _group_findings(book: Book) -> Mapping[Ref | None, tuple[tuple[Finding, bool], ...]]:
    known = book.known
    return group_pairs((finding.subject, (finding, finding in known)) for finding in book.findings)


def find_affected(changes: Collection[int], reads: Mapping[Key, bytes], derived: Mapping[int, bytes]) -> frozenset[Key]:
    """Find the values that can differ after a change.

    Args:
        changes: The hashes of the changed reads.
        reads: The packed reads of each value, such as a page by its key.
        derived: The packed reads of the derived values that they may have read, by the hash of the read of each.

    """
    every = _add_derived(changes, derived)
    return frozenset(key for key, packed in reads.items() if not every.isdisjoint(unpack_reads(packed)))


def _add_derived(changes: Collection[int], derived: Mapping[int, bytes]) -> frozenset[int]:
    """Return the changed reads with those of derived values, which are computed from each other."""
    every = set(changes)
    waiting = {key: packed for key, packed in derived.items() if key not in every}
    while True:
        found = {key for key, packed in waiting.items() if not every.isdisjoint(unpack_reads(packed))}
        if not found:
            return frozenset(every)
        every |= found
        waiting = {key: packed for key, packed in waiting.items() if key not in found}
