"""Several requests at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 4
"""Requests that run in parallel."""
Key = TypeVar("Key")
Answer = TypeVar("Answer")


def fetch_each(fetch: Callable[[Key], Answer], keys: Iterable[Key]) -> dict[Key, Answer]:
    """Fetch the answer for each key; the first that fails ends them all."""
    listed = list(dict.fromkeys(keys))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(listed, pool.map(fetch, listed), strict=True))
