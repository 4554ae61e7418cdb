"""Python's search for reference cycles, which a build of a large book needs less often than by default."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_COLLECTED_TOGETHER = 10_000
"""The new objects between two searches while pages are made: a page has thousands, nearly all without cycles."""

_MANY_PAGES = 2_000
"""The pages of a book that takes 100 MB and more."""


@contextmanager
def suspend_collection() -> Iterator[None]:
    """Suspend the search for reference cycles.

    A book has a million values without cycles; the search would take a fifth of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def release_book(pages: int) -> None:
    """Free what is left of a book with so many pages, and exclude all other objects from the search for cycles.

    The values of a book refer to each other. If it is small, the search for them takes more time than they are worth.
    """
    if pages >= _MANY_PAGES:
        gc.collect()
    gc.freeze()


@contextmanager
def freeze_objects() -> Iterator[None]:
    """Exclude existing objects from the search for reference cycles, and search less often."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(max(_COLLECTED_TOGETHER, thresholds[0]), *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
