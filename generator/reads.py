"""The reads of a page or a check: what it looked up in the tables of a book while it was computed.

A read is a pair of a table and a key, as ("card.owners", model:ryl): a field of a card, the edges to a node, a value
that is derived from others. What was computed from unchanged reads is unchanged, so that a build keeps it.
"""

from _collections_abc import dict_items, dict_keys, dict_values
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from functools import cache, lru_cache, wraps
from hashlib import blake2b
from typing import Any, Final, NamedTuple, Protocol, TypeVar, cast, overload

Key = TypeVar("Key")
Function = TypeVar("Function", bound=Callable[..., object])
Value = TypeVar("Value")
Default = TypeVar("Default")

ALL: Final = "*"
"""The key of a walk over a whole table."""

HASH_SIZE = 8
"""The bytes of a read in packed reads."""

_keys: defaultdict[str, dict[int, object]] | None = None
"""The keys of each table that were read so far, by identity: the hash of a reference costs more than a read."""


def record_read(table: str, key: object) -> None:
    """Record that a value of a table is read, if reads are recorded. One thread at a time records.

    The key is a reference, text, or a card, which has a reference.
    """
    if _keys is not None:
        _keys[table][id(key)] = key


def build_recorded_property(table: str, name: str) -> property:
    """Return a property that reads a value in the dictionary of an object, with the object as the key of the read."""

    def read_value(instance: object) -> object:
        if _keys is not None:  # as in `record_read`, whose call would cost as much as the rest
            _keys[table][id(instance)] = instance
        return instance.__dict__[name]

    return property(read_value)


class Reads:
    """The reads of one computation."""

    __slots__ = ("_keys",)

    def __init__(self) -> None:
        """Start without reads."""
        self._keys: defaultdict[str, dict[int, object]] = defaultdict(dict)

    def pack(self, *, without: object = None) -> bytes:
        """Return the sorted hashes of the reads, without duplicates, and without those of one card if it is given."""
        if without is not None:
            for keys in self._keys.values():
                keys.pop(id(without), None)
        return pack_reads(self)


def pack_reads(*several: Reads) -> bytes:
    """Return the sorted hashes of the reads of several computations, without duplicates."""
    hashes = set[int]()
    by_identity: dict[int, int] = {}
    for reads in several:
        for table, keys in reads._keys.items():  # noqa: SLF001
            of_table = hash_table(table)
            for identity, key in keys.items():
                of_key = by_identity.get(identity)
                if of_key is None:
                    of_key = by_identity[identity] = hash_key(getattr(key, "ref", key))
                hashes.add(of_table ^ of_key)
    return pack_hashes(hashes)


def hash_read(table: str, key: object) -> int:
    """Return a hash of a read that is the same in every process; the text of the key has to identify it."""
    return hash_table(table) ^ hash_key(key)


@cache
def hash_table(table: str) -> int:
    """Return the part of the hashes of reads that is the same for all keys of a table."""
    return _hash_text(table, b"table")


@lru_cache(maxsize=16_384)
def hash_key(key: object) -> int:
    """Return the part of the hashes of reads that is the same for a key in all tables."""
    return _hash_text(str(key), b"key")


def _hash_text(text: str, part: bytes) -> int:
    # The two parts of a read differ, or the table a with the key b would be the table b with the key a.
    return int.from_bytes(blake2b(text.encode(), digest_size=HASH_SIZE, person=part).digest(), "big")


def pack_hashes(hashes: Collection[int]) -> bytes:
    """Return the hashes of reads, packed and sorted."""
    return array("Q", sorted(hashes)).tobytes()


def unpack_reads(packed: bytes) -> "array[int]":
    """Return the hashes of packed reads."""
    hashes: array[int] = array("Q")
    hashes.frombytes(packed)
    return hashes


def has_read(packed: bytes, hashes: Collection[int]) -> bool:
    """Return whether any of the hashes is in packed reads."""
    return not frozenset(hashes).isdisjoint(unpack_reads(packed))


