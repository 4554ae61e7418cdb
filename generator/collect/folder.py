"""The folder of collected cards: its state, and its change in one step that a killed run does not damage.

The folder `.modelbook/` in it is ours; git ignores it:

    lock        locked while a run changes the folder
    new/        the complete folders of the repositories that change
    next.lock   the new lock file; with it, the change is decided, and the next run completes it
    old/        the former folders, until they are deleted
    written     what the last run wrote, so that files of another branch's lock file are not taken for edits
"""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import msgspec

from generator.collect.file_names import find_name_problem, is_hidden
from generator.errors import UserError
from generator.load.collected import LOCK_FILE, CollectLock, is_blob, parse_lock, render_lock
from generator.load.files import SIZE_LIMIT
from generator.processes import acquire_lock
from generator.values import FrozenValue


class CollectedFolder(FrozenValue):
    """The folder of collected cards of a book."""

    root: Path
    """The folder of mkdocs.yml."""
    path: Path

    @property
    def _own(self) -> Path:
        return self.path / ".modelbook"

    @property
    def lock_file(self) -> Path:
        """The lock file."""
        return self.root / LOCK_FILE

    def read_locks(self) -> tuple[CollectLock, ...]:
        """Read the lock file: an empty lock if there is none or it is no JSON, both sides of a merge conflict.

        Raises:
            UserError: It has another format, or names a path outside of its folder.

        """
        try:
            return (_read_lock(self.lock_file) or CollectLock(),)
        except UserError:
            content = self.lock_file.read_bytes()
            with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                msgspec.json.decode(content)
                raise  # it is JSON, so it is no merge conflict
        found: list[CollectLock] = []
        for side in _split_conflict(content):
            with suppress(UserError):
                found.append(parse_lock(side))
        return tuple(found) or (CollectLock(),)

    def read_lock(self) -> CollectLock:
        """Read the lock file; an empty lock if there is none.

        Raises:
            UserError: It is damaged.

        """
        return _read_lock(self.lock_file) or CollectLock()

    def read_written(self) -> tuple[CollectLock, ...]:
        """Read the list of files that the last run wrote, or has decided to write."""
        found: list[CollectLock] = []
        for name in ("written", "next.lock"):
            with suppress(UserError):  # without it, more files count as edited
                found += filter(None, [_read_lock(self._own / name)])
        return tuple(found)

    def list_files(self) -> Iterator[str]:
        """List the paths of all files that are not hidden, relative to the folder.

        Raises:
            UserError: The folder is a link.

        """
        self._refuse_link(self.path)
        pending = [self.path] if self.path.is_dir() else []
        while pending:
            with os.scandir(pending.pop()) as entries:
                for entry in entries:
                    if entry.name.startswith("."):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))
                    else:
                        yield Path(entry.path).relative_to(self.path).as_posix()

    def has_blob(self, path: str, blob: str) -> bool:
        """Return whether a file is there, unchanged."""
        try:
            file = self.path / path
            found = file.lstat()  # to read a pipe has no end
            is_small = stat.S_ISREG(found.st_mode) and found.st_size <= SIZE_LIMIT
            return is_small and is_blob(file.read_bytes(), blob)
        except OSError:
            return False

    @contextmanager
    def open_for_changes(self) -> Iterator[None]:
        """Lock the folder for this run, and complete the change of a run that was killed.

        Raises:
            UserError: Another run has locked it.

        """
        own = self._own
        self._refuse_link(self.path)
        self._refuse_link(own)
        own.mkdir(parents=True, exist_ok=True)
        for path in own.iterdir():
            self._refuse_link(path)
        if not (own / ".gitignore").exists():
            (own / ".gitignore").write_text("*\n", "ascii")
        lock = acquire_lock(own / "lock")
        if lock is None:
            place = self.path.relative_to(self.root).as_posix()
            raise UserError(f"another `modelbook collect` changes {place}/: wait until it finishes")
        try:
            self._complete()
            yield
        finally:
            lock.close()

    def replace(self, lock: CollectLock, contents: Mapping[str, Mapping[str, bytes]], removed: Iterable[str]) -> None:
        """Replace the folders of some repositories, remove others, and write the lock file, in one step."""
        new = self._own / "new"
        for name, files in contents.items():
            for path, content in files.items():
                target = new / _encode(name) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
            (new / _encode(name)).mkdir(parents=True, exist_ok=True)
        for name in removed:
            (new / f"{_encode(name)}{_REMOVED}").mkdir(parents=True, exist_ok=True)
        _write(self._own / "next.lock", render_lock(lock))
        self._complete()

    def write_seen(self, lock: CollectLock) -> None:
        """Write what this run has seen: the lock with the last commit of each repository."""
        content = render_lock(lock)
        if not (self._own / "written").is_file() or (self._own / "written").read_bytes() != content:
            _write(self._own / "written", content)

    def _complete(self) -> None:
        """Complete a decided change, or drop one that is not decided."""
        new, old, decided = self._own / "new", self._own / "old", self._own / "next.lock"
        if decided.is_file():
            for staged in sorted(new.iterdir()) if new.is_dir() else ():
                name = unquote(staged.name.removesuffix(_REMOVED))
                target, former = self.path / name, old / staged.name
                is_name = not find_name_problem(name) and not is_hidden(name)
                if staged.is_symlink() or not is_name or not target.resolve().is_relative_to(self.path.resolve()):
                    continue  # not written by a run of ours: a commit of the book can have files here
                if target.exists():
                    shutil.rmtree(former, ignore_errors=True)
                    former.parent.mkdir(parents=True, exist_ok=True)
                    target.replace(former)
                _keep_hidden(former, staged)
                if any(staged.iterdir()):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    staged.replace(target)
                else:
                    staged.rmdir()
                    emptied = target.parent
                    with suppress(OSError):
                        while emptied != self.path:
                            emptied.rmdir()
                            emptied = emptied.parent
            _write(self.lock_file, decided.read_bytes())
            decided.unlink()
        for folder in (new, old):
            shutil.rmtree(folder, ignore_errors=True)

    def _refuse_link(self, path: Path) -> None:
        if path.is_symlink():
            raise UserError(f"{path.relative_to(self.root).as_posix()} is a link: expected a folder")


