"""One published page as it is remembered."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.confluence.wiki import Json

LETTERS = 20
"""Hexadecimal digits of a digest that are kept: 80 bits, so that a manifest of thousands of pages stays small."""


def short_digest(value: Json) -> str:
    """Return a digest of some JSON, the same whatever order its keys are in."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LETTERS]


@dataclass(frozen=True, slots=True)
class HeldFile:
    """A file of ours on a page; `id` is "" if nobody has asked the wiki for it yet."""

    digest: str
    id: str


@dataclass(frozen=True, slots=True)
class ManifestEntry:
    """What we last published for a reference, and as which version of which page."""

    ref: str
    page_id: str
    version: int
    title: str
    """As it stands in the wiki: a taken title may have got a suffix."""
    parent: str | None
    """The reference of the page above; None for the page that the book hangs under."""
    digest: str = ""
    """Of the whole state; "" while the page is unfinished: created, and not yet written."""
    body: str = ""
    """Digest of the storage that was sent."""
    labels: tuple[str, ...] = ()
    """Those that we put on it; what people add is theirs."""
    files: Mapping[str, HeldFile] | None = None
    """Those that we put on it, by name; None if only the wiki knows."""

    @property
    def finished(self) -> bool:
        """Whether everything that belongs to the page was written."""
        return bool(self.digest)


def row_of(entry: ManifestEntry) -> Json:
    """Return an entry as a short list, which is how thousands of them fit."""
    files: Json = None
    if entry.files is not None:
        files = {name: [held.digest, held.id] for name, held in sorted(entry.files.items())}
    return [
        *(entry.ref, entry.page_id, entry.version, entry.title, entry.parent, entry.digest, entry.body),
        *(list(entry.labels), files),
    ]


def entry_of(row: Any) -> ManifestEntry:  # noqa: ANN401 - whatever the property or the journal holds
    """Return the entry in a row; KeyError, TypeError or ValueError if it is none."""
    if not isinstance(row, Sequence) or isinstance(row, str):
        message = f"{row!r} is not an entry"
        raise TypeError(message)
    ref, page_id, version, title, parent, digest, body, labels, files = row
    return ManifestEntry(
        str(ref),
        str(page_id),
        int(version),
        str(title),
        None if parent is None else str(parent),
        str(digest),
        str(body),
        tuple(str(label) for label in labels),
        None if files is None else {str(name): HeldFile(str(held[0]), str(held[1])) for name, held in files.items()},
    )
