"""The files of the cards folder: found without following links out of it, read within a limit."""

import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.findings import Finding, Position, Rule
from generator.load import rules

SIZE_LIMIT = 1_000_000
ENDINGS = (".yml", ".yaml", ".md")


@dataclass(frozen=True, slots=True)
class Folder:
    """The cards folder as it is on disk, and what its files are called in findings."""

    root: Path
    """The folder itself."""
    project: Path
    """The folder that file names in findings are relative to."""

    def name(self, path: Path) -> str:
        """A file's name in findings: relative to the project, with forward slashes."""
        return path.relative_to(self.project).as_posix()

    def holds(self, path: Path) -> bool:
        """Whether a path, all links followed, lies in the folder."""
        return path.resolve().is_relative_to(self.root.resolve())


def card_files(folder: Folder) -> Iterator[Path]:
    """Every file that may hold cards, sorted; hidden files and folders are left alone, linked folders too."""
    for path in sorted(folder.root.iterdir() if folder.root.is_dir() else ()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from card_files(Folder(path, folder.project))
        elif path.suffix in ENDINGS or (path.is_symlink() and path.is_dir()):
            yield path


def read_text(path: Path, folder: Folder) -> tuple[str, Finding | None]:
    """A file's text, decoded, without its byte order mark; or the finding that says why not."""
    place = Position(folder.name(path))

    def refused(rule: Rule, message: str, hint: str = "") -> tuple[str, Finding]:
        return "", rule.at(place, message, hint)

    try:
        if not folder.holds(path):
            return refused(rules.OUTSIDE, "the link leads out of the cards folder", "copy the file into it")
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return refused(rules.UNREADABLE, "it is not a regular file", "remove it from the cards folder")
        if status.st_size > SIZE_LIMIT:
            return refused(rules.TOO_LARGE, f"{status.st_size / 1e6:.1f} MB; a card is at most 1 MB", "link the data")
        data = path.read_bytes()
    except OSError as error:
        return refused(rules.UNREADABLE, f"cannot be read: {error.strerror}", "correct its permissions or the link")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n"), None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        where = Position(place.file, line, column)
        return "", rules.NOT_TEXT.at(where, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8")
