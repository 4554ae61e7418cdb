"""The manifest of a book: what was published as which page, kept in properties of the book's parent."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from generator.confluence.sync.marks import chunk_key, head_key
from generator.confluence.wiki import PROPERTY_LIMIT, Json, ParentKind, Property

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
class PendingVersion:
    """A version that a run is about to write; if the run is killed, the next one recognizes it by its text."""

    version: int
    text: str
    """Digest of its readable text, which the wiki's own changes to the storage format leave as it is."""
    body: str
    """Digest of the storage that is sent; "" if only labels or files change."""


@dataclass(frozen=True, slots=True)
class MarkVersion:
    """The version of an ownership property, which is needed to replace its value without a look."""

    id: str
    version: int


UNFINISHED = "unfinished"
"""The digest of a page whose text is published while something else of it may be missing."""


@dataclass(frozen=True, slots=True)
class ManifestEntry:
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

    @property
    def finished(self) -> bool:
        """Whether the text was published."""
        return bool(self.digest)

    @property
    def owned(self) -> bool:
        """Whether the page has its ownership property."""
        return self.mark is not None or self.digest not in ("", UNFINISHED)


def row_of(entry: ManifestEntry) -> Json:
    """Return an entry as a short list, so that thousands fit; what few pages have is in a mapping at its end."""
    files: Json = None
    if entry.files is not None:
        files = {name: [held.digest, held.id] for name, held in sorted(entry.files.items())}
    more: dict[str, Json] = {}
    if entry.pending is not None:
        more["pending"] = [entry.pending.version, entry.pending.text, entry.pending.body]
    if entry.mark is not None:
        more["mark"] = [entry.mark.id, entry.mark.version]
    more |= {name: value for name in ("state", "appearance") if (value := getattr(entry, name))}
    return [
        *(entry.ref, entry.page_id, entry.version, entry.title, entry.parent, entry.digest, entry.body),
        *(list(entry.labels), files, *([more] if more else [])),
    ]


def entry_of(row: Any) -> ManifestEntry:  # noqa: ANN401 - JSON from the wiki
    """Return the entry in a row; raise KeyError, TypeError or ValueError if it is invalid."""
    if not isinstance(row, Sequence) or isinstance(row, str):
        message = f"{row!r} is not an entry"
        raise TypeError(message)
    ref, page_id, version, title, parent, digest, body, labels, files, *rest = row
    more = rest[0] if rest else {}
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
        PendingVersion(*more["pending"]) if "pending" in more else None,
        MarkVersion(*more["mark"]) if "mark" in more else None,
        str(more.get("state", "")),
        str(more.get("appearance", "")),
    )


FORMAT = 2
_READABLE = (1, FORMAT)
"""Format 1 has neither pending versions nor the process that holds the lock."""
_GAPS = 100
"""Chunks that may be missing before one that is still there, so that none is taken for new."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run that publishes now, as the lock names it."""

    owner: str
    since: int
    """Seconds since 1970."""
    until: int
    """When others may take over."""
    machine: str = ""
    """Identifies the machine, its boot and its process numbers; others cannot see whether the process runs."""
    pid: int = 0


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of the manifest after the head."""

    number: int
    entries: Mapping[str, ManifestEntry]
    stored: Property | None = None
    """The property as the wiki has it; None if it is still to be created."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the wiki remembers of the book."""

    book: str
    host: str
    """The page or folder that it was written on. A copy of a page has its properties, which list the other's pages."""
    head: Property | None = None
    run: Run | None = None
    recent: Mapping[str, ManifestEntry | None] = field(default_factory=dict)
    """What changed since the chunks were written; None for a page that is ours no more."""
    chunks: tuple[Chunk, ...] = ()
    intact: bool = False
    """Whether it is complete; if not, the pages are searched."""
    kind: ParentKind = ParentKind.PAGE
    orders: Mapping[str, str] = field(default_factory=dict)
    """Digests of the published order of siblings by the reference of their parent; "" for the parent of the book."""

    @property
    def entries(self) -> dict[str, ManifestEntry]:
        """Every published page by its reference."""
        return {ref: entry for ref, entry in self._rows.items() if entry.page_id}

    @property
    def begun(self) -> dict[str, ManifestEntry]:
        """The pages that a run was about to create, by reference."""
        return {ref: entry for ref, entry in self._rows.items() if not entry.page_id}

    @property
    def _rows(self) -> dict[str, ManifestEntry]:
        found: dict[str, ManifestEntry] = {}
        for chunk in self.chunks:
            for ref, entry in chunk.entries.items():
                if ref not in found or entry.version >= found[ref].version:
                    found[ref] = entry
        for ref, latest in self.recent.items():
            if latest is None:
                found.pop(ref, None)
            elif ref not in found or latest.version >= found[ref].version or latest.page_id != found[ref].page_id:
                found[ref] = latest
        return found


def read_manifest(properties: Sequence[Property], book: str, host: str, kind: ParentKind = ParentKind.PAGE) -> Manifest:
    """Return the manifest in the properties of the parent.

    If a part is missing or was changed, only the lock is used. If it was written on another page, not even that.
    """
    by_key = {each.key: each for each in properties}
    head = by_key.get(head_key(book))
    content = _content(head)
    chunks = _chunks(by_key, book)
    empty = tuple(Chunk(each.number, {}, each.stored) for each, _ in chunks)
    if head is None or content is None or content.get("format") not in _READABLE or content.get("host") != host:
        return Manifest(book, host, head, None, {}, empty, kind=kind)
    known = {each.name for each in fields(Run)}
    run = Run(**{name: value for name, value in content["run"].items() if name in known}) if content["run"] else None
    if len(chunks) < content["chunks"] or not all(good for _, good in chunks):
        return Manifest(book, host, head, run, {}, empty, kind=kind)
    recent: dict[str, ManifestEntry | None] = {entry.ref: entry for entry in map(entry_of, content["recent"])}
    recent |= dict.fromkeys(content["gone"])
    whole = tuple(each for each, _ in chunks)
    return Manifest(book, host, head, run, recent, whole, True, kind, content.get("orders", {}))  # noqa: FBT003


