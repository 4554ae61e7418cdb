"""A book that is read again when its files, its history or the day change."""

import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from generator.git import GitError
from generator.history.git import read_head
from generator.names import Ref
from generator.pages.paths import get_card_path
from generator.pages.search import SearchEntry, list_card_entries
from generator.pages.search_query import SearchEngine
from generator.project import Project, open_project

_SKIPPED = frozenset({".git", ".venv", "__pycache__", "node_modules"})


@dataclass(frozen=True)
class OpenedBook:
    """A project with the index of its search."""

    project: Project

    @cached_property
    def _engine(self) -> SearchEngine:
        return SearchEngine(list_card_entries(self.project.book))

    def search(self, query: str) -> list[tuple[Ref, SearchEntry]]:
        """Search for cards, the best first."""
        refs = {get_card_path(ref): ref for ref in self.project.graph.refs}
        return [(refs[hit.entry.location], hit.entry) for hit in self._engine.search(query)]


class LiveBook:
    """The book in a folder, as it is at each call; calls from several threads wait for each other."""

    def __init__(self, root: Path, today: date | None = None) -> None:
        self._root = root.resolve()
        self._today = today
        self._lock = threading.Lock()
        self._stamp: tuple[object, ...] = ()
        self._opened: OpenedBook | None = None

    def read(self) -> OpenedBook:
        """Return the book. It is read again only if one of its files, the commit or the day has changed.

        Raises:
            UserError: There is no book.

        """
        with self._lock:
            stamp = self._compute_stamp()  # before reading: a later change makes the next call read again
            if self._opened is None or stamp != self._stamp:
                self._opened = None
                self._opened = OpenedBook(open_project(self._root, self._today))
                self._stamp = stamp
            return self._opened

    def _compute_stamp(self) -> tuple[object, ...]:
        """Return a value that changes with the book: the states of its files, the commit, and the day."""
        try:
            commit = read_head(self._root)
        except GitError:
            commit = ""
        linked = self._opened.project.configuration.settings.linked_folders if self._opened is not None else ()
        folders = (self._root, *(self._root / name for name in linked))
        states = sorted(state for folder in folders for state in _list_states(folder))
        return tuple(states), commit, date.today()  # noqa: DTZ011 - the day of this machine


def _list_states(root: Path) -> Iterator[tuple[str, int, int]]:
    """List the files that can be cards, contracts, evidence, or the configuration, with their times and sizes."""
    for folder, folders, names in os.walk(root):
        site = {"site"} if folder == str(root) else set()
        folders[:] = [name for name in folders if name not in _SKIPPED | site]
        for name in names:
            if name.endswith((".yml", ".yaml", ".json", ".jsonl", ".md", ".lock")):
                path = os.path.join(folder, name)  # noqa: PTH118 - a Path for each of 10,000 files takes longer
                try:
                    state = os.stat(path)  # noqa: PTH116 - as above
                except OSError:
                    continue
                yield path, state.st_mtime_ns, state.st_size
