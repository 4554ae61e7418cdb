"""Values that are stored one by one, so that only those that are used are read."""

import pickle
import tempfile
import zlib
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Generic, TypeVar

from generator.cache_files import is_private, map_cache_file, write_mapped_file
from generator.garbage_collection import suspend_collection

_MARK = b"modelbook state 1\n"

Key = TypeVar("Key")
Value = TypeVar("Value")


class DamagedStateError(Exception):
    """A value of a state that is not as it was written: the book has to be read again."""


class SliceWriter:
    """Writes pickled values to the body of a file."""

    def __init__(self, body: IO[bytes]) -> None:
        """Start with an empty body."""
        self._body = body
        self._size = 0

    def add(self, values: Iterator[object]) -> "SliceIndex":
        """Add values, and return the index of their slices."""
        starts, checks = array("Q", [self._size]), array("I")
        for value in values:
            content = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
            self._body.write(content)
            self._size += len(content)
            starts.append(self._size)
            checks.append(zlib.crc32(content))
        return SliceIndex(starts, checks)


class SliceIndex:
    """The places of values in the body of a file."""

    __slots__ = ("_checks", "_starts")

    def __init__(self, starts: "array[int]", checks: "array[int]") -> None:
        """Keep the starts of all slices with the end of the last one, and their checksums."""
        self._starts, self._checks = starts, checks

    def read(self, body: memoryview, number: int) -> Any:  # noqa: ANN401 - as pickle
        """Read a value.

        Raises:
            DamagedStateError: The body is damaged.

        """
        content = body[self._starts[number] : self._starts[number + 1]]
        if zlib.crc32(content) != self._checks[number]:
            raise DamagedStateError("the state is damaged")
        return pickle.loads(content)  # noqa: S301 - a file of this user


class StoredMapping(Mapping[Key, Value], Generic[Key, Value]):
    """A mapping whose values are read when they are asked for."""

    def __init__(self, numbers: Mapping[Key, int], read: Callable[[int], Value]) -> None:
        """Name the number of each key, in the order of the mapping, and the function that reads its value."""
        self._numbers, self._read = numbers, read
        self._values: dict[Key, Value] = {}

    def __getitem__(self, key: Key) -> Value:
        value = self._values.get(key)
        if value is None:
            value = self._values[key] = self._read(self._numbers[key])
        return value

    def __contains__(self, key: object) -> bool:
        return key in self._numbers

    def __iter__(self) -> Iterator[Key]:
        return iter(self._numbers)

    def __len__(self) -> int:
        return len(self._numbers)


def write_slices(path: Path, store: Callable[[SliceWriter], object]) -> None:
    """Write what a function returns, with the slices that it adds, for its owner only. Do nothing without a cache."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        # Not in memory: the values themselves are still there.
        with suspend_collection(), _open_temporary(path) as head, _open_temporary(path) as body:
            head.write(_MARK)
            pickle.dump(store(SliceWriter(body)), head, protocol=pickle.HIGHEST_PROTOCOL)
            write_mapped_file(path, head, body)


def _open_temporary(path: Path) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=path.parent)


def read_slices(path: Path) -> tuple[object, memoryview] | None:
    """Read what `write_slices` has written, and the body with the slices; None if the file is damaged or not private.

    Only files of this version of the software are read.
    """
    mapped = map_cache_file(path) if is_private(path) else None
    if mapped is None or mapped[0][: len(_MARK)] != _MARK:
        return None
    head, body = mapped
    with suspend_collection():
        return pickle.loads(head[len(_MARK) :]), body  # noqa: S301 - a file of this user