def head_value(manifest: Manifest) -> Json:
    """Return the head as the wiki stores it."""
    return _protected(
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


def chunk_value(chunk: Chunk) -> Json:
    """Return a chunk as the wiki stores it."""
    return _protected({"entries": [row_of(entry) for _, entry in sorted(chunk.entries.items())]})


def _protected(content: dict[str, Json]) -> Json:
    return {**content, "digest": short_digest(content)}


def _content(stored: Property | None) -> dict[str, Any] | None:
    """Return the content of a property of ours; None if it is missing, or a user has changed it."""
    if stored is None or not isinstance(stored.value, Mapping):
        return None
    content = {key: value for key, value in stored.value.items() if key != "digest"}
    return content if stored.value.get("digest") == short_digest(content) else None


def _chunks(by_key: Mapping[str, Property], book: str) -> list[tuple[Chunk, bool]]:
    """Return the chunks up to the last there is, each with whether it is there and as we wrote it."""
    last = max((number for number in range(1, len(by_key) + _GAPS) if chunk_key(book, number) in by_key), default=0)
    found: list[tuple[Chunk, bool]] = []
    for number in range(1, last + 1):
        stored = by_key.get(chunk_key(book, number))
        content = _content(stored)
        entries = [] if content is None else [entry_of(row) for row in content["entries"]]
        found.append((Chunk(number, {entry.ref: entry for entry in entries}, stored), content is not None))
    return found


HEAD_ROOM = 16_000
"""Bytes of recent changes that the head carries before they are moved into chunks."""
_CHUNK_ROOM = PROPERTY_LIMIT - 200
_LARGEST_ENTRY = 8_000
_COMMA = len(", ")


@dataclass(frozen=True, slots=True)
class Packed:
    """A manifest to be written: first the chunks with these numbers, then the head."""

    manifest: Manifest
    chunks: tuple[int, ...]


def packed(manifest: Manifest, changes: Mapping[str, ManifestEntry | None], *, fold: bool = False) -> Packed:
    """Return the manifest with the changes in it; `fold` moves them into chunks even where the head has room."""
    recent = {**manifest.recent, **{ref: _bounded(entry) for ref, entry in changes.items()}}
    whole = replace(manifest, recent=recent)
    if not fold and _size(head_value(whole)) <= HEAD_ROOM and (manifest.intact or not manifest.chunks):
        return Packed(replace(whole, intact=True), ())
    return _folded(whole)


def stored_as(manifest: Manifest, number: int, stored: Property) -> Manifest:
    """Return the manifest after one of its properties was written; number 0 is the head."""
    if number == 0:
        return replace(manifest, head=stored)
    chunks = tuple(replace(each, stored=stored) if each.number == number else each for each in manifest.chunks)
    return replace(manifest, chunks=chunks)


def _folded(manifest: Manifest) -> Packed:
    """Return every recent change in the chunk that has its entry, or in the last one, or in a new one.

    Of a manifest that was damaged every chunk is written anew.
    """
    shelves = {chunk.number: dict(chunk.entries) for chunk in manifest.chunks}
    sizes = {number: _size_of(entries) for number, entries in shelves.items()}
    touched: set[int] = set() if manifest.intact else set(shelves)
    for ref, entry in sorted(manifest.recent.items()):
        homes = [number for number, entries in shelves.items() if ref in entries]
        for number in homes:
            sizes[number] -= _size(row_of(shelves[number].pop(ref))) + _COMMA
            touched.add(number)
        if entry is not None:
            size = _size(row_of(entry)) + _COMMA
            number = _shelf_for(size, sizes, homes, touched)
            shelves.setdefault(number, {})[ref] = entry
            sizes[number] = sizes.get(number, 0) + size
            touched.add(number)
    properties = {chunk.number: chunk.stored for chunk in manifest.chunks}
    chunks = tuple(Chunk(number, shelves[number], properties.get(number)) for number in sorted(shelves))
    return Packed(replace(manifest, recent={}, chunks=chunks, intact=True), tuple(sorted(touched)))


def _shelf_for(size: int, sizes: Mapping[int, int], homes: Iterable[int], touched: set[int]) -> int:
    """Return a chunk with room: where the entry was, then one that is written anyway, then the last, then a new one."""
    last = max(sizes, default=0)
    candidates = [*homes, *sorted(touched), *([last] if last else [])]
    return next((number for number in candidates if sizes.get(number, 0) + size <= _CHUNK_ROOM), last + 1)


def _bounded(entry: ManifestEntry | None) -> ManifestEntry | None:
    """Return an entry that cannot fill a chunk by itself; of a page with hundreds of files the wiki is asked."""
    if entry is None or _size(row_of(entry)) <= _LARGEST_ENTRY:
        return entry
    return replace(entry, files=None)


def _size_of(entries: Mapping[str, ManifestEntry]) -> int:
    return sum(_size(row_of(entry)) + _COMMA for entry in entries.values())


def _size(value: Json) -> int:
    """Bytes as JSON in ASCII with blanks: the longest way that anybody may write it."""
    return len(json.dumps(value, ensure_ascii=True))
