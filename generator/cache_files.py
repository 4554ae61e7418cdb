"""Files of a cache that several runs share, on other machines too; a damaged file is ignored."""

import hashlib
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

_DIGEST_SIZE = 16


def read_cache_file(file: Path) -> bytes | None:
    """Read the content of a file; None if it does not exist or is damaged."""
    try:
        stored = file.read_bytes()
    except OSError:
        return None
    content = stored[_DIGEST_SIZE:]
    return content if _compute_digest(content) == stored[:_DIGEST_SIZE] else None


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
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=_name_parts(file))
        try:
            with open(handle, "wb") as new:  # noqa: PTH123 - a handle
                new.write(_compute_digest(content) + content)
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise


def delete_cache_file(file: Path) -> None:
    """Delete a file, and the parts of it that killed runs have left."""
    with suppress(OSError):
        file.unlink(missing_ok=True)
        for part in file.parent.glob(f"{_name_parts(file)}*"):
            part.unlink(missing_ok=True)


def _name_parts(file: Path) -> str:
    return f".new-{file.name}-"


def keep_last_used(folder: Path, number: int) -> None:
    """Mark a folder as used now, and keep this number of folders next to it: those that were used last."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        os.utime(folder)
        folders = sorted((entry for entry in folder.parent.iterdir() if entry.is_dir()), key=_get_time)
        for old in folders[:-number]:
            shutil.rmtree(old, ignore_errors=True)


def _compute_digest(content: bytes) -> bytes:
    return hashlib.blake2b(content, digest_size=_DIGEST_SIZE).digest()


def _get_time(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another run has removed it
        return 0
