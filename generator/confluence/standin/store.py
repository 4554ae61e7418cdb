"""Everything the stand-in knows, in SQLite: in memory, or in one file that the next start finds again."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from generator.confluence.wiki import Flavour
from generator.errors import UserError

MEMORY = ":memory:"
_LAYOUT = "1"
_FIRST_ID = 98_304
"""Where Confluence begins: an id is never mistaken for a version or a count."""
_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE person(id TEXT PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, token TEXT NOT NULL);
CREATE TABLE permission(person_id TEXT NOT NULL, space_key TEXT NOT NULL, verb TEXT NOT NULL,
  PRIMARY KEY(person_id, space_key, verb));
CREATE TABLE identifier(id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE space(id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, name TEXT NOT NULL, homepage_id INTEGER);
CREATE TABLE page(id INTEGER PRIMARY KEY, space_id INTEGER NOT NULL, parent_id INTEGER, title TEXT NOT NULL,
  status TEXT NOT NULL, position INTEGER, version INTEGER NOT NULL);
CREATE INDEX page_by_space ON page(space_id, status, title COLLATE NOCASE);
CREATE INDEX page_by_parent ON page(parent_id);
CREATE TABLE version(page_id INTEGER NOT NULL, number INTEGER NOT NULL, title TEXT NOT NULL, body TEXT NOT NULL,
  message TEXT NOT NULL, minor INTEGER NOT NULL, author_id TEXT NOT NULL, created_at TEXT NOT NULL,
  PRIMARY KEY(page_id, number));
CREATE TABLE property(id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  version INTEGER NOT NULL, UNIQUE(page_id, key));
CREATE TABLE label(id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, name TEXT NOT NULL, UNIQUE(page_id, name));
CREATE TABLE file(id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, name TEXT NOT NULL, media_type TEXT NOT NULL,
  comment TEXT NOT NULL, content BLOB NOT NULL, version INTEGER NOT NULL, trashed INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL, author_id TEXT NOT NULL);
CREATE INDEX file_by_page ON file(page_id);
CREATE TABLE comment(id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, marker TEXT NOT NULL, selection TEXT NOT NULL,
  body TEXT NOT NULL, state TEXT NOT NULL, author_id TEXT NOT NULL, created_at TEXT NOT NULL);
CREATE INDEX comment_by_page ON comment(page_id);
CREATE TABLE task(id TEXT PRIMARY KEY, name TEXT NOT NULL, message TEXT NOT NULL,
  looks INTEGER NOT NULL);
CREATE TABLE notification(id INTEGER PRIMARY KEY, page_id INTEGER NOT NULL, what TEXT NOT NULL);
"""


Record = TypeVar("Record")
Value = str | int | bytes | None


class Store:
    """One SQLite database behind one lock: a request is a transaction, and requests follow one another."""

    def __init__(self, file: str = MEMORY) -> None:
        self._lock = threading.RLock()
        self._database = _opened(file)

    @contextmanager
    def transaction(self) -> Iterator["Tables"]:
        """Everything inside happens, or nothing of it when an exception leaves."""
        with self._lock, self._database:
            yield Tables(self._database)

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._database.close()


class Tables:
    """The database inside a transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def run(self, statement: str, *values: Value) -> int:
        """Changes something; gives how many rows it touched."""
        return self._database.execute(statement, values).rowcount

    def rows(self, query: str, *values: Value) -> list[tuple[Value, ...]]:
        """What a query finds."""
        return self._database.execute(query, values).fetchall()

    def all(self, kind: type[Record], query: str, *values: Value) -> list[Record]:
        """What a query finds, as records whose fields are its columns in order."""
        return [kind(*row) for row in self.rows(query, *values)]

    def one(self, kind: type[Record], query: str, *values: Value) -> Record | None:
        """Return the first that a query finds."""
        found = self.all(kind, query, *values)
        return found[0] if found else None

    def number(self, query: str, *values: Value) -> int:
        """Return a query's one number; 0 where it finds nothing."""
        rows = self.rows(query, *values)
        return int(rows[0][0] or 0) if rows else 0

    def new_id(self) -> int:
        """Return the next number; pages, files, comments and properties share one sequence, as in Confluence."""
        self.run("INSERT INTO identifier DEFAULT VALUES")
        return _FIRST_ID + self.number("SELECT max(id) FROM identifier")


def bind_flavour(tables: Tables, flavour: Flavour) -> None:
    """Notes which flavour the file is for; UserError when it was made for the other one."""
    tables.run("INSERT OR IGNORE INTO meta VALUES('flavour', ?)", flavour.value)
    kept = str(tables.rows("SELECT value FROM meta WHERE key = 'flavour'")[0][0])
    if kept != flavour.value:
        message = f"this file holds a stand-in of the flavour {kept}, not {flavour.value}: name another file"
        raise UserError(message)


def _opened(file: str) -> sqlite3.Connection:
    try:
        database = sqlite3.connect(file, check_same_thread=False)
        database.execute("PRAGMA synchronous = OFF")
        if not database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            database.executescript(_SCHEMA)
            database.execute("INSERT INTO meta VALUES('layout', ?)", (_LAYOUT,))
            database.commit()
        layout = database.execute("SELECT value FROM meta WHERE key = 'layout'").fetchone()
    except sqlite3.Error as error:
        message = f"{file} is no stand-in's file ({error}): name another one, or delete it"
        raise UserError(message) from None
    if layout != (_LAYOUT,):
        message = f"{file} was made by another version of the stand-in: name another one, or delete it"
        raise UserError(message)
    return database
