"""What a build keeps of its site, so that a later one makes only what a change of cards touches.

It is written by a build of the whole book only. An update starts from the cards that have changed since then.
"""

import contextlib
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, Self

from generator.cache_files import read_cache_file, write_cache_file
from generator.incremental.project_update import can_be_updated
from generator.incremental.state import BookState, write_state
from generator.names import Ref
from generator.outputs import Outputs
from generator.page_shells import PageShells
from generator.pages.site_page import SitePage
from generator.project import Project

CARDS, BOOK, SITE, UPDATES = KEPT_FILES = ("cards", "book", "site", "updates")
"""The files from which a site can be updated: the states of the files of cards, the book and the site at the last build
of the whole book, and what was updated since.
"""

CARDS, BOOK, SITE, UPDATES = KEPT_FILES = ("cards", "book", "site", "updates")
"""The files from which a site can be updated: the states of the files of cards, the book and the site at the last build
of the whole book, and what was updated since.
"""

VERSION = ""
"""The version of the state of a book. Its digest is in the stamp of a build, which depends on the software."""


class BuiltPage(NamedTuple):
    """A page of the book as it was built."""

    path: str
    title: str
    parent: str | None
    """The key of the parent page."""
    reads: bytes
    """What it has read of the book, packed."""

    @classmethod
    def from_page(cls, page: SitePage) -> Self:
        """Omit the texts of a page."""
        return cls(page.path, page.title, page.parent, page.reads)


@dataclass(frozen=True, slots=True)
class SiteState:
    """A built site without its texts."""

    extensions: tuple[Any, ...]
    """The extensions of Python-Markdown, with their options."""
    extension_options: Mapping[str, Any]
    shells: PageShells
    pages: Mapping[str, BuiltPage]
    """The pages of the book by their keys, in the order of the site."""
    derived: Mapping[int, bytes]
    """The reads of the values that several pages have read, by the hash of the read of each."""
    urls: Mapping[str, str]
    """The addresses of the author's files, relative to the site."""
    own_html_files: frozenset[str]
    """The HTML files of the author's pages."""
    navigation: frozenset[str]
    """The Markdown files in the navigation of the site."""


@dataclass(frozen=True, slots=True)
class SiteUpdates:
    """What was updated in a site since the build of the whole book."""

    outputs: Outputs
    """The files about all pages as they are in the site."""
    pages: frozenset[str] = frozenset()
    """The keys of the pages that differ from those of the build, or have differed."""
    nodes: frozenset[Ref] = frozenset()
    """The same for cards."""


def keep_site(folder: Path, project: Project, state: SiteState, updates: SiteUpdates) -> None:
    """Write the files from which a site can be updated, if updates of the book are possible."""
    if not can_be_updated(project):
        return
    write_state(folder / BOOK, BookState(project), VERSION)
    _write(folder / SITE, state)
    _write(folder / UPDATES, updates)


def write_site_updates(path: Path, updates: SiteUpdates) -> None:
    """Write updates, for their owner only."""
    _write(path, updates)


def read_site_state(path: Path) -> SiteState | None:
    """Read a state from our own cache; None if the file is missing or damaged."""
    state = _read(path)
    return state if isinstance(state, SiteState) else None


def read_site_updates(path: Path) -> SiteUpdates | None:
    """Read updates from our own cache; None if the file is missing or damaged."""
    updates = _read(path)
    return updates if isinstance(updates, SiteUpdates) else None


def _write(path: Path, value: object) -> None:
    with contextlib.suppress(pickle.PicklingError, TypeError, AttributeError, RecursionError):
        write_cache_file(path, pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))


def _read(path: Path) -> object:
    content = read_cache_file(path)
    # Only this user can write there, and the caller has compared the digest of the file with that in the stamp.
    return pickle.loads(content) if content is not None else None  # noqa: S301
