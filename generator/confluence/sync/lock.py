"""The manifest while a run lasts: lock, checkpoints and end; one for all threads."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from generator.confluence.sync.journal import Journal
from generator.confluence.sync.manifest import Manifest, ManifestEntry, Run, chunk_value, head_value, packed, stored_as
from generator.confluence.sync.marks import chunk_key, head_key
from generator.confluence.sync.writes import stored
from generator.confluence.wiki import Json, VersionConflict, Wiki

LEASE = 300
"""Seconds after which others may take over from a run that says nothing more."""
_CHECKPOINT = 500
"""Pages after which the manifest in the wiki learns what was done: what a killed run leaves to the next to look for."""


@dataclass(frozen=True, slots=True)
class LockOwner:
    """Who holds the lock."""

    owner: str
    token: str
    now: Callable[[], float]


class Overtaken(Exception):  # noqa: N818 - it says what happened: another run has written the manifest
    """Another run publishes the same book: this one must not go on."""


class Register:
    """What is ours, kept on disk at once and in the wiki from time to time."""

    def __init__(self, wiki: Wiki, host: str, manifest: Manifest, journal: Journal, holder: LockOwner) -> None:
        self._wiki = wiki
        self._host = host
        self._manifest = manifest
        self._journal = journal
        self._holder = holder
        self._lock = threading.Lock()
        self._unsaved = _traced(journal, manifest)
        self._entries = {ref: each for ref, each in {**manifest.entries, **self._unsaved}.items() if each is not None}

    @property
    def token(self) -> str:
        """The token of the work: that of the killed run whose work this one finishes, or its own."""
        run = self._manifest.run
        return self._holder.token if run is None else run.token

    def take(self, *, quietly: bool = False) -> None:
        """Takes the lock; Overtaken if somebody wrote the manifest since it was read.

        Quietly: nobody is told of it unless the run takes long. Who writes the manifest in between is told apart at
        the end.
        """
        now = int(self._holder.now())
        run = Run(self._holder.owner, self.token, now, now + LEASE)
        if self._manifest.run is not None:
            run = replace(run, since=self._manifest.run.since)
        self._journal.begin(run.token)
        with self._lock:
            if quietly:
                self._manifest = replace(self._manifest, run=run)
            else:
                self._save(run, fold=False)

    def entry(self, ref: str) -> ManifestEntry | None:
        """What is known of a page now."""
        with self._lock:
            return self._entries.get(ref)

    def note(self, ref: str, entry: ManifestEntry | None) -> None:
        """A page was written, or is ours no more; Overtaken if the lock was lost."""
        self._journal.note(ref, entry)
        with self._lock:
            self._unsaved[ref] = entry
            if entry is None:
                self._entries.pop(ref, None)
            else:
                self._entries[ref] = entry
            self._keep()

    def release(self, *, finished: bool) -> None:
        """Writes what is left and lets others publish. An unfinished run stays on record, so that the next one
        looks for what this one may have written without knowing.
        """
        run = self._manifest.run
        assert run is not None, "only a lock that was taken is released"
        with self._lock:
            self._save(None if finished else replace(run, until=0), fold=False)
        if finished:
            self._journal.end()

    def _keep(self) -> None:
        """Writes the manifest when enough has happened, and the lock when half of its time is over."""
        run = self._manifest.run
        assert run is not None, "pages are written under the lock"
        now = int(self._holder.now())
        due = sum(entry is None or entry.finished for entry in self._unsaved.values()) >= _CHECKPOINT
        if due or now > run.until - LEASE / 2:
            self._save(replace(run, until=now + LEASE), fold=due)

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
            return stored_as(manifest, number, stored(self._wiki, self._host, key, current, value))
        except VersionConflict as conflict:
            raise Overtaken("another run has published this book in the meantime") from conflict


def _traced(journal: Journal, manifest: Manifest) -> dict[str, ManifestEntry | None]:
    """What the killed run whose work this one finishes has done, and not told the wiki."""
    same = journal.trace is not None and manifest.run is not None and journal.trace.token == manifest.run.token
    return dict(journal.trace.entries) if journal.trace is not None and same else {}
