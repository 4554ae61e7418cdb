"""The manifest of a book, kept in properties of the book's parent, and the marks of managed pages and files."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec
from msgspec import field
from msgspec.structs import asdict, replace

from generator.confluence.wiki import PROPERTY_LIMIT, Json, ParentKind, Property
from generator.values import FrozenValue

LETTERS = 20
"""Hexadecimal digits of a digest that are kept: 80 bits, so that a manifest of thousands of pages stays small."""


def short_digest(value: Json) -> str:
    """Return a digest of some JSON, the same whatever order its keys are in."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:LETTERS]


def page_key(book: str) -> str:
    """Return the key of the ownership property."""
    return f"{book}-page"


def manifest_key(book: str, chunk: int = 0) -> str:
    """Return the key of the property with the manifest's head, or with a further part of it, counted from 1."""
    return f"{book}-manifest-{chunk}" if chunk else f"{book}-manifest"


def file_comment(book: str, digest: str) -> str:
    """Return the comment of a managed file."""
    return f"{book} {digest}"


def file_digest(comment: str, book: str) -> str | None:
    """Return the digest in the comment of a file; None if the file is not managed."""
    found = re.fullmatch(rf"{re.escape(book)} ([0-9a-f]{{6,64}})", comment.strip())
    return found[1] if found else None


class Claim(FrozenValue):
    """An ownership property of a page; one of another book, or one that was copied with its page, has no reference.

    It is written after everything else of a page, so its version and its digest also say which version was published
    last, and that nothing of it is missing.
    """

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


class HeldFile(NamedTuple):
    """A managed file on a page; `id` is "" until the wiki has been asked for it."""

    digest: str
    id: str


class PendingVersion(NamedTuple):
    """A version that a run is about to write; if the run is killed, the next one recognizes it by its text."""

    version: int
    text: str
    """Digest of its readable text, which the wiki's own changes to the storage format leave as it is."""
    body: str
    """Digest of the storage that is sent; "" if only labels or files change."""


class MarkVersion(NamedTuple):
    """The version of an ownership property, which is needed to replace its value without a look."""

    id: str
    version: int


UNFINISHED = "unfinished"
"""The digest of a page whose text is published while something else of it may be missing."""


class ManifestEntry(FrozenValue):
    """What was last published for a reference, and as which version of which page."""

    ref: str
    page_id: str
    """"" for a page that a run is about to create."""
    version: int
    title: str
    """As it is in the wiki: a taken title may have got a suffix."""
    parent: str | None
    """The reference of the page above; None for the parent of the book."""
    digest: str = ""
    """Of everything that was published."""
    body: str = ""
    """Digest of the storage that was sent; "" if it is unknown."""
    labels: tuple[str, ...] = ()
    """The labels that publishing added."""
    files: Mapping[str, HeldFile] | None = None
    """The files that publishing added, by name; None if only the wiki knows."""
    pending: PendingVersion | None = None
    mark: MarkVersion | None = None
    """The ownership property; None if its version is unknown."""
    state: str = ""
    """The content state; "" for the ordinary one."""
    appearance: str = ""
    """The width and editor that were set."""
    recorded: bool = True
    """Whether it is complete; if not, labels and files have to be read from the page. It is not in the manifest."""

    @property
    def owned(self) -> bool:
        """Whether the page has its ownership property."""
        return self.mark is not None or self.digest not in ("", UNFINISHED)


def row_of(entry: ManifestEntry) -> Json:
    """Return an entry as a short list, so that thousands fit; what few pages have is in a mapping at its end."""
    files: Json = None
    if entry.files is not None:
        files = {name: list(held) for name, held in sorted(entry.files.items())}
    more: dict[str, Json] = {name: list(pair) for name in ("pending", "mark") if (pair := getattr(entry, name))}
    more |= {name: value for name in ("state", "appearance") if (value := getattr(entry, name))}
    row: list[Json] = [entry.ref, entry.page_id, entry.version, entry.title, entry.parent, entry.digest, entry.body]
    return [*row, list(entry.labels), files, *([more] if more else [])]


