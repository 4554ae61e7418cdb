"""How a page, a version, a file or an unfinished page says in the wiki that it is ours.

The ownership property is what counts. A created page cannot carry it from the first moment, so its first body
holds the token of the run; and a version's message ends in the digest of what was published, so that a run that
was killed, or a manifest that was lost, leaves nothing that only we knew.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape

from generator.confluence.storage.parse import parse_storage
from generator.confluence.wiki import Json, Wiki

_MESSAGE_LIMIT = 250
_DIGEST = r"[0-9a-f]{6,64}"


def page_key(book: str) -> str:
    """Return the property that makes a page ours."""
    return f"{book}-page"


def head_key(book: str) -> str:
    """Return the property that the manifest begins with."""
    return f"{book}-manifest"


def chunk_key(book: str, number: int) -> str:
    """Return the property of one further part of the manifest, counted from 1."""
    return f"{book}-manifest-{number}"


def ownership(book: str, host: str, page_id: str, ref: str) -> Json:
    """Return the value of the ownership property. It names the page, as a copied page takes its properties along."""
    return {"book": book, "host": host, "page": page_id, "ref": ref}


def owned_ref(value: Any, book: str, host: str, page_id: str) -> str | None:  # noqa: ANN401 - whatever stands there
    """The reference that a page's property claims for this book under this host; None if it claims nothing."""
    if not isinstance(value, Mapping) or value.get("book") != book:
        return None
    ours = value.get("host") == host and value.get("page") == page_id
    return str(value["ref"]) if ours and value.get("ref") else None


def signed(words: str, book: str, digest: str, number: int) -> str:
    """Return the message of a version of this number in words, with the digest of what is published behind it."""
    sign = f" [{book} {digest} {number}]"
    room = _MESSAGE_LIMIT - len(sign)
    return (words if len(words) <= room else f"{words[: room - 1]}…") + sign


def signature(message: str, book: str, number: int) -> str | None:
    """Return the digest in the message of a version of this number; None if it has none.

    A message that somebody keeps when saving again names the version that it was written for, and counts for no other.
    """
    found = re.search(rf"\[{re.escape(book)} ({_DIGEST}) {number}\]\Z", message)
    return found[1] if found else None


def file_comment(book: str, digest: str) -> str:
    """Return the comment of a file of ours."""
    return f"{book} {digest}"


def file_digest(comment: str, book: str) -> str | None:
    """Return the digest in a file's comment; None if the file is not ours."""
    found = re.fullmatch(rf"{re.escape(book)} ({_DIGEST})", comment.strip())
    return found[1] if found else None


def placeholder(book: str, token: str, ref: str) -> str:
    """Return the first body of a new page: it says to people what is going on, and to the next run whose page it is."""
    mark = escape(f"{book}:{token}:{ref}")
    return f"<p>This page is being published; its text follows in a moment.</p><p><code>{mark}</code></p>"


def placeholder_ref(body: str, book: str, token: str) -> str | None:
    """Return the reference in a body that a run with this token began with; None if it is another body."""
    mark = f"{book}:{token}:"
    return next((text.removeprefix(mark) for text in _codes(body) if token and text.startswith(mark)), None)


def is_placeholder(body: str, book: str, ref: str) -> bool:
    """Return whether it is the first body that some run gave to the page of a reference."""
    return any(text.startswith(f"{book}:") and text.endswith(f":{ref}") for text in _codes(body))


def _codes(body: str) -> Iterator[str]:
    return ("".join(map(str, element.itertext())) for element in parse_storage(body).iter("code"))


def claim_of(wiki: Wiki, page_id: str, book: str, host: str) -> str | None:
    """Return the reference that a page carries for this book under this host; None if it carries none."""
    values = (each.value for each in wiki.properties(page_id) if each.key == page_key(book))
    return next((ref for value in values if (ref := owned_ref(value, book, host, page_id)) is not None), None)