_REMOVED = ".removed"
"""The end of the name of a staged folder that means a removal; no encoded name of a repository has it."""


def _encode(name: str) -> str:
    """Return the name of a repository as the name of one folder."""
    return name.replace("%", "%25").replace(".", "%2E").replace("/", "%2F")


def _read_lock(file: Path) -> CollectLock | None:
    try:
        content = file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UserError(f"{file.name} cannot be read: {error.strerror}") from None
    return parse_lock(content, file.name)


def _split_conflict(content: bytes) -> tuple[bytes, bytes]:
    """Return both sides of a file with merge conflicts: https://git-scm.com/docs/git-merge#_how_conflicts_are_presented."""
    sides: tuple[list[bytes], list[bytes]] = ([], [])
    chosen = sides
    for line in content.splitlines(keepends=True):
        match line[:7]:
            case b"<<<<<<<":
                chosen = (sides[0],) * 2
            case b"|||||||":  # the common ancestor
                chosen = ([], [])
            case b"=======":
                chosen = (sides[1],) * 2
            case b">>>>>>>":
                chosen = sides
            case _:
                for side in {id(one): one for one in chosen}.values():
                    side.append(line)
    return b"".join(sides[0]), b"".join(sides[1])


def _write(file: Path, content: bytes) -> None:
    """Write a file as a whole."""
    part = file.with_name(f"{file.name}.part")
    part.write_bytes(content)
    part.replace(file)


def _keep_hidden(former: Path, staged: Path) -> None:
    """Move the hidden files of a former folder to the new one: they belong to the author, as `.gitattributes`."""
    for folder, folders, files in os.walk(former):
        below = Path(folder).relative_to(former)
        for name in [*folders, *files]:
            if name.startswith(".") and not (staged / below / name).exists():
                (staged / below).mkdir(parents=True, exist_ok=True)
                (Path(folder) / name).replace(staged / below / name)
        folders[:] = [name for name in folders if not name.startswith(".")]


def split_path(path: str, names: Mapping[str, object]) -> tuple[str, str] | None:
    """Return the repository of a path in the folder, and the path in it; None if no repository has it."""
    for parent in PurePosixPath(path).parents:
        if parent.as_posix() in names:
            return parent.as_posix(), PurePosixPath(path).relative_to(parent).as_posix()
    return None
