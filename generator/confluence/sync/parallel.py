"""Several requests at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from generator.confluence.rest.rate_limit import IN_FLIGHT

Key = TypeVar("Key")
Answer = TypeVar("Answer")


def fetch_each(fetch: Callable[[Key], Answer], keys: Iterable[Key]) -> dict[Key, Answer]:
    """Fetch the answer for each key; the first that fails ends them all."""
    listed = list(dict.fromkeys(keys))
    with ThreadPoolExecutor(IN_FLIGHT) as pool:
        return dict(zip(listed, pool.map(fetch, listed), strict=True))
