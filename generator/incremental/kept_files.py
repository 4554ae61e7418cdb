"""The files that a build keeps in the cache, so that a later one makes only what a change of cards touches.

They are next to the stamp of the build, which has their digests. Only modules that start fast are imported here.
"""

import shutil
from pathlib import Path

from generator.cache_files import delete_cache_file, read_cache_digest

CARDS, BOOK, SITE, UPDATES = NAMES = ("cards", "book", "site", "updates")
"""The states of the files of cards, the book and the site at the last build of the whole book, and what was updated
since.
"""


def find_kept_file(stamp: Path, name: str) -> Path:
    """Return the path of a kept file next to a stamp."""
    return stamp.with_suffix(f".{name}")


def read_digests(stamp: Path) -> tuple[str, ...]:
    """Read the digests of the kept files next to a stamp; that of a missing one is empty."""
    return tuple(read_cache_digest(find_kept_file(stamp, name)) for name in NAMES)


def take_kept_files(stamp: Path, folder: Path) -> tuple[str, ...]:
    """Move the files that a build has written to a folder next to its stamp, and return their digests.

    Return nothing, and leave none there, if the build has not written all or if they do not fit on the disk.
    """
    digests = tuple(read_cache_digest(folder / name) for name in NAMES)
    if not all(digests):
        return ()
    try:
        stamp.parent.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            shutil.move(folder / name, find_kept_file(stamp, name))
    except OSError:
        delete_kept_files(stamp)
        return ()
    return digests


def delete_kept_files(stamp: Path) -> None:
    """Delete the kept files next to a stamp."""
    for name in NAMES:
        delete_cache_file(find_kept_file(stamp, name))
