"""The files of the cards folder: found without following links out of it, read within a limit, split from prose."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from generator.findings import Finding, Position
from generator.load import rules
from generator.load.collected import COLLECTED_FOLDER
from generator.values import FrozenValue

SIZE_LIMIT = 1_000_000
ENDINGS = (".yml", ".yaml", ".md")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_FENCES = frozenset({"---", "..."})


class Folder(FrozenValue):
    """The cards folder on disk."""

    root: Path
    project: Path
    """The folder that file names in findings are relative to."""
    linked: tuple[Path, ...] = ()
    """Other folders into which symbolic links of the cards folder may lead."""

    def name(self, path: Path) -> str:
        """Return the name of a file in findings: relative, with forward slashes, and always printable as UTF-8."""
        name = path.relative_to(self.project).as_posix()
        return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

    def contains(self, path: Path) -> bool:
        """Return whether a path is in the folder after all links are followed, or is a link into a linked folder."""
        real = Path(os.path.realpath(path))
        return real.is_relative_to(os.path.realpath(self.root)) or (
            path.is_relative_to(self.root) and self.is_linked(real)
        )

    def can_have_cards(self, path: Path) -> bool:
        """Return whether a file is one of `list_card_files` and of the book itself, if it is there."""
        parts = path.relative_to(self.root).parts
        is_own = parts[0] != COLLECTED_FOLDER and not any(part.startswith(".") for part in parts)
        return is_own and path.suffix in ENDINGS

    def is_linked(self, real: Path) -> bool:
        """Return whether a path without links is in one of the linked folders."""
        return any(real.is_relative_to(os.path.realpath(folder)) for folder in self.linked)


def list_card_files(folder: Folder) -> Iterator[Path]:
    """Yield every file that may have cards, sorted, without hidden files and folders.

    A link to a folder is followed if it leads into a linked folder, each folder once. Any other one, and a folder that
    cannot be listed, is yielded itself, so that reading it reports the reason.
    """
    pending = [folder.root] if folder.root.is_dir() else []
    followed: set[Path] = set()
    while pending:
        path = pending.pop()
        is_folder = path.is_dir()
        is_open = is_folder and not path.is_symlink()
        if is_folder and path.is_symlink() and folder.linked:
            real = Path(os.path.realpath(path))
            is_open = folder.is_linked(real) and not any(real.is_relative_to(one) for one in followed)
            followed |= {real} if is_open else set()
        if path == folder.root or (is_open and os.access(path, os.R_OK | os.X_OK)):
            children = (child for child in path.iterdir() if not child.name.startswith("."))
            pending += sorted(children, reverse=True)
        elif path.suffix in ENDINGS or is_folder:
            yield path


def list_visible_files(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder, sorted, without hidden files and folders; it follows no link to a folder."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))


def read_text(path: Path, folder: Folder) -> tuple[str, Finding | None]:
    """Return the text of a file without its byte order mark, or the finding that explains why it cannot be read.

    If it is not text, the part that can be decoded is returned with the finding.
    """
    place = Position(folder.name(path))
    try:
        refusal = _check_readable(path, folder, place)
        data = b"" if refusal else path.read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror}"
        refusal = rules.UNREADABLE.at(place, message, "correct its permissions or the link")
    if refusal:
        return "", refusal
    if data.startswith(_UTF16):
        return data.decode("utf-16", "replace"), rules.NOT_TEXT.at(place, "the file is UTF-16", "save it as UTF-8")
    try:
        return _unify_line_breaks(data.decode("utf-8-sig")), None
    except UnicodeDecodeError as error:
        before = _unify_line_breaks(bytes(error.object[: error.start]).decode())
        where = Position(place.file, before.count("\n") + 1, len(before) - before.rfind("\n"))
        message = f"byte 0x{error.object[error.start]:02x} is not UTF-8"
        return data.decode("utf-8", "replace"), rules.NOT_TEXT.at(where, message, "save the file as UTF-8")


def _check_readable(path: Path, folder: Folder, place: Position) -> Finding | None:
    if any("\ud800" <= character <= "\udfff" for character in path.name):
        return rules.UNREADABLE.at(place, "the name of the file is not UTF-8", "rename it")
    if not folder.contains(path):
        hint = "name its folder in `linked_folders`, or collect the cards of its repository: modelbook collect"
        return rules.OUTSIDE.at(place, "the link points out of the cards folder", hint)
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        if path.is_symlink():
            hint = "link its files, or link to a folder that `linked_folders` names, once"
            return rules.UNREADABLE.at(place, "a linked folder is not followed", hint)
        hint = "correct its permissions, or move its files into the cards folder"
        return rules.UNREADABLE.at(place, "the folder cannot be listed", hint)
    if not stat.S_ISREG(status.st_mode):
        return rules.UNREADABLE.at(place, "not a regular file", "remove it from the cards folder")
    if status.st_size > SIZE_LIMIT:
        message = f"the file has {status.st_size / 1e6:.1f} MB: expected at most 1 MB"
        return rules.TOO_LARGE.at(place, message, "keep the data elsewhere and link to it")
    return None


def _unify_line_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class FrontMatter(FrozenValue):
    """The YAML at the start of a Markdown file, and the prose behind it."""

    start: int
    """The offset of the YAML in the file."""
    yaml: str
    """All lines between the fences, unchanged; empty if no fence closes it."""
    body: str
    is_closed: bool


def parse_front_matter(text: str) -> FrontMatter | None:
    """Return the front matter between `---` on the first line and the next `---` or `...`; None without the first.

    The text may have a byte order mark, line breaks of any system, and spaces behind a fence.
    """
    lines = text.split("\n")
    if lines[0].removeprefix("\ufeff").rstrip() != "---":
        return None
    start = min(len(lines[0]) + 1, len(text))
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() in _FENCES), None)
    if end is None:
        return FrontMatter(start, "", "", is_closed=False)
    yaml = "".join(f"{line}\n" for line in lines[1:end])
    return FrontMatter(start, yaml, "\n".join(lines[end + 1 :]), is_closed=True)


def extract_yaml(text: str, file: str) -> tuple[int, str]:
    """Return the YAML of a card file, which is the front matter of a Markdown file, and its offset in the file."""
    if not file.endswith(".md"):
        mark = 1 if text.startswith("\ufeff") else 0
        return mark, text[mark:]
    matter = parse_front_matter(text)
    return (matter.start, matter.yaml) if matter is not None else (len(text), "")