def entry_of(row: Any) -> ManifestEntry:  # noqa: ANN401 - JSON from the wiki, whose digest shows that it is ours
    """Return the entry in a row; raise KeyError, TypeError or ValueError if it is invalid."""
    ref, page_id, version, title, parent, digest, body, labels, files, *rest = row
    more = rest[0] if rest else {}
    return ManifestEntry(
        *(ref, page_id, version, title, parent, digest, body, tuple(labels)),
        files=None if files is None else {name: HeldFile(*held) for name, held in files.items()},
        pending=PendingVersion(*more["pending"]) if "pending" in more else None,
        mark=MarkVersion(*more["mark"]) if "mark" in more else None,
        state=more.get("state", ""),
        appearance=more.get("appearance", ""),
    )


FORMAT = 2
_READABLE = (1, FORMAT)
"""Format 1 has neither pending versions nor the process that holds the lock."""
_GAPS = 100
"""Chunks that may be missing before one that is still there, so that none is taken for new."""


class Run(FrozenValue):
    """A run that publishes now, as the lock names it."""

    owner: str
    since: int
    """Seconds since 1970."""
    until: int
    """The time after which another run may continue."""
    machine: str = ""
    """Identifies the machine, its boot and its process numbers; others cannot see whether the process runs."""
    pid: int = 0


class Manifest(FrozenValue):
    """What the wiki remembers of the book: a head with the lock and the latest changes, and chunks with the rest."""

    book: str
    host: str
    """The page or folder that it was written on. A copy of a page has its properties, which list the other's pages."""
    stored: Mapping[str, Property] = field(default_factory=dict)
    """The properties of the parent that it was read from, by key."""
    run: Run | None = None
    recent: Mapping[str, ManifestEntry | None] = field(default_factory=dict)
    """The changes since the chunks were written; None for a page that the book no longer owns."""
    chunks: tuple[Mapping[str, ManifestEntry], ...] = ()
    intact: bool = False
    """Whether it is complete; if not, the pages are searched."""
    kind: ParentKind = ParentKind.PAGE
    orders: Mapping[str, str] = field(default_factory=dict)
    """Digests of the published order of siblings by the reference of their parent; "" for the parent of the book."""

    @property
    def head(self) -> Property | None:
        """The property with the head; None if it is missing."""
        return self.stored.get(manifest_key(self.book))

    @property
    def entries(self) -> dict[str, ManifestEntry]:
        """Every published page by its reference."""
        found = {ref: entry for ref, entry in self._rows.items() if entry.page_id}
        # After a kill between the writes of two chunks one may have the former reference of a renamed card.
        latest = {each.page_id: ref for ref, each in sorted(found.items(), key=lambda row: row[1].version)}
        return {ref: entry for ref, entry in found.items() if latest[entry.page_id] == ref}

    @property
    def begun(self) -> dict[str, ManifestEntry]:
        """The pages that a run was about to create, by reference."""
        return {ref: entry for ref, entry in self._rows.items() if not entry.page_id}

    @property
    def _rows(self) -> dict[str, ManifestEntry]:
        # After a kill between the writes of two chunks both may have an entry.
        found: dict[str, ManifestEntry] = {}
        for chunk in self.chunks:
            found |= {
                ref: each for ref, each in chunk.items() if ref not in found or each.version >= found[ref].version
            }
        for ref, latest in self.recent.items():
            if latest is None:
                found.pop(ref, None)
            elif ref not in found or latest.version >= found[ref].version or latest.page_id != found[ref].page_id:
                found[ref] = latest
        return found


def read_manifest(properties: Iterable[Property], book: str, host: str, kind: ParentKind = ParentKind.PAGE) -> Manifest:
    """Return the manifest in the properties of the parent.

    If a part is missing or was changed, only the lock is used. If it was written on another page, not even that.
    """
    stored = {each.key: each for each in properties}
    numbers = range(1, len(stored) + _GAPS)
    last = max((number for number in numbers if manifest_key(book, number) in stored), default=0)
    manifest = Manifest(book, host, stored, chunks=({},) * last, kind=kind)
    head = _verify(stored.get(manifest_key(book)))
    if head is None or head.get("format") not in _READABLE or head.get("host") != host:
        return manifest
    run = msgspec.convert(head["run"], Run | None)
    contents = [_verify(stored.get(manifest_key(book, number))) for number in range(1, last + 1)]
    chunks = [{each.ref: each for each in map(entry_of, content["entries"])} for content in contents if content]
    if len(chunks) < max(last, head["chunks"]):
        return replace(manifest, run=run)
    recent = {each.ref: each for each in map(entry_of, head["recent"])} | dict.fromkeys(head["gone"])
    orders = head.get("orders", {})
    return replace(manifest, run=run, recent=recent, chunks=tuple(chunks), intact=True, orders=orders)


