"""The reads of a page or a check: what it looked up in the tables of a book while it was computed.

A read is a pair of a table and a key, as ("card", model:ryl). A value that was computed from unchanged reads is
unchanged, so that a build keeps it.
"""

from array import array
from collections import defaultdict
from collections.abc import Collection, ItemsView, Iterator, KeysView, Mapping, ValuesView
from contextlib import contextmanager
from functools import cache
from hashlib import blake2b
from typing import Final, TypeVar, overload

Key = TypeVar("Key")
Value = TypeVar("Value")
Default = TypeVar("Default")

ALL: Final = "*"
"""The key of a walk over a whole table."""

HASH_SIZE = 8
"""The bytes of a read in packed reads."""

_keys: defaultdict[str, dict[int, object]] | None = None
"""The keys of each table that were read so far, by identity: the hash of a reference costs more than a read."""


def record_read(table: str, key: object) -> None:
    """Record that a value of a table is read, if reads are recorded. One thread at a time records."""
    if _keys is not None:
        _keys[table][id(key)] = key


class Reads:
    """The reads of one computation."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        """Start without reads."""
        self._keys: defaultdict[str, dict[int, object]] = defaultdict(dict)

    def pack(self) -> bytes:
        """Return the sorted hashes of the reads, without duplicates."""
        hashes = {hash_read(table, key) for table, keys in self._keys.items() for key in keys.values()}
        return array("Q", sorted(hashes)).tobytes()


@cache
def hash_read(table: str, key: object) -> int:
    """Return a hash of a read that is the same in every process; the text of the key has to identify it."""
    return int.from_bytes(blake2b(f"{table}\0{key}".encode(), digest_size=HASH_SIZE).digest(), "big")


def unpack_reads(packed: bytes) -> "array[int]":
    """Return the hashes of packed reads."""
    hashes: array[int] = array("Q")
    hashes.frombytes(packed)
    return hashes


def has_read(packed: bytes, hashes: Collection[int]) -> bool:
    """Return whether any of the hashes is in packed reads."""
    return not frozenset(hashes).isdisjoint(unpack_reads(packed))


@contextmanager
def record_reads() -> Iterator[Reads]:
    """Record the reads in the block; a block around it has them too."""
    global _keys  # noqa: PLW0603 - every read asks for it: an argument of each function would cost more than the read
    outer, reads = _keys, Reads()
    _keys = reads._keys  # noqa: SLF001 - the recorder fills it
    try:
        yield reads
    finally:
        _keys = outer
        if outer is not None:
            for table, keys in reads._keys.items():  # noqa: SLF001
                outer[table].update(keys)


@contextmanager
def suspend_recording() -> Iterator[None]:
    """Record nothing in the block: it computes a table once for all readers, who record what they read of the table."""
    global _keys  # noqa: PLW0603
    outer = _keys
    _keys = None
    try:
        yield
    finally:
        _keys = outer


class RecordedTable(Mapping[Key, Value]):
    """A table of a book: reading a key is recorded, and so is a walk over all."""

    __slots__ = ("_values", "name")

    def __init__(self, name: str, values: Mapping[Key, Value]) -> None:
        """Name the table; no other table of the book has its name."""
        self.name = name
        self._values = values

    def __getitem__(self, key: Key) -> Value:
        record_read(self.name, key)
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        record_read(self.name, key)
        return key in self._values

    @overload
    def get(self, key: Key, /) -> Value | None: ...
    @overload
    def get(self, key: Key, /, default: Value | Default) -> Value | Default: ...
    def get(self, key: Key, /, default: Value | Default | None = None) -> Value | Default | None:
        """Return the value of a key, or the default."""
        record_read(self.name, key)
        return self._values.get(key, default)

    def __iter__(self) -> Iterator[Key]:
        record_read(self.name, ALL)
        return iter(self._values)

    def __len__(self) -> int:
        record_read(self.name, ALL)
        return len(self._values)

    def keys(self) -> KeysView[Key]:
        """Return the keys."""
        record_read(self.name, ALL)
        return self._values.keys()

    def values(self) -> ValuesView[Value]:
        """Return the values."""
        record_read(self.name, ALL)
        return self._values.values()

    def items(self) -> ItemsView[Key, Value]:
        """Return the keys with their values."""
        record_read(self.name, ALL)
        return self._values.items()

    def __repr__(self) -> str:
        return f"RecordedTable({self.name!r}, {self._values!r})"
