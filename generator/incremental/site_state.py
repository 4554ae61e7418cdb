"""What a build keeps of its site, so that a later one makes only what a change of cards touches.

The book and its site are written by a build of the whole book only. An update adds what it has changed in them, so that
the next one starts from there.
"""

import contextlib
import pickle
from array import array
from collections.abc import Collection, Mapping
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Self

from msgspec import field
from msgspec.structs import replace

from generator.cache_files import is_private, read_cache_file, write_cache_file
from generator.history.events import HistoryUpdate
from generator.incremental.kept_files import BOOK, SITE, UPDATES
from generator.incremental.project_update import can_be_updated
from generator.incremental.readers import Readers, build_buckets, index_readers
from generator.incremental.slices import SliceIndex, SliceWriter, read_slices, write_slices
from generator.incremental.state import write_project
from generator.load.cards import Cards
from generator.names import Ref
from generator.outputs import Outputs, PagePieces
from generator.page_shells import PageShells
from generator.pages.contexts.page_parts import PagePart
from generator.pages.site_page import SitePage
from generator.project import Project
from generator.reads import PackedValues, join_values
from generator.values import FrozenValue

_UNUSUAL = (pickle.PicklingError, TypeError, AttributeError, RecursionError)
"""The errors for a value that cannot be kept, such as an option of an extension that is a function."""


class BuiltPage(NamedTuple):
    """A page of the book as it was built."""

    path: str
    title: str
    parent: str | None
    """The key of the parent page."""
    part: PagePart[Ref] | None
    """The rows that it was made from too: see `SitePage`."""

    @classmethod
    def from_page(cls, page: SitePage) -> Self:
        """Omit the texts of a page."""
        return cls(page.path, page.title, page.parent, page.part)


class SiteState(FrozenValue):
    """A built site without its texts."""

    extensions: tuple[Any, ...]
    """The extensions of Python-Markdown, with their options."""
    extension_options: Mapping[str, Any]
    shells: PageShells
    pages: Mapping[str, BuiltPage]
    """The pages of the book by their keys, in the order of the site."""
    readers: Readers[str]
    """These pages by what they have read of the book."""
    derived: Readers[int]
    """The values that several pages have read, by what they are computed from."""
    kept: Mapping[int, object]
    """Those of these values that an update can use."""
    urls: Mapping[str, str]
    """The addresses of the author's files, relative to the site."""
    own_html_files: frozenset[str]
    """The HTML files of the author's pages."""
    navigation: frozenset[str]
    """The Markdown files in the navigation of the site."""
    pieces: Mapping[str, PagePieces]
    """What the files about all pages have of each page, in the order of the site."""


class SiteUpdates(FrozenValue):
    """What was updated in a site since the build of the whole book."""

    outputs: Outputs
    """The files about all pages as they are in the site, of the pages only those that were made again."""
    cards: Cards | None = None
    """The cards of the files that have changed since the build, as they were at the last update; None without one."""
    pages: Mapping[str, BuiltPage] = field(default_factory=dict)
    """The pages that were made again."""
    reads: Mapping[str, bytes] = field(default_factory=dict)
    """What they have read of the book, packed."""
    keys: tuple[str, ...] = ()
    """The keys of all pages in the order of the site; empty if it is that of the build."""
    derived: PackedValues = field(default_factory=join_values)
    """The values that were computed again."""
    history: HistoryUpdate | None = None
    """The history of the cards at the last update; None if it is that of the build."""
    stale: frozenset[int] = frozenset()
    """The hashes of the derived values that can differ now, with other reads: both are not known."""

    @classmethod
    def start(cls, outputs: Outputs) -> Self:
        """Return no updates of a site that was built with some files about all pages."""
        return cls(replace(outputs, pages={}))


def index_pages(
    pages: Collection[SitePage], derived: PackedValues
) -> tuple[Mapping[str, BuiltPage], Readers[str], Readers[int], Mapping[int, object]]:
    """Return the pages as a state has them, their readers, and the derived values by readers and for updates."""
    return (
        {page.key: BuiltPage.from_page(page) for page in pages},
        index_readers({page.key: page.reads for page in pages}),
        index_readers(derived.reads),
        derived.kept,
    )


def keep_book(folder: Path, project: Project) -> None:
    """Write the book from which a site can be updated, if updates of it are possible."""
    if can_be_updated(project):
        write_project(folder / BOOK, project)


def keep_site(folder: Path, state: SiteState, updates: SiteUpdates) -> None:
    """Write what an update needs of a site, if its book is kept."""
    if (folder / BOOK).exists():
        with contextlib.suppress(*_UNUSUAL):
            write_slices(folder / SITE, partial(_store_site, state))
            write_site_updates(folder / UPDATES, updates)


class _StoredSite(NamedTuple):
    state: SiteState
    """The state with readers that are not found."""
    readers: SliceIndex
    derived: SliceIndex


def _store_site(state: SiteState, writer: SliceWriter) -> _StoredSite:
    readers, derived = Readers({}, state.readers.names), Readers({}, array("Q", state.derived.names))
    return _StoredSite(
        replace(state, readers=readers, derived=derived),
        writer.add(iter(state.readers.buckets.values())),
        writer.add(iter(state.derived.buckets.values())),
    )


def add_updates(state: SiteState, updates: SiteUpdates) -> SiteState:
    """Return the state of a site after updates."""
    pages, pieces = {**state.pages, **updates.pages}, {**state.pieces, **updates.outputs.pages}
    keys = updates.keys or pages
    return replace(
        state,
        pages={key: pages[key] for key in keys},
        pieces={key: pieces[key] for key in keys},
        readers=state.readers.update(updates.reads),
        derived=state.derived.update(updates.derived.reads),
        kept={**state.kept, **updates.derived.kept},
    )


def write_site_updates(path: Path, updates: SiteUpdates) -> None:
    """Write updates, for their owner only."""
    _write(path, updates)


def read_site_state(path: Path) -> SiteState | None:
    """Read a state; None if the file is missing, damaged or not private.

    Finding readers raises DamagedStateError if they are damaged.
    """
    stored, body = read_slices(path) or (None, memoryview(b""))
    if not isinstance(stored, _StoredSite):
        return None
    state = stored.state
    return replace(
        state,
        readers=Readers(build_buckets(partial(stored.readers.read, body)), state.readers.names),
        derived=Readers(build_buckets(partial(stored.derived.read, body)), state.derived.names),
    )


def read_site_updates(path: Path) -> SiteUpdates | None:
    """Read updates; None if the file is missing, damaged or not private."""
    updates = _read(path)
    return updates if isinstance(updates, SiteUpdates) else None


def _write(path: Path, value: object) -> None:
    with contextlib.suppress(*_UNUSUAL):
        write_cache_file(path, pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL))


def _read(path: Path) -> object:
    content = read_cache_file(path) if is_private(path) else None
    return pickle.loads(content) if content is not None else None  # noqa: S301 - a file of this user
