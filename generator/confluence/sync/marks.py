"""The marks of managed pages, manifests and files in the wiki.

The ownership property is written after everything else of a page, so its version and its digest also say which
version of the page was published last, and that nothing of it is missing.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.confluence.wiki import Json, Property, Wiki

_DIGEST = r"[0-9a-f]{6,64}"


def page_key(book: str) -> str:
    """Return the key of the ownership property."""
    return f"{book}-page"


def head_key(book: str) -> str:
    """Return the key of the property with the manifest's head."""
    return f"{book}-manifest"


def chunk_key(book: str, number: int) -> str:
    """Return the key of a further part of the manifest, counted from 1."""
    return f"{book}-manifest-{number}"


@dataclass(frozen=True, slots=True)
class Claim:
    """An ownership property of a book on its page."""

    ref: str
    host: str
    """The parent of the book that the page belongs to."""
    stored: Property
    version: int = 0
    """The version that was published last; 0 if it is unknown, as in properties of earlier releases."""
    digest: str = ""
    """The digest of everything that was published with it."""


def ownership(book: str, host: str, page_id: str, ref: str, version: int, digest: str) -> Json:
    """Return the value of the ownership property. It names the page, because a copy of a page has its properties."""
    return {"book": book, "host": host, "page": page_id, "ref": ref, "version": version, "digest": digest}


def parse_claim(stored: Property | None, book: str, page_id: str) -> Claim | None:
    """Return the claim in a property of a page; None if it is of another book, or copied from another page."""
    value: Any = None if stored is None else stored.value
    if stored is None or not isinstance(value, Mapping) or value.get("book") != book or value.get("page") != page_id:
        return None
    if not value.get("ref") or not value.get("host"):
        return None
    version = value.get("version")
    known = isinstance(version, int) and not isinstance(version, bool) and isinstance(value.get("digest"), str)
    return Claim(str(value["ref"]), str(value["host"]), stored, *((version, value["digest"]) if known else ()))


def read_claim(wiki: Wiki, page_id: str, book: str) -> Claim | None:
    """Fetch the claim of a book on a page, whatever parent it names; None if there is none."""
    key = page_key(book)
    return parse_claim(next((each for each in wiki.properties(page_id) if each.key == key), None), book, page_id)


def claim_of(wiki: Wiki, page_id: str, book: str, host: str) -> str | None:
    """Return the reference that a page has in a book below a parent; None if it is not managed."""
    claim = read_claim(wiki, page_id, book)
    return claim.ref if claim is not None and claim.host == host else None


def file_comment(book: str, digest: str) -> str:
    """Return the comment of a managed file."""
    return f"{book} {digest}"


def file_digest(comment: str, book: str) -> str | None:
    """Return the digest in the comment of a file; None if the file is not managed."""
    found = re.fullmatch(rf"{re.escape(book)} ({_DIGEST})", comment.strip())
    return found[1] if found else None
