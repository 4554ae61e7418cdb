"""The marks of managed pages, manifests and files in the wiki.

The ownership property is written after everything else of a page, so its version and its digest also say which
version of the page was published last, and that nothing of it is missing.
"""

import re
from collections.abc import Iterable, Mapping
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
    """An ownership property of a page; one of another book, or one that was copied with its page, has no reference."""

    stored: Property
    ref: str = ""
    host: str = ""
    """The parent of the book that the page belongs to."""
    version: int = 0
    """The version that was published last; 0 if it is unknown, as in properties of earlier releases."""
    digest: str = ""
    """The digest of everything that was published with it."""


def ownership(book: str, host: str, page_id: str, ref: str, version: int, digest: str) -> Json:
    """Return the value of the ownership property. It names the page, because a copy of a page has its properties."""
    return {"book": book, "host": host, "page": page_id, "ref": ref, "version": version, "digest": digest}


def parse_claim(properties: Iterable[Property], book: str, page_id: str) -> Claim | None:
    """Return the claim of a book on a page, else that of another book; None if no book claims the page."""
    marks = [each for each in properties if each.key.endswith(page_key("")) and isinstance(each.value, Mapping)]
    found = next((each for each in marks if each.key == page_key(book)), marks[0] if marks else None)
    if found is None:
        return None
    value: Any = found.value
    if value.get("book") != book or value.get("page") != page_id or not value.get("ref") or not value.get("host"):
        return Claim(found)
    version = value.get("version")
    known = isinstance(version, int) and not isinstance(version, bool) and isinstance(value.get("digest"), str)
    return Claim(found, str(value["ref"]), str(value["host"]), *((version, value["digest"]) if known else ()))


def read_claim(wiki: Wiki, page_id: str, book: str) -> Claim | None:
    """Fetch the claim of a book on a page, whatever parent it names; None if no book claims the page."""
    return parse_claim(wiki.properties(page_id), book, page_id)


def claim_of(wiki: Wiki, page_id: str, book: str, host: str) -> str | None:
    """Return the reference that a page has in a book below a parent; None if it is not managed."""
    claim = read_claim(wiki, page_id, book)
    return claim.ref if claim is not None and claim.ref and claim.host == host else None


def file_comment(book: str, digest: str) -> str:
    """Return the comment of a managed file."""
    return f"{book} {digest}"


def file_digest(comment: str, book: str) -> str | None:
    """Return the digest in the comment of a file; None if the file is not managed."""
    found = re.fullmatch(rf"{re.escape(book)} ({_DIGEST})", comment.strip())
    return found[1] if found else None
