"""Which properties have to be written so that the manifest holds some changes: the head alone where they fit."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from generator.confluence.manifest.entry import ManifestEntry, row_of
from generator.confluence.manifest.manifest import Chunk, Manifest, head_value
from generator.confluence.wiki import PROPERTY_LIMIT, Json, Property

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
    """An entry that cannot fill a chunk by itself: of a page with hundreds of files the wiki is asked instead."""
    if entry is None or _size(row_of(entry)) <= _LARGEST_ENTRY:
        return entry
    return replace(entry, files=None)


def _size_of(entries: Mapping[str, ManifestEntry]) -> int:
    return sum(_size(row_of(entry)) + _COMMA for entry in entries.values())


def _size(value: Json) -> int:
    """Bytes as JSON in ASCII with blanks: the longest way that anybody may write it."""
    return len(json.dumps(value, ensure_ascii=True))
