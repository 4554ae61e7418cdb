"""Changes to the author's files, written all or not at all, and never over somebody else's change."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from generator.answers.leave import FilePatch
from generator.errors import UserError


def write_patches(root: Path, patches: Iterable[FilePatch]) -> None:
    """Replace each file at once by its new text, mode kept; raises UserError where one is not what it was.

    A file that cannot be replaced brings those before it back, so that no half of a change stays.
    """
    with _prepared(root, list(patches)) as ready:
        for one in ready:
            _refuse_if_changed(one)
        done: list[_Ready] = []
        try:
            for one in ready:
                one.written.replace(one.path)
                done.append(one)
        except OSError as error:
            for one in done:
                one.path.write_bytes(one.patch.before.encode())
            message = f"{error.filename} cannot be replaced: {error.strerror}; nothing was changed"
            raise UserError(message) from None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A patch with the finished file beside the one that it replaces."""

    patch: FilePatch
    path: Path
    written: Path


@contextmanager
def _prepared(root: Path, patches: list[FilePatch]) -> Iterator[list[_Ready]]:
    """The new files, written in full; what is not used is removed."""
    ready: list[_Ready] = []
    try:
        ready.extend(_write(patch, (root / patch.file).resolve()) for patch in patches)
        yield ready
    finally:
        for one in ready:
            with suppress(FileNotFoundError):
                one.written.unlink()


def _write(patch: FilePatch, path: Path) -> _Ready:
    """A hidden neighbour, so that replacing is one step of the file system and no reader takes it for a card."""
    name = ""
    try:
        handle, name = tempfile.mkstemp(prefix=".modelbook-", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(patch.after.encode())
        shutil.copymode(path, name)
    except OSError as error:
        if name:
            Path(name).unlink(missing_ok=True)
        message = f"{patch.file} cannot be written: {error.strerror}; nothing was changed"
        raise UserError(message) from None
    return _Ready(patch, path, Path(name))


def _refuse_if_changed(one: _Ready) -> None:
    try:
        unchanged = one.path.read_bytes() == one.patch.before.encode()
    except OSError:
        unchanged = False
    if not unchanged:
        message = f"{one.patch.file} has changed meanwhile; nothing was written, run the command again"
        raise UserError(message)
