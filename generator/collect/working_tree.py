"""The files of a checkout on this disk, read by the rules for those of a commit."""

import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from generator.evidence.records import SkipReason
from generator.evidence.repository_reader import LARGEST_FILE, TreeFile
from generator.load.collected import hash_blob
from generator.load.files import ENDINGS
from generator.values import FrozenValue

_REGULAR, _LINK = b"100644", b"120000"
"""https://git-scm.com/docs/git-ls-tree"""
_READ = (*ENDINGS, ".json")


class WorkingTree(FrozenValue):
    """A checkout, with changes that are not committed and files that git does not know."""

    root: Path
    """Its folder, without links."""

    def list_files(self, _commit: str, paths: Sequence[str] = ()) -> Iterator[TreeFile]:
        """List the files below some paths, with links and submodules, sorted by path; without hidden folders."""
        for path in sorted(paths) or [""]:
            place = self.root / path
            if place.parent.resolve() != place.parent or not place.is_relative_to(self.root):
                continue  # below a link, as in a commit, or outside
            if place.is_dir() and not place.is_symlink():
                for parent, folders, names in os.walk(place):
                    links = [name for name in folders if Path(parent, name).is_symlink()]
                    others = (name for name in folders if not name.startswith("."))
                    folders[:] = sorted(name for name in others if not Path(parent, name, ".git").exists())
                    yield from self._describe(Path(parent, name) for name in sorted([*names, *links]))
            elif os.path.lexists(place):
                yield from self._describe([place])

    def _describe(self, places: Iterator[Path] | Sequence[Path]) -> Iterator[TreeFile]:
        for place in places:
            mode = place.lstat().st_mode
            if stat.S_ISREG(mode) or stat.S_ISLNK(mode):
                name = os.fsencode(place.relative_to(self.root).as_posix())
                is_read = stat.S_ISREG(mode) and place.name.endswith(_READ) and place.stat().st_size <= LARGEST_FILE
                blob = hash_blob(place.read_bytes()) if is_read and os.access(place, os.R_OK) else ""
                yield TreeFile(name, _LINK if stat.S_ISLNK(mode) else _REGULAR, blob)

    def read_files(
        self, files: Sequence[TreeFile], largest: int | None = None
    ) -> Iterator[tuple[TreeFile, bytes | SkipReason]]:
        """Read regular files: the content of each, or the reason for not reading it."""
        for file in files:
            place = self.root / os.fsdecode(file.path)
            try:
                is_large = place.stat().st_size > (LARGEST_FILE if largest is None else largest)
                yield file, SkipReason.TOO_LARGE if is_large else place.read_bytes()
            except OSError:
                yield file, SkipReason.MISSING