def _verify(stored: Property | None) -> dict[str, Any] | None:
    """Return the content of our property; None if it is missing, or a user has changed it."""
    if stored is None or not isinstance(stored.value, Mapping):
        return None
    content = {key: value for key, value in stored.value.items() if key != "digest"}
    return content if stored.value.get("digest") == short_digest(content) else None


HEAD_ROOM = 16_000
"""Bytes of recent changes that the head carries before they are moved into chunks."""
_CHUNK_ROOM = PROPERTY_LIMIT - 200
_LARGEST_ENTRY = 8_000
"""Bytes of an entry; of a page with hundreds of files the wiki is asked for them."""


def pack(
    manifest: Manifest, changes: Mapping[str, ManifestEntry | None], *, fold: bool = False
) -> tuple[Manifest, dict[str, Json]]:
    """Return the manifest with the changes in it, and the properties to write, in this order.

    The head has the changes while it has room. Otherwise, and if `fold` is true, they are moved into the chunks.
    """
    recent = dict(manifest.recent)
    for ref, entry in changes.items():
        is_large = entry is not None and _size(entry) > _LARGEST_ENTRY
        recent[ref] = replace(entry, files=None) if entry is not None and is_large else entry
    packed, values = replace(manifest, recent=recent, intact=True), dict[str, Json]()
    is_damaged = bool(manifest.chunks) and not manifest.intact
    if fold or is_damaged or len(json.dumps(_head_value(packed))) > HEAD_ROOM:
        chunks, written = _fold(packed)
        packed = replace(packed, recent={}, chunks=chunks)
        for number in range(len(chunks)) if is_damaged else sorted(written):
            rows = [row_of(entry) for _, entry in sorted(chunks[number].items())]
            values[manifest_key(manifest.book, number + 1)] = _protect({"entries": rows})
    return packed, {**values, manifest_key(manifest.book): _head_value(packed)}


def _fold(manifest: Manifest) -> tuple[tuple[Mapping[str, ManifestEntry], ...], set[int]]:
    """Return the chunks with the recent changes in them, and the indexes of those that changed."""
    chunks = [dict(chunk) for chunk in manifest.chunks]
    sizes = [sum(map(_size, chunk.values())) for chunk in chunks]
    places = {entry.page_id: index for index, chunk in enumerate(chunks) for entry in chunk.values()}
    written: set[int] = set()
    for ref, entry in sorted(manifest.recent.items(), key=lambda row: (row[1] is not None, row[0])):
        homes = [index for index, chunk in enumerate(chunks) if ref in chunk]
        for index in homes:
            sizes[index] -= _size(chunks[index].pop(ref))
        written.update(homes)
        if entry is not None:
            # Where it or its page was, else in a chunk that is written anyway, else in the last, else in a new one.
            former = [places[entry.page_id]] if entry.page_id in places else []
            choices = [*homes, *former, *sorted(written), *range(len(chunks))[-1:]]
            index = next((each for each in choices if sizes[each] + _size(entry) <= _CHUNK_ROOM), len(chunks))
            if index == len(chunks):
                chunks.append({})
                sizes.append(0)
            chunks[index][ref] = entry
            sizes[index] += _size(entry)
            written.add(index)
    return tuple(chunks), written


def _head_value(manifest: Manifest) -> Json:
    return _protect(
        {
            "format": FORMAT,
            "host": manifest.host,
            "run": None if manifest.run is None else asdict(manifest.run),
            "chunks": len(manifest.chunks),
            "recent": [row_of(entry) for _, entry in sorted(manifest.recent.items()) if entry is not None],
            "gone": sorted(ref for ref, entry in manifest.recent.items() if entry is None),
            **({"orders": dict(sorted(manifest.orders.items()))} if manifest.orders else {}),
        }
    )


def _protect(content: dict[str, Json]) -> Json:
    return {**content, "digest": short_digest(content)}


def _size(entry: ManifestEntry) -> int:
    """Return the bytes of a row with its comma, as JSON in ASCII with blanks: the longest way to write it."""
    return len(json.dumps(row_of(entry))) + len(", ")
