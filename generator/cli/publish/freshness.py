"""Whether the built site shows the cards as they are now."""

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from generator.load.configuration import FILE
from generator.settings import Settings


def changed_after(listing: Path, root: Path, settings: Settings) -> Path | None:
    """The card, template or configuration that was changed last, where that was after the site was built.

    By the clock of the files alone: a checkout makes all of them new, and there the site is built afterwards.
    """
    built = listing.stat().st_mtime_ns
    times = ((time, path) for path in _sources(root, settings) if (time := _changed(path)) > built)
    return max(times, default=(0, None))[1]


def _sources(root: Path, settings: Settings) -> Iterator[Path]:
    yield root / FILE
    for folder in (settings.cards, settings.templates):
        yield from _files_below(root / folder)


def _files_below(folder: Path) -> Iterable[Path]:
    """The files in a folder, those left out that no card is: hidden ones, such as an editor's."""
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(place, name) for name in names if not name.startswith("."))


def _changed(path: Path) -> int:
    """When a file was changed; 0 for what is no file, or is gone."""
    try:
        status = path.stat()
    except OSError:
        return 0
    return status.st_mtime_ns if stat.S_ISREG(status.st_mode) else 0
