"""Groups of values by a key, and of lines by their size."""

from collections import ChainMap, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def group_pairs(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    """Return the values of each key, keys and values in the order in which they first appear."""
    groups: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}


def overlay(values: Mapping[Key, Value], changed: Mapping[Key, Value]) -> Mapping[Key, Value]:
    """Return a mapping with some values replaced, without a copy of the others; the order of the keys is kept."""
    if isinstance(values, ChainMap):
        *changes, values = values.maps
        changed = {**ChainMap(*changes), **changed}
    return ChainMap(dict(changed), values)  # type: ignore[arg-type] # nothing changes the values


class Selection(Mapping[Key, Value]):
    """The values of some keys of a mapping, in the order of these keys, without a copy of the values."""

    def __init__(self, values: Mapping[Key, Value], keys: Iterable[Key]) -> None:
        """Keep the mapping, and the keys."""
        self._values, self._keys = values, dict.fromkeys(keys)

    def __getitem__(self, key: Key) -> Value:
        if key not in self._keys:
            raise KeyError(key)
        return self._values[key]

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[Key]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


def cut_lines(lines: Iterable[str], most: int) -> Iterator[list[str]]:
    """Cut lines into chunks of at most so many characters; a line that is longer than a chunk stays whole."""
    chunk: list[str] = []
    size = 0
    for line in lines:
        if chunk and size + len(line) > most:
            yield chunk
            chunk, size = [], 0
        chunk.append(line)
        size += len(line)
    if chunk:
        yield chunk
