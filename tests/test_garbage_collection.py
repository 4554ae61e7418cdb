import gc
import weakref

import pytest

from generator.garbage_collection import release_book


class Part:
    """A value that refers to itself."""

    def __init__(self) -> None:
        self.whole = self


@pytest.mark.parametrize(("pages", "is_freed"), [(1_000, False), (10_000, True)])
def test_a_large_book_is_freed(pages, is_freed):
    part = Part()
    kept = weakref.ref(part)
    gc.disable()
    try:
        del part
        release_book(pages)
        assert (kept() is None) == is_freed
    finally:
        gc.unfreeze()
        gc.enable()
