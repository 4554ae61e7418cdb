"""The journal on disk: what the running publish has done, so that the next one on this machine need not search.

It is one SQLite file, locked while a run lasts; the lock ends with the process, however it ends. So whoever can
open it knows that the run before is over, and may go on with its work at once.
"""

import json
import sqlite3
import threading
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from generator.confluence.sync.manifest import ManifestEntry, entry_of, row_of
from generator.errors import UserError

_SCHEMA = """
CREATE TABLE IF NOT EXISTS run(token TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS page(ref TEXT PRIMARY KEY, entry TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Trace:
    """What a run that did not end has left."""

    token: str
    entries: Mapping[str, ManifestEntry | None]
    """By reference; None for a page that it removed."""


class Journal:
    """An open journal; without a file it is forgotten with the process."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._database = _opened(file)
        self.trace = _trace(self._database)

    def begin(self, token: str) -> None:
        """A run starts; what the one before has left is kept where it has the same token, being the same work."""
        with self._lock, self._database:
            kept = self._database.execute("SELECT 1 FROM run WHERE token = ?", (token,)).fetchone()
            if kept is None:
                self._database.execute("DELETE FROM page")
                self._database.execute("DELETE FROM run")
                self._database.execute("INSERT INTO run VALUES(?)", (token,))

    def note(self, ref: str, entry: ManifestEntry | None) -> None:
        """A page was written, or is ours no more."""
        text = json.dumps(None if entry is None else row_of(entry))
        with self._lock, self._database:
            self._database.execute("INSERT OR REPLACE INTO page VALUES(?, ?)", (ref, text))

    def end(self) -> None:
        """The manifest holds everything: nothing needs to be remembered here."""
        with self._lock, self._database:
            self._database.execute("DELETE FROM page")
            self._database.execute("DELETE FROM run")

    def close(self) -> None:
        """Lets others publish from here."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def _opened(file: Path | None) -> sqlite3.Connection:
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(file or ":memory:", timeout=0, check_same_thread=False)
    try:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(f"BEGIN EXCLUSIVE; {_SCHEMA} COMMIT;")
    except sqlite3.OperationalError as error:
        database.close()
        raise UserError(f"{file} is in use: another publish runs from this folder; wait for it to end") from error
    except sqlite3.DatabaseError as error:
        database.close()
        raise UserError(f"{file} is not a journal ({error}); delete it: the wiki knows what was published") from error
    return database


def _trace(database: sqlite3.Connection) -> Trace | None:
    with closing(database.execute("SELECT token FROM run")) as runs:
        run = runs.fetchone()
    if run is None:
        return None
    with closing(database.execute("SELECT ref, entry FROM page")) as rows:
        found = {str(ref): json.loads(text) for ref, text in rows}
    return Trace(str(run[0]), {ref: None if row is None else entry_of(row) for ref, row in found.items()})
