"""The cache of scans: what was found in each file of a repository, by its content and path.

It has a folder for each set of names and version of the search, and in it a file for each repository. A file is
replaced as a whole, so that other runs, on other machines too, read the old or the new one; a damaged one is ignored.
"""

import hashlib
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import msgspec

from generator.cache_files import keep_last_used, read_cache_file, write_cache_file
from generator.evidence.records import SkipReason
from generator.evidence.repository_reader import TreeFile
from generator.grouping import group_pairs

_KEY_SIZE = 12
_MOST_GENERATIONS = 3
"""The sets of names whose results are kept; the nightly run and a branch need one each."""
_PASSING_REASONS = frozenset({SkipReason.MISSING, SkipReason.DAMAGED})
"""The reasons that can be gone in the next run although the commit is the same."""


class FoundName(NamedTuple):
    """A hit, with the number of its name in the set of names."""

    number: int
    line: int
    column: int
    match: str
    cls: str
    is_strong: bool


class ScannedFile(msgspec.Struct, frozen=True, array_like=True):
    """A file with at least one name."""

    key: bytes
    path: str
    found: tuple[FoundName, ...]


class FileResults(msgspec.Struct, array_like=True):
    """The results of the files of a commit, or of a share of them."""

    commit: str = ""
    """The commit; empty if they are not complete."""
    clean: bytes = b""
    """The keys of the files without a name, one after the other."""
    skipped: dict[SkipReason, bytes] = {}
    """The keys of the files that were not read, one after the other."""
    named: list[ScannedFile] = []

    def add(self, other: "FileResults") -> None:
        """Add the results of other files."""
        self.clean += other.clean
        self.named += other.named
        for reason, keys in other.skipped.items():
            self.skipped[reason] = self.skipped.get(reason, b"") + keys

    @property
    def files(self) -> int:
        """The number of files that were read."""
        return len(self.clean) // _KEY_SIZE + len(self.named)

    @property
    def skips(self) -> dict[str, int]:
        """The number of files that were not read, by the reason."""
        return {str(reason): len(keys) // _KEY_SIZE for reason, keys in sorted(self.skipped.items())}

    @property
    def is_lasting(self) -> bool:
        """Whether a scan of the same commit would give the same results."""
        return not _PASSING_REASONS & self.skipped.keys()


def make_key(file: TreeFile) -> bytes:
    """Return the key of a file: the path is a part of it, because it decides on the class of a hit."""
    return hashlib.blake2b(b"%s %s %s" % (file.mode, file.blob.encode(), file.path), digest_size=_KEY_SIZE).digest()


def reuse_results(files: list[TreeFile], known: FileResults | None) -> tuple[FileResults, list[TreeFile]]:
    """Return the known results of some files, and the files without any."""
    if known is None:
        return FileResults(), files
    clean = set(_split_keys(known.clean))
    named = {file.key: file for file in known.named}
    skipped = {key: reason for reason, keys in known.skipped.items() for key in _split_keys(keys)}
    reused, left = FileResults(), []
    clean_keys, skipped_keys = [], []
    for file in files:
        key = make_key(file)
        if key in clean:
            clean_keys.append(key)
        elif key in named:
            reused.named.append(named[key])
        elif (reason := skipped.get(key)) is not None and reason not in _PASSING_REASONS:
            skipped_keys.append((reason, key))
        else:
            left.append(file)
    reused.clean = b"".join(clean_keys)
    reused.skipped = {reason: b"".join(keys) for reason, keys in group_pairs(skipped_keys).items()}
    return reused, left


def _split_keys(keys: bytes) -> Iterator[bytes]:
    return (keys[start : start + _KEY_SIZE] for start in range(0, len(keys), _KEY_SIZE))


def compute_version() -> str:
    """Compute the version of the search: the digest of the modules that decide on its results."""
    digest = hashlib.sha256(sys.version.encode())  # the tables of Unicode belong to Python
    folder = files(__package__)
    for source in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if source.name.endswith((".py", ".toml")):
            digest.update(source.name.encode() + b"\0" + source.read_bytes())
    return digest.hexdigest()


def read_results(folder: Path, generation: str, repository: str) -> FileResults | None:
    """Read the results of the last scan of a repository; None if there are none, or they are damaged."""
    content = read_cache_file(_locate(folder, generation, repository))
    try:
        return msgspec.msgpack.decode(content, type=FileResults) if content is not None else None
    except msgspec.DecodeError:
        return None


def write_results(folder: Path, generation: str, repository: str, results: FileResults) -> None:
    """Replace the results of a repository; a folder that cannot be written is ignored."""
    write_cache_file(_locate(folder, generation, repository), msgspec.msgpack.encode(results))


def remove_old_generations(folder: Path, generation: str) -> None:
    """Mark a generation as used now, and remove all except the ones that were used last."""
    keep_last_used(folder / "scan" / generation, _MOST_GENERATIONS)


def _locate(folder: Path, generation: str, repository: str) -> Path:
    name = hashlib.sha256(repository.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return folder / "scan" / generation / name
