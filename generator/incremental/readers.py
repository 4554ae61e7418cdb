"""The readers of each value of a book: the pages and the derived values that a change of it affects."""

from array import array
from collections.abc import Callable, Mapping, Sequence, Set
from typing import Generic, TypeVar

from generator.incremental.affected import find_affected
from generator.incremental.slices import StoredMapping
from generator.reads import unpack_reads

Reader = TypeVar("Reader", str, int)

_BUCKETS = 1 << 12
_NUMBER = (1 << 24) - 1
"""The bits of an entry that are the number of a reader. The others are those of the hash of a read: a few readers may
be found for another read, whose hash has the same ones.
"""

Buckets = Mapping[int, "array[int]"]
"""The entries of the reads whose hashes have the same last bits."""


class Readers(Generic[Reader]):
    """The readers of each value, found without the reads of all of them."""

    def __init__(
        self, buckets: Buckets, names: Sequence[Reader], changed: Mapping[Reader, bytes] | None = None
    ) -> None:
        """Name the readers, and the packed reads of those that have other ones than the buckets have."""
        self.buckets = buckets
        self.names: Sequence[Reader] = names
        self._changed: Mapping[Reader, bytes] = changed or {}

    def update(self, changed: Mapping[Reader, bytes]) -> "Readers[Reader]":
        """Return the readers with other reads of some, or with more readers."""
        return Readers(self.buckets, self.names, {**self._changed, **changed})

    def find(self, hashes: Set[int]) -> frozenset[Reader]:
        """Find the readers of values by the hashes of the reads; some may have read none of them."""
        found = set[Reader]()
        for value in hashes:
            start = value & ~_NUMBER
            numbers = (entry & _NUMBER for entry in self.buckets[value % _BUCKETS] if entry & ~_NUMBER == start)
            found.update(map(self.names.__getitem__, numbers))
        return find_affected(hashes, self._changed).union(found.difference(self._changed))


def index_readers(reads: Mapping[Reader, bytes]) -> Readers[Reader]:
    """Index readers by their packed reads."""
    buckets: list[array[int]] = [array("Q") for _ in range(_BUCKETS)]
    for number, packed in enumerate(reads.values()):
        for value in unpack_reads(packed):
            buckets[value % _BUCKETS].append(value & ~_NUMBER | number)
    return Readers(dict(enumerate(buckets)), tuple(reads))


def build_buckets(read: "Callable[[int], array[int]]") -> Buckets:
    """Return buckets that are read when they are asked for."""
    numbers = range(_BUCKETS)
    return StoredMapping(dict(zip(numbers, numbers, strict=True)), read)
