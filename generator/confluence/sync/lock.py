"""The lock on a book, and the manifest while a run lasts."""

import os
import platform
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import field
from msgspec.structs import replace

from generator.confluence.rest import Wiki
from generator.confluence.sync.manifest import Manifest, ManifestEntry, Run, pack, short_digest
from generator.confluence.sync.writes import store_property
from generator.confluence.wiki import ParentKind, VersionConflict
from generator.values import FrozenValue

LEASE = 300
"""Seconds after which another run may continue in place of one that does not renew its lock."""
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
    if os.name == "posix" and run.pid > 0 and run.machine == identify_machine():
        try:
            os.kill(run.pid, 0)
        except OSError as error:
            return isinstance(error, ProcessLookupError)
    return False


class RunEnvironment(FrozenValue):
    """The publisher, whose name and process the lock contains, its clock, and its renderer of diagrams."""

    owner: str
    now: Callable[[], float]
    sleep: Callable[[float], None]
    png_of_svg: Callable[[str], bytes]
    machine: str = field(default_factory=identify_machine)
    pid: int = field(default_factory=os.getpid)


class LockLostError(Exception):
    """Another run publishes the same book: this one must not go on."""


class ManifestWriter:
    """The manifest during a run: the lock, checkpoints and the end; one for all threads."""

    def __init__(self, wiki: Wiki, manifest: Manifest, owner: RunEnvironment) -> None:
        self._wiki = wiki
        self._manifest = manifest
        self._stored = dict(manifest.stored)
        self._owner = owner
        self._lock = threading.Lock()
        self.entries = manifest.entries
        """The pages in the wiki by reference, as they are now."""
        self._unsaved: dict[str, ManifestEntry | None] = {}
        self._pending: dict[str, ManifestEntry | None] = {}
        """The known entries of the pages that are still to be written."""

    @property
    def kind(self) -> ParentKind:
        """The kind of the parent of the book."""
        return self._manifest.kind

    def take(self, pending: Mapping[str, ManifestEntry]) -> None:
        """Take the lock, and record the coming writes; raise LockLostError if another run was faster."""
        now = int(self._owner.now())
        run = Run(self._owner.owner, now, now + LEASE, self._owner.machine, self._owner.pid)
        with self._lock:
            self._pending = {ref: self.entries.get(ref) for ref in (*self._manifest.begun, *pending)}
            self._unsaved = dict(pending)
            self._save(run)

    def note(self, ref: str, entry: ManifestEntry | None) -> None:
        """Record a page that was written, or removed if None; raise LockLostError if the lock was lost."""
        with self._lock:
            self._unsaved[ref] = entry
            self._pending.pop(ref, None)
            if entry is None:
                self.entries.pop(ref, None)
            else:
                self.entries[ref] = entry
            run, now = self._manifest.run, int(self._owner.now())
            is_full = len(self._unsaved) >= _CHECKPOINT
            if run is not None and (is_full or now > run.until - LEASE / 2):
                self._save(replace(run, until=now + LEASE), fold=is_full)

    def note_orders(self, orders: Mapping[str, str]) -> None:
        """Record the order of siblings."""
        with self._lock:
            self._manifest = replace(self._manifest, orders={**self._manifest.orders, **orders})

    def release(self, *, finished: bool) -> None:
        """Write the remaining entries and release the lock.

        An unfinished run stays on record with its pending pages, because it may have written more than it knows.
        """
        with self._lock:
            run = self._manifest.run
            if finished:
                self._unsaved |= self._pending
            self._save(None if finished or run is None else replace(run, until=0))

    def _save(self, run: Run | None, *, fold: bool = False) -> None:
        manifest, values = pack(replace(self._manifest, run=run), self._unsaved, fold=fold)
        try:
            for key, value in values.items():
                current = self._stored.get(key)
                self._stored[key] = store_property(self._wiki, manifest.host, key, current, value, kind=manifest.kind)
        except VersionConflict as conflict:
            raise LockLostError("another run has published this book in the meantime") from conflict
        self._manifest, self._unsaved = manifest, {}