_omits = False
"""Whether nothing is recorded at all."""


@contextmanager
def omit_reads() -> Iterator[None]:
    """Record nothing in the block, not even for `record_reads`: no later build needs what is computed in it."""
    global _omits  # noqa: PLW0603
    outer, _omits = _omits, True
    try:
        with suspend_recording():
            yield
    finally:
        _omits = outer


def are_reads_omitted() -> bool:
    """Return whether no later build needs what is computed."""
    return _omits


@contextmanager
def record_reads() -> Iterator[Reads]:
    """Record the reads in the block; a block around it has them too."""
    global _keys  # noqa: PLW0603 - every read asks for it: an argument of each function would cost more than the read
    if _omits:
        yield Reads()
        return
    outer, reads = _keys, Reads()
    _keys = reads._keys  # noqa: SLF001 - the recorder fills it
    try:
        yield reads
    finally:
        _keys = outer
        if outer is not None:
            for table, keys in reads._keys.items():  # noqa: SLF001
                outer[table].update(keys)


def record_into(reads: Reads) -> None:
    """Record the following reads for one of several computations that take turns; use it in `suspend_recording`."""
    global _keys  # noqa: PLW0603
    if not _omits:
        _keys = reads._keys  # noqa: SLF001 - the recorder fills it


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


class PackedValues(NamedTuple):
    """Derived values for another process or a later build, by the hash of the read of each."""

    reads: dict[int, bytes]
    """The packed reads of each value."""
    kept: dict[int, object]
    """The values of the tables that are kept."""

    def update(self, other: "PackedValues") -> None:
        """Add other values."""
        self.reads.update(other.reads)
        self.kept.update(other.kept)


def join_values(*several: PackedValues) -> PackedValues:
    """Return the values of several books, the last one of each."""
    joined = PackedValues({}, {})
    for values in several:
        joined.update(values)
    return joined


class DerivedValues:
    """Values that are computed once for all their readers.

    The reader of a value has read this value alone. The reads of its computation are kept here, so that the value is
    known to have changed if one of them has.
    """

    def __init__(self, kept_tables: Collection[str] = ()) -> None:
        """Start without values.

        Args:
            kept_tables: The tables whose values a later build can use. They are small, and refer to no card.

        """
        self._kept_tables = kept_tables
        self._values: defaultdict[str, dict[object, Any]] = defaultdict(dict)
        self._known: dict[int, object] = {}
        self._packed, self._new = PackedValues({}, {}), PackedValues({}, {})

    def get(self, table: str, key: object, compute: Callable[[], Value]) -> Value:
        """Return the value of a key, computed on the first call."""
        record_read(table, key)
        values = self._values[table]
        if key not in values:
            values[key] = compute() if _omits else self._find(table, key, compute)
        found: Value = values[key]
        return found

    def _find(self, table: str, key: object, compute: Callable[[], Value]) -> object:
        """Return the value that an earlier build has kept, or compute it."""
        read = hash_read(table, key)
        if read in self._known:
            return self._known[read]
        with suspend_recording(), record_reads() as reads:
            value = compute()
        self._new.reads[read] = reads.pack()
        if table in self._kept_tables:
            self._new.kept[read] = value
        return value

    def use_kept(self, values: Mapping[int, object]) -> None:
        """Use values that an earlier build has kept. All of what they have read is the same in this book."""
        self._known = dict(values)

    def pack(self) -> PackedValues:
        """Return all values that were computed."""
        self._packed.update(self.pack_new_values())
        return self._packed

    def pack_new_values(self) -> PackedValues:
        """Return the values that were computed since the last call, for another process."""
        new, self._new = self._new, PackedValues({}, {})
        return new

    def add(self, packed: PackedValues) -> None:
        """Add values that another process has computed."""
        self._packed.update(packed)


class HasDerived(Protocol):
    """A book, or a part of it, with its derived values."""

    derived: DerivedValues


