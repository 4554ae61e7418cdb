"""The files of the cards folder: found without following links out of it, read within a limit."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from generator.findings import Finding, Position
from generator.load import rules

SIZE_LIMIT = 1_000_000
ENDINGS = (".yml", ".yaml", ".md")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Folder:
    """The cards folder as it is on disk, and what its files are called in findings."""

    root: Path
    """The folder itself."""
    project: Path
    """The folder that file names in findings are relative to."""

    def name(self, path: Path) -> str:
        """A file's name in findings: relative to the project, with forward slashes, always printable as UTF-8."""
        name = path.relative_to(self.project).as_posix()
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    def holds(self, path: Path) -> bool:
        """Whether a path, all links followed, lies in the folder."""
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(self.root))


def card_files(folder: Folder) -> Iterator[Path]:
    """Every file that may hold cards, sorted; hidden files and folders are left alone.

    A folder that is a link or that cannot be listed stands for itself, so that reading it says why.
    """
    pending = _children(folder.root) if folder.root.is_dir() else []
    while pending:
        path = pending.pop()
        if path.is_dir() and not path.is_symlink() and os.access(path, os.R_OK | os.X_OK):
            pending += _children(path)
        elif path.suffix in ENDINGS or path.is_dir():
            yield path


def _children(path: Path) -> list[Path]:
    """What stands in a folder, the last first."""
    return sorted((child for child in path.iterdir() if not child.name.startswith(".")), reverse=True)


def read_text(path: Path, folder: Folder) -> tuple[str, Finding | None]:
    """A file's text, decoded, without its byte order mark; or the finding that says why not.

    With a finding that it is not text comes as much of the text as can be made out.
    """
    place = Position(folder.name(path))
    try:
        refusal = _refusal(path, folder, place)
        data = b"" if refusal else path.read_bytes()
    except OSError as error:
        refusal = rules.UNREADABLE.at(
            place, f"it cannot be read: {error.strerror}", "correct its permissions or the link"
        )
    return ("", refusal) if refusal else _decoded(data, place)


def _refusal(path: Path, folder: Folder, place: Position) -> Finding | None:
    if any("\ud800" <= character <= "\udfff" for character in path.name):
        return rules.UNREADABLE.at(place, "the file's name is not UTF-8", "rename it")
    if not folder.holds(path):
        return rules.OUTSIDE.at(place, "the link leads out of the cards folder", "copy the file into it")
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        what = "a linked folder is not followed" if path.is_symlink() else "the folder cannot be listed"
        return rules.UNREADABLE.at(place, what, "correct its permissions, or move its files into the cards folder")
    if not stat.S_ISREG(status.st_mode):
        return rules.UNREADABLE.at(place, "it is not a regular file", "remove it from the cards folder")
    if status.st_size > SIZE_LIMIT:
        message = f"the file has {status.st_size / 1e6:.1f} MB; a card has at most 1 MB"
        return rules.TOO_LARGE.at(place, message, "keep the data elsewhere and link it")
    return None


def _decoded(data: bytes, place: Position) -> tuple[str, Finding | None]:
    """The text with one and the same line ending, whichever system wrote it."""
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace"), rules.NOT_TEXT.at(place, "the file is UTF-16", "save it as UTF-8")
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n"), None
    except UnicodeDecodeError as error:
        before = bytes(error.object[: error.start]).decode().replace("\r\n", "\n").replace("\r", "\n")
        where = Position(place.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        return data.decode("utf-8", "replace"), rules.NOT_TEXT.at(where, message, "save the file as UTF-8")
