"""A long list of ids in pieces that one request takes."""

from collections.abc import Iterable, Iterator


def batches(ids: Iterable[str], size: int) -> Iterator[list[str]]:
    """The ids, each once and in their order, at most `size` at a time."""
    distinct = list(dict.fromkeys(ids))
    for start in range(0, len(distinct), size):
        yield distinct[start : start + size]