def keep_derived(table: str) -> Callable[[Function], Function]:
    """Compute the results of a function once, in a table of the derived values of its first argument.

    A second argument is the key of the result; without one, its reader reads the whole table.
    """

    def decorate(compute: Function) -> Function:
        @wraps(compute)
        def get(owner: HasDerived, *key: object) -> object:
            return owner.derived.get(table, key[0] if key else ALL, lambda: compute(owner, *key))

        return cast("Function", get)

    return decorate


class RecordedTable(dict[Key, Value]):
    """A table of cards of which the keys are recorded too: a search for one is a read, and a walk over them.

    A card that is taken without a search records itself, since its readers read something of it.
    """

    __slots__ = ("_name",)

    def __init__(self, name: str, values: Mapping[Key, Value]) -> None:
        """Name the table."""
        super().__init__(values)
        self._name = name

    @overload
    def get(self, key: Key, default: None = None, /) -> Value | None: ...
    @overload
    def get(self, key: Key, default: Value | Default, /) -> Value | Default: ...
    def get(self, key: Key, default: Value | Default | None = None, /) -> Value | Default | None:
        """Return the value of a key, or the default."""
        found = super().get(key)
        if _keys is not None:  # as in `record_read`; the card, since many searches for it make a reference each
            read: object = key if found is None else found
            _keys[self._name][id(read)] = read
        return default if found is None else found

    def __contains__(self, key: object) -> bool:
        found = super().get(key)  # type: ignore[arg-type] # any object can be looked for
        if _keys is not None:
            read = key if found is None else found
            _keys[self._name][id(read)] = read
        return found is not None

    def __iter__(self) -> Iterator[Key]:
        record_read(self._name, ALL)
        return super().__iter__()

    def __len__(self) -> int:
        record_read(self._name, ALL)
        return super().__len__()

    def keys(self) -> "dict_keys[Key, Value]":
        """Return the keys."""
        record_read(self._name, ALL)
        return super().keys()

    def values(self) -> "dict_values[Key, Value]":
        """Return the values."""
        record_read(self._name, ALL)
        return super().values()

    def items(self) -> "dict_items[Key, Value]":
        """Return the pairs of a key and a value."""
        record_read(self._name, ALL)
        return super().items()


class DerivedTable(Mapping[Key, Value]):
    """A table whose values are computed when they are asked for, each with reads of its own."""

    def __init__(
        self, derived: DerivedValues, name: str, keys: Collection[Key], compute: Callable[[Key], Value | None]
    ) -> None:
        """Name the table.

        Args:
            derived: The values that are computed already.
            name: The name of the table.
            keys: The keys that can have a value. They record a search for one, and a walk over them.
            compute: Returns the value of a key; None if it has none.

        """
        self._derived, self._name, self._keys, self._compute = derived, name, keys, compute

    def __getitem__(self, key: Key) -> Value:
        value = self.get(key)
        if value is None:
            raise KeyError(key)
        return value

    @overload
    def get(self, key: Key, /) -> Value | None: ...
    @overload
    def get(self, key: Key, /, default: Value | Default) -> Value | Default: ...
    def get(self, key: Key, /, default: Value | Default | None = None) -> Value | Default | None:
        """Return the value of a key, or the default."""
        # The mapping of the standard library would raise and catch an error for each key without a value.
        value = self._derived.get(self._name, key, lambda: self._compute(key) if key in self._keys else None)
        return default if value is None else value

    def __iter__(self) -> Iterator[Key]:
        return (key for key in self._keys if key in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)


class RecordedAttribute:
    """An attribute of frozen objects: reading it is a read of everything in the table of its name."""

    def __init__(self, name: str) -> None:
        """Name the attribute."""
        self.name = name

    def __get__(self, instance: object, owner: type | None = None) -> Any:  # noqa: ANN401 - that of the attribute
        if instance is None:
            raise AttributeError(self.name)
        record_read(self.name, ALL)
        return instance.__dict__[self.name]

    def __set__(self, instance: object, value: object) -> None:
        instance.__dict__[self.name] = value
