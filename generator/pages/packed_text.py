"""Texts of pages in little memory: as Python strings, those of 10,000 pages take a gigabyte."""

import zlib
from functools import lru_cache


def pack_text(text: str, known: bytes = b"") -> bytes:
    """Return a text compressed; the `known` bytes if they are the same text."""
    if known and unpack_text(known) == text:
        return known
    return zlib.compress(text.encode("utf-8", "surrogatepass"), level=1) if text else b""


@lru_cache(maxsize=4)
def unpack_text(packed: bytes) -> str:
    """Return a compressed text; the last ones are kept, since the steps of a page follow each other."""
    return zlib.decompress(packed).decode("utf-8", "surrogatepass") if packed else ""
