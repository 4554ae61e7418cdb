"""Groups of values by a key, and of lines by their size."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


def group_pairs(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    """Return the values of each key, keys and values in the order in which they first appear."""
    groups: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}


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
