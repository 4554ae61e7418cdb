"""What the stand-in was asked, for counting."""

import threading
from dataclasses import dataclass
from fnmatch import fnmatchcase

from generator.confluence.standin.faults import Mishap


@dataclass(frozen=True, slots=True)
class Logged:
    """One request."""

    method: str
    path: str
    status: int | None
    """None when no whole answer went out."""
    mishap: Mishap | None = None


class Log:
    """The requests in the order in which they were answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[Logged] = []

    def note(self, entry: Logged) -> None:
        """Adds a request."""
        with self._lock:
            self._entries.append(entry)

    def clear(self) -> None:
        """Forgets everything so far."""
        with self._lock:
            self._entries.clear()

    @property
    def entries(self) -> tuple[Logged, ...]:
        """All requests so far."""
        with self._lock:
            return tuple(self._entries)

    def count(self, method: str = "*", path: str = "*") -> int:
        """Return how many requests fit; `*` stands for anything."""
        return sum(fnmatchcase(one.method, method) and fnmatchcase(one.path, path) for one in self.entries)
