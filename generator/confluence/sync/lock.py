"""The lock on a book, and the manifest while a run lasts."""

import os
import platform
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from generator.confluence.sync.manifest import (
    Manifest,
    ManifestEntry,
    Run,
    chunk_value,
    head_value,
    packed,
    short_digest,
    stored_as,
)
from generator.confluence.sync.marks import chunk_key, head_key
from generator.confluence.sync.writes import store_property
from generator.confluence.wiki import Json, ParentKind, VersionConflict, Wiki

LEASE = 300
"""Seconds after which others may take over from a run that does not renew its lock."""
_CHECKPOINT = 500
"""Pages after which the manifest is written during a run."""


def identify_machine() -> str:
    """Return an identifier of this machine that no container on it and no other boot of it has."""
    parts = [platform.node()]
    with suppress(OSError):  # elsewhere than on Linux the name of the machine has to do
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return short_digest(parts)


def is_abandoned(run: Run) -> bool:
    """Return whether a lock belongs to a process of this machine that has ended."""
    # On Windows os.kill ends the process, whatever the signal: https://docs.python.org/3/library/os.html#os.kill
    if os.name != "posix" or run.pid <= 0 or run.machine != identify_machine():
        return False
    try:
        os.kill(run.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


@dataclass(frozen=True, slots=True)
class LockOwner:
    """The run that holds the lock: who publishes, in words for others, and in which process."""

    owner: str
    now: Callable[[], float]
    machine: str = field(default_factory=identify_machine)
    pid: int = field(default_factory=os.getpid)


class LockLostError(Exception):
    """Another run publishes the same book: this one must not go on."""


class ManifestWriter:
    """The manifest during a run: the lock, checkpoints and the end; one for all threads."""

    def __init__(self, wiki: Wiki, manifest: Manifest, owner: LockOwner) -> None:
        self._wiki = wiki
        self._manifest = manifest
        self._owner = owner
        self._lock = threading.Lock()
        self._entries = manifest.entries
        self._unsaved: dict[str, ManifestEntry | None] = {}
        self._pending: dict[str, ManifestEntry | None] = {}
        """What is known of the pages that are still to be written."""

    @property
    def kind(self) -> ParentKind:
        """The kind of the parent of the book."""
        return self._manifest.kind

    def take(self, pending: Mapping[str, ManifestEntry]) -> None:
        """Take the lock, and record what is about to be written; raise LockLostError if another run was faster."""
        now = int(self._owner.now())
        run = Run(self._owner.owner, now, now + LEASE, self._owner.machine, self._owner.pid)
        with self._lock:
            self._pending = {ref: self._entries.get(ref) for ref in (*self._manifest.begun, *pending)}
            self._unsaved = dict(pending)
            self._save(run, fold=False)

    def entry(self, ref: str) -> ManifestEntry | None:
        """Return what is known of a page now."""
        with self._lock:
            return self._entries.get(ref)

    def note(self, ref: str, entry: ManifestEntry | None) -> None:
        """Record a page that was written, or removed if None; raise LockLostError if the lock was lost."""
        with self._lock:
            self._unsaved[ref] = entry
            self._pending.pop(ref, None)
            if entry is None:
                self._entries.pop(ref, None)
            else:
                self._entries[ref] = entry
            run = self._current_run()
            now = int(self._owner.now())
            due = len(self._unsaved) >= _CHECKPOINT
            if due or now > run.until - LEASE / 2:
                self._save(replace(run, until=now + LEASE), fold=due)

    def note_orders(self, orders: Mapping[str, str]) -> None:
        """Record the order of siblings; an empty digest forgets it."""
        with self._lock:
            merged = {**self._manifest.orders, **orders}
            self._manifest = replace(self._manifest, orders={ref: each for ref, each in merged.items() if each})

    def release(self, *, finished: bool) -> None:
        """Write what is left and release the lock.

        An unfinished run stays on record with its pending pages, because it may have written more than it knows.
        """
        with self._lock:
            if finished:
                self._unsaved |= self._pending
            self._save(None if finished else replace(self._current_run(), until=0), fold=False)

    def _current_run(self) -> Run:
        run = self._manifest.run
        if run is None:
            message = "the lock is taken before pages are written"
            raise RuntimeError(message)
        return run

    def _save(self, run: Run | None, *, fold: bool) -> None:
        result = packed(self._manifest, self._unsaved, fold=fold)
        manifest = replace(result.manifest, run=run)
        for number in result.chunks:
            chunk = manifest.chunks[number - 1]
            manifest = self._written(manifest, number, chunk_key(manifest.book, number), chunk_value(chunk))
        self._manifest = self._written(manifest, 0, head_key(manifest.book), head_value(manifest))
        self._unsaved = {}

    def _written(self, manifest: Manifest, number: int, key: str, value: Json) -> Manifest:
        current = manifest.head if number == 0 else manifest.chunks[number - 1].stored
        try:
            stored = store_property(self._wiki, manifest.host, key, current, value, kind=manifest.kind)
        except VersionConflict as conflict:
            message = "another run has published this book in the meantime"
            raise LockLostError(message) from conflict
        return stored_as(manifest, number, stored)
