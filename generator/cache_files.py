"""Files of a cache that several runs share, on other machines too; a damaged file is ignored."""

import hashlib
import mmap
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO

_DIGEST_SIZE = 16
_LENGTH_SIZE = 8
_COPIED_TOGETHER = 1 << 20
"""The bytes of a file that are copied at once."""


def read_cache_file(file: Path) -> bytes | None:
    """Read the content of a file; None if it does not exist or is damaged."""
    try:
        stored = file.read_bytes()
    except OSError:
        return None
    content = stored[_DIGEST_SIZE:]
    return content if _compute_digest(content) == stored[:_DIGEST_SIZE] else None


def is_private(file: Path) -> bool:
    """Return whether nobody but this user can write a file, so that its Python objects can be read."""
    try:
        status = file.stat()
    except OSError:
        return False
    return os.name != "posix" or (status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def read_cache_digest(file: Path) -> str:
    """Read the digest of the content of a file, which may be damaged; empty if the file does not exist."""
    try:
        with file.open("rb") as stored:
            return stored.read(_DIGEST_SIZE).hex()
    except OSError:
        return ""


def write_cache_file(file: Path, content: bytes) -> None:
    """Replace a file as a whole, so that another run reads the old or the new one; errors of the disk are ignored.

    Only its owner can read it.
    """
    _replace_file(file, lambda new: new.writelines([_compute_digest(content), content]))


def _replace_file(file: Path, write: Callable[[IO[bytes]], object]) -> None:
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".new-{file.name}-")
        try:
            with open(handle, "wb") as new:  # noqa: PTH123 - a handle
                write(new)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def map_cache_file(file: Path) -> tuple[memoryview, memoryview] | None:
    """Map a file with a head and a body into memory; None if it does not exist or its head is damaged.

    The body is read where it is used, and not verified. Another run can replace the file meanwhile.
    """
    try:
        with file.open("rb") as stored:
            # Elsewhere, a file cannot be replaced while it is mapped.
            content = mmap.mmap(stored.fileno(), 0, access=mmap.ACCESS_READ) if os.name == "posix" else stored.read()
    except (OSError, ValueError):  # ValueError: it is empty
        return None
    view = memoryview(content)
    start = _DIGEST_SIZE + _LENGTH_SIZE
    end = start + int.from_bytes(view[_DIGEST_SIZE:start], "big")
    is_whole = end <= len(view) and _compute_digest(view[_DIGEST_SIZE:end]) == view[:_DIGEST_SIZE]
    return (view[start:end], view[end:]) if is_whole else None


def write_mapped_file(file: Path, head: IO[bytes], body: IO[bytes]) -> None:
    """Write a file that `map_cache_file` reads, as `write_cache_file` does. Its parts are copied from open files."""

    def write(new: IO[bytes]) -> None:
        digest, size = hashlib.blake2b(digest_size=_DIGEST_SIZE), head.seek(0, os.SEEK_END)
        head.seek(0)
        body.seek(0)
        new.seek(_DIGEST_SIZE)
        for part in chain([size.to_bytes(_LENGTH_SIZE, "big")], iter(partial(head.read, _COPIED_TOGETHER), b"")):
            digest.update(part)
            new.write(part)
        shutil.copyfileobj(body, new, _COPIED_TOGETHER)
        new.seek(0)
        new.write(digest.digest())

    _replace_file(file, write)


def delete_cache_file(file: Path) -> None:
    """Delete a file, and the parts of it that killed runs have left."""
    with suppress(OSError):
        file.unlink(missing_ok=True)
        for part in file.parent.glob(f".new-{file.name}-*"):
            part.unlink(missing_ok=True)


def keep_last_used(folder: Path, number: int) -> None:
    """Mark a folder as used now, and keep this number of folders next to it: those that were used last."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        folders = sorted((entry for entry in folder.parent.iterdir() if entry.is_dir()), key=_get_time)
        for old in folders[:-number]:
            shutil.rmtree(old, ignore_errors=True)


def _compute_digest(content: bytes | memoryview) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest()


def _get_time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another run has removed it
        return 0
