"""The list of all published pages, kept in properties of the page that the book hangs under.

The head holds the lock, what changed recently, and how many further parts there are; each part holds some of the
entries. An entry may stand in two parts after a run was killed between two writes: the higher version counts, and
at the same version the head does, which is written last. So every order of kills leaves a readable manifest.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from generator.confluence.manifest.entry import ManifestEntry, entry_of, row_of, short_digest
from generator.confluence.manifest.marks import chunk_key, head_key
from generator.confluence.wiki import Json, Property

FORMAT = 1
_GAPS = 100
"""Chunks that may be missing before one that is still there, so that none is taken for new."""


@dataclass(frozen=True, slots=True)
class Run:
    """Who is publishing now: the lock, and what the next run needs to know where this one is killed."""

    owner: str
    token: str
    """In the first body of every page that it creates; kept by the run that finishes its work."""
    since: int
    """Seconds since 1970."""
    until: int
    """When others may take over."""


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
    """The page that it was written on. A copied page takes its properties along, and what they list stays the
    other page's.
    """
    head: Property | None = None
    run: Run | None = None
    recent: Mapping[str, ManifestEntry | None] = field(default_factory=dict)
    """What changed since the chunks were written; None for a page that is ours no more."""
    chunks: tuple[Chunk, ...] = ()
    intact: bool = False
    """Whether it can be believed; where not, the pages themselves have to be asked."""

    @property
    def entries(self) -> dict[str, ManifestEntry]:
        """Every published page by its reference."""
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


def read_manifest(properties: Sequence[Property], book: str, host: str) -> Manifest:
    """Return the manifest in the host's properties; where a part is missing or not as we wrote it, nothing of it counts
    but the lock, and where it was written on another page not even that.
    """
    by_key = {each.key: each for each in properties}
    head = by_key.get(head_key(book))
    content = _content(head)
    chunks = _chunks(by_key, book)
    empty = tuple(Chunk(each.number, {}, each.stored) for each, _ in chunks)
    if head is None or content is None or content.get("format") != FORMAT or content.get("host") != host:
        return Manifest(book, host, head, None, {}, empty)
    run = Run(**content["run"]) if content["run"] else None
    if len(chunks) < content["chunks"] or not all(good for _, good in chunks):
        return Manifest(book, host, head, run, {}, empty)
    recent: dict[str, ManifestEntry | None] = {entry.ref: entry for entry in map(entry_of, content["recent"])}
    recent |= dict.fromkeys(content["gone"])
    return Manifest(book, host, head, run, recent, tuple(each for each, _ in chunks), intact=True)


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
        }
    )


def chunk_value(chunk: Chunk) -> Json:
    """Return a chunk as the wiki stores it."""
    return _protected({"entries": [row_of(entry) for _, entry in sorted(chunk.entries.items())]})


def _protected(content: dict[str, Json]) -> Json:
    return {**content, "digest": short_digest(content)}


def _content(stored: Property | None) -> dict[str, Any] | None:
    """What a property of ours holds; None if it is missing, or somebody changed it."""
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
